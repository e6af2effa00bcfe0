"""The seed: reviewed text files in, proven records out."""

from opendata_api.seed.faults import SeedFault, SeedFaults
from opendata_api.seed.model import Seed
from opendata_api.seed.reading import read_seed

__all__ = ["Seed", "SeedFault", "SeedFaults", "read_seed"]

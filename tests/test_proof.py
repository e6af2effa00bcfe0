"""What passes the proof can be published."""

from pathlib import Path

import pytest

from opendata_api import publish as publishing
from opendata_api.publish import prove
from opendata_api.seed import SeedFaults
from opendata_api.settings import Settings
from opendata_api.values import NotStorable


def test_a_record_that_can_t_be_kept_is_a_fault_of_the_seed(
    seed_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise NotStorable("1e30 is too large")

    monkeypatch.setattr(publishing, "to_row", fail)

    with pytest.raises(SeedFaults, match="1e30 is too large"):
        prove(Settings(seed_dir=seed_dir))

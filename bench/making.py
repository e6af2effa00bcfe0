"""What is served: the invented edition, published, and the same rows as a plain table."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from resource import RUSAGE_SELF, getrusage

from bench.invented.edition import PUBLISHED_AT, make_edition
from bench.plain import make_table
from bench.processes import KIB
from bench.systems import Place
from opendata_api.datasets import DATASETS
from opendata_api.settings import Settings
from opendata_api.store.place import write_release

MEGA = 1e6

Say = Callable[[str], None]
"""Tells whoever waits how far it is."""


def make_files(place: Place, observations: int, say: Say) -> Mapping[str, str]:
    """Publish so many observations and make the plain table; what that took."""
    lists = place.work / "lists"
    lists.mkdir()
    place.recorded.mkdir()
    took: dict[str, float] = {}
    with _timed("inventing", took, say):
        edition = make_edition(observations, lists)
    with _timed("publishing", took, say):
        write_release(Settings(data_dir=place.published), DATASETS, edition, PUBLISHED_AT)
    most = getrusage(RUSAGE_SELF).ru_maxrss * KIB / MEGA
    with _timed("the plain table", took, say):
        make_table(place.table, edition.rows["observations"])
    [file] = place.published.glob("*.sqlite")
    return {
        "observations": f"{observations:,}",
        "passages": f"{len(edition.rows['passages']):,}",
        "published file": f"{file.stat().st_size / MEGA:,.0f} MB",
        "Datasette's file": f"{place.table.stat().st_size / MEGA:,.0f} MB",
        "publishing took": f"{took['publishing']:,.0f} s, at most {most:,.0f} MB of memory",
    }


@contextmanager
def _timed(name: str, took: dict[str, float], say: Say) -> Iterator[None]:
    started = time.perf_counter()
    yield
    took[name] = time.perf_counter() - started
    say(f"{name}: {took[name]:.1f} s")

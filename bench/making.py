"""What is served: the invented edition, published with its files, and the same rows plainly."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from resource import RUSAGE_SELF, getrusage

import orjson

from bench.failures import CannotMeasure
from bench.invented.edition import PUBLISHED_AT, make_edition
from bench.place import PUBLIC_URL, Place
from bench.plain import make_parquet, make_table
from bench.processes import KIB
from bench.questions import WORDS
from opendata_api.datasets import DATASETS, PASSAGES
from opendata_api.formats import ENCODING
from opendata_api.publish import beside
from opendata_api.settings import Settings
from opendata_api.store.model import Edition
from opendata_api.store.place import write_release
from opendata_api.store.schema import LAYOUT
from opendata_api.values import Row

MEGA = 1e6
GIGA = 1e9
ROOM_BYTES = 14_000
"""An observation takes so much room: in tables, in files of the release and in the plain table."""

Say = Callable[[str], None]
"""Tells whoever waits how far it is."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of so many observations."""

    observations: int
    passages: int
    found: Mapping[str, int]
    """How many passages have each word."""
    facts: Mapping[str, str]
    layout: int = LAYOUT
    encoding: int = ENCODING


def make_files(place: Place, observations: int, say: Say) -> Made:
    """Publish so many observations and make the plain files; or what lies there made already.

    Raises CannotMeasure for what was made of other observations, by another program, or in part,
    and where there is no room for so many.
    """
    if place.facts.exists():
        return _read(place, observations)
    if place.made.exists() and any(place.made.iterdir()):
        raise CannotMeasure(f"{place.made} has files, but nothing that was made to its end")
    place.made.mkdir(parents=True, exist_ok=True)
    _check_room(place, observations)
    lists = place.work / "lists"
    lists.mkdir(parents=True)
    took: dict[str, float] = {}
    with _timed("inventing", took, say):
        edition = make_edition(observations, lists)
    with _timed("publishing", took, say):
        publish_edition(service_settings(place), edition)
    most = getrusage(RUSAGE_SELF).ru_maxrss * KIB / MEGA
    with _timed("the plain table", took, say):
        make_table(place.table, edition.rows["observations"])
        make_parquet(place.parquet, place.table)
    passages = edition.rows["passages"]
    found = count_found(passages, WORDS)
    said = f"{took['publishing']:,.0f} s, at most {most:,.0f} MB of memory"
    facts = {**_sizes(place), "publishing took": said}
    made = Made(observations, len(passages), found, facts)
    place.facts.write_bytes(orjson.dumps(asdict(made)))
    shutil.rmtree(lists)
    return made


def _check_room(place: Place, observations: int) -> None:
    needed, free = observations * ROOM_BYTES, shutil.disk_usage(place.made).free
    if needed > free:
        raise CannotMeasure(
            f"{observations:,} observations need {needed / GIGA:,.0f} GB of disk, "
            f"{free / GIGA:,.0f} GB are free"
        )


def service_settings(place: Place) -> Settings:
    """Of the service over the published data."""
    return Settings(data_dir=place.published, public_url=PUBLIC_URL)


def publish_edition(settings: Settings, edition: Edition) -> None:
    """Publish the edition as a release with its files."""
    write_release(settings, DATASETS, edition, PUBLISHED_AT, beside(settings, edition))


def count_found(passages: Sequence[Row], words: Sequence[str]) -> dict[str, int]:
    """How many passages have each word."""
    place = PASSAGES.field_names.index("text")
    found = dict.fromkeys(words, 0)
    for row in passages:
        text = str(row[place])
        for word in words:
            found[word] += word in text
    return found


def _read(place: Place, observations: int) -> Made:
    made = Made(**orjson.loads(place.facts.read_bytes()))
    if (made.observations, made.layout, made.encoding) != (observations, LAYOUT, ENCODING):
        raise CannotMeasure(
            f"{place.made} has {made.observations:,} observations of layout {made.layout} and "
            f"encoding {made.encoding}, not {observations:,} of {LAYOUT} and {ENCODING}"
        )
    return made


def _sizes(place: Place) -> Mapping[str, str]:
    [published] = place.published.glob("*.sqlite")
    files = [path for path in (place.published / "files").rglob("*") if path.is_file()]
    sizes = {
        "published tables": published.stat().st_size,
        "files of the release": sum(one.stat().st_size for one in files),
        "Datasette's file": place.table.stat().st_size,
        "ROAPI's file": place.parquet.stat().st_size,
    }
    return {name: f"{size / MEGA:,.1f} MB" for name, size in sizes.items()}


@contextmanager
def _timed(name: str, took: dict[str, float], say: Say) -> Iterator[None]:
    started = time.perf_counter()
    yield
    took[name] = time.perf_counter() - started
    say(f"{name}: {took[name]:.1f} s")

"""Where the changes of each dataset stand among those of a release."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from opendata_api.store.changes import Kind
from opendata_api.store.model import ChangesAsked
from opendata_api.web.site import Site


@dataclass(frozen=True, slots=True)
class Run:
    """Changes of one release with numbers that follow each other."""

    dataset: str | None
    """None where they may be of any dataset."""
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Told:
    """The changes of all releases of a service, found by the counts that each release keeps.

    A publication tells of one dataset after the other. So a list of one dataset skips the others,
    however many they are, without an index of its own.
    """

    site: Site
    _runs: dict[int, Sequence[Run]] = field(default_factory=dict)
    """By release; they never change."""

    def numbers(self, release: int) -> range:
        """The numbers of the changes of a release."""
        told = orjson.loads(self.site.store.published.changes_of(release))
        count = sum(sum(kinds.values()) for kinds in told["counts"].values())
        return range(told["first_seq"], told["first_seq"] + count)

    async def runs(self, release: int) -> Sequence[Run]:
        """Its changes by dataset, in the order in which they are told.

        An erasure tells of one id after the other, whatever their datasets; of few, though.
        """
        if release not in self._runs:
            self._runs[release] = await self._find(release)
        return self._runs[release]

    async def _find(self, release: int) -> Sequence[Run]:
        numbers = self.numbers(release)
        counts = orjson.loads(self.site.store.published.changes_of(release))["counts"]
        if any(Kind.ERASED in kinds for kinds in counts.values()):
            return [Run(None, numbers.start, numbers.stop - 1)]
        runs: list[Run] = []
        first = numbers.start
        while first < numbers.stop:
            name = await self._dataset_at(first)
            following = first + sum(counts[name].values())
            runs.append(Run(name, first, following - 1))
            first = following
        return runs

    async def _dataset_at(self, seq: int) -> str:
        newest = self.site.store.published.newest.n
        asked = ChangesAsked(since=seq - 1, limit=1)
        page = await self.site.store.changes(asked, {}, newest)
        return page.changes[0].dataset

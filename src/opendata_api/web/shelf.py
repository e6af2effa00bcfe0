"""What is made of a whole edition is made once, not for each request."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from opendata_api.catalog.overview import Overview
from opendata_api.web.site import Site

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Edition:
    """All that what is made of a whole edition depends on, beside the settings."""

    release: int
    """The newest."""
    gone: tuple[int, ...]
    """The releases that were withdrawn by law: of that no release is made."""


def edition_of(site: Site, overview: Overview) -> Edition:
    """The edition now, whose newest release is the one of the overview."""
    return Edition(overview.release, tuple(sorted(site.store.published.gone)))


@dataclass(frozen=True, slots=True)
class Shelf(Generic[Made]):
    """What was made of one edition, a few things at most; of another nothing is kept."""

    most: int = 1
    _made: dict[tuple[Edition, Hashable], Made] = field(default_factory=dict)

    async def find(
        self, edition: Edition, make: Callable[[], Awaitable[Made]], name: Hashable = None
    ) -> Made:
        """What has that name, made where it is not kept."""
        key = (edition, name)
        if key not in self._made:
            made = await make()
            self._make_room(edition)
            self._made[key] = made
        return self._made[key]

    def _make_room(self, edition: Edition) -> None:
        for kept in [one for one in self._made if one[0] != edition]:
            del self._made[kept]
        if len(self._made) >= self.most:
            self._made.clear()

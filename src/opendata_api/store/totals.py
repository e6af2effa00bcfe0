"""Totals that were counted once: of a release they stay the same, and each page asks for them."""

from dataclasses import dataclass, field

from opendata_api.query import Query
from opendata_api.store.known import Kept, key_of
from opendata_api.store.model import RowsPage, Total

TOTAL_MAX = 10_000


def total_of(count: int) -> Total:
    """The total of so many rows, exact up to TOTAL_MAX."""
    return Total(min(count, TOTAL_MAX), exact=count <= TOTAL_MAX)


@dataclass(frozen=True, slots=True)
class Totals:
    """Those asked last, of what is published; with anything else published they begin anew."""

    _kept: Kept[Total] = field(default_factory=Kept)

    def find(self, query: Query, release: int) -> Total | None:
        """The total of a query's rows, if it is known."""
        return self._kept.find(_key(query, release))

    def keep(self, query: Query, release: int, total: Total) -> Total:
        """Know it from now on."""
        return self._kept.keep(_key(query, release), total)

    def learn(self, query: Query, release: int, page: RowsPage) -> RowsPage:
        """Know the total where the page has all rows."""
        if query.cursor is None and not page.has_next:
            self.keep(query, release, total_of(len(page.rows)))
        return page


def _key(query: Query, release: int) -> bytes:
    return key_of(release, query.dataset.name, query.filters)

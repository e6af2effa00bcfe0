"""Totals that were counted once: of a release they stay the same, and each page asks for them."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from opendata_api.query import Query
from opendata_api.store.model import RowsPage, Total

KEPT_MAX = 512
TOTAL_MAX = 10_000


def total_of(count: int) -> Total:
    """The total of so many rows, exact up to TOTAL_MAX."""
    return Total(min(count, TOTAL_MAX), exact=count <= TOTAL_MAX)


@dataclass(frozen=True, slots=True)
class Totals:
    """Those asked last, of what is published; with anything else published they begin anew."""

    _kept: dict[Hashable, Total] = field(default_factory=dict)

    def find(self, query: Query, release: int) -> Total | None:
        """The total of a query's rows, if it is known."""
        return self._kept.get(_key(query, release))

    def keep(self, query: Query, release: int, total: Total) -> Total:
        """Know it from now on, in place of the one known longest where there are many."""
        if len(self._kept) >= KEPT_MAX:
            del self._kept[next(iter(self._kept))]
        self._kept[_key(query, release)] = total
        return total

    def learn(self, query: Query, release: int, page: RowsPage) -> RowsPage:
        """Know the total where the page has all rows."""
        if query.cursor is None and not page.has_next:
            self.keep(query, release, total_of(len(page.rows)))
        return page


def _key(query: Query, release: int) -> Hashable:
    conditions = ((one.field.name, one.operator.key, one.values) for one in query.conditions)
    return query.dataset.name, release, query.words, query.dimensions, tuple(conditions)

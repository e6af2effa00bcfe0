"""The links from a page to those beside it."""

from collections.abc import Sequence
from typing import NamedTuple

from opendata_api.query import Query
from opendata_api.store.model import RowsPage
from opendata_api.web.asked import Asked
from opendata_api.web.links import Link


class Beside(NamedTuple):
    """The cursors of the page before and of the page after, as texts; None where there is none."""

    previous: str | None
    next: str | None


def pages_beside(query: Query, release: int, page: RowsPage) -> Beside:
    """The pages beside one that a query gave, as of a release."""
    before = page.first if page.has_previous else None
    after = page.last if page.has_next else None
    return Beside(
        None if before is None else query.cursor_at(release, before, backwards=True).encode(),
        None if after is None else query.cursor_at(release, after, backwards=False).encode(),
    )


def page_links(asked: Asked, beside: Beside) -> Sequence[Link]:
    """The first page, the one before and the one after, where they are."""
    return [Link("first", _first(asked).address, "first"), *links_beside(asked, beside)]


def links_beside(asked: Asked, beside: Beside) -> Sequence[Link]:
    """The page before and the page after, where they are."""
    named = {"prev": beside.previous, "next": beside.next}
    return [
        Link(rel, asked.address_at(cursor), rel)
        for rel, cursor in named.items()
        if cursor is not None
    ]


def _first(asked: Asked) -> Asked:
    """The first page, of the release that a cursor is bound to."""
    return asked if asked.query.cursor is None else asked.fixed.at(None)

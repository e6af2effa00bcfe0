"""Hits in the order of their numbers, where the index of words gives them in none.

PostgreSQL would read every hit of a word to give the first twenty. So of a common word its hits
are read in windows of numbers, from the cursor on: a window grows while hits are rare and shrinks
where they are many. No statement reads more than HITS_MAX hits, or than one block has rows.
"""

from collections.abc import Sequence

from opendata_api.query import Query
from opendata_api.store.clauses import Dialect, Lead, Question, Steps, Window
from opendata_api.store.costs import too_expensive
from opendata_api.store.searching import count_hits, last_number
from opendata_api.store.sql import MATCHES, Page, select_page
from opendata_api.store.tokens import Match, block_of
from opendata_api.values import Row

GROWTH = 8
WIDEST = 64
"""Blocks of a window: each is a token of the query."""
HITS_MAX = 20_000
LOOKED_MAX = 60
"""Windows that are looked at for a page; words that are common and hardly ever whole need more."""


def need_windows(question: Question[Query]) -> bool:
    """Whether the rows are hits in their own order and no index gives them so."""
    is_postgres = question.dialect is Dialect.POSTGRES
    return is_postgres and question.query.is_ranked and question.lead is Lead.WORDS


def window_steps(
    question: Question[Query], columns: Sequence[str], page: Page
) -> Steps[Sequence[Row]]:
    """The rows of a page of hits, of one segment, as `select_page` gives them."""
    numbers = yield last_number(question)
    if not numbers:
        return []
    limit = page.limit or 0
    first, last = 0, block_of(int(str(numbers[0][0])))
    match = MATCHES.get(page.segment, Match.ANY)
    backwards = page.start is not None and page.start.backwards
    if page.start is not None and page.begins_here:
        # A cursor is no secret: its number may be any.
        at = min(max(first, block_of(int(str(page.start.keys[-1])))), last)
        first, last = (first, at) if backwards else (at, last)
    found: list[Row] = []
    width = 1
    may_be_rare = True
    looked = 0
    while first <= last and len(found) < limit:
        if (looked := looked + 1) > LOOKED_MAX:
            raise too_expensive(question.query, HITS_MAX)
        window = _next(first, last, width, backwards=backwards)
        if width > 1 and (yield from _are_many(question, match, window)):
            width = max(1, width // GROWTH)
            continue
        left = limit - len(found)
        found += yield select_page(question, columns, page._replace(limit=left, window=window))
        first, last = (first, window[0] - 1) if backwards else (window[1] + 1, last)
        if may_be_rare and len(found) < limit:
            if not (yield from _are_many(question, match, None)):
                return (yield select_page(question, columns, page))
            may_be_rare = False
        width = min(WIDEST, width * GROWTH)
    return found


def _are_many(question: Question[Query], match: Match, window: Window | None) -> Steps[bool]:
    """Whether there are more hits in a window, or at all, than are read at once."""
    hits = yield count_hits(question, HITS_MAX + 1, match, window)
    return bool(hits) and int(str(hits[0][0])) > HITS_MAX


def _next(first: int, last: int, width: int, *, backwards: bool) -> Window:
    if backwards:
        return max(first, last - width + 1), last
    return first, min(last, first + width - 1)

"""A page of a list as JSON: its rows in a frame that it shares with other pages.

The links of a page are many; but for the values of its filters and its cursors they are those of
every page that is asked for by the same parameters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import orjson
from starlette.responses import Response

from opendata_api.errors import Pairs
from opendata_api.formats import FORMATS, json
from opendata_api.query import PAGE_LIMIT, is_plain
from opendata_api.store.model import Total
from opendata_api.values import EncodedRows, Row
from opendata_api.web.answers import Representation, meta
from opendata_api.web.asked import Asked, dictionary_link, page_for_people
from opendata_api.web.citing import cite_links
from opendata_api.web.frames import FRAME_BYTES_MAX, Frame, Texts, slot
from opendata_api.web.highlights import highlighter
from opendata_api.web.links import Link, link_members
from opendata_api.web.paging import Beside, page_links, pages_beside

FILES = tuple(format_.key for format_ in FORMATS if format_.is_file)
PAGE_LINKS = ("self", "first", "prev", "next", *FILES, "html", "cite", "describedby")
"""The members of a page's `links`, in order; those that are not there are null."""

CURSOR = "cursor"
COUNT, TOTAL, RELATION, TAG, PREVIOUS, NEXT = "COUNT", "TOTAL", "RELATION", "TAG", "PREV", "NEXT"
"""The slots beside those of the parameters."""
SLOTS = (COUNT, TOTAL, RELATION, TAG, PREVIOUS, NEXT)
VALUES_LENGTH_MAX = 1_000
"""With values of more characters than this some links may be too long to be given."""


class FrameKey(NamedTuple):
    """What a frame depends on."""

    path: str
    release: tuple[int, str]
    """Its number and when it was published."""
    by_suffix: bool
    """Whether the address said the format, and not a header."""
    canonical: Pairs
    """With slots."""
    has_previous: bool
    has_next: bool


async def answer_page(asked: Asked) -> Response:
    """The page that is asked for."""
    query, store, n = asked.query, asked.site.store, asked.release.n
    page = await store.page(query, n, query.limit or PAGE_LIMIT, asked.shape)
    total = await store.total(query, n)
    rows = _encode(asked, page.rows)
    beside = pages_beside(query, n, page)
    texts = _texts(asked, len(rows), total, beside)
    return _find_frame(asked, beside).fill(rows, texts)


def _find_frame(asked: Asked, beside: Beside) -> Frame:
    """The frame, made anew where its links have texts that addresses escape."""
    query = asked.query
    slots = _filter_slots(query.filters)
    marked = _marked(query.canonical, (*slots, CURSOR))
    frames = asked.site.frames
    key = _key_of(asked, marked, beside)
    known = frames.find(key)
    if known is not None:
        return known
    made = make_frame(asked, key, slots)
    is_shared = len(slots) == len(query.filters) and made.size <= FRAME_BYTES_MAX
    return frames.keep(key, made) if is_shared else made


def _key_of(asked: Asked, marked: Pairs, beside: Beside) -> FrameKey:
    has_previous, has_next = (one is not None for one in beside)
    by_suffix = asked.form.by_suffix
    release = asked.release.n, asked.release.published_at
    return FrameKey(asked.path, release, by_suffix, marked, has_previous, has_next)


def _filter_slots(filters: Pairs) -> Sequence[str]:
    """The names of the filters, whose values are filled in; none where that is not safe."""
    values = [value for _, value in filters]
    names = {name for name, _ in filters}
    is_safe = len(names) == len(filters) and is_plain("".join(values))
    return tuple(names) if is_safe and sum(map(len, values)) <= VALUES_LENGTH_MAX else ()


def _marked(pairs: Pairs, slots: Sequence[str]) -> Pairs:
    return tuple((name, slot(name) if name in slots else value) for name, value in pairs)


def make_frame(asked: Asked, key: FrameKey, slots: Sequence[str]) -> Frame:
    """The frame, from the links of a query that has slots for values."""
    filters = _marked(asked.query.filters, slots)
    asked = replace(asked, query=asked.query.worded(filters, key.canonical))
    beside = Beside(
        slot(PREVIOUS) if key.has_previous else None, slot(NEXT) if key.has_next else None
    )
    links = _links(asked, beside)
    place = asked.representation(links)
    headers = {**place.headers, "etag": slot(TAG), "content-type": place.content_type}
    members = orjson.dumps(_members(asked, place))
    return Frame.of(members[1:], headers, (*SLOTS, *slots, CURSOR))


def _links(asked: Asked, beside: Beside) -> Sequence[Link]:
    return [
        Link("self", asked.address, "self"),
        *page_links(asked, beside),
        *(asked.file(format_) for format_ in asked.site.files),
        page_for_people(asked),
        *cite_links(asked),
        dictionary_link(asked),
    ]


def _members(asked: Asked, place: Representation) -> Mapping[str, object]:
    members = link_members(place.links)
    counted = meta(
        place,
        count=orjson.Fragment(slot(COUNT)),
        total=orjson.Fragment(slot(TOTAL)),
        total_relation=slot(RELATION),
    )
    return {
        "meta": {"dataset": asked.dataset.name} | counted,
        "links": {key: members.get(key) for key in PAGE_LINKS},
    }


def _texts(asked: Asked, count: int, total: Total, beside: Beside) -> Texts:
    told = {
        **dict(asked.query.canonical),
        COUNT: str(count),
        TOTAL: str(total.count),
        RELATION: "eq" if total.exact else "gte",
        TAG: asked.tag,
        PREVIOUS: beside.previous or "",
        NEXT: beside.next or "",
    }
    return {name.encode(): text.encode() for name, text in told.items()}


def _encode(asked: Asked, rows: Sequence[Row]) -> Sequence[bytes]:
    if isinstance(rows, EncodedRows):
        texts = rows.texts
    else:
        texts = [row.encode() for row in map(json.row_encoder(asked.query.fields), rows)]
    return _with_highlights(asked, texts) if asked.has_highlights else texts


def _with_highlights(asked: Asked, rows: Sequence[bytes]) -> Sequence[bytes]:
    find = highlighter(asked.query)
    found = [orjson.dumps(find(orjson.loads(row))) for row in rows]
    return [b'%b,"highlights":%b}' % (row[:-1], one) for row, one in zip(rows, found, strict=True)]

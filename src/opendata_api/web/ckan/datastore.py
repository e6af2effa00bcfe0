"""The actions that read records: `datastore_search` and `datastore_info`."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import orjson

from opendata_api.catalog.ckan import Node
from opendata_api.describe import Dataset, Field, Type
from opendata_api.errors import Pairs
from opendata_api.formats import JSON, json
from opendata_api.query import PAGE_LIMIT_MAX, Cursor, Query, join_query, parse_query
from opendata_api.values import Row
from opendata_api.web.asked import find_release
from opendata_api.web.ckan.action import Action, Call, Pending, Rows
from opendata_api.web.ckan.errors import NotFoundError, invalid
from opendata_api.web.ckan.reading import (
    Given,
    as_boolean,
    as_number,
    as_object,
    as_text,
    as_text_or_object,
    as_texts,
    print_given,
)
from opendata_api.web.ckan.wanted import ROW_NUMBER, Wanted, read_wanted
from opendata_api.words import Text

PATH = "/api/3/action/datastore_search"
ROWS = 100
ROWS_MAX = 32_000
"""As CKAN has it; more are asked for and so many given."""
OFFSET_MAX = 100_000
WALK_ROWS = 10_000

TYPES: Mapping[Type, str] = {
    Type.CODE: "text",
    Type.TEXT: "text",
    Type.INTEGER: "int8",
    Type.DECIMAL: "numeric",
    Type.DATE: "date",
    Type.TIMESTAMP: "timestamp",
    Type.BOOLEAN: "bool",
    Type.LIST: "_text",
    Type.DIMENSIONS: "json",
    Type.FIGURES: "json",
}
"""The types of PostgreSQL by which CKAN names those of fields."""

NO_TABLE = Text("没有这个可查询的资源", "there is no such resource that can be searched")
TOO_FAR = Text(
    "最多跳过{most}行；请加条件，或用 {address} 按游标翻页",
    "at most {most} rows are skipped; add a filter or follow the pages of {address}",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a table is read."""

    call: Call
    resource_id: str
    query: Query
    wanted: Wanted
    offset: int
    limit: int

    @property
    def shape(self) -> str | None:
        """The encoded rows that can be sent as they are; None: encode from values."""
        published = self.call.site.store.published
        is_encoded = published.is_encoded(self.call.release.n)
        return JSON.shape if self.query.selects_all and is_encoded else None

    def encode(self, rows: Sequence[Row], place: int) -> list[str]:
        """Records as JSON, numbered from the row after that place on."""
        shape, fields = self.shape, self.query.fields
        encoded = [str(row[0]) if shape else json.encode_row(fields, row) for row in rows]
        if not self.wanted.has_number:
            return encoded
        return [
            f'{{"{ROW_NUMBER}":{number},{one[1:]}' for number, one in enumerate(encoded, place + 1)
        ]


def _search(call: Call) -> Pending:
    resource, dataset = _table(call)
    offset = call.number("offset", 0)
    if offset > OFFSET_MAX:
        address = call.site.address(f"/v1/{dataset.name}")
        raise invalid("offset", TOO_FAR.format(most=OFFSET_MAX, address=address))
    wanted = read_wanted(dataset, call.values)
    query = parse_query(dataset, wanted.pairs)
    limit = min(call.number("limit", ROWS), ROWS_MAX)
    reading = Reading(call, str(resource["id"]), query, wanted, offset, limit)

    async def read() -> object:
        await find_release(call.site, query, wanted.pairs)
        return await _read(reading)

    return Pending(read)


async def _read(reading: Reading) -> object:
    store, n, query = reading.call.site.store, reading.call.release.n, reading.query
    result = await _told(reading)
    start = await _find_start(reading)
    if start is PAST or not reading.limit:
        return result | {"records": []}
    query = query.at(start)
    most = min(reading.limit, max(store.published.count(query, n) - reading.offset, 0))
    if most > PAGE_LIMIT_MAX:
        return Rows(result, _batches(reading, replace(query, limit=reading.limit)))
    page = await store.page(query, n, max(most, 1), reading.shape)
    encoded = reading.encode(page.rows, reading.offset)
    return result | {"records": orjson.Fragment(f"[{','.join(encoded)}]")}


async def _batches(reading: Reading, query: Query) -> AsyncGenerator[Sequence[str], None]:
    place = reading.offset
    store, n = reading.call.site.store, reading.call.release.n
    async for rows in store.export(query, n, reading.shape):
        yield reading.encode(rows, place)
        place += len(rows)


PAST = Cursor(0, "", backwards=False, keys=())
"""Stands for a place behind the last row."""


async def _find_start(reading: Reading) -> Cursor | None:
    """The cursor behind as many rows as the offset says; None for the beginning.

    It goes from page to page by their last rows, so that no database counts rows that it skips.
    """
    store, n, query = reading.call.site.store, reading.call.release.n, reading.query
    walk = replace(query, fields=(query.dataset.field["id"],))
    left = reading.offset
    while left:
        page = await store.page(walk, n, min(left, WALK_ROWS), None)
        if not page.has_next or page.last is None:
            return PAST
        left -= len(page.rows)
        walk = walk.beside(n, page.last, backwards=False)
        await asyncio.sleep(0)
    return walk.cursor


async def _told(reading: Reading) -> Node:
    """What stands beside the records, in CKAN's order."""
    call, values = reading.call, reading.call.values
    told: Node = {
        "include_total": call.is_set("include_total", otherwise=True),
        "limit": reading.limit,
        "offset": reading.offset,
        "records_format": "objects",
        "resource_id": reading.resource_id,
        "total_estimation_threshold": None,
        **{name: values[name] for name in ("filters", "q", "full_text", "sort") if name in values},
        "fields": _fields(reading),
        "_links": _links(values, reading, call.site.base),
    }
    if not told["include_total"]:
        return told
    total = await call.site.store.total(reading.query, call.release.n)
    # No less than there are: clients that page up to it miss nothing.
    most = call.site.store.published.count(reading.query, call.release.n)
    count = total.count if total.exact else most
    return told | {"total": count, "total_was_estimated": not total.exact}


def _fields(reading: Reading) -> list[Node]:
    number: list[Node] = [{"id": ROW_NUMBER, "type": "int"}] if reading.wanted.has_number else []
    return [*number, *(_field(field) for field in reading.query.fields)]


def _field(field: Field) -> Node:
    about = field.about
    return {
        "id": field.name,
        "type": TYPES[field.type],
        "info": {
            "label": about.title.zh,
            "label_en": about.title.en,
            "notes": about.description.zh,
            "notes_en": about.description.en,
        },
    }


def _links(values: Given, reading: Reading, base: str) -> Node:
    """The first page and the next, as CKAN writes them: from the root of the host on."""
    path = f"{urlsplit(base).path}{PATH}"
    given = print_given({name: value for name, value in values.items() if name != "offset"})

    def at(offset: int) -> str:
        pairs: Pairs = given if offset == 0 else (*given, ("offset", str(offset)))
        return f"{path}?{join_query(pairs)}"

    links: Node = {"start": at(0), "next": at(reading.offset + reading.limit)}
    if reading.offset:
        links["prev"] = at(max(reading.offset - reading.limit, 0))
    return links


def _table(call: Call) -> tuple[Node, Dataset]:
    """The resource asked for and the dataset that it is of. Raises NotFoundError."""
    table = call.catalogue.table.get(call.text("resource_id", "id"))
    if table is None:
        raise NotFoundError(NO_TABLE)
    resource, package = table
    return resource, package.dataset


def _info(call: Call) -> Node:
    resource, dataset = _table(call)
    count = call.site.store.published.count_of(dataset, call.release.n)
    fields = [_field(field) | {"schema": _schema(field)} for field in dataset.fields]
    return {
        "meta": {
            "id": resource["id"],
            "aliases": [dataset.name],
            "count": count,
            "table_type": "BASE TABLE",
            "size": resource["size"],
            "db_size": None,
            "idx_size": None,
        },
        "fields": fields,
    }


def _schema(field: Field) -> Node:
    return {
        "native_type": TYPES[field.type],
        "notnull": not field.nullable,
        "is_index": field.is_queryable,
        "index_name": None,
        "uniquekey": field.name == "id",
    }


DATASTORE = (
    Action(
        "datastore_search",
        Text(
            "查询记录：filters 为等于、任一或 gt、gte、lt、lte；每次最多32000行，最多跳过100000行；"
            "_id 为结果中的行号。",
            "Search records. `filters` are equal to a value, any of a list, or compared by gt, "
            "gte, lt and lte. At most 32,000 rows are given and 100,000 skipped; `_id` is the "
            "number of the row within the result.",
        ),
        _search,
        {
            "resource_id": as_text,
            "id": as_text,
            "filters": as_object,
            "q": as_text_or_object,
            "full_text": as_text,
            "fields": as_texts,
            "sort": as_texts,
            "limit": as_number,
            "offset": as_number,
            "include_total": as_boolean,
            "include_next_page": as_boolean,
            "distinct": as_boolean,
            "plain": as_boolean,
            "records_format": as_text,
        },
        ("language", "total_estimation_threshold", "force"),
    ),
    Action(
        "datastore_info",
        Text("可查询资源的字段与行数。", "The fields of a resource and how many rows it has."),
        _info,
        {"resource_id": as_text, "id": as_text},
        is_choosy=False,
    ),
)

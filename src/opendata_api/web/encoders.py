"""How rows become the lines of a file, and what a file says of where they come from."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from opendata_api.describe import Field
from opendata_api.formats import CSV, EXCEL, NDJSON, Format, csv, excel, json, ndjson
from opendata_api.formats.imprint import Imprint, Publisher
from opendata_api.formats.sheet import Sheet
from opendata_api.query import Query
from opendata_api.values import EncodedRows, Row
from opendata_api.web.asked import Asked
from opendata_api.web.rights import rights_of


@dataclass(frozen=True, slots=True)
class Encoder:
    """How rows become the lines of a file."""

    head: str
    query: Query
    """What to read: a sheet needs every field of a row."""
    line: Callable[[Row], str]
    end: bytes = b""
    """What a row that lies encoded lacks at its end."""

    def encode(self, rows: Sequence[Row]) -> bytes:
        """The lines of a batch."""
        if isinstance(rows, EncodedRows):
            return self.end.join([*rows.texts, b""])
        return "".join(map(self.line, rows)).encode()


async def make_encoder(asked: Asked, format_: Format) -> Encoder:
    """The encoder for rows in a format that is no packed one."""
    return await _MAKERS[format_.key](asked)


async def _make_csv(asked: Asked) -> Encoder:
    return csv_encoder(asked.query, asked.query.fields)


async def _make_ndjson(asked: Asked) -> Encoder:
    query = asked.query

    def line(row: Row) -> str:
        return ndjson.encode_line(json.encode_row(query.fields, row))

    return Encoder("", query, line, ndjson.encode_line("").encode())


async def _make_excel(asked: Asked) -> Encoder:
    sheet = Sheet(await make_imprint(asked), asked.lang)
    line = partial(excel.encode_line, sheet)
    return Encoder(excel.header_line(sheet), whole(asked.query), line)


_MAKERS: Mapping[str, Callable[[Asked], Awaitable[Encoder]]] = {
    CSV.key: _make_csv,
    EXCEL.key: _make_excel,
    NDJSON.key: _make_ndjson,
}
"""How the encoder of each format is made, by its key."""


def csv_encoder(query: Query, fields: Sequence[Field]) -> Encoder:
    """The encoder for rows of those fields, in CSV for programs."""
    return Encoder(csv.header_line(fields), query, lambda row: csv.encode_line(fields, row))


def whole(query: Query) -> Query:
    """The query with every field, as sheets need it."""
    return replace(query, fields=query.dataset.fields)


async def make_imprint(asked: Asked) -> Imprint:
    """What the file says of itself."""
    site, release = asked.site, asked.release
    publisher = Publisher(site.base, release.n, release.published_at, await site.labels(release.n))
    rights = rights_of(asked.query)
    return publisher.imprint(asked.dataset, asked.query.fields, rights, asked.fixed.address)

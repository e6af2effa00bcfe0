"""A release as one SQLite file of plain tables; equal rows give equal bytes.

The bytes are those of one version of SQLite, which writes its number into the file.

A decimal is an INTEGER where it is whole, else a REAL: the double nearest to it, whose shortest
form is the decimal itself, as it always is with up to 15 significant digits. One that no double
gives back is refused: even written as text, it would be kept in such a column as another number.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

from opendata_api.describe import Field, Type
from opendata_api.formats.imprint import Imprint, Labels, Whole, tell_field, tell_origin
from opendata_api.values import PLACES, SCALE, Row, Stored, print_decimal

Add = Callable[[Sequence[Row]], None]


class NotExact(ValueError):
    """A decimal that has more digits than a double can give back."""


@contextmanager
def writing(path: Path, whole: Whole) -> Iterator["Database"]:
    """What takes the tables of a release; a file that fails midway is not to be kept.

    Raises OSError for what the disk refuses.
    """
    with _disk_errors(), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(_SETTINGS)
        connection.execute("begin")
        for statement in _OWN_TABLES:
            connection.execute(statement)
        _describe(connection, whole)
        yield Database(connection, whole)
        connection.execute(f"pragma user_version = {whole.release}")
        connection.execute("commit")


class Database:
    """The file while it is written."""

    def __init__(self, connection: sqlite3.Connection, whole: Whole) -> None:
        self._connection, self._whole = connection, whole

    @contextmanager
    def table(self, part: Imprint) -> Iterator[Add]:
        """What takes the rows of a part, in batches; they lie in the order in which they come.

        Raises NotExact.
        """
        name, references = table_name(part.subject.name), dict(self._references(part))
        self._connection.execute(_declare(name, part.fields, references))
        statement = f"insert into {name} values ({', '.join('?' * len(part.fields))})"
        readers = [_READERS.get(field.type, _read_verbatim) for field in part.fields]

        def add(rows: Sequence[Row]) -> None:
            values = (
                [read(value) for read, value in zip(readers, row, strict=True)] for row in rows
            )
            with _disk_errors():
                self._connection.executemany(statement, values)

        yield add
        for column in references:
            self._connection.execute(f'create index {name}_{column} on {name} ("{column}")')
        self._tell(name, part)

    def _references(self, part: Imprint) -> Iterator[tuple[str, str]]:
        """Columns that hold ids of other tables, each with the table's name."""
        for field, dataset in self._whole.references(part):
            yield field.name, table_name(dataset)

    def _tell(self, name: str, part: Imprint) -> None:
        """Write what a table and its fields are."""
        (rows,) = self._connection.execute(f"select count(*) from {name}").fetchone()
        told = {"name": name, "rows": rows, "dataset": part.subject.name}
        self._connection.execute(_INSERT_TABLE, {**tell_origin(part, part.subject), **told})
        fields = ({"table_name": name, **_told(field)} for field in part.fields)
        self._connection.executemany(_INSERT_FIELD, fields)


@contextmanager
def _disk_errors() -> Iterator[None]:
    """What SQLite says of a full or read-only disk, as other files have it."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OSError(str(error)) from error


def table_name(dataset: str) -> str:
    """The name of a dataset's table: `service-counts` gives `service_counts`."""
    return dataset.replace("-", "_")


def read_decimal(value: Stored) -> int | float | None:
    """The number that a decimal is kept as. Raises NotExact."""
    if value is None:
        return None
    scaled = int(value)
    if scaled % SCALE == 0:
        return scaled // SCALE
    number = scaled / SCALE
    if Decimal(repr(number)).scaleb(PLACES) != scaled:
        raise NotExact(f"{print_decimal(scaled)} has more digits than a double gives back")
    return number


def _describe(connection: sqlite3.Connection, whole: Whole) -> None:
    """Write what the release is and what its codes mean."""
    about = {**tell_origin(whole, whole), **_NOTES}
    connection.executemany("insert into _about values (?, ?)", about.items())
    labels = {name: codes for part in whole.parts for name, codes in part.labels.items()}
    connection.executemany("insert into _labels values (?, ?, ?, ?)", _labels(labels))


def _labels(labels: Labels) -> Iterator[tuple[str, str, str, str]]:
    for name, codes in labels.items():
        for code, label in codes.items():
            yield name, code, label.zh, label.en


def _read_verbatim(value: Stored) -> Stored:
    return value


_READERS: Mapping[Type, Callable[[Stored], int | float | str | None]] = {
    Type.DECIMAL: read_decimal,
}

_TYPES: Mapping[Type, str] = {
    Type.INTEGER: "integer",
    Type.BOOLEAN: "integer",
    Type.DECIMAL: "numeric",
}
"""All others are text: codes, dates, and the JSON of lists, dimensions and figures."""


def _declare(name: str, fields: Sequence[Field], references: Mapping[str, str]) -> str:
    """The table as it is created."""
    columns = ",\n  ".join(_column(field, references.get(field.name)) for field in fields)
    return f"create table {name} (\n  {columns}\n)"


def _column(field: Field, referred: str | None) -> str:
    """The column as it is declared; its name may be a word of SQL."""
    parts = [f'"{field.name}"', _TYPES.get(field.type, "text")]
    if not field.nullable:
        parts.append("not null")
    if field.name == "id":
        parts.append("primary key")
    if referred is not None:
        parts.append(f"references {referred} (id)")
    return " ".join(parts)


def _told(field: Field) -> Mapping[str, str | None]:
    own = {"field": field.name, "type": field.type.value, "codes": field.about.codes}
    return {**own, **tell_field(field)}


_NOTES = {
    "tables_zh": "各表的许可以 _tables 所载为准。",
    "tables_en": "Each table is under the rights that _tables tells.",
    "decimals_zh": "小数列中，整数值存为 INTEGER，其余存为 REAL（双精度，15 位有效数字以内精确）。",
    "decimals_en": "Decimals are INTEGER where they are whole, else REAL: exact to 15 digits.",
}
"""What else is told of the file."""

_SETTINGS = """
pragma page_size = 4096;
pragma journal_mode = off;
pragma synchronous = off;
"""

_OWN_TABLES = (
    """create table _about (
  key text not null primary key,
  value text not null
)""",
    """create table _tables (
  name text not null primary key,
  dataset text not null,
  title_zh text not null,
  title_en text not null,
  description_zh text not null,
  description_en text not null,
  rights_zh text not null,
  rights_en text not null,
  attribution text not null,
  address text not null,
  rows integer not null
)""",
    """create table _fields (
  table_name text not null references _tables (name),
  field text not null,
  type text not null,
  codes text,
  title_zh text not null,
  title_en text not null,
  description_zh text not null,
  description_en text not null
)""",
    """create table _labels (
  codes text not null,
  code text not null,
  label_zh text not null,
  label_en text not null,
  primary key (codes, code)
)""",
)

_INSERT_TABLE = """insert into _tables values (
  :name, :dataset, :title_zh, :title_en, :description_zh, :description_en,
  :rights_zh, :rights_en, :attribution, :address, :rows
)"""
_INSERT_FIELD = """insert into _fields values (
  :table_name, :field, :type, :codes, :title_zh, :title_en, :description_zh, :description_en
)"""

"""The SQLite file of a release: plain tables for analysts, with what explains them."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest
from all_types import imprint, row
from conftest import BASE
from hypothesis import given
from hypothesis import strategies as st
from whole_release import OURS, labels_of, make_whole, rows_of

from opendata_api.datasets import DATASETS, DOCUMENTS, OBSERVATIONS, PASSAGES, SERVICE_COUNTS
from opendata_api.describe import Dataset, Type
from opendata_api.formats import sqlite
from opendata_api.formats.imprint import Imprint, Origin, Whole
from opendata_api.formats.sqlite import NotExact, read_decimal
from opendata_api.store.model import Edition
from opendata_api.values import PLACES, Row, Stored
from opendata_api.words import Text

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)

NOBODYS = "the words of the government's own reports, which no licence of ours covers"


@pytest.fixture(scope="module")
def path(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the real seed; not to be changed."""
    return write(tmp_path_factory.mktemp("release") / "release.sqlite", edition)


@pytest.fixture
def database(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, opened for reading."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


def write(path: Path, edition: Edition, batch: int = 1000) -> Path:
    """The file of a whole edition, whose rows come in batches."""
    whole = make_whole(edition)
    with sqlite.writing(path, whole) as database:
        for part, dataset in zip(whole.parts, DATASETS, strict=True):
            rows = rows_of(edition, dataset)
            with database.table(part) as add:
                for start in range(0, len(rows), batch):
                    add(rows[start : start + batch])
    return path


def of_samples(part: Imprint) -> Whole:
    """A release of samples alone."""
    return Whole(
        name="all",
        title=Text("全部", "All"),
        description=Text("全部样本。", "All samples."),
        parts=[part],
        **{one.name: getattr(part, one.name) for one in fields(Origin)},
    )


def write_samples(path: Path, rows: Sequence[Row], *names: str) -> Path:
    """A file of samples, with these fields or all."""
    part = imprint(*names)
    with sqlite.writing(path, of_samples(part)) as database, database.table(part) as add:
        add(rows)
    return path


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def as_number(value: object) -> Decimal | None:
    """What a reader takes a number for."""
    return None if value is None else Decimal(repr(value))


def told(dataset: Dataset, kept: Row) -> Mapping[str, object]:
    """The values of a row, its decimals exact."""
    return {
        field.name: Decimal(str(value)).scaleb(-PLACES)
        if field.type is Type.DECIMAL and value is not None
        else value
        for field, value in zip(dataset.fields, kept, strict=True)
    }


@every_dataset
def test_every_row_is_read_back_in_its_order(
    database: sqlite3.Connection, edition: Edition, dataset: Dataset
) -> None:
    table = dataset.name.replace("-", "_")
    answer = database.execute(f"select * from {table} order by rowid")
    names = tuple(column for column, *_ in answer.description)
    decimals = {field.name for field in dataset.fields if field.type is Type.DECIMAL}
    found = [
        {
            name: as_number(value) if name in decimals else value
            for name, value in zip(names, values, strict=True)
        }
        for values in answer
    ]

    assert names == dataset.field_names
    assert found == [told(dataset, kept) for kept in rows_of(edition, dataset)]


def test_the_file_is_whole_and_says_its_release(database: sqlite3.Connection) -> None:
    def pragma(name: str) -> list[tuple[object, ...]]:
        return database.execute(f"pragma {name}").fetchall()

    assert pragma("integrity_check") == [("ok",)]
    assert pragma("foreign_key_check") == []
    assert pragma("user_version") == [(1,)]
    assert pragma("page_size") == [(4096,)]
    assert pragma("journal_mode") == [("delete",)]
    assert pragma("encoding") == [("UTF-8",)]


def test_equal_rows_are_equal_bytes_however_they_come(
    path: Path, edition: Edition, tmp_path: Path
) -> None:
    again = write(tmp_path / "again.sqlite", edition, batch=7)

    assert again.read_bytes() == path.read_bytes()
    assert [one.name for one in tmp_path.iterdir()] == ["again.sqlite"]


def test_a_table_declares_what_its_fields_hold(tmp_path: Path) -> None:
    path = write_samples(tmp_path / "samples.sqlite", [])

    assert ask(path, "select sql from sqlite_schema where name = 'samples'") == [
        (
            """CREATE TABLE samples (
  "id" text not null primary key,
  "kind" text,
  "text" text,
  "whole" integer,
  "number" numeric,
  "day" text,
  "moment" text,
  "truth" integer,
  "names" text not null,
  "groups" text not null,
  "figures" text not null,
  "release_added" integer not null,
  "release_changed" integer not null
)""",
        )
    ]


@pytest.mark.parametrize(
    ("field", "kept", "value", "kind"),
    [
        ("kind", "0012", "0012", "text"),
        ("text", " 1.50\n", " 1.50\n", "text"),
        ("text", "政府\U00020000", "政府\U00020000", "text"),
        ("whole", 2**63 - 1, 2**63 - 1, "integer"),
        ("whole", -(2**63), -(2**63), "integer"),
        ("number", -4_800_000, -4.8, "real"),
        ("number", -94_100_000, -94.1, "real"),
        ("number", 115_220_000, 115.22, "real"),
        ("number", 1, 0.000001, "real"),
        ("number", 8_589_934_591_999_999, 8589934591.999999, "real"),
        ("number", 318_900_000_000, 318_900, "integer"),
        ("number", 2_307_000_000_000_000, 2_307_000_000, "integer"),
        ("number", -3_000_000, -3, "integer"),
        ("number", 0, 0, "integer"),
        ("number", 9_223_372_036_854_000_000, 9_223_372_036_854, "integer"),
        ("day", "2023-12-31", "2023-12-31", "text"),
        ("moment", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", "text"),
        ("truth", 1, 1, "integer"),
        ("truth", 0, 0, "integer"),
        ("names", '["b","a"]', '["b","a"]', "text"),
        ("groups", '{"b":"1"}', '{"b":"1"}', "text"),
        ("figures", '[{"value":2.50}]', '[{"value":2.50}]', "text"),
        ("text", None, None, "null"),
        ("number", None, None, "null"),
        ("truth", None, None, "null"),
    ],
)
def test_a_value_is_read_back_as_it_is(
    tmp_path: Path, field: str, kept: Stored, value: object, kind: str
) -> None:
    path = write_samples(tmp_path / "samples.sqlite", [row(**{field: kept})])

    ((found, type_of),) = ask(path, f'select "{field}", typeof("{field}") from samples')
    assert (found, type(found), type_of) == (value, type(value), kind)


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_decimal_of_15_digits_is_a_number_that_prints_as_itself(scaled: int) -> None:
    assert as_number(read_decimal(scaled)) == Decimal(scaled).scaleb(-PLACES)


@given(st.integers(-(2**63), 2**63 - 1))
def test_any_decimal_prints_as_itself_or_is_refused(scaled: int) -> None:
    try:
        number = read_decimal(scaled)
    except NotExact:
        assert len(str(abs(scaled)).rstrip("0")) > 15
    else:
        assert as_number(number) == Decimal(scaled).scaleb(-PLACES)


@pytest.mark.parametrize(
    ("scaled", "message"),
    [
        (8_589_934_592_000_001, "8589934592.000001 has more digits than a double gives back"),
        (2**63 - 1, "9223372036854.775807 has more digits than a double gives back"),
        (-(2**63), "-9223372036854.775808 has more digits than a double gives back"),
    ],
)
def test_a_decimal_that_a_double_cannot_give_back_is_refused(
    tmp_path: Path, scaled: int, message: str
) -> None:
    path = tmp_path / "samples.sqlite"

    with pytest.raises(NotExact) as refused:
        write_samples(path, [row(number=scaled)])
    assert str(refused.value) == message


def test_a_file_that_fails_midway_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "samples.sqlite"

    with pytest.raises(NotExact):
        write_samples(path, [row(), row(id="s1", number=2**63 - 1)])
    assert [one.name for one in tmp_path.iterdir()] == ["samples.sqlite"]


def test_rows_without_ids_have_no_key(tmp_path: Path) -> None:
    path = write_samples(tmp_path / "samples.sqlite", [("1",), ("1",)], "kind")

    assert ask(path, "select kind from samples") == [("1",), ("1",)]
    assert ask(path, "select count(*) from pragma_index_list('samples')") == [(0,)]


def test_the_file_tells_where_it_comes_from(database: sqlite3.Connection) -> None:
    assert dict(database.execute("select key, value from _about")) == {
        "title_zh": "全部数据",
        "title_en": "All data",
        "description_zh": "各表合为一个文件。",
        "description_en": "Every table in one file.",
        "release": "1",
        "published_at": "2026-01-02T03:04:05Z",
        "license": "CC-BY-4.0",
        "license_url": "https://licence.example.org/",
        "rights_zh": OURS.told("zh"),
        "rights_en": OURS.told("en"),
        "attribution": "by us",
        "citation_zh": "本服务. 全部数据.",
        "citation_en": "Our service. All data.",
        "address": f"{BASE}/releases/1/all.zip",
        "dictionary": f"{BASE}/v1/datasets?release=1",
        "sources": f"{BASE}/v1/reports?release=1",
        "tables_zh": "各表的许可以 _tables 所载为准。",
        "tables_en": "Each table is under the rights that _tables tells.",
        "decimals_zh": (
            "小数列中，整数值存为 INTEGER，其余存为 REAL（双精度，15 位有效数字以内精确）。"
        ),
        "decimals_en": "Decimals are INTEGER where they are whole, else REAL: exact to 15 digits.",
    }


def test_every_table_is_listed_with_its_rows(
    database: sqlite3.Connection, edition: Edition
) -> None:
    listed = database.execute(
        "select name, dataset, title_zh, description_en, address, rows from _tables"
    )

    assert listed.fetchall() == [
        (
            dataset.name.replace("-", "_"),
            dataset.name,
            dataset.title.zh,
            dataset.description.en,
            f"{BASE}/v1/{dataset.name}.csv?release=1",
            len(edition.rows[dataset.name]),
        )
        for dataset in DATASETS
    ]


def test_the_words_of_a_government_are_under_no_licence_of_ours(
    database: sqlite3.Connection,
) -> None:
    rights = dict(database.execute("select dataset, rights_en from _tables"))
    ours = rights.pop(OBSERVATIONS.name)

    assert ours == "CC-BY-4.0 https://creativecommons.org/licenses/by/4.0/"
    assert rights.pop(PASSAGES.name) == NOBODYS
    assert set(rights.values()) == {ours}


@every_dataset
def test_every_field_is_explained(database: sqlite3.Connection, dataset: Dataset) -> None:
    explained = database.execute(
        "select field, type, codes, title_zh, title_en, description_zh, description_en "
        "from _fields where table_name = ?",
        (dataset.name.replace("-", "_"),),
    )

    assert explained.fetchall() == [
        (
            field.name,
            field.type.value,
            field.about.codes,
            *(field.about.title.zh, field.about.title.en),
            *(field.about.description.zh, field.about.description.en),
        )
        for field in dataset.fields
    ]


def test_every_code_has_its_labels(database: sqlite3.Connection, edition: Edition) -> None:
    kept = database.execute("select codes, code, label_zh, label_en from _labels").fetchall()

    assert kept == [
        (name, code, label.zh, label.en)
        for name, codes in labels_of(edition).items()
        for code, label in codes.items()
    ]


def test_codes_are_joined_with_their_labels_by_the_list_of_the_field(
    database: sqlite3.Connection,
) -> None:
    labelled = database.execute(
        "select distinct row.scope, label.label_zh = row.scope_zh from service_counts row "
        "join _fields field on field.table_name = 'service_counts' and field.field = 'scope' "
        "join _labels label on label.codes = field.codes and label.code = row.scope"
    ).fetchall()

    assert SERVICE_COUNTS.field["scope"].about.codes == "dimensions.service_scope"
    assert len(labelled) > 1
    assert {is_equal for _, is_equal in labelled} == {1}


@every_dataset
def test_what_a_table_refers_to_is_declared_and_quickly_found(
    database: sqlite3.Connection, dataset: Dataset
) -> None:
    table = dataset.name.replace("-", "_")
    keys = database.execute(f"pragma foreign_key_list({table})").fetchall()
    references = {(field.name, name) for field, name in dataset.references}

    assert {(key[3], key[2], key[4]) for key in keys} == {
        (field, name, "id") for field, name in references
    }
    for field, _ in references:
        plan = database.execute(f"explain query plan select 1 from {table} where {field} = 'a'")
        assert f"{table}_{field}" in plan.fetchone()[3]


def test_only_a_table_in_the_file_is_referred_to(edition: Edition, tmp_path: Path) -> None:
    path, whole = tmp_path / "documents.sqlite", make_whole(edition, [DOCUMENTS])
    (part,) = whole.parts
    with sqlite.writing(path, whole) as database, database.table(part) as add:
        add(rows_of(edition, DOCUMENTS))

    assert ask(path, "pragma foreign_key_list(documents)") == []
    assert ask(path, "pragma foreign_key_check") == []


def test_a_disk_that_is_full_or_read_only_is_told_as_by_other_files(
    edition: Edition, tmp_path: Path
) -> None:
    path = tmp_path / "not" / "there" / "whole.sqlite"

    with (
        pytest.raises(OSError, match="unable to open database file"),
        sqlite.writing(path, make_whole(edition)),
    ):
        raise AssertionError("it was opened")

"""The first tables: releases, facts with their encoded rows and dimensions, texts beside them."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

COLUMNS = {
    "observation": (
        "id metric value:int? unit qualifier role year:int period_start? period_end? period_kind "
        "area_code body_id report_id topic basis part_of? status document_id section? metric_zh "
        "metric_en unit_zh unit_en value_text printed_value:int? printed_unit? value_min:int? "
        "value_max:int? period_source? area_zh body_zh dimensions dimensions_zh? same_as note_zh? "
        "note_en? quote quote_start:int quote_end:int value_start:int value_end:int"
    ),
    "metric": (
        "id unit kind topic change_of? name_zh name_en definition_zh definition_en unit_zh unit_en "
        "topic_zh topic_en not_comparable_with frameworks alternative_names "
        "observation_count:int latest"
    ),
    "service_count": (
        "service scope? id metric value:int? unit qualifier role year:int period_start? "
        "period_end? period_kind area_code body_id report_id topic basis part_of? status "
        "document_id section? service_zh service_en scope_zh? scope_en? caution_zh? caution_en? "
        "metric_zh metric_en unit_zh unit_en value_text printed_value:int? printed_unit? "
        "value_min:int? value_max:int? period_source? area_zh body_zh dimensions dimensions_zh? "
        "same_as note_zh? note_en? quote quote_start:int quote_end:int value_start:int "
        "value_end:int"
    ),
    "commitment": (
        "id report_id for_year:int topic measurable:int evidence_kind responsible_body_id? "
        "deadline? target_value:int? progress document_id section? topic_zh topic_en quote aim? "
        "text_en metrics progress_evidence? quote_start:int quote_end:int"
    ),
    "report": (
        "id body_id area_code year:int kind published_on document_id body_zh area_zh title_zh "
        "title_en addressee? source_url source_rights data_licence observation_count:int "
        "commitment_count:int"
    ),
    "document": "id report_id kind published_on sha256 title source_url length:int",
    "passage": (
        "id document_id report_id section? position:int masked:int text start:int end:int "
        "observations commitments"
    ),
    "area": "id level parent_id? name_zh name_en valid_from? valid_to?",
    "body": "id area_code kind parent_id? name_zh name_en credit_code?",
}
"""Of each fact: `?` may be null, `int` is 64 bits, the others are text."""

INDEXED = {
    "observation": (
        "id metric value unit qualifier role year period_start period_end period_kind area_code "
        "body_id report_id topic basis part_of status document_id section"
    ),
    "metric": "id unit kind topic change_of",
    "service_count": (
        "service scope id metric value unit qualifier role year period_start period_end "
        "period_kind area_code body_id report_id topic basis part_of status document_id section"
    ),
    "commitment": (
        "id report_id for_year topic measurable evidence_kind responsible_body_id deadline "
        "target_value progress document_id section"
    ),
    "report": "id body_id area_code year kind published_on document_id",
    "document": "id report_id kind published_on sha256",
    "passage": "id document_id report_id section position masked",
    "area": "id level parent_id",
    "body": "id area_code kind parent_id",
}
"""The fields that rows are filtered or sorted by."""

WITH_DIMENSIONS = ("observation", "service_count")

FOREVER = "2147483647"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Compared by code point, on PostgreSQL whatever its locale."""
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "release",
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("published_at", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
    )
    op.create_table(
        "count",
        sa.Column("dataset", TEXT, primary_key=True),
        sa.Column("release", sa.Integer, primary_key=True),
        sa.Column("count", BIG, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "attachment",
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        *_since_until(),
        sa.Column("body", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", "since"),
        sqlite_with_rowid=False,
    )
    for table in COLUMNS:
        _create_fact(table)
        _create_fragment(table)
    for table in WITH_DIMENSIONS:
        _create_dimension(f"{table}_dimension")


def _create_fact(table: str) -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    columns = list(_columns(COLUMNS[table]))
    if all(column.name != "area_code" for column in columns):
        columns.insert(0, sa.Column("area_code", TEXT, nullable=False))
    key = sa.UniqueConstraint if is_sqlite else sa.PrimaryKeyConstraint
    op.create_table(
        table,
        sa.Column("n", BIG, primary_key=is_sqlite, nullable=False, autoincrement=False),
        *columns,
        *_since_until(),
        sa.Column("release_added", sa.Integer, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        key("area_code", "id", "since"),
    )
    for name in INDEXED[table].split():
        keys = list(dict.fromkeys([name, "id", "since", "until"]))
        op.create_index(f"{table}_by_{name}", table, keys)


def _create_fragment(table: str) -> None:
    """Of the encoded rows; SQLite finds them by rowid, PostgreSQL by area and number."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        f"{table}_fragment",
        sa.Column("area_code", TEXT, primary_key=not is_sqlite, nullable=False),
        sa.Column("n", BIG, primary_key=True, autoincrement=False),
        sa.Column("json", TEXT, nullable=False),
        sa.Column("csv", TEXT, nullable=False),
    )


def _create_dimension(table: str) -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        table,
        sa.Column("area_code", TEXT, primary_key=not is_sqlite, nullable=False),
        sa.Column("n", BIG, primary_key=True, autoincrement=False),
        sa.Column("name", TEXT, primary_key=True),
        sa.Column("value", TEXT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index(f"{table}_by_value", table, ["name", "value", "n"])


def _columns(words: str) -> Iterator[sa.Column[object]]:
    for word in words.split():
        name, _, kind = word.rstrip("?").partition(":")
        yield sa.Column(name, BIG if kind else TEXT, nullable=word.endswith("?"))


def _since_until() -> tuple[sa.Column[int], sa.Column[int]]:
    return (
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("until", sa.Integer, nullable=False, server_default=sa.text(FOREVER)),
    )

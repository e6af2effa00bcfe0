"""Search indexes: FTS5 on SQLite, tsvector on PostgreSQL; the program fills them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0003"
down_revision = "0002"

SEARCHED = {
    "observation": "metric_zh metric_en quote",
    "metric": "name_zh name_en definition_zh definition_en",
    "service_count": "service_zh service_en metric_zh metric_en quote",
    "commitment": "quote aim text_en",
    "report": "title_zh title_en",
    "document": "title",
    "passage": "text",
    "area": "name_zh name_en",
    "body": "name_zh name_en",
}
TEXT = sa.Text(collation="C")


def upgrade() -> None:
    """Make an index for each kind of record that has texts."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, fields in SEARCHED.items():
        if is_sqlite:
            columns = ", ".join([*fields.split(), "numbers"])
            op.execute(
                f"create virtual table {table}_search using fts5({columns}, "
                "content='', columnsize=0, tokenize='ascii', prefix='5')"
            )
            continue
        op.create_table(
            f"{table}_search",
            sa.Column("area_code", TEXT, primary_key=True),
            sa.Column("n", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("tokens", TSVECTOR, nullable=False),
        )
        op.create_index(
            f"{table}_search_by_tokens", f"{table}_search", ["tokens"], postgresql_using="gin"
        )
        op.create_index(f"{table}_by_place", table, ["area_code", "n"])

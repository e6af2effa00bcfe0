"""Releases have a state, encoded rows name their encoding, every key holds the area."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

FACTS = (
    "observation",
    "metric",
    "service_count",
    "commitment",
    "report",
    "document",
    "passage",
    "area",
    "body",
)
FOREVER = "2147483647"
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Change the tables; what is published stays readable as it was."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    first = sa.text("1")
    op.add_column(
        "release", sa.Column("encoding", sa.Integer, nullable=False, server_default=first)
    )
    published = sa.text("'published'")
    op.add_column("release", sa.Column("state", TEXT, nullable=False, server_default=published))
    op.add_column("release", sa.Column("last_n", BIG, nullable=False, server_default=sa.text("0")))
    for table in FACTS:
        encoding = sa.Column("encoding", sa.Integer, nullable=False, server_default=first)
        op.add_column(f"{table}_fragment", encoding)
        if not is_sqlite:
            op.drop_constraint(f"{table}_fragment_pkey", f"{table}_fragment")
            op.create_primary_key(None, f"{table}_fragment", ["area_code", "n", "encoding"])
    highest = " union all ".join(f'select max(n) as n from "{table}"' for table in FACTS)
    op.execute(
        f"update release set last_n = (select coalesce(max(n), 0) from ({highest}) as versions)"
    )
    _give_attachments_an_area()


def _give_attachments_an_area() -> None:
    """The area is that of the id, such as cn450203-2023-rol-d1; labels have none."""
    op.rename_table("attachment", "attachment_before")
    op.create_table(
        "attachment",
        sa.Column("area_code", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("until", sa.Integer, nullable=False, server_default=sa.text(FOREVER)),
        sa.Column("body", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("area_code", "kind", "id", "since", name="attachment_of_area_pkey"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "insert into attachment (area_code, kind, id, since, until, body) "
        "select case when kind = 'labels' then '' else substr(id, 3, 6) end, "
        "kind, id, since, until, body from attachment_before"
    )
    op.drop_table("attachment_before")

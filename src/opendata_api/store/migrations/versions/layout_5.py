"""What each release changed, in one order over all releases; and its manifest."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables; the program tells of the releases before (`story.py`)."""
    op.create_table(
        "change",
        sa.Column("area_code", TEXT, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("release", sa.Integer, nullable=False),
        sa.Column("dataset", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("cause", TEXT),
        sa.Column("reason_zh", TEXT),
        sa.Column("reason_en", TEXT),
        sa.Column("changed", TEXT, nullable=False),
        sa.Column("before_n", BIG),
        sa.Column("n", BIG),
        sa.Column("before", TEXT),
        sa.Column("record", TEXT),
        sa.PrimaryKeyConstraint("area_code", "seq"),
    )
    op.create_index("change_by_seq", "change", ["seq"])
    op.create_index("change_by_release", "change", ["release", "kind", "seq"])
    op.create_index("change_by_id", "change", ["area_code", "dataset", "id", "seq"])
    op.create_table("history", sa.Column("id", TEXT, primary_key=True))
    op.add_column("release", sa.Column("manifest", TEXT, nullable=False, server_default=""))
    op.add_column("release", sa.Column("changes", TEXT, nullable=False, server_default="{}"))
    last = sa.Column("last_seq", BIG, nullable=False, server_default=sa.text("0"))
    op.add_column("release", last)

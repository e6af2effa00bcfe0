"""What was erased, by its hashes; releases withdrawn by law; signatures of manifests."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table and the columns; nothing was erased before there was a way to."""
    op.create_table(
        "erased",
        sa.Column("area_code", TEXT, nullable=False),
        sa.Column("dataset", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("until", sa.Integer, nullable=False),
        sa.Column("leaf", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("area_code", "dataset", "kind", "id", "since"),
    )
    for name in ("signature", "gone_zh", "gone_en"):
        op.add_column("release", sa.Column(name, TEXT))

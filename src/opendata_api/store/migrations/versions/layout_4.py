"""On PostgreSQL the index of words knows in which block of numbers a version lies."""

from alembic import op

from opendata_api.store.migrations.versions.layout_3 import SEARCHED

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the token of its block to each version; SQLite's index gives hits by number anyway."""
    if op.get_bind().dialect.name == "sqlite":
        return
    block = "cast('w' || cast(n / 4096 as text) as tsvector)"
    for table in SEARCHED:
        op.execute(f"update {table}_search set tokens = tokens || {block}")

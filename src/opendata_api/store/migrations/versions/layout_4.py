"""The order of hits on PostgreSQL; SQLite's index of words has it in itself."""

from alembic import op

from opendata_api.store.migrations.versions.layout_3 import SEARCHED

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Index the numbers of each kind of record that has texts."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in SEARCHED:
        op.create_index(f"{table}_search_by_n", f"{table}_search", ["n"])

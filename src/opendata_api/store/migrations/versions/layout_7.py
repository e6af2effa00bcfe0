"""Indexes of fields that are asked for together."""

from alembic import op

revision = "0007"
down_revision = "0006"

COMBINED = {
    "observation": ("topic year", "metric year", "area_code topic", "area_code metric"),
}


def upgrade() -> None:
    """Make the indexes, each in order of ids."""
    for table, combined in COMBINED.items():
        for names in combined:
            fields = names.split()
            keys = [*fields, "id", "since", "until"]
            op.create_index(f"{table}_by_{'_'.join(fields)}", table, keys)

"""Indexes of fields that are asked for together, and of all that a sum or a facet reads."""

from alembic import op

revision = "0007"
down_revision = "0006"

COMBINED = {
    "observation": ("topic year", "metric year", "area_code topic", "area_code metric"),
}
SUMMED = ("value", "value_min", "value_max", "unit", "status")
OF_METRICS = ("metric", "area_code", "year", "since", "until", *SUMMED)
OF_TOPICS = ("topic", "area_code", "qualifier", "year", "since", "until")


def upgrade() -> None:
    """Make the indexes: some in order of ids, some with the rows of an area side by side."""
    for table, combined in COMBINED.items():
        for names in combined:
            fields = names.split()
            keys = [*fields, "id", "since", "until"]
            op.create_index(f"{table}_by_{'_'.join(fields)}", table, keys)
    for table in ("observation", "service_count"):
        op.create_index(f"{table}_of_metric", table, OF_METRICS)
        op.create_index(f"{table}_of_topic", table, OF_TOPICS)

"""Bringing tables to this program's layout, by Alembic, on both databases."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from opendata_api.describe import Dataset
from opendata_api.store.schema import LAYOUT, search_table

if TYPE_CHECKING:  # loaded where tables are changed
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: sa.Connection, layout: int = LAYOUT) -> None:
    """Run the migrations up to a layout that the database lacks, all or none of them."""
    from alembic import command  # noqa: PLC0415 - loaded where tables are changed

    command.upgrade(_config(connection), revision_of(layout))


def stamp(connection: sa.Connection, layout: int) -> None:
    """Note the layout of tables that were made before migrations were counted."""
    from alembic import command  # noqa: PLC0415 - the same

    command.stamp(_config(connection), revision_of(layout))


def revision_of(layout: int) -> str:
    """The name that Alembic knows a layout by."""
    return f"{layout:04d}"


def distribute(connection: sa.Connection, datasets: Sequence[Dataset]) -> list[str]:
    """Spread the tables over the shards of Citus, where that extension is; the tables spread.

    Facts lie by area, all of one area together; code lists and releases are on every node.
    """
    if not connection.scalar(sa.text("select to_regproc('create_distributed_table') is not null")):
        return []
    spread = []
    for table, is_reference in _tables(datasets):
        done = (
            "select exists (select 1 from pg_dist_partition where logicalrelid = to_regclass(:t))"
        )
        if connection.scalar(sa.text(done), {"t": f'"{table}"'}):
            continue
        make = (
            "select create_reference_table(cast(:t as regclass))"
            if is_reference
            else "select create_distributed_table(cast(:t as regclass), 'area_code')"
        )
        connection.execute(sa.text(make), {"t": f'"{table}"'})
        spread.append(table)
    return spread


def _tables(datasets: Sequence[Dataset]) -> list[tuple[str, bool]]:
    """Every table, each with whether it stands whole on every node."""
    tables = [
        ("release", True),
        ("history", True),
        ("count", True),
        ("attachment", False),
        ("change", False),
        ("erased", False),
    ]
    for dataset in datasets:
        of = [dataset.table, f"{dataset.table}_fragment"]
        of += [f"{dataset.table}_dimension"] if dataset.dimensions else []
        of.append(search_table(dataset))
        tables += [(table, dataset.is_code_list) for table in of]
    return tables


def _config(connection: sa.Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config

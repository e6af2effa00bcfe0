"""Kills publishers hundreds of times and tells what it cost: nothing, or what.

Run by `make torture`; the tests do the same with fewer kills.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))

from conftest import PUBLISHED_AT, SEED, at_folder, at_postgres  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from publishers import publishers  # noqa: E402
from test_killed_publishers import Account, Trial, plan  # noqa: E402

from opendata_api.datasets import DATASETS  # noqa: E402
from opendata_api.publish import make_edition, publish  # noqa: E402
from opendata_api.seed import read_seed  # noqa: E402
from opendata_api.settings import Settings  # noqa: E402
from opendata_api.store.place import migrate  # noqa: E402

KILLS = {"sqlite": 200, "postgres": 50}


def main() -> int:
    """Both databases; the exit code says whether anything was lost, torn or left."""
    server = PostgresServer()
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            server.create_database("torture")
            places = {
                "sqlite": at_folder(Path(folder)),
                "postgres": at_postgres(server, "torture"),
            }
            migrate(places["postgres"], DATASETS)
            return max([torture(database, settings) for database, settings in places.items()])
    finally:
        server.stop()


def torture(database: str, settings: Settings) -> int:
    """Kill publishers into one database, and print a line."""
    publish(settings, PUBLISHED_AT)
    account = Account()
    started = time.monotonic()
    with publishers() as carry_out:
        trial = Trial(settings, make_edition(read_seed(SEED)), carry_out, account)
        asyncio.run(trial.run(plan(database, KILLS[database], seed=7)))
    print(
        f"{database}: {account.kills} kills, {account.acknowledged} releases acknowledged, "
        f"{account.answers} answers to a reader, lost {len(account.lost)}, "
        f"torn {len(account.torn)}, leftovers {len(account.left)}, "
        f"refused {len(account.refused)}, {time.monotonic() - started:.0f} s"
    )
    for fault in account.faults:
        print(f"  {fault}")
    return int(bool(account.faults))


if __name__ == "__main__":
    sys.exit(main())

"""Kills publishers hundreds of times and tells what it cost: nothing, or what.

Run by `make torture`; the tests do the same with fewer kills.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from conftest import PUBLISHED_AT, at_folder, at_postgres
from postgres_server import PostgresServer
from publishers import publishers
from test_killed_publishers import Account, Trial, plan

from opendata_api.datasets import DATASETS
from opendata_api.publish import prove, publish
from opendata_api.settings import Settings
from opendata_api.store.place import migrate

KILLS = {"sqlite": 200, "postgres": 50}
CHANCE = 7
ROUND = 20
"""So many scenarios in one place, then in a new one: the file of every release is larger."""


def main() -> int:
    """Both databases; the exit code says whether anything was lost, torn or left."""
    server = PostgresServer()
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:

            def make_folder(name: str) -> Settings:
                return at_folder(Path(folder, name))

            def make_database(name: str) -> Settings:
                server.create_database(name)
                return at_postgres(server, name)

            accounts = [torture("sqlite", make_folder), torture("postgres", make_database)]
    finally:
        server.stop()
    return int(any(account.faults for account in accounts))


def torture(database: str, make_place: Callable[[str], Settings]) -> Account:
    """Kill publishers into one kind of database, and print a line."""
    account = Account()
    scenarios = plan(database, KILLS[database], CHANCE)
    started = time.monotonic()
    with publishers() as carry_out:
        for begin in range(0, len(scenarios), ROUND):
            settings = make_place(f"round_{begin // ROUND + 1}")
            migrate(settings, DATASETS)
            publish(settings, PUBLISHED_AT)
            trial = Trial(settings, prove(settings)[1], carry_out, account)
            asyncio.run(trial.run(scenarios[begin : begin + ROUND]))
    print(
        f"{database}: {account.kills} kills, {account.acknowledged} releases acknowledged, "
        f"{account.answers} answers to readers, lost {len(account.lost)}, "
        f"torn {len(account.torn)}, leftovers {len(account.left)}, "
        f"refused {len(account.refused)}, {time.monotonic() - started:.0f} s",
        flush=True,
    )
    for fault in account.faults:
        print(f"  {fault}")
    return account


if __name__ == "__main__":
    sys.exit(main())

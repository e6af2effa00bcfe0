"""The files of releases in a PostgreSQL database, made of its rows."""

from collections.abc import AsyncIterator, Sequence

from opendata_api.describe import Dataset
from opendata_api.query import parse_query
from opendata_api.store.clauses import Dialect, Question
from opendata_api.store.erasing import erased_names
from opendata_api.store.model import File, Hole, Release
from opendata_api.store.postgres_releases import history_of, manifests_of
from opendata_api.store.postgres_search import Connection
from opendata_api.store.release_files import Beside
from opendata_api.store.release_sql import HOLES
from opendata_api.store.steps import BATCH_ROWS, drafted_statement
from opendata_api.values import Row


async def make_files(
    connection: Connection, datasets: Sequence[Dataset], release: Release, beside: Beside
) -> Sequence[File]:
    """The files of the release, made of the rows as they have just been written."""
    if beside.files is None:
        return ()
    rows = await connection.fetch("select dataset, count from count where release = $1", release.n)
    counts = dict(tuple(row) for row in rows)
    with beside.files.making(release, await history_of(connection)) as making:
        for dataset in datasets:
            with making.writing(dataset, counts[dataset.name]) as add:
                async for batch in _drafted_batches(connection, dataset, release.n):
                    add(batch)
        return making.finish()


async def settle(connection: Connection, beside: Beside) -> None:
    """Let go of the files of releases that keep none, and of those that had what was erased."""
    if beside.files is not None:
        holes = [Hole(*row) for row in await connection.fetch(HOLES.sql)]
        manifests = await manifests_of(connection)
        beside.files.settle(await history_of(connection), manifests, erased_names(holes))


async def _drafted_batches(
    connection: Connection, dataset: Dataset, release: int
) -> AsyncIterator[Sequence[Row]]:
    """All rows of the release: JSON and CSV of each, then its values."""
    query = parse_query(dataset, ())
    question = Question(Dialect.POSTGRES, query, release, is_drafted=True)
    statement = drafted_statement(question)
    async with connection.transaction():
        cursor = await connection.cursor(statement.numbered, *statement.values)
        while rows := await cursor.fetch(BATCH_ROWS):
            yield [tuple(row) for row in rows]

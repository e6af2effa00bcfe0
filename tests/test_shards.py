"""PostgreSQL with Citus: tables spread by area, and only statements that shards can run."""

import asyncio
import functools
import random
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
import shard_rules
import sqlglot
from conftest import a_database, at_postgres
from editions import O083, changed, without
from postgres_server import PostgresServer
from questions import Asker
from shard_rules import Tables, fault_in
from sqlalchemy.ext.asyncio import create_async_engine
from sqlglot import exp

from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset
from opendata_api.query import Cursor, GroupQuery, Query, parse_groups, parse_query
from opendata_api.settings import Settings
from opendata_api.store import groups, place, steps
from opendata_api.store.clauses import AnyQuery, Clause, Dialect, Question, select_published
from opendata_api.store.erasing import Erasure
from opendata_api.store.errors import DatabaseAway
from opendata_api.store.known import Kept
from opendata_api.store.migrate import distribute
from opendata_api.store.model import Attachment, Edition
from opendata_api.store.place import erase, withdraw_release
from opendata_api.store.postgres import PostgresStore
from opendata_api.store.release_files import ROWS_ALONE
from opendata_api.store.schema import search_table
from opendata_api.words import Text

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
QUESTIONS = 40
READS = ("execute", "executemany", "fetch", "fetchval", "fetchrow", "cursor")
CHANGES = ("insert", "update", "delete", "copy", "analyze")


def tables_of(dataset: Dataset) -> set[str]:
    found = {dataset.table, f"{dataset.table}_fragment"}
    found |= {search_table(dataset)} if dataset.searched else set()
    return found | ({f"{dataset.table}_dimension"} if dataset.dimensions else set())


FACTS = {dataset.table for dataset in DATASETS}
INDEXES = {search_table(dataset) for dataset in DATASETS if dataset.searched}
EVERYWHERE = {"release", "history", "count"}.union(
    *(tables_of(one) for one in DATASETS if one.is_code_list)
)
SPREAD = {"attachment", "change", "erased"}.union(
    *(tables_of(one) for one in DATASETS if not one.is_code_list)
)
TABLES = Tables(frozenset(SPREAD), frozenset(EVERYWHERE), frozenset({"alembic_version"}))


# What the reader makes


def sent_by(read: Generator[Clause, Sequence[Any], Any]) -> Iterator[str]:
    """The statements of a read that finds nothing."""
    try:
        statement = next(read)
        while True:
            yield statement.numbered
            statement = read.send(())
    except StopIteration:
        pass


def asked(query: AnyQuery) -> Question[AnyQuery]:
    return Question(Dialect.POSTGRES, query, 1)


def reads_of(query: Query, shape: str | None) -> Iterator[str]:
    yield from sent_by(steps.page_steps(asked(query), 200, shape))
    yield from sent_by(steps.total_steps(asked(query), 0))
    yield from sent_by(steps.bounded_steps(asked(query), 200_000, Kept()))


def exports_of(query: Query, shape: str | None) -> Iterator[str]:
    yield from sent_by(steps.beginning_steps(asked(replace(query, limit=3)), 200_000))
    for part in steps.export_parts(query):
        statement = steps.export_statement(asked(query), shape, part, query.limit)
        yield statement.numbered


def queries(asker: Asker) -> Iterator[Query]:
    """Random queries, each from its beginning and from a row, both ways."""
    for _ in range(QUESTIONS):
        query = parse_query(asker.dataset, (*asker.pairs(), ("fields", asker.fields())))
        yield query
        if query.is_ranked:
            yield from (query.at(Cursor(1, query.digest, back, (1, 7))) for back in (False, True))
            continue
        keys = asker.keys(asker.chance.choice(asker.rows), [key.field.name for key in query.sort])
        for backwards in (False, True):
            yield query.at(Cursor(1, query.digest, backwards, keys))


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_every_read_of_rows_is_one_that_shards_can_run(dataset: Dataset, edition: Edition) -> None:
    asker = Asker(dataset, edition.rows[dataset.name], random.Random(dataset.name))
    reads, exports = set(), set()
    for query in queries(asker):
        for shape in (None, "csv"):
            reads |= set(reads_of(query, shape))
            exports |= set(exports_of(query, shape))
    reads |= set(sent_by(steps.record_steps(dataset, asker.some_id(), 1)))

    faults = {sql: fault_in(sql, TABLES) for sql in reads}
    faults |= {sql: fault_in(sql, TABLES, is_export=True) for sql in exports}

    assert {sql: fault for sql, fault in faults.items() if fault} == {}
    assert len(faults) > 2 * QUESTIONS
    assert {table for table in tables_of(dataset) if any(f'"{table}"' in sql for sql in reads)} == (
        tables_of(dataset)
    )


@pytest.mark.untraced
@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_every_read_of_groups_is_one_that_shards_can_run(
    dataset: Dataset, edition: Edition
) -> None:
    """The rows are counted before, so that they are not many."""
    asker = Asker(dataset, edition.rows[dataset.name], random.Random(dataset.name))
    keys = [*dataset.groupable, *(["dim:service_scope"] if dataset.dimensions else [])]
    reads = set()
    for _ in range(QUESTIONS):
        filters = tuple(pair for pair in asker.pairs() if pair[0] != "sort")
        by = ",".join(asker.chance.sample(keys, k=asker.chance.randint(1, 2)))
        query = parse_groups(dataset, (*filters, ("group_by", by)))
        for one in (query, replace(query, keys=())):
            reads |= {clause.numbered for clause in statements_of(asked(one), asker.some_id())}

    faults = {sql: fault_in(sql, TABLES, is_bounded=True) for sql in reads}
    assert faults == dict.fromkeys(reads)


def statements_of(question: Question[GroupQuery], some_id: str) -> Iterator[Clause]:
    yield groups.count_by(question)
    measure = question.query.dataset.measure
    if measure is not None:
        yield groups.select_cells(question, measure)
        yield groups.select_figures(question, measure)
        yield groups.select_overlaps(question, measure)
        yield groups.select_places(question, [some_id])
        yield groups.select_totals(question, measure.links, [some_id])
        for select in (groups.select_parts, groups.select_repeats, groups.select_bodies):
            yield select(question, measure.links)


def test_every_read_beside_the_rows_is_one_that_shards_can_run() -> None:
    reads = [
        *sent_by(steps.attachment_steps("text", "cn450203-2023-rol-d1", 1)),
        *sent_by(steps.attachment_steps("labels", "all", 1)),
        *sent_by(steps.published_steps()),
        select_published(1).numbered,
    ]

    assert {sql: fault_in(sql, TABLES) for sql in reads} == dict.fromkeys(reads)


# What is really sent


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the driver is told to send, from now on."""
    found: list[str] = []
    for name in READS:
        monkeypatch.setattr(asyncpg.Connection, name, noting(name, found))
    copy = asyncpg.Connection.copy_records_to_table

    async def copied(
        connection: Any, table_name: str, *, columns: Sequence[str], records: Any
    ) -> str:
        found.append(f'copy "{table_name}" ({", ".join(columns)}) from stdin')
        return str(await copy(connection, table_name, columns=columns, records=records))

    monkeypatch.setattr(asyncpg.Connection, "copy_records_to_table", copied)
    return found


def noting(name: str, found: list[str]) -> Callable[..., Any]:
    method = getattr(asyncpg.Connection, name)

    @functools.wraps(method)
    def noted(connection: Any, query: str, *given: Any, **named: Any) -> Any:
        if name != "executemany" or any(given):
            found.append(query)
        return method(connection, query, *given, **named)

    return noted


@pytest.fixture
def unpublished(postgres: PostgresServer) -> Iterator[Settings]:
    with a_database(postgres, "migrated") as name:
        yield at_postgres(postgres, name)


@pytest.fixture
def published_once(postgres: PostgresServer) -> Iterator[Settings]:
    with a_database(postgres, "pristine") as name:
        yield at_postgres(postgres, name)


def write(settings: Settings, edition: Edition) -> None:
    place.write_release(settings, DATASETS, edition, AT)


def faults_in(sent: list[str]) -> dict[str, str]:
    """What may not be sent of what was sent."""
    found = {sql: fault_in(sql, TABLES) for sql in sent}
    return {sql: fault for sql, fault in found.items() if fault is not None}


def changes_in(sent: list[str]) -> set[str]:
    """What was done to which table."""
    changes = [sql for sql in sent if sql.startswith(CHANGES)]
    statements = [sqlglot.parse_one(sql, dialect="postgres") for sql in changes]
    return {f"{one.key} {table.name}" for one in statements for table in one.find_all(exp.Table)}


def every(change: str, tables: Iterable[str]) -> set[str]:
    return {f"{change} {table}" for table in tables}


def test_a_first_publication_is_sent_as_shards_can_run_it(
    unpublished: Settings, edition: Edition, sent: list[str]
) -> None:
    write(unpublished, edition)

    assert faults_in(sent) == {}
    assert changes_in(sent) == {
        *("insert release", "update release", "insert history"),
        *every("copy", (SPREAD | EVERYWHERE) - {"release", "history", "erased"} - INDEXES),
        *every("insert", INDEXES),
        *every("analyze", FACTS),
    }


def test_a_changed_publication_is_sent_as_shards_can_run_it(
    published_once: Settings, edition: Edition, sent: list[str]
) -> None:
    attachments = [replace(one, body="{}") for one in edition.attachments]

    write(published_once, replace(changed(edition, O083, note_en="x"), attachments=attachments))

    assert faults_in(sent) == {}
    assert {"update observation", "update attachment"} <= changes_in(sent)


def test_an_erasure_is_sent_as_shards_can_run_it(
    published_once: Settings, edition: Edition, sent: list[str]
) -> None:
    after = without(edition, O083)
    write(published_once, after)
    sent.clear()

    erasure = Erasure([O083], Text("清除", "Erased."), datetime(2026, 1, 3, tzinfo=UTC))
    erase(published_once, DATASETS, after, erasure, ROWS_ALONE)

    assert faults_in(sent) == {}
    assert {"delete observation", "insert erased", "insert change"} <= changes_in(sent)


def test_withdrawing_a_release_is_sent_as_shards_can_run_it(
    published_once: Settings, edition: Edition, sent: list[str]
) -> None:
    write(published_once, without(edition, O083))
    sent.clear()

    withdraw_release(published_once, DATASETS, 1, Text("撤下", "Withdrawn."), ROWS_ALONE)

    assert faults_in(sent) == {}
    assert {"update release", "delete observation"} <= changes_in(sent)


def test_an_unfinished_publication_is_swept_as_shards_can_run_it(
    published_once: Settings, edition: Edition, sent: list[str]
) -> None:
    refused = Attachment("text", "cn450203-2023-rol-d9", "\0")
    with pytest.raises(DatabaseAway, match="the database refuses"):
        write(published_once, replace(without(edition, O083), attachments=[refused]))
    sent.clear()

    write(published_once, edition)

    assert faults_in(sent) == {}
    assert changes_in(sent) == {
        *every("delete", (SPREAD | EVERYWHERE) - {"history", "erased"}),
        *every("update", FACTS | {"attachment"}),
    }


async def test_rows_are_encoded_anew_as_shards_can_run_it(
    published_once: Settings, edition: Edition, sent: list[str]
) -> None:
    connection = await asyncpg.connect(published_once.postgres_address)
    await connection.execute("update release set encoding = 0")
    for dataset in DATASETS:
        await connection.execute(f'update "{dataset.table}_fragment" set encoding = 0')
    await connection.close()
    sent.clear()

    await asyncio.to_thread(write, published_once, without(edition, O083))

    assert faults_in(sent) == {}
    assert every("copy", (f"{table}_fragment" for table in FACTS)) <= changes_in(sent)
    assert sum("not exists" in sql for sql in sent) == len(DATASETS)


async def test_a_reader_sends_what_shards_can_run(
    published_once: Settings, edition: Edition, sent: list[str]
) -> None:
    store = PostgresStore(str(published_once.postgres_address))
    await store.open()
    await store.check()
    exports = set()
    for dataset in DATASETS:
        asker = Asker(dataset, edition.rows[dataset.name], random.Random(dataset.name))
        for query in (parse_query(dataset, asker.pairs()) for _ in range(5)):
            await store.page(query, 1, 3, "json")
            await store.total(query, 1)
            before = len(sent)
            async for _ in store.export(query, 1, "csv"):
                pass
            exports |= set(sent[before:])
        await store.record(dataset, asker.some_id(), 1)
        await store.record(dataset, "nosuch", 1)
    await store.attachment("text", "cn450203-2023-rol-d1", 1)
    await store.close()

    assert faults_in([sql for sql in sent if sql not in exports]) == {}
    assert [fault_in(sql, TABLES, is_export=True) for sql in exports] == [None] * len(exports)
    assert len(exports) > len(DATASETS)


# What would be refused


OWN = 't."area_code" = $1'
AT_A_RELEASE = 't."since" <= $1 and t."until" > $1'
REFUSED = {
    "select t.id from observation t join observation_fragment f on f.n = t.n limit 9": (
        shard_rules.UNEQUAL_JOIN
    ),
    f"select t.id from observation t, observation_fragment f where {OWN} "
    "and f.area_code = t.area_code": shard_rules.UNEQUAL_JOIN,
    "select t.id from observation t join observation_fragment f using (area_code) limit 9": (
        shard_rules.UNEQUAL_JOIN
    ),
    "select t.id from observation t join observation_fragment f "
    "on (f.area_code = t.area_code or f.n = t.n) limit 9": shard_rules.UNEQUAL_JOIN,
    "select t.id from observation t join report r on r.area_code = t.area_code "
    "join document d on d.report_id = r.id limit 9": shard_rules.UNEQUAL_JOIN,
    "select t.id from observation t left join observation_fragment f "
    "on f.n = t.n limit 9": shard_rules.OUTER_JOIN,
    "select t.id from observation t full join observation_fragment f "
    "on f.area_code = t.area_code limit 9": shard_rules.OUTER_JOIN,
    "select t.id from observation t join (select max(n) as n from report) r on r.n = t.n "
    "limit 9": shard_rules.JOINED_SELECT,
    "select t.id from observation t where exists (select 1 from observation_dimension d "
    "where d.n = t.n) limit 9": shard_rules.UNEQUAL_SUBQUERY,
    "select r.n from release r where exists (select 1 from observation t "
    "where t.since = r.n)": shard_rules.UNEQUAL_SUBQUERY,
    "select t.id from observation t where t.report_id in (select id from report) limit 9": (
        shard_rules.FREE_SUBQUERY
    ),
    "select (select max(n) from report) from observation t limit 9": shard_rules.FREE_SUBQUERY,
    f"select t.id from observation t where t.id = $2 and {AT_A_RELEASE}": (
        shard_rules.ID_WITHOUT_AREA
    ),
    "select t.id from observation t where t.id in ($2, $3) limit 9": shard_rules.ID_WITHOUT_AREA,
    "select t.id from observation t where t.area_code in (select id from area)": (
        shard_rules.ALL_ROWS
    ),
    "select t.id from observation t where t.area_code in ($1, t.body_id)": shard_rules.ALL_ROWS,
    f"select t.id from observation t where {AT_A_RELEASE}": shard_rules.ALL_ROWS,
    'select t.id from observation t where t."area_code" <> $1': shard_rules.ALL_ROWS,
    f"select t.id from observation t where {OWN} or t.year = $2": shard_rules.ALL_ROWS,
    "select t.id from observation t where t.area_code = t.body_id": shard_rules.ALL_ROWS,
    "select distinct topic from observation": shard_rules.ALL_ROWS,
    "select topic, count(*) from observation group by topic": shard_rules.ALL_ROWS,
    "select count(distinct topic) from observation": shard_rules.ALL_ROWS,
    "select count(*) from (select 1 from observation t) matching": shard_rules.ALL_ROWS,
    f"update observation set until = 2 from report where observation.{OWN[2:]}": (
        shard_rules.CHANGE_BY_OTHER_ROWS
    ),
    "update observation set until = (select max(n) from release)": (
        shard_rules.CHANGE_BY_OTHER_ROWS
    ),
    "delete from observation_fragment f using observation t where t.n = f.n": (
        shard_rules.CHANGE_BY_OTHER_ROWS
    ),
    "update observation set area_code = $1 where id = $2": shard_rules.CHANGED_AREA,
    "insert into observation (n, id) values ($1, $2)": shard_rules.ROWS_WITHOUT_AREA,
    "copy observation (n, id) from stdin": shard_rules.ROWS_WITHOUT_AREA,
    "insert into observation (n, area_code) select n, area_code from report limit 9": (
        shard_rules.ROWS_FROM_A_SELECT
    ),
    "select 1 from nosuch": shard_rules.UNKNOWN_TABLE,
    "select 1 from alembic_version join release on true": shard_rules.TABLE_OF_ONE_NODE,
    "delete from release; delete from count": shard_rules.SEVERAL_STATEMENTS,
    "with t as (select 1) select 1 from t": shard_rules.UNKNOWN_FORM,
    "select id from area union select id from body": shard_rules.UNKNOWN_FORM,
    "select row_number() over (order by value) from observation limit 9": (
        shard_rules.WINDOW_OF_AREAS
    ),
    "select row_number() over (partition by topic order by value) from observation limit 9": (
        shard_rules.WINDOW_OF_AREAS
    ),
    "truncate observation": shard_rules.UNKNOWN_FORM,
}
ALLOWED = [
    (
        "select t.id from observation t join observation_fragment f on f.area_code = t.area_code "
        "and f.n = t.n order by t.value limit 9"
    ),
    (
        "select d.value from observation t left join observation_dimension d "
        "on d.area_code = t.area_code and d.n = t.n limit 9"
    ),
    "select max(value) over (partition by topic, area_code order by id) from observation limit 9",
    "select t.id from observation t where t.area_code in ($1, $2) and t.id in ($3, $4)",
    "select t.id from observation t join area a on a.id = t.area_code limit 9",
    "select distinct area_code from observation",
    "select area_code, count(*) from observation group by area_code",
    "select max(n) from observation",
    f"select t.id from observation t where {OWN}",
    "select id from metric where id = $1",
    "select count(*) from metric t where exists (select 1 from metric_fragment f where f.n = t.n)",
    "delete from observation where since > $1",
]


@pytest.mark.parametrize(("sql", "reason"), REFUSED.items(), ids=range(len(REFUSED)))
def test_what_shards_cant_run_is_refused_with_its_reason(sql: str, reason: str) -> None:
    assert fault_in(sql, TABLES) == reason


@pytest.mark.parametrize("sql", ALLOWED, ids=range(len(ALLOWED)))
def test_what_shards_can_run_is_let_through(sql: str) -> None:
    assert fault_in(sql, TABLES) is None


def test_every_reason_to_refuse_has_a_statement_that_is_refused_for_it() -> None:
    reasons = {
        value for value in vars(shard_rules).values() if isinstance(value, str) and " " in value
    }

    assert set(REFUSED.values()) | {shard_rules.EXPORT_OF_ALL_RELEASES} == reasons - {
        str(shard_rules.__doc__)
    }


@pytest.mark.parametrize("rule", ["t.since <= $1", "t.until > $1", "t.until > t.since"])
def test_an_export_that_is_not_of_one_release_is_refused(rule: str) -> None:
    sql = f"select t.id from observation t where t.year = $2 and {rule}"

    assert fault_in(sql, TABLES, is_export=True) == shard_rules.EXPORT_OF_ALL_RELEASES


def test_an_export_of_one_release_may_have_all_rows() -> None:
    sql = f"select t.id from observation t where {AT_A_RELEASE}"

    assert fault_in(sql, TABLES, is_export=True) is None


# How the tables are spread


CITUS = """
create table pg_dist_partition (logicalrelid regclass primary key);
create table asked (relation text, key text);
create function create_distributed_table(regclass, text) returns void language sql as $$
    insert into pg_dist_partition values ($1);
    insert into asked values ($1::text, $2);
$$;
create function create_reference_table(regclass) returns void language sql as $$
    insert into pg_dist_partition values ($1);
    insert into asked values ($1::text, null);
$$;
"""
"""As much of the extension as is asked for; it tells what it was asked."""


async def migrate(settings: Settings) -> None:
    await asyncio.to_thread(place.migrate, settings, DATASETS)


async def asked_of(connection: Any) -> list[tuple[str, str | None]]:
    rows = await connection.fetch("select relation, key from asked")
    return sorted((row["relation"].strip('"'), row["key"]) for row in rows)


async def test_migrating_spreads_each_table_once_where_citus_is(unpublished: Settings) -> None:
    connection = await asyncpg.connect(unpublished.postgres_address)
    await connection.execute(CITUS)

    await migrate(unpublished)
    first = await asked_of(connection)
    await migrate(unpublished)
    second = await asked_of(connection)

    await connection.close()
    spread = [(table, "area_code") for table in SPREAD]
    assert first == sorted([*spread, *((table, None) for table in EVERYWHERE)])
    assert second == first


async def test_spreading_tells_which_tables_it_spread(unpublished: Settings) -> None:
    connection = await asyncpg.connect(unpublished.postgres_address)
    await connection.execute(CITUS)
    await connection.execute("select create_reference_table('release')")
    await connection.close()

    assert set(await spread(unpublished)) == (SPREAD | EVERYWHERE) - {"release"}
    assert await spread(unpublished) == []


async def test_without_citus_nothing_is_spread(unpublished: Settings) -> None:
    assert await spread(unpublished) == []


async def spread(settings: Settings) -> list[str]:
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(settings.postgres_address)
    )
    async with engine.begin() as transaction:
        found = await transaction.run_sync(distribute, DATASETS)
    await engine.dispose()
    return found


async def test_every_table_is_known_to_be_spread_or_everywhere(unpublished: Settings) -> None:
    connection = await asyncpg.connect(unpublished.postgres_address)
    rows = await connection.fetch(
        "select tablename from pg_tables where schemaname = current_schema"
    )
    await connection.close()

    known = TABLES.spread | TABLES.everywhere | TABLES.on_one_node
    assert {row["tablename"] for row in rows} == known


async def test_every_key_of_a_spread_table_holds_the_area(unpublished: Settings) -> None:
    connection = await asyncpg.connect(unpublished.postgres_address)
    rows = await connection.fetch(
        "select i.indrelid::regclass::text as relation, array(select attname::text "
        "from pg_attribute a where a.attrelid = i.indrelid and a.attnum = any(i.indkey)) as key "
        "from pg_index i join pg_class c on c.oid = i.indrelid "
        "where i.indisunique and c.relnamespace = current_schema::regnamespace"
    )
    await connection.close()

    keys = [(row["relation"], row["key"]) for row in rows if row["relation"] in SPREAD]
    assert {relation for relation, _ in keys} == SPREAD
    assert [relation for relation, key in keys if "area_code" not in key] == []


async def test_the_areas_of_all_spread_tables_are_of_one_type_so_that_they_lie_together(
    unpublished: Settings,
) -> None:
    connection = await asyncpg.connect(unpublished.postgres_address)
    rows = await connection.fetch(
        "select table_name, data_type, collation_name, is_nullable "
        "from information_schema.columns where column_name = 'area_code'"
    )
    await connection.close()

    kinds = {row["table_name"]: tuple(row)[1:] for row in rows}
    assert {table: kinds.get(table) for table in SPREAD} == dict.fromkeys(
        SPREAD, ("text", "C", "NO")
    )

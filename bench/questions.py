"""What is asked of the systems, in so many variants that no answer is favoured.

The plain table says how many rows each answer has to have.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from bench.asking import (
    Calls,
    Filter,
    ask_facets,
    ask_found,
    ask_next,
    ask_page,
    ask_record,
    ask_sums,
)
from bench.invented.codebook import METRICS, PLAIN
from bench.names import (
    AGGREGATE,
    DEEP,
    FACETS,
    FILTERED,
    FOUND,
    HOT_ROW,
    HOT_ROWS,
    ONE_ROW,
    READY,
    REPORT,
    SERVICE,
)
from bench.plain import TABLE

VARIANTS_MAX = 200
RECORDS_MAX = 20_000
"""Of so many at most, from all over the table, the rows are chosen that are asked for."""
PAGE_ROWS = 100
REPORT_ROWS_MAX = 200
FOUND_ROWS = 20
WORDS = (
    *("法律", "援助", "调解", "复议", "诉讼", "执法", "处罚", "检查", "培训", "村民", "合同"),
    *("听证", "隐患", "信访", "审计", "提案", "信息", "货运", "纠纷", "普法", "讲座", "罚没"),
    *("资金", "食品", "证件", "安宁", "平兴", "清河", "山阳", "龙泉", "昌德", "义东", "柳城"),
    *("石林", "田华", "桥岭", "湖安", "永清", "临江", "新昌", "西北", "南柳", "河山", "林田"),
)
"""Of two characters each, common ones and names of single towns."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to ask a question, with the number of rows that answer it."""

    calls: Calls
    rows: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question in all its variants, which are asked of the same systems."""

    name: str
    variants: Sequence[Variant]


Ask = Callable[[sqlite3.Connection], Iterable[Variant]]
Places = Sequence[tuple[str, str]]
"""Cursors of the service deep in the data, each with the id that lies before it."""


def make_questions(connection: sqlite3.Connection, places: Places) -> Sequence[Question]:
    """Every question, each with at least one variant, the same each time."""
    asked = {name: list(ask(connection)) for name, ask in QUESTIONS.items()}
    asked[DEEP] = [Variant(ask_next(*place, PAGE_ROWS), PAGE_ROWS) for place in places]
    return [Question(name, _choose(name, variants)) for name, variants in asked.items()]


def make_hot(questions: Sequence[Question]) -> Sequence[Question]:
    """One variant of some, asked again and again of the service and of what knows the bytes."""
    by_name = {question.name: question for question in questions}
    return [
        Question(name, [_hot(by_name[asked].variants)])
        for name, asked in {HOT_ROW: ONE_ROW, HOT_ROWS: FILTERED}.items()
    ]


def _hot(variants: Sequence[Variant]) -> Variant:
    """The one with most rows, that has 100 where there are so many."""
    most = max(variants, key=lambda variant: variant.rows)
    return Variant(dict.fromkeys((SERVICE, READY), most.calls[SERVICE]), most.rows)


def _choose(name: str, variants: Sequence[Variant]) -> Sequence[Variant]:
    """As many as are asked, in an order of chance."""
    return Random(name).sample(variants, min(len(variants), VARIANTS_MAX))


def _records(connection: sqlite3.Connection) -> Iterator[Variant]:
    [(count,)] = query_table(connection, "select count(*) from {table}")
    step = max(1, count // RECORDS_MAX)
    sql = "select id from {table} where rowid % ? = 0 order by id"
    for (record_id,) in query_table(connection, sql, (step,)):
        yield Variant(ask_record(record_id), 1)


def _filtered(connection: sqlite3.Connection) -> Iterator[Variant]:
    sql = "select topic, year, count(*) from {table} group by topic, year"
    for topic, year, count in query_table(connection, sql):
        filters = [Filter("topic", topic), Filter("year", year)]
        yield Variant(ask_page(filters, PAGE_ROWS), min(PAGE_ROWS, count))


def _reports(connection: sqlite3.Connection) -> Iterator[Variant]:
    sql = "select report_id, count(*) from {table} group by report_id"
    for report_id, count in query_table(connection, sql):
        yield Variant(ask_page([Filter("report_id", report_id)], REPORT_ROWS_MAX), count)


def _found(connection: sqlite3.Connection) -> Iterator[Variant]:
    for word in WORDS:
        where = " or ".join(f"{name} like '%{word}%'" for name in ("metric_zh", "quote"))
        sql = "select count(*) from (select 1 from {table} where ({where}) limit ?)"
        [(count,)] = query_table(connection, sql.replace("{where}", where), (FOUND_ROWS,))
        yield Variant(ask_found(word, FOUND_ROWS, where), count)


def _facets(connection: sqlite3.Connection) -> Iterator[Variant]:
    sql = "select topic, year from {table} group by topic, year"
    for topic, year in query_table(connection, sql):
        counts = (
            "select count(distinct area_code) + count(distinct qualifier) from {table} "
            "where topic = ? and year >= ?"
        )
        [(count,)] = query_table(connection, counts, (topic, year))
        filters = [Filter("topic", topic), Filter("year", year, "gte")]
        yield Variant(ask_facets(("area_code", "qualifier"), filters), count)


def _aggregates(connection: sqlite3.Connection) -> Iterator[Variant]:
    """Of metrics whose figures can be added."""
    added = [
        metric.id
        for metric in METRICS
        if metric.traits == PLAIN and metric.dimension is None and metric.unit.id != "percent"
    ]
    sql = (
        "select a.year, count(distinct b.area_code) from (select distinct year from {table}) a "
        "join {table} b on b.metric = ? and b.year >= a.year group by a.year"
    )
    for metric in added:
        for year, count in query_table(connection, sql, (metric,)):
            yield Variant(ask_sums(metric, year), count)


QUESTIONS: Mapping[str, Ask] = {
    ONE_ROW: _records,
    FILTERED: _filtered,
    REPORT: _reports,
    FOUND: _found,
    FACETS: _facets,
    AGGREGATE: _aggregates,
}


def query_table(
    connection: sqlite3.Connection, sql: str, values: Sequence[object] = ()
) -> list[Any]:
    """What a question about the plain table comes to."""
    return connection.execute(sql.replace("{table}", TABLE), values).fetchall()

"""What is asked of the service and of Datasette, in so many variants that no answer is favoured.

The plain table says how many rows each answer has to have.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlencode

from bench.invented.codebook import METRICS, PLAIN
from bench.plain import TABLE

VARIANTS_MAX = 200
PAGE_ROWS = 100
FOUND_ROWS = 20
SERVICE = "/v1/observations"
DATASETTE = "/bench/observation"
BY_AREA = "/bench/by_area.json"
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

    service: str
    datasette: str
    rows: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question in all its variants."""

    name: str
    variants: Sequence[Variant]


Ask = Callable[[sqlite3.Connection], Iterable[Variant]]
Places = Sequence[tuple[str, str]]
"""Cursors of the service deep in the data, each with the id that lies before it."""


def make_questions(connection: sqlite3.Connection, places: Places) -> Sequence[Question]:
    """Every question, each with at least one variant, the same each time."""
    asked = {name: list(ask(connection)) for name, ask in QUESTIONS.items()}
    asked["a page deep in the data, by cursor"] = list(_pages(places))
    return [Question(name, _choose(name, variants)) for name, variants in asked.items()]


def make_exports(connection: sqlite3.Connection) -> Sequence[Question]:
    """The exports: all rows, and those of one year, each year a variant."""
    years = _query(connection, "select year, count(*) from {table} group by year order by 2 desc")
    whole = sum(int(count) for _, count in years)
    of_years = [_export({"year": year}, count) for year, count in years]
    return [
        Question("all rows", [_export({}, whole)]),
        Question("the rows of one year", of_years),
    ]


def _choose(name: str, variants: Sequence[Variant]) -> Sequence[Variant]:
    """As many as are asked, in an order of chance."""
    return Random(name).sample(variants, min(len(variants), VARIANTS_MAX))


def _records(connection: sqlite3.Connection) -> Iterator[Variant]:
    for (record_id,) in _query(connection, "select id from {table} order by id"):
        yield Variant(f"{SERVICE}/{record_id}", f"{DATASETTE}/{record_id}.json?_shape=objects", 1)


def _filtered(connection: sqlite3.Connection) -> Iterator[Variant]:
    sql = "select topic, year, count(*) from {table} group by topic, year"
    for topic, year, count in _query(connection, sql):
        shared = {"topic": topic, "year": year}
        yield _page(shared, shared, PAGE_ROWS, min(PAGE_ROWS, count))


def _reports(connection: sqlite3.Connection) -> Iterator[Variant]:
    sql = "select report_id, count(*) from {table} group by report_id"
    for report_id, count in _query(connection, sql):
        shared = {"report_id": report_id}
        yield _page(shared, shared, 200, count)


def _pages(places: Places) -> Iterator[Variant]:
    for cursor, record_id in places:
        yield _page({"cursor": cursor}, {"_next": record_id}, PAGE_ROWS, PAGE_ROWS)


def _found(connection: sqlite3.Connection) -> Iterator[Variant]:
    """Datasette's full-text search knows no words of two characters, so it is asked by `like`."""
    for word in WORDS:
        where = " or ".join(f"{name} like '%{word}%'" for name in ("metric_zh", "quote"))
        sql = "select count(*) from (select 1 from {table} where ({where}) limit ?)"
        [(count,)] = _query(connection, sql.replace("{where}", where), (FOUND_ROWS,))
        yield _page({"q": word}, {"_where": f"({where})"}, FOUND_ROWS, count)


def _facets(connection: sqlite3.Connection) -> Iterator[Variant]:
    sql = "select topic, year from {table} group by topic, year"
    for topic, year in _query(connection, sql):
        counts = (
            "select count(distinct area_code) + count(distinct qualifier) from {table} "
            "where topic = ? and year >= ?"
        )
        [(count,)] = _query(connection, counts, (topic, year))
        shared = {"topic": topic, "year__gte": year}
        faceted = [*shared.items(), ("_facet", "area_code"), ("_facet", "qualifier")]
        faceted += [("_facet_size", "max"), ("_size", 0)]
        yield Variant(
            f"{SERVICE}/facets?{_encode({'by': 'area_code,qualifier'} | shared)}",
            f"{DATASETTE}.json?{_encode(faceted)}&_shape=objects",
            count,
        )


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
        for year, count in _query(connection, sql, (metric,)):
            shared = {"metric": metric, "year__gte": year}
            summed = {"group_by": "area_code", "agg": "sum:value"} | shared
            canned = {"metric": metric, "year": year, "_shape": "objects"}
            yield Variant(
                f"{SERVICE}/aggregate?{_encode(summed)}", f"{BY_AREA}?{_encode(canned)}", count
            )


QUESTIONS: Mapping[str, Ask] = {
    "one row": _records,
    "100 rows of a topic and a year": _filtered,
    "a report of 150 rows": _reports,
    "20 rows that have a word of two characters": _found,
    "facets by area and qualifier of a topic since a year": _facets,
    "sum of a metric by area since a year": _aggregates,
}


def _page(
    service: Mapping[str, object], datasette: Mapping[str, object], limit: int, rows: int
) -> Variant:
    return Variant(
        f"{SERVICE}?{_encode({**service, 'limit': limit})}",
        f"{DATASETTE}.json?{_encode({**datasette, '_size': limit, '_shape': 'objects'})}",
        rows,
    )


def _export(filters: Mapping[str, object], rows: int) -> Variant:
    asked = f"?{_encode(filters)}" if filters else ""
    streamed = _encode({**filters, "_stream": "on"})
    return Variant(f"{SERVICE}.csv{asked}", f"{DATASETTE}.csv?{streamed}", rows)


def _encode(pairs: Mapping[str, object] | Sequence[tuple[str, object]]) -> str:
    return urlencode(pairs, safe=":,")


def _query(connection: sqlite3.Connection, sql: str, values: Sequence[object] = ()) -> list[Any]:
    return connection.execute(sql.replace("{table}", TABLE), values).fetchall()

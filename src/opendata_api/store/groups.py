"""Groups of rows as SQL: the same on both databases.

Every statement gives, of each row or group, the keys first; sums are taken in two halves. On
shards each group by is done where the rows lie, and only key and numbers travel.
"""

from collections.abc import Sequence
from typing import TypeAlias

from opendata_api.measure import Links, Measure
from opendata_api.query import GroupQuery, Key, Query
from opendata_api.store.cells import FIGURE_COLUMNS, columns_for
from opendata_api.store.clauses import Clause, Question, beside, join
from opendata_api.store.schema import column_of
from opendata_api.store.searching import found, source
from opendata_api.store.sql import among, matching

GroupQuestion: TypeAlias = Question[GroupQuery]


def count_by(question: GroupQuestion, most: int | None = None) -> Clause:
    """How many rows each group has; of not more than so many groups."""
    query = question.query
    keys = _keys(query)
    rows = _rows(question)
    limit = Clause("") if most is None else Clause(" limit ?", (most,))
    return Clause(
        f"select {', '.join([*keys, 'count(*)'])} {rows.sql}{_group_by(len(keys))}{limit.sql}",
        (*rows.values, *limit.values),
    )


def select_cells(question: GroupQuestion, measure: Measure) -> Clause:
    """The figures of each group, apart by what they are not alike in."""
    query = question.query
    alike = [_column(query, name) for name in measure.traits.names]
    links = measure.links
    year, body = _column(query, links.year), _column(query, links.body)
    gathered = [
        *('min(t."id")', 'max(t."id")', f"min({year})", f"max({year})"),
        *(f"min({body})", f"max({body})", f"count({_column(query, links.part_of)})"),
        f"count(case when {_column(query, links.same_as)} <> '[]' then 1 end)",
    ]
    figures = _figures(query, measure, FIGURE_COLUMNS)
    keys = _keys(query)
    rows = _rows(question)
    return Clause(
        f"select {', '.join([*keys, *alike, *gathered, *figures])} {rows.sql}"
        f"{_group_by(len(keys) + len(alike))}",
        rows.values,
    )


def select_figures(question: GroupQuestion, measure: Measure) -> Clause:
    """What is computed of each group: keys, unit, how many are ambiguous, what `figures_of` reads.

    Only of groups that no rule refuses: their figures have one unit.
    """
    query = question.query
    status = _column(query, measure.traits.status)
    told = [
        f"min({_column(query, measure.traits.unit)})",
        f"count(case when {status} = ? then 1 end)",
    ]
    figures = _figures(query, measure, columns_for(query.functions))
    keys = _keys(query)
    rows = _rows(question)
    return Clause(
        f"select {', '.join([*keys, *told, *figures])} {rows.sql}{_group_by(len(keys))}",
        (measure.meanings.ambiguous, *rows.values),
    )


def select_parts(question: GroupQuestion, links: Links) -> Clause:
    """The rows that are part of another: keys, id and the id of the total."""
    query = question.query
    part_of = _column(query, links.part_of)
    return _select(question, ['t."id"', part_of], Clause(f"{part_of} is not null"))


def select_totals(question: GroupQuestion, links: Links, ids: Sequence[str]) -> Clause:
    """Of those figures the ones that are part of another, whatever the query: both ids."""
    query = question.query
    part_of = column_of(query.dataset.field[links.part_of])
    plain = Query(dataset=query.dataset, sort=query.sort, fields=query.fields)
    where = join(
        [
            among(ids),
            Clause(f"t.{part_of} is not null"),
            *matching(question.asking(plain)),
        ]
    )
    return Clause(
        f'select t."id", t.{part_of} from "{query.dataset.table}" t where {where.sql}',
        where.values,
    )


def select_places(question: GroupQuestion, ids: Sequence[str]) -> Clause:
    """In which groups those figures are, if in any: keys and id."""
    return _select(question, ['t."id"'], among(ids))


def select_repeats(question: GroupQuestion, links: Links) -> Clause:
    """The rows whose figure is printed elsewhere too: keys, id and the ids of the others."""
    query = question.query
    same_as = _column(query, links.same_as)
    return _select(question, ['t."id"', same_as], Clause(f"{same_as} <> '[]'"))


def select_bodies(question: GroupQuestion, links: Links) -> Clause:
    """The bodies of each group: keys, body and the id of a figure of it."""
    query = question.query
    keys = _keys(query)
    columns = [*keys, _column(query, links.body), 'min(t."id")']
    rows = _rows(question)
    return Clause(f"select {', '.join(columns)} {rows.sql}{_group_by(len(keys) + 1)}", rows.values)


def select_overlaps(question: GroupQuestion, measure: Measure) -> Clause:
    """Of each group a figure and one of the same thing whose period had not ended: `id id`.

    Only of groups whose figures are of one metric, role and basis. The end of the period that
    ends last before a row, with the id of its row, is one text.
    """
    query = question.query
    keys = _keys(query)
    names = [f"k{place}" for place in range(len(keys))]
    begins = _column(query, measure.links.period_start)
    ends = _column(query, measure.links.period_end)
    start = f"case when {ends} is not null then {begins} end"
    end = f"case when {begins} is not null then {ends} end"
    same = [_column(query, name) for name in (measure.links.body, measure.traits.dimensions)]
    window = ", ".join(['t."area_code"', *keys, *same])
    columns = [f"{key} {name}" for key, name in zip(keys, names, strict=True)]
    rows = _rows(question)
    ended = f"max({end} || ' ' || t.\"id\") over (partition by {window} order by {start}, "
    ended += 't."id" rows between unbounded preceding and 1 preceding)'
    inner = ", ".join([*columns, 't."id" id', f'{start} "start"', f'{ended} "before"'])
    told = 'case when x."before" >= x."start" then x.id || \' \' || substr(x."before", 12) end'
    outer = ", ".join([*(f"x.{name}" for name in names), f"min({told})"])
    return Clause(
        f"select {outer} from (select {inner} {rows.sql}) x{_group_by(len(names))}", rows.values
    )


def _select(question: GroupQuestion, columns: Sequence[str], also: Clause) -> Clause:
    """Rows that match the query and hold something more: keys and columns."""
    query = question.query
    rows = _rows(question, also)
    return Clause(f"select {', '.join([*_keys(query), *columns])} {rows.sql}", rows.values)


def _rows(question: GroupQuestion, *also: Clause) -> Clause:
    """From which rows a statement is made; each dimension asked for lies beside them."""
    query = question.query
    asked = [key.dimension for key in query.keys]
    dimensions = "".join(
        f' left join "{query.dataset.table}_dimension" d{place} '
        f'on {beside(question.dialect, f"d{place}")} and d{place}."name" = ?'
        for place, name in enumerate(asked)
        if name is not None
    )
    names = tuple(name for name in asked if name is not None)
    where = join([*also, *found(question), *matching(question)])
    return Clause(f"from {source(question)}{dimensions} where {where.sql}", (*names, *where.values))


def _figures(query: GroupQuery, measure: Measure, columns: Sequence[str]) -> list[str]:
    """Columns of `Figures`, of the fields that hold value and bounds."""
    value, low, high = (_column(query, name) for name in (measure.value, measure.low, measure.high))
    names = {
        "value": value,
        "own_low": low,
        "own_high": high,
        "low": f"case when {value} is not null then {low} end",
        "high": f"case when {value} is not null then {high} end",
    }
    return [column.format(**names) for column in columns]


def _keys(query: GroupQuery) -> list[str]:
    return [_key(place, key) for place, key in enumerate(query.keys)]


def _key(place: int, key: Key) -> str:
    return f"t.{column_of(key.field)}" if key.dimension is None else f'd{place}."value"'


def _column(query: Query, name: str) -> str:
    return f"t.{column_of(query.dataset.field[name])}"


def _group_by(columns: int) -> str:
    """By the first columns; without any, all rows are one group, unless there are none."""
    if not columns:
        return " having count(*) > 0"
    return f" group by {', '.join(str(place + 1) for place in range(columns))}"

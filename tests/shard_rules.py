"""Which statements run on tables that Citus spreads by area; the others are told with a reason.

Stricter than Citus: what the program does not send is refused, so that a new form is looked at
before it is sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

KEY = "area_code"
TRANSACTION = ("begin", "commit", "rollback", "set local")
"""What a transaction is made of; what it sets is its own."""
UNCHECKED = (exp.With, exp.SetOperation, exp.Lateral)
CHANGES = (exp.Update, exp.Delete)

UNKNOWN_FORM = "a form that nobody has looked at"
UNKNOWN_TABLE = "a table that is not known"
TABLE_OF_ONE_NODE = "a table of one node beside others"
SEVERAL_STATEMENTS = "several statements in one"
UNEQUAL_JOIN = "a join without equal areas"
OUTER_JOIN = "an outer join other than a left one of equal areas"
JOINED_SELECT = "a join with what is selected"
UNEQUAL_SUBQUERY = "a subquery beside its row, but without equal areas"
WINDOW_OF_AREAS = "a window over more than one area"
FREE_SUBQUERY = "a subquery of its own over spread rows"
ID_WITHOUT_AREA = "an id looked up without its area"
ALL_ROWS = "rows of all areas without a limit"
EXPORT_OF_ALL_RELEASES = "an export of more than one release"
CHANGE_BY_OTHER_ROWS = "a change that depends on other rows"
CHANGED_AREA = "a row moved to another area"
ROWS_WITHOUT_AREA = "rows written without their area"
ROWS_FROM_A_SELECT = "rows written from what is selected"


@dataclass(frozen=True, slots=True)
class Tables:
    """Where the rows of each table lie."""

    spread: frozenset[str]
    """By area, each row on one node."""
    everywhere: frozenset[str]
    """Whole on every node."""
    on_one_node: frozenset[str]


def fault_in(
    sql: str, tables: Tables, *, is_export: bool = False, is_bounded: bool = False
) -> str | None:
    """Why the statement may not be sent; None if it may.

    An export may have all rows, and so may a read of which it is known that they are not many.
    """
    if sql.lower().startswith(TRANSACTION):
        return None
    found = _faults(sql, tables, is_export=is_export)
    return next((fault for fault in found if not (is_bounded and fault == ALL_ROWS)), None)


def _faults(sql: str, tables: Tables, *, is_export: bool) -> Iterator[str]:
    statement, *others = sqlglot.parse(sql, dialect="postgres")
    if others or statement is None:
        yield SEVERAL_STATEMENTS
        return
    if statement.find(*UNCHECKED):
        yield UNKNOWN_FORM
    for window in statement.find_all(exp.Window):
        if KEY not in [column.name for column in window.args.get("partition_by") or []]:
            yield WINDOW_OF_AREAS
    yield from _faults_of_tables(statement, tables)
    if isinstance(statement, exp.Select):
        for select in statement.find_all(exp.Select):
            yield from _faults_of_select(select, tables, is_export=is_export)
    elif isinstance(statement, CHANGES):
        yield from _faults_of_change(statement)
    elif isinstance(statement, exp.Insert | exp.Copy):
        yield from _faults_of_new_rows(statement, tables)
    elif not isinstance(statement, exp.Analyze):
        yield UNKNOWN_FORM


def _faults_of_tables(statement: exp.Expr, tables: Tables) -> Iterator[str]:
    names = {table.name for table in statement.find_all(exp.Table)}
    if not names <= tables.spread | tables.everywhere | tables.on_one_node:
        yield UNKNOWN_TABLE
    if names & tables.on_one_node and len(names) > 1:
        yield TABLE_OF_ONE_NODE


def _faults_of_select(select: exp.Select, tables: Tables, *, is_export: bool) -> Iterator[str]:
    yield from _faults_of_joins(select, tables)
    aliases = _spread_aliases(select, tables)
    if not aliases:
        return
    if _is_subquery_of_a_condition(select):
        yield from _faults_of_subquery(select, aliases, tables)
    else:
        yield from _faults_of_rows(select, is_export=is_export)


def _faults_of_joins(select: exp.Select, tables: Tables) -> Iterator[str]:
    sources = _sources(select)
    if len(sources) > 1 and not all(isinstance(source, exp.Table) for source in sources):
        yield JOINED_SELECT
    for place, join in enumerate(select.args.get("joins") or [], start=1):
        before = [one.alias_or_name for one in sources[:place] if one.name in tables.spread]
        rules = _conjuncts(join.args.get("on"))
        own = [join.alias_or_name] if join.this.name in tables.spread else []
        are_equal = _have_equal_areas(rules, own, before)
        if join.side and not (join.side == "LEFT" and are_equal):
            yield OUTER_JOIN
        if own and before and not are_equal:
            yield UNEQUAL_JOIN


def _faults_of_subquery(
    select: exp.Select, aliases: Sequence[str], tables: Tables
) -> Iterator[str]:
    around = select.parent_select
    outer = [] if around is None else [source.alias_or_name for source in _sources(around)]
    if not any(column.table in outer for column in select.find_all(exp.Column)):
        yield FREE_SUBQUERY
        return
    outer_spread = [] if around is None else _spread_aliases(around, tables)
    if not _have_equal_areas(_conjuncts(select.args.get("where")), aliases, outer_spread):
        yield UNEQUAL_SUBQUERY


def _faults_of_rows(select: exp.Select, *, is_export: bool) -> Iterator[str]:
    rules = _conjuncts(select.args.get("where"))
    if _names(rules, KEY):
        return
    if _names(rules, "id"):
        yield ID_WITHOUT_AREA
    if select.args.get("limit") or _is_gathered(select):
        return
    if not is_export:
        yield ALL_ROWS
    elif not (_compares(rules, "since", exp.LTE) and _compares(rules, "until", exp.GT)):
        yield EXPORT_OF_ALL_RELEASES


def _faults_of_change(statement: exp.Update | exp.Delete) -> Iterator[str]:
    reads = [statement.args.get(name) for name in ("using", "from_", "joins", "tables")]
    if any(reads) or statement.find(exp.Select):
        yield CHANGE_BY_OTHER_ROWS
    if isinstance(statement, exp.Update) and _compares(statement.expressions, KEY, exp.EQ):
        yield CHANGED_AREA


def _faults_of_new_rows(statement: exp.Insert | exp.Copy, tables: Tables) -> Iterator[str]:
    target = statement.this
    columns = [column.name for column in target.expressions]
    if target.find(exp.Table).name in tables.spread and KEY not in columns:
        yield ROWS_WITHOUT_AREA
    if statement.find(exp.Select):
        yield ROWS_FROM_A_SELECT


def _sources(select: exp.Select) -> list[exp.Expr]:
    """What is read: the tables, and the selects in the place of one."""
    first = select.args.get("from_")
    joins = select.args.get("joins") or []
    return [] if first is None else [first.this, *(join.this for join in joins)]


def _spread_aliases(select: exp.Select, tables: Tables) -> list[str]:
    return [
        source.alias_or_name
        for source in _sources(select)
        if isinstance(source, exp.Table) and source.name in tables.spread
    ]


def _is_subquery_of_a_condition(select: exp.Select) -> bool:
    """Whether it stands in a condition or a column, not in the place of a table."""
    place = select.parent
    if isinstance(place, exp.Subquery):
        place = place.parent
    return place is not None and not isinstance(place, exp.From | exp.Join)


def _conjuncts(rule: exp.Expr | None) -> list[exp.Expr]:
    """The conditions that all must hold."""
    if isinstance(rule, exp.Where):
        rule = rule.this
    if rule is None:
        return []
    rule = rule.unnest()
    if isinstance(rule, exp.And):
        return [*_conjuncts(rule.left), *_conjuncts(rule.right)]
    return [rule]


def _have_equal_areas(
    rules: Sequence[exp.Expr], aliases: Sequence[str], others: Sequence[str]
) -> bool:
    """Whether one of the tables lies in the area of one of the others."""
    wanted = {frozenset((alias, other)) for alias in aliases for other in others}
    return any(
        isinstance(rule, exp.EQ)
        and isinstance(rule.left, exp.Column)
        and isinstance(rule.right, exp.Column)
        and rule.left.name == rule.right.name == KEY
        and frozenset((rule.left.table, rule.right.table)) in wanted
        for rule in rules
    )


def _names(rules: Sequence[exp.Expr], column: str) -> bool:
    """Whether a rule names the values that the column may have."""
    return _compares(rules, column, exp.EQ) or any(
        isinstance(rule, exp.In)
        and rule.this.name == column
        and not any(value.find(exp.Column) for value in rule.expressions)
        and "query" not in rule.args
        for rule in rules
    )


def _compares(rules: Sequence[exp.Expr], column: str, kind: type[exp.Binary]) -> bool:
    """Whether a rule compares the column with a value that is given."""
    return any(
        isinstance(rule, kind)
        and isinstance(rule.left, exp.Column)
        and rule.left.name == column
        and not rule.right.find(exp.Column, exp.Select)
        for rule in rules
    )


def _is_gathered(select: exp.Select) -> bool:
    """Whether few rows come from each node: sums and counts, or one row for each area."""
    columns = [column.unalias() for column in select.expressions]
    if select.args.get("distinct"):
        return [column.name for column in columns] == [KEY]
    if (group := select.args.get("group")) is not None:
        return [column.name for column in group.expressions] == [KEY]
    return all(
        isinstance(column, exp.AggFunc) and not column.find(exp.Distinct) for column in columns
    )

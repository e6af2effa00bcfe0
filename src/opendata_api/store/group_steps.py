"""Reading groups without a database: each read gives statements and is sent their rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace

import orjson

from opendata_api.errors import ExpensiveQuery, NotAdditive, Pairs
from opendata_api.measure import Links, holders
from opendata_api.query import GROUPS_MAX, GroupQuery
from opendata_api.store import groups as sql
from opendata_api.store.additive import find_breaches, mend, without
from opendata_api.store.cells import Alike, Cell, Figures, Group
from opendata_api.store.clauses import Steps
from opendata_api.store.facet_steps import counted_steps
from opendata_api.store.group_bounds import (
    Bounds,
    bounded_steps,
    is_hardly_wider,
    is_narrow,
    too_many,
)
from opendata_api.store.group_rows import in_order, nulls_last, rows_of, sound_rows
from opendata_api.store.known import key_of_rules
from opendata_api.store.model import Groups
from opendata_api.store.rule import Breach, Ids, Overlap, Overlaps, is_added, measure_of
from opendata_api.values import Row
from opendata_api.words import Text

ADDING_READS = 4
"""So often rows are read that are added: to count them, for figures, bodies and periods."""
IDS_AT_ONCE = 1_000
TOTALS_DEEP = 3
"""A total may itself be part of a total, and that of another."""
MENDED_MAX = 3
"""So many times a query that is refused is mended before functions are left out."""
MENDED_ROWS_MAX = 20_000
"""Each time reads the rows again, so a query of more than these is not mended."""


ALIKE = len(fields(Alike))
LINKED = 8
"""Columns of a cell between what is alike and the figures."""

Told = tuple[Row, Ids]
"""A group, and the ids of two figures in it."""


def facets_steps(question: sql.GroupQuestion, bounds: Bounds) -> Steps[Sequence[Groups]]:
    """The rows counted by each key."""
    query = question.query
    question = yield from bounded_steps(question, bounds)
    facets = []
    for rows in (yield from counted_steps(question)):
        _check_size(query, len(rows))
        ordered = sorted(rows, key=_by_count)
        facets.append(Groups(ordered[: query.limit], len(rows)))
    return facets


def groups_steps(question: sql.GroupQuestion, bounds: Bounds) -> Steps[Groups]:
    """The rows computed by all keys together. Raises NotAdditive.

    Raises ExpensiveQuery for more rows than may be read once or, to add them, more often.
    """
    query = question.query
    if is_added(query):
        bounds = replace(bounds, most=bounds.most // ADDING_READS)
    question = yield from bounded_steps(question, bounds)
    if query.computed and (yield from _sound_steps(question, bounds)):
        rows = sound_rows(query, (yield sql.select_figures(question, measure_of(query))))
    elif query.computed:
        groups, breaches = yield from _computed_steps(question)
        if breaches:
            read = sum(group.figures.rows for group in groups)
            correction = yield from _corrected_steps(question, breaches, read)
            faults = [breach.fault for breach in breaches]
            raise NotAdditive(*faults, correction=correction)
        rows = rows_of(query, groups)
    else:
        rows = list((yield sql.count_by(question)))
    _check_size(query, len(rows))
    return Groups(in_order(rows, len(query.keys))[: query.limit], len(rows))


def _sound_steps(question: sql.GroupQuestion, bounds: Bounds) -> Steps[bool]:
    """Whether it is known that no rule refuses what is computed, or found out for many queries."""
    wide = question.asking(question.query.widened)
    if not wide.query.is_filtered:
        return False
    sound, key = bounds.known.sound, key_of_rules(wide)
    is_sound = sound.find(key)
    if is_sound is not None:
        return is_sound
    if not (yield from is_narrow(wide, bounds)):
        return sound.keep(key, finding=False)
    if not (yield from is_hardly_wider(question, wide, bounds)):
        return False
    _, breaches = yield from _computed_steps(wide)
    return sound.keep(key, finding=not breaches)


def _check_size(query: GroupQuery, groups: int) -> None:
    if query.limit is None and groups > GROUPS_MAX:
        message = Text(
            "多于{most}组；请加条件、减少分组字段或给出 limit",
            "more than {most} groups; add a filter, group by fewer fields or give a limit",
        )
        raise ExpensiveQuery(too_many(query, message.format(most=GROUPS_MAX)))


def _computed_steps(question: sql.GroupQuestion) -> Steps[tuple[Sequence[Group], Sequence[Breach]]]:
    """The groups with their figures, and which rules they break."""
    query = question.query
    measure = measure_of(query)
    groups = _gather(query, (yield sql.select_cells(question, measure)))
    many = [group for group in groups if group.figures.rows > 1]
    if not (many and is_added(query)):
        return groups, find_breaches(query, groups, {})
    overlaps: dict[tuple[Overlap, Row], Ids] = {}
    for kind, find in _OVERLAPS.items():
        for keys, ids in (yield from find(question, measure.links, many)):
            overlaps[kind, keys] = min(ids, overlaps.get((kind, keys), ids))
    breaches = find_breaches(query, groups, overlaps)
    if breaches:
        return groups, breaches
    found = _pairs((yield sql.select_overlaps(question, measure)))
    return groups, find_breaches(query, groups, found)


def _corrected_steps(
    question: sql.GroupQuestion, breaches: Sequence[Breach], rows: int
) -> Steps[Pairs]:
    """The parameters of a query that works: mended, else without what can't be computed."""
    query = question.query
    mended = query
    left = breaches
    for _ in range(MENDED_MAX if rows <= MENDED_ROWS_MAX else 0):
        before, mended = mended, mend(mended, left)
        if mended == before:
            break
        groups, left = yield from _computed_steps(question.asking(mended))
        if not left and groups and (query.limit or len(groups) <= GROUPS_MAX):
            return _pairs_of(mended)
    kept = without(query, breaches)
    if is_added(kept):  # the mean, of what is not to be summed; it has rules of its own
        _, breaches = yield from _computed_steps(question.asking(kept))
        kept = without(kept, breaches)
    return _pairs_of(kept)


def _part_steps(
    question: sql.GroupQuestion, links: Links, many: Sequence[Group]
) -> Steps[Iterable[Told]]:
    """Figures and a total in their group that contains them, straight or through another."""
    if not any(cell.parts for group in many for cell in group.cells):
        return ()
    width = len(question.query.keys)
    parts = yield sql.select_parts(question, links)
    above = {str(row[width]): str(row[width + 1]) for row in parts}
    new = set(above.values()) - above.keys()
    for _ in range(TOTALS_DEEP):
        higher: dict[str, str] = {}
        for ids in _chunks(new):
            rows = yield sql.select_totals(question, links, ids)
            higher |= {str(one): str(total) for one, total in rows}
        above |= higher
        new = set(higher.values()) - above.keys()
    places: set[Row] = set()
    for ids in _chunks(set(above.values())):
        places.update((yield sql.select_places(question, ids)))
    return _contained(parts, above, places)


def _contained(parts: Sequence[Row], above: Mapping[str, str], places: set[Row]) -> Iterator[Told]:
    for row in parts:
        keys, name = row[:-2], str(row[-2])
        seen, total = {name}, above.get(name)
        while total is not None and total not in seen:
            if (*keys, total) in places:
                yield keys, (name, total)
            seen.add(total)
            total = above.get(total)


def _repeat_steps(
    question: sql.GroupQuestion, links: Links, many: Sequence[Group]
) -> Steps[Iterable[Told]]:
    """Figures of a group that are the same one: each names the other."""
    if not any(cell.repeats for group in many for cell in group.cells):
        return ()
    rows = yield sql.select_repeats(question, links)
    places = {row[:-1] for row in rows}
    return [
        (row[:-2], (str(row[-2]), str(other)))
        for row in rows
        for other in orjson.loads(str(row[-1]))
        if (*row[:-2], other) in places
    ]


def _body_steps(
    question: sql.GroupQuestion, links: Links, many: Sequence[Group]
) -> Steps[Iterable[Told]]:
    """Figures of a body, and those of one of the same group that they may be among."""
    if all(len({body for cell in group.cells for body in cell.bodies}) == 1 for group in many):
        return ()
    anywhere = yield sql.select_bodies(question.asking(replace(question.query, keys=())), links)
    if not _held(anywhere):
        return ()
    return _held((yield sql.select_bodies(question, links)))


def _held(rows: Sequence[Row]) -> Sequence[Told]:
    """Figures of a body, and of one in the same group that may contain it: keys, body, id."""
    examples = {row[:-1]: str(row[-1]) for row in rows}
    return [
        (tuple(keys), (examples[*keys, holder], example))
        for (*keys, body), example in examples.items()
        for holder in holders(str(body))
        if (*keys, holder) in examples
    ]


def _pairs(rows: Sequence[Row]) -> Overlaps:
    """Figures of the same thing whose periods overlap: keys, then both ids or null."""
    found = [(row[:-1], str(row[-1]).split(" ")) for row in rows if row[-1] is not None]
    return {(Overlap.PERIOD, keys): (one, other) for keys, (one, other) in found}


_OVERLAPS = {
    Overlap.PART: _part_steps,
    Overlap.REPEAT: _repeat_steps,
    Overlap.BODY: _body_steps,
}


def _chunks(ids: set[str]) -> Iterator[Sequence[str]]:
    ordered = sorted(ids)
    for place in range(0, len(ordered), IDS_AT_ONCE):
        yield ordered[place : place + IDS_AT_ONCE]


def _gather(query: GroupQuery, rows: Sequence[Row]) -> Sequence[Group]:
    """The groups in order, each with its cells in the order of their first ids."""
    width = len(query.keys)
    cells: dict[Row, list[Cell]] = {}
    for row in rows:
        cells.setdefault(row[:width], []).append(_cell(row[width:]))
    return [
        Group.of(keys, sorted(cells[keys], key=lambda cell: cell.examples))
        for keys in sorted(cells, key=nulls_last)
    ]


def _cell(row: Row) -> Cell:
    alike, row = row[:ALIKE], row[ALIKE:]
    first, last, first_year, last_year, first_body, last_body, parts, repeats = row[:LINKED]
    return Cell(
        alike=Alike(*map(str, alike)),
        examples=(str(first), str(last)),
        years=(int(str(first_year)), int(str(last_year))),
        bodies=(str(first_body), str(last_body)),
        parts=int(str(parts)),
        repeats=int(str(repeats)),
        figures=Figures.of(row[LINKED:]),
    )


def _by_count(row: Row) -> tuple[object, ...]:
    """By count, then by value; null is the last."""
    value, count = row
    return value is None, -int(str(count)), value


def _pairs_of(query: GroupQuery) -> Pairs:
    lang = () if query.lang is None else (("lang", query.lang),)
    return tuple(sorted([*query.canonical, *lang]))

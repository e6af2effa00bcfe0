"""`/datasets/{name}`: the rows of a dataset, filtered, sorted and paged like its list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opendata_api.describe import EQ, GTE, ISNULL, LTE, Column, Type
from opendata_api.errors import ExpensiveQuery, Pairs
from opendata_api.formats.sheet import YES_NO
from opendata_api.query import Condition, GroupQuery, Key, Query
from opendata_api.store.model import RowsPage
from opendata_api.values import Row
from opendata_api.web.pages.calls import offer_calls
from opendata_api.web.pages.cells import (
    COLON,
    PAGES_OF,
    Cell,
    linked_to,
    make_cell,
    page_of,
    sentence_of,
    source_field,
)
from opendata_api.web.pages.linked_data import find_dataset_data
from opendata_api.web.pages.visit import Page, Visit
from opendata_api.words import Text

PAGE_ROWS = 50
COLUMNS_MAX = 8
FACETS_MAX = 6
FACET_VALUES = 6
SEARCHED = Text("检索", "Search")
BOUNDS = (GTE, LTE)


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition in force and the address without it."""

    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet."""

    words: str
    count: int | None
    """None: it is not among the most frequent."""
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A field with its most frequent values."""

    title: str
    choices: Sequence[Choice]
    more: str | None
    """The address of all values, where there are more."""

    @property
    def tells(self) -> bool:
        """Whether it parts the rows, or has parted them."""
        return len(self.choices) > 1 or any(choice.is_chosen for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column: what it is and how to sort by it."""

    title: str
    about: str
    is_number: bool
    sort: str | None
    """The address that sorts by it, or the other way; None: it can't be sorted by."""
    sorted: str
    """`ascending`, `descending` or `none`."""


async def make_table(visit: Visit, query: Query) -> Page:
    """The page of a dataset."""
    site, n, dataset = visit.site, visit.release.n, query.dataset
    whole = replace(query, fields=dataset.fields)
    limit = query.limit or PAGE_ROWS
    page = await site.store.page(whole, n, limit, None)
    total = await site.store.total(query, n)
    columns = shown_columns(query, visit)
    bounds = _bounds(visit, query)
    parts = {
        "dataset": dataset,
        "title": visit.words(dataset.title),
        "lead": visit.words(dataset.description),
        "headings": [_heading(visit, query, column) for column in columns],
        "rows": [_row(visit, query, columns, row) for row in page.rows],
        "total": total,
        "all": site.store.published.count_of(dataset, n),
        "chips": _chips(visit, query),
        "facets": await _facets(visit, query),
        "bounds": bounds,
        "words": " ".join(query.words),
        "carried": carried(visit, query, *(end["name"] for one in bounds for end in one["ends"])),
        "own": visit.path,
        **page_links(visit, query, page),
        "is_filtered": query.is_filtered,
        **offer_calls(visit, query, limit, total),
        "dictionary": visit.link(f"/v1/datasets/{dataset.name}"),
        "linked_data": await find_dataset_data(visit, dataset),
    }
    return Page("table.html", parts)


def shown_columns(query: Query, visit: Visit) -> list[Column]:
    """The columns of the sheet that fit on a page, or the fields asked for."""
    dataset = query.dataset
    if query.selects_all:
        return [one for one in dataset.columns if one.field != "id"][:COLUMNS_MAX]
    sheet = {column.source(visit.lang): column for column in dataset.columns}
    return [sheet.get(field.name, Column(field.name, field.about.title)) for field in query.fields]


def _row(visit: Visit, query: Query, columns: Sequence[Column], row: Row) -> Mapping[str, Any]:
    dataset = query.dataset
    record = visit.record(dataset, row)
    cells: list[tuple[Cell, str]] = [
        (
            make_cell(visit, source_field(dataset, column, visit), record, query),
            linked_to(visit, dataset, column, record),
        )
        for column in columns
    ]
    sentence = sentence_of(record)
    return {
        "id": str(record["id"]),
        "cells": cells,
        "href": visit.link(page_of(dataset.name, str(record["id"])), *visit.pinned),
        "sentence": None if sentence is None else visit.link(sentence),
    }


def _heading(visit: Visit, query: Query, column: Column) -> Heading:
    field = source_field(query.dataset, column, visit)
    name = field.name if field.about.sortable else column.field
    sortable = name in query.dataset.sorts
    first = query.sort[0]
    in_force = sortable and first.field.name == name and not query.is_ranked
    turned = f"-{name}" if in_force and not first.descending else name
    return Heading(
        title=visit.words(column.title),
        about=visit.words(field.about.description),
        is_number=field.type in (Type.DECIMAL, Type.INTEGER),
        sort=_at(visit, _without(query, "sort", "cursor"), ("sort", turned)) if sortable else None,
        sorted=("descending" if first.descending else "ascending") if in_force else "none",
    )


def _without(query: Query, *names: str) -> Pairs:
    return tuple(pair for pair in query.canonical if pair[0] not in names)


def _at(visit: Visit, pairs: Pairs, *added: tuple[str, str]) -> str:
    return visit.link(visit.path, *pairs, *added)


def _chips(visit: Visit, query: Query) -> list[Chip]:
    kept = _without(query, "cursor")
    chips: list[Chip] = []
    if query.words:
        words = f"{visit.words(SEARCHED)}{visit.words(COLON)}{' '.join(query.words)}"
        chips.append(Chip(words, _at(visit, tuple(p for p in kept if p[0] != "q"))))
    for condition in query.conditions:
        rest = tuple(pair for pair in kept if pair[0] != condition.name)
        chips.append(Chip(_told(visit, condition), _at(visit, rest)))
    for dimension in query.dimensions:
        gone = dimension.pairs()
        values = [visit.label(f"dimensions.{dimension.name}", one) for one in dimension.values]
        name = visit.label("dimensions", dimension.name)
        words = f"{name}{visit.words(COLON)}{' / '.join(values)}"
        chips.append(Chip(words, _at(visit, tuple(pair for pair in kept if pair not in gone))))
    return chips


def _told(visit: Visit, condition: Condition) -> str:
    field = condition.field
    title = visit.words(field.about.title)
    if condition.operator is ISNULL:
        values = [visit.words(YES_NO[condition.values[0] == 1])]
    elif field.about.codes is not None:
        values = [visit.label(field.about.codes, str(value)) for value in condition.values]
    else:
        values = [value for _, value in condition.pairs()]
    operator = "" if condition.operator is EQ else f" {visit.words(condition.operator.words)}"
    return f"{title}{operator}{visit.words(COLON)}{' / '.join(values)}"


async def _facets(visit: Visit, query: Query) -> list[Facet]:
    """The values of the fields with few of them; none where counting would read too much."""
    dataset = query.dataset
    fields = [
        field
        for field in dataset.fields
        if field.about.groupable
        and EQ in field.about.operators
        and (field.type is Type.INTEGER or field.about.codes not in (None, *PAGES_OF))
    ]
    facets = [await _facet(visit, query, Key(field.name, field)) for field in fields]
    return [facet for facet in facets if facet is not None and facet.tells][:FACETS_MAX]


async def _facet(visit: Visit, query: Query, key: Key) -> Facet | None:
    field = key.field
    name = field.name
    others = tuple(one for one in query.conditions if one.name != name)
    counted = GroupQuery.of(
        replace(query, conditions=others, limit=FACET_VALUES, cursor=None), (key,), ()
    )
    try:
        (groups,) = await visit.site.store.facets(counted, visit.release.n)
    except ExpensiveQuery:
        return None
    chosen = {str(value) for one in query.conditions if one.name == name for value in one.values}
    rest = _without(query, name, "cursor")
    listed = {str(value) for value, _ in groups.rows}
    choices = [
        *(_chosen(visit, key, value, _at(visit, rest)) for value in sorted(chosen - listed)),
    ]
    choices += [
        Choice(
            words=visit.label(str(field.about.codes), str(value)),
            count=int(str(count)),
            href=_at(visit, rest, *([] if str(value) in chosen else [(name, str(value))])),
            is_chosen=str(value) in chosen,
        )
        for value, count in groups.rows
        if value is not None
    ]
    facets = f"/v1/{query.dataset.name}/facets"
    asked = tuple(pair for pair in counted.filters if pair[0] != name)
    more = visit.link(facets, ("by", name), *asked) if groups.total > len(groups.rows) else None
    return Facet(visit.words(field.about.title), choices, more)


def _chosen(visit: Visit, key: Key, value: str, href: str) -> Choice:
    return Choice(visit.label(str(key.field.about.codes), value), None, href, is_chosen=True)


def _bounds(visit: Visit, query: Query) -> list[Mapping[str, Any]]:
    """The fields that a form can bound from below and above."""
    given = dict(query.filters)
    return [
        {
            "title": visit.words(field.about.title),
            "kind": "date" if field.type is Type.DATE else "text",
            "ends": [
                {
                    "name": f"{field.name}__{operator.key}",
                    "words": visit.words(operator.words),
                    "value": given.get(f"{field.name}__{operator.key}", ""),
                }
                for operator in BOUNDS
            ],
        }
        for field in query.dataset.fields
        if all(operator in field.about.operators for operator in BOUNDS)
        and field.type in (Type.INTEGER, Type.DECIMAL, Type.DATE)
    ]


def carried(visit: Visit, query: Query, *own: str) -> Pairs:
    """What a form sends along beside the search and its own fields."""
    asked = {"q", "cursor", *own}
    return (*(pair for pair in query.canonical if pair[0] not in asked), *visit.asked_lang)


def page_links(visit: Visit, query: Query, page: RowsPage) -> Mapping[str, str | None]:
    """The addresses of the page before and of the one after, where they are."""

    def beside(keys: tuple[Any, ...], *, backwards: bool) -> str:
        return _at(visit, query.beside(visit.release.n, keys, backwards=backwards).canonical)

    has_previous = page.has_previous and page.first is not None
    has_next = page.has_next and page.last is not None
    return {
        "previous": beside(page.first or (), backwards=True) if has_previous else None,
        "next": beside(page.last or (), backwards=False) if has_next else None,
    }

"""How one thing is asked of each system, in its own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.fetching import Call
from bench.names import DATASETTE, ROAPI, SERVICE
from bench.plain import TABLE

OF_SERVICE = "/v1/observations"
OF_DATASETTE = f"/bench/{TABLE}"
OF_ROAPI = f"/api/tables/{TABLE}"
ROAPI_SQL = "/api/sql"
BY_AREA = "/bench/by_area.json"
"""Datasette's page of a query that its owner wrote down."""
ROAPI_CSV = "application/csv"

Pairs = Sequence[tuple[str, object]]
Calls = Mapping[str, Call]
"""By system."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition of the rows asked for: equal to the value, or what the operator says."""

    name: str
    value: str | int
    operator: str = ""

    @property
    def plain(self) -> tuple[str, object]:
        """As the service and Datasette read it."""
        return (f"{self.name}__{self.operator}" if self.operator else self.name), self.value

    @property
    def roapi(self) -> tuple[str, object]:
        """As ROAPI reads it."""
        value = f"'{self.value}'" if isinstance(self.value, str) else self.value
        return f"filter[{self.name}]{self.operator}", value

    @property
    def sql(self) -> str:
        """As a condition of SQL; the values are our own."""
        value = f"'{self.value}'" if isinstance(self.value, str) else self.value
        return f'"{self.name}" {">=" if self.operator == "gte" else "="} {value}'


def ask_record(record_id: str) -> Calls:
    """For one row."""
    return {
        SERVICE: Call(f"{OF_SERVICE}/{record_id}"),
        DATASETTE: Call(f"{OF_DATASETTE}/{record_id}.json?_shape=objects"),
        ROAPI: Call(_address(OF_ROAPI, [Filter("id", record_id).roapi])),
    }


def ask_page(filters: Sequence[Filter], limit: int) -> Calls:
    """For the first rows that meet the filters, in the order of their ids."""
    plain = [one.plain for one in filters]
    return {
        SERVICE: Call(_address(OF_SERVICE, [*plain, ("limit", limit)])),
        DATASETTE: _rows_of_datasette([*plain, ("_size", limit)]),
        ROAPI: _rows_of_roapi(filters, limit),
    }


def ask_next(cursor: str, last_id: str, limit: int) -> Calls:
    """For the rows after one, by the cursor of the service and by the id of that row."""
    return {
        SERVICE: Call(_address(OF_SERVICE, [("cursor", cursor), ("limit", limit)])),
        DATASETTE: _rows_of_datasette([("_next", last_id), ("_size", limit)]),
        ROAPI: _rows_of_roapi([Filter("id", last_id, "gt")], limit),
    }


def ask_found(word: str, limit: int, where: str) -> Calls:
    """For rows that have a word; Datasette's own search knows none of two characters."""
    return {
        SERVICE: Call(_address(OF_SERVICE, [("q", word), ("limit", limit)])),
        DATASETTE: _rows_of_datasette([("_where", f"({where})"), ("_size", limit)]),
    }


def ask_facets(names: Sequence[str], filters: Sequence[Filter]) -> Calls:
    """For the values of some fields with the number of rows of each."""
    plain = [one.plain for one in filters]
    faceted = [*plain, *(("_facet", name) for name in names), ("_facet_size", "max"), ("_size", 0)]
    return {
        SERVICE: Call(_address(f"{OF_SERVICE}/facets", [("by", ",".join(names)), *plain])),
        DATASETTE: _rows_of_datasette(faceted),
    }


def ask_sums(metric: str, year: int) -> Calls:
    """For the sum of a metric by area since a year."""
    filters = [Filter("metric", metric), Filter("year", year, "gte")]
    summed = [("group_by", "area_code"), ("agg", "sum:value"), *(one.plain for one in filters)]
    written_down = [("metric", metric), ("year", year), ("_shape", "objects")]
    return {
        SERVICE: Call(_address(f"{OF_SERVICE}/aggregate", summed)),
        DATASETTE: Call(_address(BY_AREA, written_down)),
        ROAPI: Call(ROAPI_SQL, sum_by_area(" and ".join(one.sql for one in filters))),
    }


def sum_by_area(condition: str) -> str:
    """The sum of the figures of each area, as SQL."""
    return (
        f"select area_code, area_zh, unit, sum(value) as sum_value from {TABLE} "
        f"where {condition} group by area_code, area_zh, unit order by area_code"
    )


def ask_csv(filters: Sequence[Filter]) -> Calls:
    """For all rows that meet the filters. ROAPI has all rows in order anyhow, some if told to."""
    plain = [one.plain for one in filters]
    of_roapi = [*(one.roapi for one in filters), *([("sort", "id")] if filters else [])]
    return {
        SERVICE: Call(_address(f"{OF_SERVICE}.csv", plain)),
        DATASETTE: Call(_address(f"{OF_DATASETTE}.csv", [*plain, ("_stream", "on")])),
        ROAPI: Call(_address(OF_ROAPI, of_roapi), accept=ROAPI_CSV),
    }


def ask_file(suffix: str, filters: Sequence[Filter] = ()) -> Calls:
    """For all rows that meet the filters, in a format that the service alone has."""
    return {SERVICE: Call(_address(f"{OF_SERVICE}.{suffix}", [one.plain for one in filters]))}


def _rows_of_datasette(pairs: Pairs) -> Call:
    return Call(_address(f"{OF_DATASETTE}.json", [*pairs, ("_shape", "objects")]))


def _rows_of_roapi(filters: Sequence[Filter], limit: int) -> Call:
    return Call(
        _address(OF_ROAPI, [*(one.roapi for one in filters), ("sort", "id"), ("limit", limit)])
    )


def _address(path: str, pairs: Pairs) -> str:
    return f"{path}?{urlencode(pairs, safe=':,')}" if pairs else path

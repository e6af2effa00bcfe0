"""Examples of facets and aggregates for OpenAPI, made from the examples of the fields."""

from collections.abc import Mapping

import orjson

from opendata_api.describe import Dataset
from opendata_api.formats import CSV, FORMATS, JSON, NDJSON, ndjson
from opendata_api.formats.imprint import Labels
from opendata_api.formats.rights import OURS
from opendata_api.query import GroupQuery, join_query
from opendata_api.store.model import Groups
from opendata_api.values import to_stored
from opendata_api.web.examples import BASE, cite_example
from opendata_api.web.group_tables import Table, facets_table, groups_table
from opendata_api.web.groups import AGGREGATE, Grouping
from opendata_api.web.rights import rights_members
from opendata_api.words import Text


def group_examples(dataset: Dataset, grouping: Grouping) -> Mapping[str, object]:
    """An answer of one group, by media type."""
    key = dataset.groupable[0]
    is_aggregate = grouping is AGGREGATE
    query = grouping.parse(dataset, (("group_by" if is_aggregate else "by", key),))
    field = dataset.field[key]
    groups = Groups([(to_stored(field.type, field.about.example), 1)], 1)
    labels = _labels(dataset, key)
    table = (
        groups_table(query, groups, labels)
        if is_aggregate
        else facets_table(query, [groups], labels)
    )
    return {
        JSON.media_type: _page(query, grouping, table),
        CSV.media_type: table.csv_text(),
        NDJSON.media_type: "".join(map(ndjson.encode_line, table.json_rows())),
    }


def _page(query: GroupQuery, grouping: Grouping, table: Table) -> dict[str, object]:
    name = query.dataset.name
    address = f"{BASE}/v1/{name}/{grouping.name}"
    asked, pinned = join_query(query.canonical), join_query(query.whole(1).canonical)
    return {
        "data": [orjson.loads(row) for row in table.json_rows()],
        "meta": {
            "dataset": name,
            "release": 1,
            "count": table.count,
            "total": table.total,
            "total_relation": "eq",
            **rights_members(OURS),
        },
        "links": {
            "self": f"{address}?{asked}",
            **{one.key: f"{address}.{one.suffix}?{pinned}" for one in FORMATS if one.is_file},
            "cite": cite_example(f"{address}?{pinned}"),
            "rows": f"{BASE}/v1/{name}",
            "describedby": f"{BASE}/v1/datasets/{name}",
        },
    }


def _labels(dataset: Dataset, name: str) -> Labels:
    """The label of the field's example, where other fields have it."""
    about = dataset.field[name].about
    words = [dataset.field.get(f"{name}_{lang}") for lang in ("zh", "en")]
    if about.codes is None or None in words:
        return {}
    zh, en = (str(field.about.example) for field in words if field is not None)
    return {about.codes: {str(about.example): Text(zh, en)}}

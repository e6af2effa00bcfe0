"""Schemas of the Chinese catalogue and of the list of APIs."""

from collections.abc import Sequence

from opendata_api.catalog.cn import RESOURCE_COLUMNS
from opendata_api.catalog.cn_items import ITEM_COLUMNS
from opendata_api.web.schemas import ADDRESS, STRING, Schema


def _list(columns: Sequence[str]) -> Schema:
    cell = {"type": ["string", "null"]}
    line = {
        "type": "object",
        "properties": dict.fromkeys(columns, cell),
        "required": list(columns),
    }
    return {"type": "array", "items": line}


_TARGETS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"href": ADDRESS, "type": STRING},
        "required": ["href", "type"],
    },
}

DISCOVERY_SCHEMAS: Schema = {
    "ChineseCatalogue": {
        "type": "object",
        "properties": {
            "目录清单": _list(RESOURCE_COLUMNS),
            "信息项清单": _list(ITEM_COLUMNS),
        },
        "required": ["目录清单", "信息项清单"],
    },
    "Linkset": {
        "description": "RFC 9264: each context with its targets by relation.",
        "type": "object",
        "properties": {
            "linkset": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"anchor": ADDRESS},
                    "required": ["anchor"],
                    "additionalProperties": _TARGETS,
                },
            }
        },
        "required": ["linkset"],
    },
}

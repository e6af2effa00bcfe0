"""What a schema can't say: which releases, cursors and dimensions there are, and the like."""

import re
from typing import Any

import schemathesis

from opendata_api.folding import split_words
from opendata_api.query.values import WORDS_LENGTH_MAX, WORDS_MAX

CURSOR = re.compile(r"[A-Za-z0-9_-]+")
SORT_KEY = re.compile(r"-?[a-z_]+")
DIMENSION = re.compile(r"[^:\x00-\x1f\x7f]+:([^\x00-\x1f\x7f]+)")
KEY = re.compile(r"dim:[^,\x00-\x1f\x7f]+")
WHOLE = re.compile(r"(-?[0-9]+)\.0")
ADDRESS = re.compile(r"(https?://[^#]+)?/v1/[^#]+")
LATER = re.compile(r"[2-9]|[1-9][0-9]+")
ONE_FIGURE = "cn450203-2023-rol-o083"
QUERY_CHARACTERS_MAX = 700
"""Each takes at most 12 bytes percent-encoded; 8 KiB are allowed."""


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Mend what is well-formed and still can't work, such as a cursor that no answer gave."""
    query = case.query or {}
    if CURSOR.fullmatch(str(query.get("cursor", "?"))):
        del query["cursor"]
    _sort(query)
    for name, value in query.items():
        query[name] = (
            [_rounded(one) for one in value] if isinstance(value, list) else _rounded(value)
        )
    if case.meta.generation.mode.is_positive:
        for name, value in query.items():
            if name == "q" or name.endswith("__contains"):
                query[name] = _some_words(str(value))
        case.query = query = {name: _whole(value) for name, value in query.items()}
    if isinstance(query.get("dim"), list):
        query["dim"] = [
            DIMENSION.sub(r"service_scope:\1", one) if DIMENSION.fullmatch(str(one)) else one
            for one in query["dim"]
        ]
    if ADDRESS.fullmatch(str(query.get("url", ""))):
        query["url"] = "/v1/observations"
    _group(query)
    for name in ("release", "page"):
        if LATER.fullmatch(str(query.get(name, ""))):
            query[name] = 1


def _some_words(text: str) -> str:
    """As many of the words as are taken, folded."""
    words = " ".join(split_words(text)[:WORDS_MAX])
    return words[:WORDS_LENGTH_MAX].strip() or "法律"


def _sort(query: dict[str, Any]) -> None:
    """`kind,-kind` is unique by its schema and still names a field twice."""
    sort = query.get("sort", "")
    names = sort.split(",") if isinstance(sort, str) else sort
    is_unique = len(set(map(str, names))) == len(names)
    if is_unique and all(SORT_KEY.fullmatch(str(name)) for name in names):
        kept = {name.removeprefix("-"): name for name in names}
        query["sort"] = ",".join(kept.values())


def _group(query: dict[str, Any]) -> None:
    """Which dimensions there are, and which figures make sense together, no schema says."""
    for name in ("by", "group_by"):
        if name in query:
            query[name] = _known_dimensions(query[name])
    if "sum:value" in str(query.get("agg")) or "avg:value" in str(query.get("agg")):
        query["id"] = [ONE_FIGURE]


def _rounded(value: Any) -> Any:
    """Decimals have six places."""
    return round(value, 6) if isinstance(value, float) else value


def _whole(value: Any) -> Any:
    """0.0 is an integer to JSON Schema; it is written 0."""
    whole = WHOLE.fullmatch(str(value))
    return whole[1] if whole else value


def _known_dimensions(names: Any) -> Any:
    """Which dimensions there are, the release says; each name stands once, between commas."""
    listed = [str(name) for name in (names if isinstance(names, list) else names.split(","))]
    known = [KEY.sub("dim:service_scope", name) for name in listed]
    return ",".join(dict.fromkeys(known) if known != listed else listed)


@schemathesis.hook
def filter_query(_context: Any, query: dict[str, Any] | None) -> bool:
    """Whether the query is short enough to be read and each of its values reaches the wire."""
    is_sent = all(value not in ({}, []) for value in (query or {}).values())
    return is_sent and len(str(query)) <= QUERY_CHARACTERS_MAX

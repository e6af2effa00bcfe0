"""What a schema can't say: which releases and cursors there are, that a sort field stands once."""

import re
from typing import Any

import schemathesis

CURSOR = re.compile(r"[A-Za-z0-9_-]+")
SORT_KEY = re.compile(r"-?[a-z_]+")
LATER_RELEASE = re.compile(r"[2-9]|[1-9][0-9]+")
QUERY_CHARACTERS_MAX = 700
"""Each takes at most 12 bytes percent-encoded; 8 KiB are allowed."""


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Mend what is well-formed and still can't work, such as a cursor that no answer gave."""
    query = case.query or {}
    if CURSOR.fullmatch(str(query.get("cursor", "?"))):
        del query["cursor"]
    sort = query.get("sort", "")
    names = sort.split(",") if isinstance(sort, str) else sort
    # `kind,-kind` is unique by its schema and still names a field twice.
    is_unique = len(set(map(str, names))) == len(names)
    if is_unique and all(SORT_KEY.fullmatch(str(name)) for name in names):
        kept = {name.removeprefix("-"): name for name in names}
        query["sort"] = ",".join(kept.values())
    for name, value in query.items():
        query[name] = (
            [_rounded(one) for one in value] if isinstance(value, list) else _rounded(value)
        )
    if LATER_RELEASE.fullmatch(str(query.get("release", ""))):
        query["release"] = 1


def _rounded(value: Any) -> Any:
    """Decimals have six places."""
    return round(value, 6) if isinstance(value, float) else value


@schemathesis.hook
def filter_query(_context: Any, query: dict[str, Any] | None) -> bool:
    """Whether the query is short enough to be read."""
    return len(str(query)) <= QUERY_CHARACTERS_MAX

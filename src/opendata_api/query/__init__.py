"""Queries: from the name/value pairs of an address to a question as values. Pure."""

from opendata_api.query.cursor import Cursor
from opendata_api.query.encoding import QUERY_BYTES_MAX, decode, join_query, split_query
from opendata_api.query.model import Condition, DimensionCondition, Query, SortKey
from opendata_api.query.parameters import (
    CITE_PARAMETERS,
    FILE_LIMIT_MAX,
    HITS,
    HITS_MAX,
    PAGE_LIMIT,
    PAGE_LIMIT_MAX,
    PLAIN_PARAMETERS,
    RECORD_PARAMETERS,
    RELEASE_PARAMETERS,
    SEARCH_PARAMETERS,
    VALUES_MAX,
    Control,
    Filter,
    Parameters,
    list_parameters,
)
from opendata_api.query.parse import (
    Choice,
    parse_choice,
    parse_query,
    parse_record_query,
    parse_search,
)
from opendata_api.query.values import WORDS_LENGTH_MAX

__all__ = [
    "CITE_PARAMETERS",
    "FILE_LIMIT_MAX",
    "HITS",
    "HITS_MAX",
    "PAGE_LIMIT",
    "PAGE_LIMIT_MAX",
    "PLAIN_PARAMETERS",
    "QUERY_BYTES_MAX",
    "RECORD_PARAMETERS",
    "RELEASE_PARAMETERS",
    "SEARCH_PARAMETERS",
    "VALUES_MAX",
    "WORDS_LENGTH_MAX",
    "Choice",
    "Condition",
    "Control",
    "Cursor",
    "DimensionCondition",
    "Filter",
    "Parameters",
    "Query",
    "SortKey",
    "decode",
    "join_query",
    "list_parameters",
    "parse_choice",
    "parse_query",
    "parse_record_query",
    "parse_search",
    "split_query",
]

"""A query that is too long to be answered: which parameter makes it so, and what would work."""

from opendata_api.describe import CONTAINS
from opendata_api.errors import Fault, InvalidEncoding, Pairs, UriTooLong
from opendata_api.query.encoding import QUERY_BYTES_MAX, decode
from opendata_api.query.parameters import SEARCH, Filter, Parameters, with_needed
from opendata_api.query.values import TOO_LONG_WORDS, head_of_words
from opendata_api.words import Text

_LONG = Text("查询串最长{most}字节", "a query has at most {most} bytes").format(
    most=QUERY_BYTES_MAX
)


def refuse_long(raw: bytes, parameters: Parameters) -> UriTooLong:
    """The error for a query of that length; it offers the head of the words searched for."""
    name, text = _longest(raw)
    parameter = parameters.get(name)
    if parameter is None:
        return _error(Fault(_LONG), (), parameters)
    if name != SEARCH.name and not (
        isinstance(parameter, Filter) and parameter.operator is CONTAINS
    ):
        return _error(Fault(_LONG, parameter=name), (), parameters)
    head = head_of_words(text)
    kept = () if head is None else ((name, head),)
    return _error(Fault(TOO_LONG_WORDS, parameter=name), kept, parameters)


def _error(fault: Fault, kept: Pairs, parameters: Parameters) -> UriTooLong:
    return UriTooLong(fault, correction=with_needed(kept, parameters))


def _longest(raw: bytes) -> tuple[str, str]:
    """The pair that takes most of a query; a name of nothing where it can't be read."""
    name, _, value = max(raw.split(b"&"), key=len).replace(b"+", b" ").partition(b"=")
    try:
        return decode(name), decode(value)
    except InvalidEncoding:
        return "", ""

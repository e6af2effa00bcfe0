"""What a caller can do wrong and what can fail under an answer: one class each."""

from collections.abc import Sequence

from opendata_api.errors.answers import (
    DatabaseUnavailable,
    Erased,
    FileNotKept,
    FileUnavailable,
    GoneRelease,
    InternalError,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    RangeNotSatisfiable,
    StatementTimeout,
    TooManyExports,
    UnsupportedContentEncoding,
    UriTooLong,
    Withdrawn,
)
from opendata_api.errors.base import ApiError, Fault, Pairs
from opendata_api.errors.requests import (
    DuplicateParameter,
    ExpensiveQuery,
    InvalidCursor,
    InvalidEncoding,
    InvalidSort,
    InvalidValue,
    NotAdditive,
    OutOfRange,
    QueryError,
    TooLargeForFormat,
    TooManyValues,
    UnknownField,
    UnknownOperator,
    UnknownParameter,
)


def all_errors() -> Sequence[type[ApiError]]:
    """Every error class with a code, in the order of their files."""
    return tuple(_leaves(ApiError))


def _leaves(cls: type[ApiError]) -> list[type[ApiError]]:
    below = [leaf for sub in cls.__subclasses__() for leaf in _leaves(sub)]
    return below or [cls]


__all__ = [
    "ApiError",
    "DatabaseUnavailable",
    "DuplicateParameter",
    "Erased",
    "ExpensiveQuery",
    "Fault",
    "FileNotKept",
    "FileUnavailable",
    "GoneRelease",
    "InternalError",
    "InvalidCursor",
    "InvalidEncoding",
    "InvalidSort",
    "InvalidValue",
    "MethodNotAllowed",
    "NotAcceptable",
    "NotAdditive",
    "NotFound",
    "OutOfRange",
    "Pairs",
    "QueryError",
    "RangeNotSatisfiable",
    "StatementTimeout",
    "TooLargeForFormat",
    "TooManyExports",
    "TooManyValues",
    "UnknownField",
    "UnknownOperator",
    "UnknownParameter",
    "UnsupportedContentEncoding",
    "UriTooLong",
    "Withdrawn",
    "all_errors",
]

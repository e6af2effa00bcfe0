"""What goes wrong, as CKAN tells it: each class is one of its kinds of error."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from opendata_api.catalog.ckan.parts import Node
from opendata_api.errors import ApiError, Fault, QueryError
from opendata_api.words import Text


class CkanError(Exception):
    """An error in the envelope of an action."""

    status: ClassVar[int]
    type: ClassVar[str]

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message

    @property
    def members(self) -> Node:
        """What stands beside its type."""
        return {"message": self.message.both}


class NotFoundError(CkanError):
    """What was asked for by its id or name is not there."""

    status = 404
    type = "Not Found Error"

    @property
    def members(self) -> Node:
        """What stands beside its type; clients cut off what stands before the colon."""
        return {"message": f"Not found: {self.message.both}"}


class SearchQueryError(CkanError):
    """A search for packages that can't be read or answered."""

    status = 400
    type = "Search Query Error"

    @property
    def members(self) -> Node:
        """What stands beside its type; clients cut off what stands before the colon."""
        return {"message": f"Search Query is invalid: {self.message.both}"}


class SearchFailed(CkanError):
    """What would be searched is away for now."""

    status = 503
    type = "Search Error"

    def __init__(self, error: ApiError) -> None:
        super().__init__(error.explanation)
        self.error = error


class InvalidParameters(CkanError):
    """Parameters that have not the form or the value needed."""

    status = 409
    type = "Validation Error"

    def __init__(self, faults: Mapping[str, Sequence[Text]]) -> None:
        super().__init__(next(iter(faults.values()))[0])
        self.faults = faults

    @property
    def members(self) -> Node:
        """What stands beside its type: the faults of each parameter."""
        return {name: [one.both for one in found] for name, found in self.faults.items()}


class BadRequest(Exception):
    """A request without an action or without parameters to read; answered without an envelope."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.message = f"Bad request - {message}"


def invalid(name: str, message: Text) -> InvalidParameters:
    """The error of one parameter."""
    return InvalidParameters({name: [message]})


def as_ckan_error(error: ApiError, parameter: str) -> CkanError:
    """An error of ours in CKAN's words; a fault of no parameter is one of that parameter."""
    if not isinstance(error, QueryError):
        return SearchFailed(error)
    faults: dict[str, list[Text]] = {}
    for fault in error.faults:
        faults.setdefault(_parameter(fault, parameter), []).append(_told(fault))
    return InvalidParameters(faults)


SAME = ("q", "fields", "sort", "limit")
"""Parameters that have one name in both protocols."""


def _parameter(fault: Fault, otherwise: str) -> str:
    return fault.parameter if fault.parameter in SAME else otherwise


def _told(fault: Fault) -> Text:
    """The fault, with the parameter of ours that it is of and what was probably meant."""
    message = fault.message
    if fault.parameter and fault.parameter not in SAME:
        message = Text(f"{fault.parameter}：{message.zh}", f"{fault.parameter}: {message.en}")
    if fault.did_you_mean is None:
        return message
    return Text(
        f"{message.zh}；是否指 {fault.did_you_mean}",
        f"{message.en}; did you mean {fault.did_you_mean}?",
    )

"""An error that is answered, and what is wrong with a request."""

from dataclasses import dataclass
from typing import ClassVar

from opendata_api.words import Text

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request, told so that the caller can mend it."""

    message: Text
    parameter: str | None = None
    allowed: tuple[str, ...] = ()
    did_you_mean: str | None = None
    dimension: str | None = None
    """The dimension that did_you_mean takes to be there; what is published tells whether it is."""


class ApiError(Exception):
    """A request that is answered with a problem document (RFC 9457)."""

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[Text]
    explanation: ClassVar[Text]

    def __init__(
        self, *faults: Fault, correction: Pairs | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(self.code, *(fault.message.en for fault in faults))
        self.faults = faults
        self.correction = correction
        """The name/value pairs of a query that works, where one can be made."""
        self.elsewhere: str | None = None
        """The address that works, where no query of the same path does."""
        self.retry_after_s = retry_after_s
        self.headers: dict[str, str] = {}

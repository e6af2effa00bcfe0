"""An address of the service: what OpenAPI says of it and who answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from opendata_api.describe import Dataset
from opendata_api.formats import Format
from opendata_api.query import Parameters
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site

TEXT = "text/plain"
HTML = "text/html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An address and what it answers."""

    path: str
    id: str
    summary: str
    description: str
    tag: str
    make: Callable[[Site], Handler]
    parameters: Parameters
    path_parameters: Sequence[tuple[str, str, object]] = ()
    """The name, the description and an example of each, in the order of the path."""
    path_values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By name of a part of the path its values, where they are always the same."""
    content: Sequence[tuple[str, str | None]]
    """Media types, each with the name of its schema where it has one."""
    dataset: Dataset | None = None
    suffix: Format | None = None
    """The format that its path names."""
    make_examples: Callable[[], Mapping[str, object]] | None = None
    """Of answers, by media type, where they are not records of the dataset."""
    leads_to: str | None = None
    """The operation that the ids of the answer's rows lead to."""
    has_ranges: bool = False
    """Whether it answers with a published file, whole or in ranges."""
    is_documented: bool = True
    may_be_unset: bool = False
    """Whether it is 404 where the operator has not set what it tells."""
    posts: Sequence[str] = ()
    """The media types of bodies that a POST may give its parameters in; GET alone where none."""
    is_negotiated: bool = False
    """Whether the Accept header is asked, so that the answer can be 406."""
    takes_more: bool = False
    """Whether the body of a POST may have other parameters than those that are declared."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """By status the response that tells it, where its protocol has a form of its own."""

    @property
    def methods(self) -> tuple[str, ...]:
        """How it is asked; HEAD and OPTIONS are answered everywhere."""
        return ("GET", "POST") if self.posts else ("GET",)

    @property
    def may_be_gone(self) -> bool:
        """Whether it answers of one record or file, which may have been withdrawn."""
        return self.has_ranges or any(name == "id" for name, _, _ in self.path_parameters)

    @property
    def is_file(self) -> bool:
        """Whether it answers with a file."""
        return self.suffix is not None and self.suffix.is_file

"""What a release offers, as every catalogue of other portals tells it in its own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from opendata_api.describe import Dataset
from opendata_api.formats import Format
from opendata_api.formats.imprint import Labels
from opendata_api.formats.rights import Rights
from opendata_api.values import Stored
from opendata_api.words import Text

MAILTO = "mailto:"


@dataclass(frozen=True, slots=True)
class Download:
    """A whole dataset in one format, at an address that stays the same from release to release."""

    format: Format
    href: str
    bytes: int | None
    """None where the release has no such file, so that it is made when it is asked for."""
    sha256: str | None
    """In hex."""

    @property
    def is_of_rows(self) -> bool:
        """Whether it holds rows and nothing else."""
        return self.format.shape is not None and not self.format.is_packed


@dataclass(frozen=True, slots=True)
class Entry:
    """A dataset as of a release."""

    dataset: Dataset
    count: int
    """Of its records."""
    issued: str
    """When it was published first; UTC to the second, with Z."""
    modified: str
    """When a release changed it last."""
    downloads: Sequence[Download]
    rights: Rights

    def download(self, format_: Format) -> Download | None:
        """The dataset in that format, where this installation can write it."""
        return next((one for one in self.downloads if one.format is format_), None)


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs the service, as set; empty or None where nothing is known."""

    name: Text
    contact: str | None = None
    """A mailto: or https: address."""
    code: str = ""
    """The unified social credit code (统一社会信用代码)."""
    resource_code: str = ""
    """What the codes of information resources (信息资源代码) begin with."""
    hub: str | None = None
    """The address of a WebSub hub."""

    @property
    def mailbox(self) -> str | None:
        """The mailto: address, if the contact is one, without what a letter is to say."""
        if self.contact is None or not self.contact.startswith(MAILTO):
            return None
        return self.contact.partition("?")[0]

    @property
    def email(self) -> str | None:
        """The address of mail in the contact, if it is one."""
        return None if self.mailbox is None else unquote(self.mailbox.removeprefix(MAILTO))


@dataclass(frozen=True)
class Overview:
    """All that is offered as of a release."""

    base: str
    """The public address of the service, without a slash at the end."""
    release: int
    issued: str
    """When the first release was published."""
    modified: str
    """When this one was."""
    entries: Sequence[Entry]
    reports: Sequence[Mapping[str, Stored]]
    """The records of the newest reports, by field: of a hundred at most, the newest first."""
    years: tuple[int, int] | None
    """The first and the last year that reports are for; None without any."""
    areas: Sequence[tuple[str, Text]]
    """The codes and names of the areas that reports are of."""
    labels: Labels
    operator: Operator

    @cached_property
    def entry(self) -> Mapping[str, Entry]:
        """The datasets by name."""
        return {one.dataset.name: one for one in self.entries}

    def modified_of(self, entry: Entry, download: Download) -> str:
        """When a release changed the bytes of a dataset's file last.

        Files of rows alone change with the dataset. Others say of which release they are, so that
        each release has others.
        """
        return entry.modified if download.is_of_rows else self.modified

    def address(self, path: str) -> str:
        """An absolute address of the service."""
        return f"{self.base}{path}"

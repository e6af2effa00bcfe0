"""The documents of OAI-PMH 2.0."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from opendata_api.catalog.markup import LANG, add, make_root, print_xml
from opendata_api.catalog.oai_dc import Statement
from opendata_api.catalog.oai_requests import PREFIX, OaiError
from opendata_api.catalog.overview import Overview
from opendata_api.words import Text

PATH = "/oai"
CONTENT_TYPE = "text/xml; charset=utf-8"
GRANULARITY = "YYYY-MM-DDThh:mm:ssZ"
NO_EMAIL = "unset@contact.invalid"
"""The schema wants an address; this one says that there is none (RFC 2606, section 2)."""
EMAIL = re.compile(r"\S+@(\S+\.)+\S+")
DOMAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(\.[a-zA-Z][a-zA-Z0-9-]*)+")
"""What the schema of identifiers takes for the name of a repository."""
DATASETS = "datasets"
"""The set of the datasets themselves; the others are named after one dataset each."""
DATASETS_TITLE = Text("数据集", "The datasets")

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_OAI = "http://www.openarchives.org/OAI/2.0/"
_DC = "http://purl.org/dc/elements/1.1/"
_OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_DC_SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_ID = "http://www.openarchives.org/OAI/2.0/oai-identifier"


@dataclass(frozen=True, slots=True)
class Header:
    """An item, and when it changed last."""

    identifier: str
    datestamp: str
    set: str
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """An item with its metadata; a deleted one has none."""

    header: Header
    statements: Sequence[Statement] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list."""

    items: Sequence[Item]
    given: int = 0
    """How many items came in the parts before."""
    size: int | None = None
    """How many there are in all, where that is known."""
    token: str | None = None
    """What asks for the next part; None for the last."""

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its list."""
        return self.token is None and not self.given


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the repository to the arguments of one request."""

    overview: Overview
    arguments: Mapping[str, str]
    """With the verb."""

    def error(self, error: OaiError) -> bytes:
        """What is wrong; arguments that can't be trusted are not repeated."""
        told = Answer(self.overview, {}) if error.is_unreadable else self

        def write(root: ET.Element) -> None:
            add(root, "error", error.message, {"code": error.code})

        return told._write(write)  # noqa: SLF001 - the same class

    def identify(self, earliest: str) -> bytes:
        """What the repository is; `earliest` is the time of the first release."""
        overview = self.overview

        def write(root: ET.Element) -> None:
            parent = add(root, "Identify")
            add(parent, "repositoryName", overview.operator.name.both)
            add(parent, "baseURL", overview.address(PATH))
            add(parent, "protocolVersion", "2.0")
            add(parent, "adminEmail", email_of(overview))
            add(parent, "earliestDatestamp", earliest)
            add(parent, "deletedRecord", "persistent")
            add(parent, "granularity", GRANULARITY)
            add(parent, "compression", "gzip")
            if DOMAIN.fullmatch(repository_of(overview)):
                _describe_identifiers(add(parent, "description"), overview)

        return self._write(write)

    def formats(self) -> bytes:
        """The one format of metadata."""

        def write(root: ET.Element) -> None:
            parent = add(add(root, "ListMetadataFormats"), "metadataFormat")
            add(parent, "metadataPrefix", PREFIX)
            add(parent, "schema", _DC_SCHEMA)
            add(parent, "metadataNamespace", _OAI_DC)

        return self._write(write)

    def sets(self) -> bytes:
        """The datasets, each a set of its records; and the set of them all."""

        def write(root: ET.Element) -> None:
            parent = add(root, "ListSets")
            for name, title in (
                (DATASETS, DATASETS_TITLE),
                *((one.dataset.name, one.dataset.title) for one in self.overview.entries),
            ):
                child = add(parent, "set")
                add(child, "setSpec", name)
                add(child, "setName", title.both)

        return self._write(write)

    def record(self, item: Item) -> bytes:
        """One item."""
        return self._write(lambda root: _record(add(root, "GetRecord"), item))

    def identifiers(self, part: Part) -> bytes:
        """A part of a list of headers."""

        def write(root: ET.Element) -> None:
            parent = add(root, "ListIdentifiers")
            for item in part.items:
                _header(parent, item.header)
            _resume(parent, part)

        return self._write(write)

    def records(self, part: Part) -> bytes:
        """A part of a list of items."""

        def write(root: ET.Element) -> None:
            parent = add(root, "ListRecords")
            for item in part.items:
                _record(parent, item)
            _resume(parent, part)

        return self._write(write)

    def _write(self, write: Callable[[ET.Element], None]) -> bytes:
        root = make_root(
            "OAI-PMH",
            {
                "xmlns": _OAI,
                "xmlns:xsi": _XSI,
                "xsi:schemaLocation": f"{_OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd",
            },
        )
        add(root, "responseDate", response_date(self.overview))
        add(root, "request", self.overview.address(PATH), self.arguments)
        write(root)
        return print_xml(root)


def response_date(overview: Overview) -> str:
    """The first second that the next release can have.

    A harvester gives it as `from` the next time. So it misses no release, even one whose time is
    before the moment at which it could be read first, and is not told twice of the newest one; and
    equal data gives equal bytes.
    """
    moment = datetime.fromisoformat(overview.modified) + timedelta(seconds=1)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def email_of(overview: Overview) -> str:
    """The address of the operator, as far as one is set that the schema takes."""
    email = overview.operator.email or ""
    return email if EMAIL.fullmatch(email) else NO_EMAIL


def repository_of(overview: Overview) -> str:
    """The name by which identifiers call the repository: the host of its address."""
    return urlsplit(overview.base).hostname or ""


def identifier_of(overview: Overview, name: str) -> str:
    """The identifier of an item: `oai:data.example.org:observations/cn450203-2023-rol-o001`."""
    return f"oai:{repository_of(overview)}:{name}"


def _describe_identifiers(parent: ET.Element, overview: Overview) -> None:
    sample = identifier_of(overview, f"{DATASETS}/{overview.entries[0].dataset.name}")
    child = add(
        parent,
        "oai-identifier",
        attributes={
            "xmlns": _ID,
            "xsi:schemaLocation": f"{_ID} http://www.openarchives.org/OAI/2.0/oai-identifier.xsd",
        },
    )
    add(child, "scheme", "oai")
    add(child, "repositoryIdentifier", repository_of(overview))
    add(child, "delimiter", ":")
    add(child, "sampleIdentifier", sample)


def _record(parent: ET.Element, item: Item) -> None:
    record = add(parent, "record")
    _header(record, item.header)
    if item.header.is_deleted:
        return
    names = {
        "xmlns:oai_dc": _OAI_DC,
        "xmlns:dc": _DC,
        "xsi:schemaLocation": f"{_OAI_DC} {_DC_SCHEMA}",
    }
    metadata = add(add(record, "metadata"), "oai_dc:dc", attributes=names)
    for one in item.statements:
        lang = {} if one.lang is None else {LANG: one.lang}
        add(metadata, f"dc:{one.element}", one.text, lang)


def _header(parent: ET.Element, header: Header) -> None:
    child = add(parent, "header", attributes={"status": "deleted"} if header.is_deleted else {})
    add(child, "identifier", header.identifier)
    add(child, "datestamp", header.datestamp)
    add(child, "setSpec", header.set)


def _resume(parent: ET.Element, part: Part) -> None:
    """The token; an empty one ends a list that came in parts."""
    if part.is_whole:
        return
    size = {} if part.size is None else {"completeListSize": str(part.size)}
    add(parent, "resumptionToken", part.token, {**size, "cursor": str(part.given)})

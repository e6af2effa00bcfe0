"""What is said of things as RDF has it, in the order in which it was said; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NewType

from opendata_api.words import LANGS, Text

PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "prov": "http://www.w3.org/ns/prov#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}
"""Of the names of types, properties and datatypes, which are written `dct:title`."""

Node = NewType("Node", str)
"""A thing: its IRI, or the label of a blank node after `_:`."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, in a language or of a datatype if it has one."""

    text: str
    lang: str = ""
    datatype: str = ""


Value = Node | Literal
Properties = Mapping[str, Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Description:
    """What is said of one thing, each statement once."""

    types: dict[str, None] = field(default_factory=dict)
    properties: dict[str, dict[Value, None]] = field(default_factory=dict)


class Graph:
    """Descriptions of things, in the order in which they were named first."""

    def __init__(self) -> None:
        self._described: dict[Node, Description] = {}

    def add(self, node: Node, types: Sequence[str], properties: Properties) -> Node:
        """Say that of a thing, and give it back; a property without values says nothing."""
        described = self._described.setdefault(node, Description())
        described.types.update(dict.fromkeys(types))
        for name, values in properties.items():
            if values:
                described.properties.setdefault(name, {}).update(dict.fromkeys(values))
        return node

    def __iter__(self) -> Iterator[tuple[Node, Description]]:
        return iter(self._described.items())


def iri(address: str) -> Node:
    """The thing at an address; what no IRI may hold (RFC 3987, 2.2) is percent-encoded."""
    return Node(_UNWRITABLE.sub(lambda found: f"%{ord(found[0]):02X}", address))


def both(text: Text) -> Sequence[Literal]:
    """The words in each language."""
    return [Literal(text.in_language(lang), lang) for lang in LANGS]


def moment(text: str) -> Sequence[Literal]:
    """A time (UTC, Z)."""
    return [Literal(text, datatype="xsd:dateTime")]


def day(text: str) -> Sequence[Literal]:
    """A date."""
    return [Literal(text, datatype="xsd:date")]


_UNWRITABLE = re.compile(r'[\x00-\x20<>"{}|\\^`]')

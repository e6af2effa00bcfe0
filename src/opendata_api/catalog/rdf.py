"""A graph in the forms that RDF is exchanged in; equal graphs give equal bytes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import orjson

from opendata_api.catalog.graph import PREFIXES, Description, Graph, Literal, Node, Value
from opendata_api.formats import Format
from opendata_api.words import Text

BLANK = "_:"


@dataclass(frozen=True, slots=True)
class Serialization:
    """A form of a graph."""

    format: Format
    write: Callable[[Graph], bytes]


def write_turtle(graph: Graph) -> bytes:
    """RDF 1.1 Turtle: a block for each thing."""
    prefixes = "".join(f"@prefix {name}: <{start}> .\n" for name, start in PREFIXES.items())
    return "\n".join([prefixes, *(_block(*one) for one in graph)]).encode()


def write_json_ld(graph: Graph) -> bytes:
    """JSON-LD 1.1: an object for each thing, whose properties are lists."""
    content = {"@context": PREFIXES, "@graph": [_object(*one) for one in graph]}
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write_rdf_xml(graph: Graph) -> bytes:
    """RDF 1.1 XML: an element for each thing, named after its first type."""
    names = "".join(f"\n    xmlns:{name}={quoteattr(start)}" for name, start in PREFIXES.items())
    elements = "".join(line for one in graph for line in _element(*one))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{head}<rdf:RDF{names}>\n{elements}</rdf:RDF>\n".encode()


def _block(node: Node, described: Description) -> str:
    types = [f"a {', '.join(described.types)}"] if described.types else []
    properties = [
        f"{name} {', '.join(map(_turtle, values))}" for name, values in described.properties.items()
    ]
    said = " ;\n    ".join([*types, *properties])
    return f"{_turtle(node)}\n    {said} .\n"


def _turtle(value: Value) -> str:
    if not isinstance(value, Literal):
        return value if value.startswith(BLANK) else f"<{value}>"
    quoted = orjson.dumps(value.text).decode()  # what JSON escapes, and how, Turtle knows too
    if value.lang:
        return f"{quoted}@{value.lang}"
    return f"{quoted}^^{value.datatype}" if value.datatype else quoted


def _object(node: Node, described: Description) -> dict[str, object]:
    types = {"@type": list(described.types)} if described.types else {}
    properties = {
        name: [_member(value) for value in values] for name, values in described.properties.items()
    }
    return {"@id": node, **types, **properties}


def _member(value: Value) -> object:
    if not isinstance(value, Literal):
        return {"@id": value}
    if value.lang:
        return {"@language": value.lang, "@value": value.text}
    return {"@type": value.datatype, "@value": value.text} if value.datatype else value.text


def _element(node: Node, described: Description) -> Iterator[str]:
    name, *types = described.types or ["rdf:Description"]
    yield f"  <{name} {_named(node, 'rdf:about')}>\n"
    for one in types:
        prefix, _, local = one.partition(":")
        yield f"    <rdf:type rdf:resource={quoteattr(PREFIXES[prefix] + local)}/>\n"
    for predicate, values in described.properties.items():
        for value in values:
            yield f"    {_property(predicate, value)}\n"
    yield f"  </{name}>\n"


def _property(name: str, value: Value) -> str:
    if not isinstance(value, Literal):
        return f"<{name} {_named(value, 'rdf:resource')}/>"
    attribute = f' xml:lang="{value.lang}"' if value.lang else ""
    if value.datatype:
        prefix, _, local = value.datatype.partition(":")
        attribute = f" rdf:datatype={quoteattr(PREFIXES[prefix] + local)}"
    return f"<{name}{attribute}>{escape(value.text, _RETURN)}</{name}>"


def _named(node: Node, attribute: str) -> str:
    if node.startswith(BLANK):
        return f"rdf:nodeID={quoteattr(node.removeprefix(BLANK))}"
    return f"{attribute}={quoteattr(node)}"


_RETURN = {"\r": "&#13;"}
"""A reader of XML would take it for the end of a line."""

TURTLE = Serialization(
    Format(
        key="turtle",
        suffix="ttl",
        content_type="text/turtle; charset=utf-8",
        accepts=("text/turtle", "application/x-turtle", "text/html"),
        title=Text("Turtle", "Turtle"),
        is_file=False,
    ),
    write_turtle,
)
JSON_LD = Serialization(
    Format(
        key="json-ld",
        suffix="jsonld",
        content_type="application/ld+json",
        accepts=("application/ld+json", "application/json"),
        title=Text("JSON-LD", "JSON-LD"),
        is_file=False,
    ),
    write_json_ld,
)
RDF_XML = Serialization(
    Format(
        key="rdf-xml",
        suffix="rdf",
        content_type="application/rdf+xml",
        accepts=("application/rdf+xml", "application/xml", "text/xml"),
        title=Text("RDF/XML", "RDF/XML"),
        is_file=False,
    ),
    write_rdf_xml,
)

SERIALIZATIONS = (TURTLE, JSON_LD, RDF_XML)
"""The first is the one for whoever has no wish."""

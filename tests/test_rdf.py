"""A graph is the same in Turtle, JSON-LD and RDF/XML, whatever its texts hold."""

import json

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.compare import to_isomorphic

from opendata_api.catalog.graph import PREFIXES, Graph, Literal, Node, both, day, iri, moment
from opendata_api.catalog.rdf import JSON_LD, RDF_XML, SERIALIZATIONS, TURTLE, Serialization
from opendata_api.words import Text

# rdflib reads JSON-LD by a class of its own that it has given up.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

PARSERS = {"turtle": "turtle", "json-ld": "json-ld", "rdf-xml": "xml"}
THING = iri("https://data.example.org/catalog#thing")
ODD = '“引号” "quoted" \'single\' \\ back\nline\r\ttab <a href="#">&amp;</a> ]]> 𠮷 \u00a0'

every_serialization = pytest.mark.parametrize(
    "serialization", SERIALIZATIONS, ids=lambda one: one.format.suffix
)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


def parsed(graph: Graph, serialization: Serialization) -> rdflib.Graph:
    body = serialization.write(graph)
    return rdflib.Graph().parse(data=body, format=PARSERS[serialization.format.key])


def example() -> Graph:
    graph = Graph()
    period = graph.add(Node("_:period-a"), ("dct:PeriodOfTime",), {"dcat:startDate": day("2023")})
    graph.add(
        THING,
        ("dcat:Dataset", "foaf:Document"),
        {
            "dct:title": both(Text("标题", "Title")),
            "dct:identifier": [Literal(ODD)],
            "dct:issued": moment("2026-01-02T03:04:05Z"),
            "dct:temporal": [period],
            "dct:subject": [],
        },
    )
    graph.add(iri("https://example.org/另 <页>"), (), {"rdfs:label": [Literal("无类型", "zh")]})
    return graph


@every_serialization
def test_every_statement_comes_back(serialization: Serialization) -> None:
    thing, other = rdflib.URIRef(THING), rdflib.URIRef("https://example.org/另%20%3C页%3E")
    names = rdflib.Namespace(PREFIXES["dct"])
    dcat = rdflib.Namespace(PREFIXES["dcat"])
    kind, label = rdflib.RDF.type, rdflib.RDFS.label
    period = rdflib.BNode()
    expected = rdflib.Graph()
    for said in (
        (thing, kind, dcat.Dataset),
        (thing, kind, rdflib.URIRef(PREFIXES["foaf"] + "Document")),
        (thing, names.title, rdflib.Literal("标题", lang="zh")),
        (thing, names.title, rdflib.Literal("Title", lang="en")),
        (thing, names.identifier, rdflib.Literal(ODD)),
        (
            thing,
            names.issued,
            rdflib.Literal("2026-01-02T03:04:05Z", datatype=rdflib.XSD.dateTime),
        ),
        (thing, names.temporal, period),
        (period, kind, names.PeriodOfTime),
        (period, dcat.startDate, rdflib.Literal("2023", datatype=rdflib.XSD.date)),
        (other, label, rdflib.Literal("无类型", lang="zh")),
    ):
        expected.add(said)

    assert to_isomorphic(parsed(example(), serialization)) == to_isomorphic(expected)


@every_serialization
def test_equal_graphs_have_equal_bytes(serialization: Serialization) -> None:
    assert serialization.write(example()) == serialization.write(example())


@given(text=texts, lang=st.sampled_from(["", "zh", "en"]))
def test_any_text_comes_back(text: str, lang: str) -> None:
    graph = Graph()
    graph.add(THING, (), {"dct:title": [Literal(text, lang)]})

    for serialization in SERIALIZATIONS:
        (read,) = parsed(graph, serialization).objects()
        assert isinstance(read, rdflib.Literal)
        assert (str(read), read.language) == (text, lang or None)


@given(address=texts)
def test_any_address_can_be_written(address: str) -> None:
    graph = Graph()
    node = iri(f"https://example.org/{address}")
    graph.add(THING, (), {"dct:relation": [node]})

    for serialization in SERIALIZATIONS:
        assert list(parsed(graph, serialization).objects()) == [rdflib.URIRef(node)]


def test_what_was_said_is_not_said_again() -> None:
    once, twice = Graph(), Graph()
    for graph in (once, twice, twice):
        graph.add(THING, ("dcat:Dataset",), {"dct:title": both(Text("标题", "Title"))})

    assert TURTLE.write(twice) == TURTLE.write(once)


def test_turtle_is_written_for_people_too() -> None:
    assert TURTLE.write(example()).decode().split("\n\n")[2] == (
        "<https://data.example.org/catalog#thing>\n"
        "    a dcat:Dataset, foaf:Document ;\n"
        '    dct:title "标题"@zh, "Title"@en ;\n'
        f"    dct:identifier {json.dumps(ODD, ensure_ascii=False)} ;\n"
        '    dct:issued "2026-01-02T03:04:05Z"^^xsd:dateTime ;\n'
        "    dct:temporal _:period-a ."
    )


def test_json_ld_has_an_object_for_each_thing() -> None:
    assert json.loads(JSON_LD.write(example())) == {
        "@context": PREFIXES,
        "@graph": [
            {
                "@id": "_:period-a",
                "@type": ["dct:PeriodOfTime"],
                "dcat:startDate": [{"@type": "xsd:date", "@value": "2023"}],
            },
            {
                "@id": THING,
                "@type": ["dcat:Dataset", "foaf:Document"],
                "dct:title": [
                    {"@language": "zh", "@value": "标题"},
                    {"@language": "en", "@value": "Title"},
                ],
                "dct:identifier": [ODD],
                "dct:issued": [{"@type": "xsd:dateTime", "@value": "2026-01-02T03:04:05Z"}],
                "dct:temporal": [{"@id": "_:period-a"}],
            },
            {
                "@id": "https://example.org/另%20%3C页%3E",
                "rdfs:label": [{"@language": "zh", "@value": "无类型"}],
            },
        ],
    }


def test_rdf_xml_names_an_element_after_its_first_type() -> None:
    lines = RDF_XML.write(example()).decode().splitlines()

    assert [
        line for line in lines if line.startswith(("<", "  <", "    <dct:temporal", "    <dcat:"))
    ] == [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<rdf:RDF",
        '  <dct:PeriodOfTime rdf:nodeID="period-a">',
        f'    <dcat:startDate rdf:datatype="{PREFIXES["xsd"]}date">2023</dcat:startDate>',
        "  </dct:PeriodOfTime>",
        f'  <dcat:Dataset rdf:about="{THING}">',
        '    <dct:temporal rdf:nodeID="period-a"/>',
        "  </dcat:Dataset>",
        '  <rdf:Description rdf:about="https://example.org/另%20%3C页%3E">',
        "  </rdf:Description>",
        "</rdf:RDF>",
    ]

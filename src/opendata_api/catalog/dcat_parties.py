"""Who publishes the datasets, of which areas they are and which reports they come from."""

from collections.abc import Sequence

from opendata_api.catalog.graph import Graph, Literal, Node, both, day, iri
from opendata_api.catalog.overview import Overview
from opendata_api.catalog.vocabularies import CHINA

AREAS_MAX = 100
"""Of more areas each dataset would be mostly names: they are all of China then."""


def describe_publisher(graph: Graph, overview: Overview) -> Node:
    """Who runs the service."""
    operator = overview.operator
    return graph.add(
        iri(overview.address("/catalog#publisher")),
        ("foaf:Agent",),
        {
            "foaf:name": both(operator.name),
            "foaf:homepage": [graph.add(iri(overview.address("/")), ("foaf:Document",), {})],
            "foaf:mbox": [] if operator.mailbox is None else [iri(operator.mailbox)],
            "dct:identifier": [Literal(operator.code)] if operator.code else [],
        },
    )


def describe_contact(graph: Graph, overview: Overview) -> Sequence[Node]:
    """Where the operator is reached, where that is known."""
    operator = overview.operator
    if operator.contact is None:
        return []
    name = "vcard:hasURL" if operator.mailbox is None else "vcard:hasEmail"
    return [
        graph.add(
            iri(overview.address("/catalog#contact")),
            ("vcard:Kind",),
            {"vcard:fn": both(operator.name), name: [iri(operator.mailbox or operator.contact)]},
        )
    ]


def describe_spatial(graph: Graph, overview: Overview) -> Sequence[Node]:
    """The areas that reports are of."""
    if len(overview.areas) > AREAS_MAX:
        return [CHINA.tell(graph)]
    return [
        graph.add(
            iri(overview.address(f"/v1/areas/{code}")),
            ("dct:Location",),
            {"dct:identifier": [Literal(code)], "skos:prefLabel": both(name)},
        )
        for code, name in overview.areas
    ]


def describe_reports(graph: Graph, overview: Overview) -> Sequence[tuple[Node, Node]]:
    """The newest reports: what we say of each, and where the government published it."""
    reports = []
    for report in overview.reports:
        source = iri(str(report["source_url"]))
        title = [Literal(str(report["title_zh"]), "zh"), Literal(str(report["title_en"]), "en")]
        node = graph.add(
            iri(overview.address(f"/v1/reports/{report['id']}")),
            ("prov:Entity", "foaf:Document"),
            {
                "dct:identifier": [Literal(str(report["id"]))],
                "dct:title": title,
                "dct:issued": day(str(report["published_on"])),
                "dct:source": [source],
                "prov:hadPrimarySource": [source],
            },
        )
        reports.append((node, source))
    return reports

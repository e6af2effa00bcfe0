"""A dataset and the forms that it can be had in, as DCAT-AP 3 has them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opendata_api.catalog.graph import (
    Graph,
    Literal,
    Node,
    Properties,
    both,
    day,
    iri,
    moment,
)
from opendata_api.catalog.keywords import keywords
from opendata_api.catalog.overview import Download, Entry, Overview
from opendata_api.catalog.scope import is_of_reports
from opendata_api.catalog.vocabularies import (
    ANNUAL,
    FILE_TYPES,
    LANGUAGES,
    PUBLIC,
    STABLE,
    THEMES,
    Standard,
    tell_licence,
    tell_media_type,
)
from opendata_api.formats import EXCEL, JSON, ZIP, Format
from opendata_api.words import Text

SHA_256 = "https://spdx.org/rdf/terms#checksumAlgorithm_sha256"
"""With https, as the shapes of DCAT-AP 3.0.1 want it; the terms of SPDX begin with http."""


@dataclass(frozen=True, slots=True)
class Telling:
    """The graph of a page, with what all its datasets share."""

    graph: Graph
    overview: Overview
    publisher: Node
    contact: Sequence[Node]
    spatial: Sequence[Node]
    reports: Sequence[tuple[Node, Node]]
    """What we say of each, and where the government published it."""

    @property
    def service(self) -> Node:
        """The JSON API."""
        return iri(self.overview.address("/v1"))


def describe_dataset(telling: Telling, entry: Entry) -> Node:
    """The dataset, with all that it refers to."""
    graph, overview, dataset = telling.graph, telling.overview, entry.dataset
    node = iri(overview.address(f"/v1/datasets/{dataset.name}"))
    graph.add(node, ("dcat:Dataset",), {})  # it stands before its parts
    landing = iri(overview.address(f"/datasets/{dataset.name}"))
    schema = overview.address(f"/openapi.json#/components/schemas/{dataset.model.__name__}")
    return graph.add(
        node,
        ("dcat:Dataset",),
        {
            "dct:identifier": [Literal(node)],
            "dct:title": both(dataset.title),
            "dct:description": both(dataset.description),
            "dcat:keyword": [
                literal for word in keywords(overview, entry) for literal in both(word)
            ],
            "dcat:theme": [theme.tell(graph) for theme in THEMES],
            "dct:publisher": [telling.publisher],
            "dcat:contactPoint": telling.contact,
            "dct:issued": moment(entry.issued),
            "dct:modified": moment(entry.modified),
            "dcat:version": [Literal(str(overview.release))],
            "dct:accrualPeriodicity": [ANNUAL.tell(graph)],
            "dct:accessRights": [PUBLIC.tell(graph)],
            **_rights(telling, entry, node),
            "dct:language": [language.tell(graph) for language in LANGUAGES],
            "dcat:landingPage": [graph.add(landing, ("foaf:Document",), {})],
            "dct:conformsTo": [Standard(schema, f"OpenAPI: {dataset.title.en}").tell(graph)],
            "dct:temporal": _describe_period(telling, entry),
            **_origin(telling, entry),
            "dcat:distribution": list(_describe_distributions(telling, entry, node)),
        },
    )


def _origin(telling: Telling, entry: Entry) -> Properties:
    """The reports that it was made from, and their areas."""
    if not is_of_reports(entry):
        return {}
    return {
        "dct:spatial": telling.spatial,
        "dct:provenance": [_describe_provenance(telling)],
        "prov:wasDerivedFrom": [report for report, _ in telling.reports],
        "prov:hadPrimarySource": [source for _, source in telling.reports],
    }


def _describe_period(telling: Telling, entry: Entry) -> Sequence[Node]:
    """The years that reports are for.

    A blank node, since one harvester fetches what has an address, for each dataset anew.
    """
    years = telling.overview.years
    if years is None:
        return []
    first, last = years
    dates = {"dcat:startDate": day(f"{first}-01-01"), "dcat:endDate": day(f"{last}-12-31")}
    node = Node(f"_:period-{entry.dataset.name}")
    return [telling.graph.add(node, ("dct:PeriodOfTime",), dates)]


def _describe_provenance(telling: Telling) -> Node:
    node = iri(telling.overview.address("/catalog#provenance"))
    return telling.graph.add(node, ("dct:ProvenanceStatement",), {"rdfs:label": both(PROVENANCE)})


def _rights(telling: Telling, entry: Entry, dataset: Node) -> Properties:
    """The licence, where it is ours to give, and what it does not cover."""
    rights = entry.rights
    told = Text(rights.told("zh"), rights.told("en"))
    words = LICENSED.format(attribution=rights.attribution) if rights.licence else told
    node = telling.graph.add(
        iri(f"{dataset}#rights"), ("dct:RightsStatement",), {"rdfs:label": both(words)}
    )
    if not rights.licence:
        return {"dct:rights": [node]}
    licence = tell_licence(telling.graph, rights.licence, rights.url)
    return {"dct:license": [licence], "dct:rights": [node]}


def _describe_distributions(telling: Telling, entry: Entry, dataset: Node) -> Iterator[Node]:
    """Every file of the dataset, then its address in the JSON API."""
    for download in entry.downloads:
        yield _describe_file(telling, entry, dataset, download)
    address = iri(telling.overview.address(f"/v1/{entry.dataset.name}"))
    yield telling.graph.add(
        iri(f"{dataset}#api"),
        ("dcat:Distribution",),
        {
            **_titles(entry, Text("JSON 接口", "JSON API"), BY_PAGES),
            **_common(telling, entry, dataset, JSON),
            "dct:modified": moment(entry.modified),
            "dcat:accessURL": [address],
            "dcat:accessService": [telling.service],
        },
    )


def _describe_file(telling: Telling, entry: Entry, dataset: Node, download: Download) -> Node:
    format_ = download.format
    address = iri(download.href)
    size = "" if download.bytes is None else str(download.bytes)
    node = iri(f"{dataset}#{format_.key}")
    # What can be downloaded as CSV is read as data; the one for people has a BOM and labels.
    downloads = [] if format_ is EXCEL else [address]
    packed = [tell_media_type(telling.graph, ZIP.media_type)] if format_.key == ZIP.key else []
    return telling.graph.add(
        node,
        ("dcat:Distribution",),
        {
            **_titles(entry, format_.title, _noted(format_)),
            **_common(telling, entry, dataset, format_),
            "dct:modified": moment(telling.overview.modified_of(entry, download)),
            "dcat:accessURL": [address],
            "dcat:downloadURL": downloads,
            "dcat:packageFormat": packed,
            "dcat:byteSize": [Literal(size, datatype="xsd:nonNegativeInteger")] if size else [],
            "spdx:checksum": _describe_checksum(telling.graph, node, download.sha256),
        },
    )


def _noted(format_: Format) -> Text:
    if format_.note is None:
        return ALL
    return Text(f"{ALL.zh}{format_.note.zh}", f"{ALL.en} {format_.note.en}")


def _titles(entry: Entry, form: Text, note: Text) -> Properties:
    title = entry.dataset.title
    whole = Text(f"{title.zh}：{form.zh}", f"{title.en}: {form.en}")
    return {"dct:title": both(whole), "dct:description": both(note.format(n=entry.count))}


def _common(telling: Telling, entry: Entry, dataset: Node, format_: Format) -> Properties:
    """What is said of every distribution."""
    graph, kind = telling.graph, FILE_TYPES[format_.key]
    return {
        "dcat:mediaType": [tell_media_type(graph, format_.media_type)],
        "dct:format": [kind.tell(graph)],
        "dct:conformsTo": [standard.tell(graph) for standard in kind.standards],
        "dct:issued": moment(entry.issued),
        "dct:language": [language.tell(graph) for language in LANGUAGES],
        "dcatap:availability": [STABLE.tell(graph)],
        **_rights(telling, entry, dataset),
    }


def _describe_checksum(graph: Graph, distribution: Node, sha256: str | None) -> Sequence[Node]:
    if sha256 is None:
        return []
    algorithm = graph.add(iri(SHA_256), ("spdx:ChecksumAlgorithm",), {})
    return [
        graph.add(
            iri(f"{distribution}-checksum"),
            ("spdx:Checksum",),
            {
                "spdx:algorithm": [algorithm],
                "spdx:checksumValue": [Literal(sha256, datatype="xsd:hexBinary")],
            },
        )
    ]


ALL = Text("全部 {n} 条记录。", "All {n} records.")
BY_PAGES = Text(
    "全部 {n} 条记录，分页查询，可筛选、排序。",
    "All {n} records by pages, with filters and sorting.",
)
LICENSED = Text(
    "署名：{attribution}。许可不及于所引的政府报告原文。",
    "Credit: {attribution}. The licence does not cover the words of government reports that are "
    "quoted.",
)
PROVENANCE = Text(
    "根据政府公开的报告整理，并非政府发布；所有数字均为政府自行报告。",
    "Compiled from reports that governments published, and not by a government; all figures are "
    "the governments' own reports of themselves.",
)

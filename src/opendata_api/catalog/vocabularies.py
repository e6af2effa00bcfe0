"""The terms of others that datasets are described by, each told with its scheme.

Whoever checks a catalogue without fetching anything finds there which list a term is of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opendata_api.catalog.graph import Graph, Literal, Node, Properties, both, iri
from opendata_api.formats import CSV, EXCEL, JSON, NDJSON, PARQUET, XLSX, ZIP
from opendata_api.words import Text

AUTHORITY = "http://publications.europa.eu/resource/authority/"
"""The lists of the Publications Office of the European Union, which DCAT-AP prescribes."""
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
LICENCE_TYPES = "http://purl.org/adms/licencetype/"


@dataclass(frozen=True, slots=True)
class Concept:
    """A term of one of the lists of the Publications Office."""

    path: str
    """`data-theme/JUST`: the list and the code."""
    label: Text
    types: tuple[str, ...] = ()
    """What it is, beside a concept."""

    @property
    def address(self) -> str:
        """By which it is named."""
        return AUTHORITY + self.path

    def tell(self, graph: Graph) -> Node:
        """Describe it, and give it."""
        scheme = self.path.partition("/")[0]
        words: Properties = {
            "skos:prefLabel": both(self.label),
            "skos:inScheme": [iri(AUTHORITY + scheme)],
        }
        return graph.add(iri(self.address), (*self.types, "skos:Concept"), words)


@dataclass(frozen=True, slots=True)
class Standard:
    """What something conforms to."""

    address: str
    title: str

    def tell(self, graph: Graph) -> Node:
        """Describe it, and give it."""
        title = {"dct:title": [Literal(self.title, "en")]}
        return graph.add(iri(self.address), ("dct:Standard",), title)


@dataclass(frozen=True, slots=True)
class FileType:
    """How a format is called there, and what files of it conform to."""

    code: str
    label: str
    """As portals show it."""
    standards: Sequence[Standard] = ()

    def tell(self, graph: Graph) -> Node:
        """Describe it, and give it.

        CKAN shows the label of what is first of all a dct:IMT, and else the whole address.
        """
        concept = Concept(f"file-type/{self.code}", Text(self.label, self.label), _FILE_TYPE)
        return graph.add(concept.tell(graph), (), {"rdfs:label": [Literal(self.label)]})


def tell_media_type(graph: Graph, media_type: str) -> Node:
    """Describe a media type, and give it."""
    label = {"rdfs:label": [Literal(media_type)]}
    return graph.add(
        iri(MEDIA_TYPES + media_type), ("dct:MediaType", "dct:MediaTypeOrExtent"), label
    )


def tell_licence(graph: Graph, identifier: str, address: str) -> Node:
    """Describe a licence by its SPDX identifier and address, and give it."""
    known = _LICENCES.get(identifier)
    kind = [] if known is None else [_tell_licence_type(graph, known)]
    title = [Literal(identifier)] if known is None else both(known.title)
    same = [] if known is None else [iri(f"{AUTHORITY}licence/{known.code}")]
    return graph.add(
        iri(address),
        ("dct:LicenseDocument",),
        {
            "dct:title": title,
            "dct:identifier": [Literal(identifier)],
            "dct:type": kind,
            "skos:exactMatch": same,
        },
    )


def tell_themes_scheme(graph: Graph) -> Node:
    """Describe the list that themes are of, and give it."""
    title = Text("欧盟数据主题", "EU data themes")
    return graph.add(
        iri(f"{AUTHORITY}data-theme"), ("skos:ConceptScheme",), {"dct:title": both(title)}
    )


@dataclass(frozen=True, slots=True)
class Licence:
    """What is known of a licence beside its address."""

    title: Text
    code: str
    """Of the Publications Office."""
    kind: str
    kind_label: Text


def _tell_licence_type(graph: Graph, licence: Licence) -> Node:
    words: Properties = {
        "skos:prefLabel": both(licence.kind_label),
        "skos:inScheme": [iri(f"{LICENCE_TYPES}1.0")],
    }
    return graph.add(iri(LICENCE_TYPES + licence.kind), ("skos:Concept",), words)


_FILE_TYPE = ("dct:IMT", "dct:MediaTypeOrExtent")

_LICENCES: Mapping[str, Licence] = {
    "CC-BY-4.0": Licence(
        # The English title is the one by which CKAN finds its own `cc-by`.
        Text("知识共享署名许可协议", "Creative Commons Attribution"),
        "CC_BY_4_0",
        "Attribution",
        Text("署名", "Attribution"),
    )
}

THEMES = (
    Concept(
        "data-theme/JUST",
        Text("司法、法律制度和公共安全", "Justice, legal system and public safety"),
    ),
    Concept("data-theme/GOVE", Text("政府和公共部门", "Government and public sector")),
)
LANGUAGES = (
    Concept("language/ZHO", Text("中文", "Chinese"), ("dct:LinguisticSystem",)),
    Concept("language/ENG", Text("英文", "English"), ("dct:LinguisticSystem",)),
)
ANNUAL = Concept("frequency/ANNUAL", Text("每年", "annual"), ("dct:Frequency",))
PUBLIC = Concept("access-right/PUBLIC", Text("公开", "public"), ("dct:RightsStatement",))
STABLE = Concept("planned-availability/STABLE", Text("长期", "stable"))
CHINA = Concept("country/CHN", Text("中国", "China"), ("dct:Location",))

DCAT_AP = Standard("https://semiceu.github.io/DCAT-AP/releases/3.0.1/", "DCAT-AP 3.0.1")
OPENAPI = Standard("https://spec.openapis.org/oas/v3.1.0", "OpenAPI Specification 3.1")
_RFC_4180 = Standard("https://www.rfc-editor.org/rfc/rfc4180", "RFC 4180: CSV files")
_CSVW = Standard("https://www.w3.org/TR/tabular-data-model/", "CSV on the Web")

FILE_TYPES: Mapping[str, FileType] = {
    JSON.key: FileType(
        "JSON", "JSON", (Standard("https://www.rfc-editor.org/rfc/rfc8259", "RFC 8259: JSON"),)
    ),
    CSV.key: FileType("CSV", "CSV", (_RFC_4180, _CSVW)),
    EXCEL.key: FileType("CSV", "CSV", (_RFC_4180,)),
    XLSX.key: FileType(
        "XLSX",
        "XLSX",
        (Standard("https://www.iso.org/standard/71691.html", "ISO/IEC 29500-1: Office Open XML"),),
    ),
    # The Publications Office has no code for lines of JSON.
    NDJSON.key: FileType(
        "JSON", "JSON", (Standard("https://github.com/ndjson/ndjson-spec", "NDJSON"),)
    ),
    PARQUET.key: FileType(
        "PARQUET",
        "Parquet",
        (Standard("https://parquet.apache.org/docs/file-format/", "Apache Parquet"),),
    ),
    ZIP.key: FileType("ZIP", "ZIP", (Standard("https://datapackage.org/", "Data Package 2"),)),
}
"""Every format that a dataset can be had in, by its key."""

"""The catalogue as DCAT-AP 3 has it, page by page; each page says all that its parts need.

Things of ours are named by addresses that answer, most of them by a fragment of one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opendata_api.catalog.dcat_dataset import Telling, describe_dataset
from opendata_api.catalog.dcat_parties import (
    describe_contact,
    describe_publisher,
    describe_reports,
    describe_spatial,
)
from opendata_api.catalog.graph import Graph, Literal, Node, both, iri, moment
from opendata_api.catalog.overview import Entry, Overview
from opendata_api.catalog.rdf import Serialization
from opendata_api.catalog.vocabularies import (
    DCAT_AP,
    FILE_TYPES,
    LANGUAGES,
    OPENAPI,
    PUBLIC,
    THEMES,
    tell_licence,
    tell_themes_scheme,
)
from opendata_api.formats import JSON
from opendata_api.formats.rights import OURS, TITLE
from opendata_api.words import Text

PATH = "/catalog"
PAGE_SIZE = 100
"""Datasets on a page."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the catalogue in one serialization."""

    overview: Overview
    serialization: Serialization
    number: int
    """From 1."""

    @property
    def last(self) -> int:
        """The number of the last page; there is always one."""
        return max(1, -(-len(self.overview.entries) // PAGE_SIZE))

    @property
    def entries(self) -> Sequence[Entry]:
        """The datasets on it."""
        return self.overview.entries[(self.number - 1) * PAGE_SIZE : self.number * PAGE_SIZE]

    def path(self, number: int) -> str:
        """Where a page of that number stands in the same serialization."""
        query = "" if number == 1 else f"?page={number}"
        return f"{PATH}.{self.serialization.format.suffix}{query}"

    def others(self) -> Iterator[tuple[str, int]]:
        """The pages that it leads to: the relation of each, as links name it, and its number."""
        yield "first", 1
        if self.number > 1:
            yield "prev", self.number - 1
        if self.number < self.last:
            yield "next", self.number + 1
        yield "last", self.last

    def write(self) -> bytes:
        """The page as it is answered."""
        return self.serialization.write(describe_page(self))


def describe_page(page: Page) -> Graph:
    """The catalogue with the datasets of a page, and the page itself."""
    graph = Graph()
    overview = page.overview
    graph.add(iri(overview.address(PATH)), ("dcat:Catalog",), {})  # it stands first
    telling = Telling(
        graph,
        overview,
        publisher=describe_publisher(graph, overview),
        contact=describe_contact(graph, overview),
        spatial=describe_spatial(graph, overview),
        reports=describe_reports(graph, overview),
    )
    datasets = [describe_dataset(telling, entry) for entry in page.entries]
    _describe_service(telling, datasets)
    _describe_catalogue(telling, datasets)
    _describe_paging(page, graph)
    return graph


def _describe_catalogue(telling: Telling, datasets: Sequence[Node]) -> None:
    graph, overview = telling.graph, telling.overview
    home = graph.add(iri(overview.address("/")), ("foaf:Document",), {})
    graph.add(
        iri(overview.address(PATH)),
        ("dcat:Catalog",),
        {
            "dct:identifier": [Literal(overview.address(PATH))],
            "dct:title": both(TITLE),
            "dct:description": both(DESCRIPTION),
            "dct:publisher": [telling.publisher],
            "dcat:contactPoint": telling.contact,
            "foaf:homepage": [home],
            "dct:license": [tell_licence(graph, OURS.licence, OURS.url)],
            "dct:language": [language.tell(graph) for language in LANGUAGES],
            "dct:issued": moment(overview.issued),
            "dct:modified": moment(overview.modified),
            "dct:spatial": telling.spatial,
            "dct:conformsTo": [DCAT_AP.tell(graph)],
            "dcat:themeTaxonomy": [tell_themes_scheme(graph)],
            "dcat:service": [telling.service],
            "dcat:dataset": datasets,
        },
    )


def _describe_service(telling: Telling, datasets: Sequence[Node]) -> None:
    """The JSON API, which serves every dataset."""
    graph, overview = telling.graph, telling.overview
    guide = graph.add(iri(overview.address("/docs")), ("foaf:Document",), {})
    graph.add(
        telling.service,
        ("dcat:DataService",),
        {
            "dct:identifier": [Literal(overview.address("/v1"))],
            "dct:title": both(API_TITLE.format(zh=TITLE.zh, en=TITLE.en)),
            "dct:description": both(API_DESCRIPTION),
            "dcat:endpointURL": [iri(overview.address("/v1"))],
            "dcat:endpointDescription": [iri(overview.address("/openapi.json"))],
            "dcat:landingPage": [guide],
            "dcat:servesDataset": datasets,
            "dct:publisher": [telling.publisher],
            "dcat:contactPoint": telling.contact,
            "dct:license": [tell_licence(graph, OURS.licence, OURS.url)],
            "dct:accessRights": [PUBLIC.tell(graph)],
            "dct:conformsTo": [OPENAPI.tell(graph)],
            "dct:format": [FILE_TYPES[JSON.key].tell(graph)],
            "dct:language": [language.tell(graph) for language in LANGUAGES],
            "dcat:theme": [theme.tell(graph) for theme in THEMES],
            "dcat:keyword": both(TITLE),
        },
    )


def _describe_paging(page: Page, graph: Graph) -> None:
    """The page as Hydra names it now and as it did once; nothing points to it.

    What points to a page would differ from one serialization to the other.
    """
    links = {
        name: [iri(page.overview.address(page.path(number)))]
        for relation, number in page.others()
        for name in _HYDRA[relation]
    }
    graph.add(
        iri(page.overview.address(page.path(page.number))),
        ("hydra:PartialCollectionView", "hydra:PagedCollection"),
        {
            "hydra:totalItems": [_count(len(page.overview.entries))],
            "hydra:itemsPerPage": [_count(PAGE_SIZE)],
            **links,
        },
    )


def _count(number: int) -> Literal:
    return Literal(str(number), datatype="xsd:integer")


_HYDRA = {
    "first": ("hydra:first", "hydra:firstPage"),
    "prev": ("hydra:previous", "hydra:previousPage"),
    "next": ("hydra:next", "hydra:nextPage"),
    "last": ("hydra:last", "hydra:lastPage"),
}

DESCRIPTION = Text(
    "政府报告中的每个数字和承诺，一事一行，附原文依据。由本项目整理，并非政府发布。",
    "Every figure and commitment of government reports, one row each, with the sentence that "
    "states it. Compiled by this project, not published by a government.",
)
API_TITLE = Text("{zh}：JSON 接口", "{en}: JSON API")
API_DESCRIPTION = Text(
    "可筛选、排序、翻页、检索，并可按组计算；只读，不须注册。",
    "Filters, sorting, paging, search and figures by group; for reading only, without a key.",
)

"""The catalogue in RDF: valid DCAT-AP 3, the same in each form, whole on every page."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import httpx
import pytest
from conftest import BASE, REPOSITORY
from editions import O083, changed, serving, without
from pyshacl import validate
from rdflib import RDF, RDFS, BNode, Graph, Literal, Namespace, URIRef
from rdflib.compare import to_isomorphic
from rdflib.namespace import DCTERMS, FOAF, PROV, SH, SKOS
from rdflib.term import Node

from opendata_api.catalog import dcat
from opendata_api.catalog.dcat import Page
from opendata_api.catalog.dcat_parties import AREAS_MAX
from opendata_api.catalog.keywords import keywords
from opendata_api.catalog.overview import Overview
from opendata_api.catalog.rdf import JSON_LD, RDF_XML, SERIALIZATIONS, TURTLE, Serialization
from opendata_api.catalog.vocabularies import FILE_TYPES
from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.formats import FORMATS, XLSX
from opendata_api.formats.rights import Rights
from opendata_api.publish import beside, make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.place import write_release
from opendata_api.web import dcat as dcat_addresses
from opendata_api.web.app import Application, create_app
from opendata_api.web.overview import find_overview
from opendata_api.words import Text

# rdflib reads JSON-LD by a class of its own that it has given up.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

DCAT = Namespace("http://www.w3.org/ns/dcat#")  # rdflib's own knows no dcat:version
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
XSD = "http://www.w3.org/2001/XMLSchema#"
AVAILABILITY = URIRef("http://data.europa.eu/r5r/availability")
AUTHORITY = Namespace("http://publications.europa.eu/resource/authority/")
CATALOGUE = URIRef(f"{BASE}/catalog")
PUBLISHER = URIRef(f"{BASE}/catalog#publisher")
CC_BY = URIRef("https://creativecommons.org/licenses/by/4.0/")
SOURCE = URIRef("http://www.yfq.gov.cn/zwgk/fdzdgknr/fzzfjs/fzzfjsqkbg/t19700101_3440437.shtml")
PARSERS = {"text/turtle": "turtle", "application/ld+json": "json-ld", "application/rdf+xml": "xml"}
SHAPES = REPOSITORY / "conformance" / "shapes"
INVENTED = [f"invented-{n:03}" for n in range(250)]
FORMS = ("csv", "excel", "xlsx", "ndjson", "parquet", "zip", "api")
TIMES = ("2026-01-02T03:04:05Z", "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z")

every_serialization = pytest.mark.parametrize(
    "serialization", SERIALIZATIONS, ids=lambda one: one.format.suffix
)
every_shape = pytest.mark.parametrize(
    "name", sorted(path.name for path in SHAPES.glob("*.ttl")), ids=lambda name: name[15:-4]
)


def read(answer: httpx.Response) -> Graph:
    media_type = answer.headers["content-type"].partition(";")[0]
    return Graph().parse(data=answer.content, format=PARSERS[media_type])


def written(page: Page) -> Graph:
    media_type = page.serialization.format.media_type
    return Graph().parse(data=page.write(), format=PARSERS[media_type])


def told(graph: Graph, subject: Node) -> dict[Node, set[Node]]:
    """What a graph says of a thing, by property."""
    return {name: set(graph.objects(subject, name)) for name in graph.predicates(subject)}


def both(zh: str, en: str) -> set[Node]:
    return {Literal(zh, lang="zh"), Literal(en, lang="en")}


def moment(text: str) -> set[Node]:
    return {Literal(text, datatype=URIRef(f"{XSD}dateTime"))}


def datasets_of(graph: Graph) -> set[Node]:
    return set(graph.subjects(RDF.type, DCAT.Dataset))


async def catalogue_of(client: httpx.AsyncClient) -> Graph:
    return read(await client.get("/catalog.ttl"))


@pytest.fixture
async def overview(service: Application) -> Overview:
    return await find_overview(service.site)


@pytest.fixture
def room_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than two pages are kept."""
    monkeypatch.setattr(dcat_addresses, "KEPT_MAX", 2)


@pytest.fixture
async def many(published: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that offers 250 invented datasets."""
    app = create_app(published, DATASETS)
    await app.site.store.open()
    overview = await find_overview(app.site)
    entry = overview.entry["observations"]
    entry = replace(entry, downloads=entry.downloads[:1])
    invented = [replace(entry, dataset=replace(OBSERVATIONS, name=name)) for name in INVENTED]
    app.site.overviews[overview.release] = replace(overview, entries=invented)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client
    await app.site.store.close()


def shapes_of(name: str) -> Graph:
    """The shapes of a file, with what the published ones lack.

    Their properties have no type, and two of them no path.
    """
    shapes = Graph().parse(SHAPES / name, format="turtle")
    for shape in set(shapes.objects(None, SH.property)):
        if (shape, SH.path, None) in shapes:
            shapes.add((shape, RDF.type, SH.PropertyShape))
        else:
            shapes.remove((None, SH.property, shape))
            shapes.remove((shape, None, None))
    return shapes


def violations(graph: Graph, name: str) -> list[str]:
    _, report, _ = validate(graph, shacl_graph=shapes_of(name), allow_warnings=True)
    assert isinstance(report, Graph)
    return [
        f"{report.value(one, SH.focusNode)} {report.value(one, SH.resultPath)}"
        for one in report.objects(None, SH.result)
        if (one, SH.resultSeverity, SH.Violation) in report
    ]


@pytest.mark.untraced
@pytest.mark.any_database
@every_shape
async def test_the_catalogue_has_the_shapes_of_dcat_ap(api: httpx.AsyncClient, name: str) -> None:
    assert violations(await catalogue_of(api), name) == []


def test_there_are_six_files_of_shapes() -> None:
    assert len(list(SHAPES.glob("*.ttl"))) == 6


@pytest.mark.untraced
@pytest.mark.any_database
async def test_a_shape_finds_a_planted_fault(api: httpx.AsyncClient) -> None:
    graph = await catalogue_of(api)
    graph.remove((CATALOGUE, DCTERMS.publisher, None))

    faults = violations(graph, "dcat-ap-3.0.1_shapes.ttl")

    assert faults == [f"{CATALOGUE} {DCTERMS.publisher}"]


@pytest.mark.untraced
@pytest.mark.any_database
async def test_the_three_forms_hold_the_same_graph(api: httpx.AsyncClient) -> None:
    graphs = []
    for serialization in SERIALIZATIONS:
        graph = read(await api.get(f"/catalog.{serialization.format.suffix}"))
        for page in set(graph.subjects(RDF.type, HYDRA.PartialCollectionView)):
            graph.remove((page, None, None))
        graphs.append(to_isomorphic(graph))

    assert graphs[0] == graphs[1] == graphs[2]
    assert len(datasets_of(graphs[0])) == len(DATASETS)


@every_serialization
async def test_both_databases_give_the_same_bytes(
    clients: Mapping[str, httpx.AsyncClient], serialization: Serialization
) -> None:
    bodies = [
        (await client.get(f"/catalog.{serialization.format.suffix}")).content
        for client in clients.values()
    ]

    assert bodies[0] == bodies[1]


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, TURTLE),
        ("*/*", TURTLE),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", TURTLE),
        ("text/turtle", TURTLE),
        ("application/ld+json", JSON_LD),
        ("application/json", JSON_LD),
        ("application/rdf+xml", RDF_XML),
        ("application/xml", RDF_XML),
        ("application/rdf+xml,text/rdf+n3;q=0.9,application/xhtml+xml;q=0.5, */*;q=0.1", RDF_XML),
        ("text/turtle;q=0.5, application/ld+json", JSON_LD),
    ],
)
async def test_the_accept_header_chooses_the_form(
    api: httpx.AsyncClient, accept: str | None, expected: Serialization
) -> None:
    headers = {} if accept is None else {"accept": accept}

    answer = await api.get("/catalog", headers=headers)

    assert answer.headers["content-type"] == expected.format.content_type
    assert "Accept" in answer.headers["vary"].split(", ")
    assert answer.content == (await api.get(f"/catalog.{expected.format.suffix}")).content


@pytest.mark.any_database
async def test_another_form_is_not_acceptable(api: httpx.AsyncClient) -> None:
    answer = await api.get("/catalog", headers={"accept": "image/png"})

    (fault,) = answer.json()["errors"]
    assert (answer.status_code, answer.headers["vary"].partition(",")[0]) == (406, "Accept")
    assert fault["allowed"] == ["text/turtle", "application/ld+json", "application/rdf+xml"]


@pytest.mark.any_database
@every_serialization
async def test_a_harvester_may_ask_with_head_and_keep_its_copy(
    api: httpx.AsyncClient, serialization: Serialization
) -> None:
    address = f"/catalog.{serialization.format.suffix}"
    answer = await api.get(address)

    head = await api.head(address)
    again = await api.get(address, headers={"if-none-match": answer.headers["etag"]})

    told_by = ("content-type", "content-length", "etag", "link", "last-modified")
    assert [head.headers[name] for name in told_by] == [answer.headers[name] for name in told_by]
    assert (head.status_code, head.content, again.status_code, again.content) == (
        *(200, b""),
        *(304, b""),
    )


async def test_the_catalogue_says_who_offers_what(api: httpx.AsyncClient) -> None:
    graph = await catalogue_of(api)

    assert told(graph, CATALOGUE) == {
        RDF.type: {DCAT.Catalog},
        DCTERMS.identifier: {Literal(CATALOGUE)},
        DCTERMS.title: both("政府报告开放数据", "Open Data from Government Reports"),
        DCTERMS.description: both(dcat.DESCRIPTION.zh, dcat.DESCRIPTION.en),
        DCTERMS.publisher: {PUBLISHER},
        FOAF.homepage: {URIRef(f"{BASE}/")},
        DCTERMS.license: {CC_BY},
        DCTERMS.language: {AUTHORITY["language/ZHO"], AUTHORITY["language/ENG"]},
        DCTERMS.issued: moment("2026-01-02T03:04:05Z"),
        DCTERMS.modified: moment("2026-01-02T03:04:05Z"),
        DCTERMS.spatial: {URIRef(f"{BASE}/v1/areas/450203")},
        DCTERMS.conformsTo: {URIRef("https://semiceu.github.io/DCAT-AP/releases/3.0.1/")},
        DCAT.themeTaxonomy: {AUTHORITY["data-theme"]},
        DCAT.service: {URIRef(f"{BASE}/v1")},
        DCAT.dataset: {URIRef(f"{BASE}/v1/datasets/{one.name}") for one in DATASETS},
    }
    assert told(graph, PUBLISHER) == {
        RDF.type: {FOAF.Agent},
        FOAF.name: both("政府报告开放数据", "Open Data from Government Reports"),
        FOAF.homepage: {URIRef(f"{BASE}/")},
    }


async def test_a_dataset_is_described_whole(api: httpx.AsyncClient) -> None:
    graph = await catalogue_of(api)
    dataset = URIRef(f"{BASE}/v1/datasets/observations")
    (period,) = graph.objects(dataset, DCTERMS.temporal)

    assert told(graph, dataset) == {
        RDF.type: {DCAT.Dataset},
        DCTERMS.identifier: {Literal(dataset)},
        DCTERMS.title: both("报告数据", "Observations"),
        DCTERMS.description: both(OBSERVATIONS.description.zh, OBSERVATIONS.description.en),
        DCAT.keyword: {
            *both("报告数据", "Observations"),
            *both("法治政府建设年度报告", "annual rule-of-law report"),
            *both("鱼峰区", "Yufeng District"),
        },
        DCAT.theme: {AUTHORITY["data-theme/JUST"], AUTHORITY["data-theme/GOVE"]},
        DCTERMS.publisher: {PUBLISHER},
        DCTERMS.issued: moment("2026-01-02T03:04:05Z"),
        DCTERMS.modified: moment("2026-01-02T03:04:05Z"),
        DCAT.version: {Literal("1")},
        DCTERMS.accrualPeriodicity: {AUTHORITY["frequency/ANNUAL"]},
        DCTERMS.temporal: {period},
        DCTERMS.spatial: {URIRef(f"{BASE}/v1/areas/450203")},
        DCTERMS.accessRights: {AUTHORITY["access-right/PUBLIC"]},
        DCTERMS.license: {CC_BY},
        DCTERMS.rights: {URIRef(f"{dataset}#rights")},
        DCTERMS.language: {AUTHORITY["language/ZHO"], AUTHORITY["language/ENG"]},
        DCAT.landingPage: {URIRef(f"{BASE}/datasets/observations")},
        DCTERMS.conformsTo: {URIRef(f"{BASE}/openapi.json#/components/schemas/Observation")},
        DCTERMS.provenance: {URIRef(f"{BASE}/catalog#provenance")},
        PROV.wasDerivedFrom: {URIRef(f"{BASE}/v1/reports/cn450203-2023-rol")},
        PROV.hadPrimarySource: {SOURCE},
        DCAT.distribution: {URIRef(f"{dataset}#{form}") for form in FORMS},
    }
    assert isinstance(period, BNode)
    assert [str(graph.value(period, name)) for name in (DCAT.startDate, DCAT.endDate)] == [
        "2023-01-01",
        "2023-12-31",
    ]


async def test_a_file_is_described_whole(api: httpx.AsyncClient) -> None:
    graph = await catalogue_of(api)
    dataset = URIRef(f"{BASE}/v1/datasets/observations")
    file, address = URIRef(f"{dataset}#csv"), URIRef(f"{BASE}/v1/observations.csv")
    body = (await api.get(str(address))).content

    assert told(graph, file) == {
        RDF.type: {DCAT.Distribution},
        DCTERMS.title: both("报告数据：CSV（供程序）", "Observations: CSV (for programs)"),
        DCTERMS.description: both("全部 108 条记录。", "All 108 records."),
        DCAT.accessURL: {address},
        DCAT.downloadURL: {address},
        DCAT.mediaType: {URIRef("https://www.iana.org/assignments/media-types/text/csv")},
        DCTERMS["format"]: {AUTHORITY["file-type/CSV"]},
        DCTERMS.conformsTo: {
            URIRef("https://www.rfc-editor.org/rfc/rfc4180"),
            URIRef("https://www.w3.org/TR/tabular-data-model/"),
        },
        DCTERMS.issued: moment("2026-01-02T03:04:05Z"),
        DCTERMS.modified: moment("2026-01-02T03:04:05Z"),
        DCTERMS.language: {AUTHORITY["language/ZHO"], AUTHORITY["language/ENG"]},
        AVAILABILITY: {AUTHORITY["planned-availability/STABLE"]},
        DCTERMS.license: {CC_BY},
        DCTERMS.rights: {URIRef(f"{dataset}#rights")},
        DCAT.byteSize: {
            Literal(str(len(body)), datatype=URIRef(f"{XSD}nonNegativeInteger")),
        },
        SPDX.checksum: {URIRef(f"{file}-checksum")},
    }
    assert [str(one) for one in graph.objects(URIRef(f"{file}-checksum"), SPDX.checksumValue)] == [
        sha256(body).hexdigest()
    ]


@pytest.mark.untraced
async def test_a_file_whose_bytes_differ_is_told_as_changed(own: Settings, seed: Seed) -> None:
    async with serving(own) as client:
        before = await catalogue_of(client)
    await publish(own, without(make_edition(seed), O083))
    async with serving(own) as client:
        after = await catalogue_of(client)

    def of(graph: Graph, checksum: Node) -> tuple[str, str]:
        file = graph.value(predicate=SPDX.checksum, object=checksum)
        time = graph.value(file, DCTERMS.modified)
        return str(graph.value(checksum, SPDX.checksumValue)), str(time)

    sums = set(before.objects(None, SPDX.checksum))
    both_times = [(of(before, one), of(after, one)) for one in sums]
    assert {(old[0] == new[0]) == (old[1] == new[1]) for old, new in both_times} == {True}
    assert len(both_times) == 4 * len(DATASETS)


async def test_sizes_and_checksums_are_those_of_what_is_downloaded(api: httpx.AsyncClient) -> None:
    graph = await catalogue_of(api)
    checked = 0
    for file, checksum in graph.subject_objects(SPDX.checksum):
        body = (await api.get(str(graph.value(file, DCAT.downloadURL)))).content
        assert str(graph.value(checksum, SPDX.checksumValue)) == sha256(body).hexdigest()
        assert int(str(graph.value(file, DCAT.byteSize))) == len(body)
        checked += 1

    assert checked == 4 * len(DATASETS)  # labels of spreadsheets have a language, chosen later


@pytest.mark.any_database
async def test_every_download_has_the_media_type_that_is_told(api: httpx.AsyncClient) -> None:
    graph = await catalogue_of(api)
    for file, address in graph.subject_objects(DCAT.downloadURL):
        answer = await api.head(str(address))
        media_type = answer.headers["content-type"].partition(";")[0]
        told_type = graph.value(file, DCAT.mediaType)
        assert answer.status_code == 200
        assert str(told_type).endswith(f"/media-types/{media_type}")
        assert str(graph.value(told_type, RDFS.label)) == media_type


@pytest.mark.any_database
async def test_every_address_of_ours_answers(api: httpx.AsyncClient) -> None:
    graph = await catalogue_of(api)
    named = {str(term) for said in graph for term in said if isinstance(term, URIRef)}
    ours = {address.partition("#")[0] for address in named if address.startswith(BASE)}

    statuses = {address: (await api.get(address)).status_code for address in ours}

    assert statuses == dict.fromkeys(ours, 200)


async def test_words_of_a_government_have_rights_told_and_no_licence(
    api: httpx.AsyncClient,
) -> None:
    graph = await catalogue_of(api)
    passages = URIRef(f"{BASE}/v1/datasets/passages")
    rights = URIRef(f"{passages}#rights")

    parts = [passages, *graph.objects(passages, DCAT.distribution)]
    assert [list(graph.objects(part, DCTERMS.license)) for part in parts] == [[]] * len(parts)
    assert [set(graph.objects(part, DCTERMS.rights)) for part in parts] == [{rights}] * len(parts)
    assert set(graph.objects(rights, RDFS.label)) == both(
        "所载为政府报告原文，不在本项目许可之内",
        "the words of the government's own reports, which no licence of ours covers",
    )


@pytest.mark.any_database
async def test_portals_find_short_names_of_formats(api: httpx.AsyncClient) -> None:
    graph = await catalogue_of(api)
    labels = {str(graph.value(kind, RDFS.label)) for kind in graph.objects(None, DCTERMS["format"])}

    assert labels == {"CSV", "XLSX", "JSON", "Parquet", "ZIP"}


def test_every_format_has_a_file_type() -> None:
    assert {one.key for one in FORMATS} <= FILE_TYPES.keys()


@pytest.mark.any_database
async def test_the_json_api_is_a_service_that_serves_every_dataset(api: httpx.AsyncClient) -> None:
    graph = await catalogue_of(api)
    service = URIRef(f"{BASE}/v1")

    assert set(graph.objects(service, RDF.type)) == {DCAT.DataService}
    assert set(graph.objects(service, DCAT.servesDataset)) == datasets_of(graph)
    assert set(graph.objects(service, DCAT.endpointURL)) == {service}
    assert set(graph.objects(service, DCAT.endpointDescription)) == {URIRef(f"{BASE}/openapi.json")}
    assert {str(one) for one in graph.subjects(DCAT.accessService, service)} == {
        f"{BASE}/v1/datasets/{one.name}#api" for one in DATASETS
    }


@pytest.mark.any_database
async def test_the_report_is_told_with_its_source(api: httpx.AsyncClient) -> None:
    graph = await catalogue_of(api)

    assert told(graph, URIRef(f"{BASE}/v1/reports/cn450203-2023-rol")) == {
        RDF.type: {PROV.Entity, FOAF.Document},
        DCTERMS.identifier: {Literal("cn450203-2023-rol")},
        DCTERMS.title: both(
            "鱼峰区人民政府关于2023年法治政府建设工作情况的报告",
            "Report of the People's Government of Yufeng District on building a law-based "
            "government in 2023",
        ),
        DCTERMS.issued: {Literal("2024-03-01", datatype=URIRef(f"{XSD}date"))},
        DCTERMS.source: {SOURCE},
        PROV.hadPrimarySource: {SOURCE},
    }


def walk(graph: Graph) -> Iterator[str]:
    """The next page, as either class of Hydra names it."""
    for kind, name in (
        (HYDRA.PartialCollectionView, HYDRA.next),
        (HYDRA.PagedCollection, HYDRA.nextPage),
    ):
        for page in graph.subjects(RDF.type, kind):
            yield from (str(one) for one in graph.objects(page, name))


async def pages_of(api: httpx.AsyncClient, address: str) -> list[Graph]:
    pages, following = [], address
    while following:
        answer = await api.get(following)
        graph = read(answer)
        pages.append(graph)
        named = set(walk(graph))
        link = answer.links.get("next", {}).get("url", "")
        assert named == ({link} if link else set())
        following = link
    return pages


@pytest.mark.untraced
@pytest.mark.any_database
@every_serialization
async def test_pages_of_a_hundred_have_every_dataset_once(
    many: httpx.AsyncClient, serialization: Serialization
) -> None:
    pages = await pages_of(many, f"{BASE}/catalog.{serialization.format.suffix}")

    found = [sorted(map(str, datasets_of(page))) for page in pages]
    expected = [f"{BASE}/v1/datasets/{name}" for name in INVENTED]
    assert [one for page in found for one in page] == expected
    assert [len(page) for page in found] == [100, 100, 50]


@pytest.mark.untraced
@pytest.mark.any_database
async def test_each_page_is_whole(many: httpx.AsyncClient) -> None:
    whole = set()
    for page in await pages_of(many, f"{BASE}/catalog.ttl"):
        assert violations(page, "dcat-ap-3.0.1_range.ttl") == []
        assert set(page.objects(CATALOGUE, DCAT.dataset)) == datasets_of(page)
        assert set(page.objects(None, DCAT.distribution)) == set(
            page.subjects(RDF.type, DCAT.Distribution)
        )
        whole |= datasets_of(page)

    assert len(whole) == len(INVENTED)


@pytest.mark.any_database
async def test_a_page_says_where_it_stands(many: httpx.AsyncClient) -> None:
    answer = await many.get("/catalog.rdf?page=2")
    first, page, last = (f"{BASE}/catalog.rdf{query}" for query in ("", "?page=2", "?page=3"))

    def count(n: int) -> set[Node]:
        return {Literal(str(n), datatype=URIRef(f"{XSD}integer"))}

    assert told(read(answer), URIRef(page)) == {
        RDF.type: {HYDRA.PartialCollectionView, HYDRA.PagedCollection},
        HYDRA.totalItems: count(len(INVENTED)),
        HYDRA.itemsPerPage: count(100),
        **{name: {URIRef(first)} for name in (HYDRA.first, HYDRA.firstPage)},
        **{name: {URIRef(first)} for name in (HYDRA.previous, HYDRA.previousPage)},
        **{name: {URIRef(last)} for name in (HYDRA.next, HYDRA.nextPage)},
        **{name: {URIRef(last)} for name in (HYDRA.last, HYDRA.lastPage)},
    }
    assert answer.headers["link"].split(", ") == [
        f'<{page}>; rel="self"',
        f'<{first}>; rel="first"',
        f'<{first}>; rel="prev"',
        f'<{last}>; rel="next"',
        f'<{last}>; rel="last"',
        f'<{BASE}/catalog.ttl?page=2>; rel="alternate"; type="text/turtle"',
        f'<{BASE}/catalog.jsonld?page=2>; rel="alternate"; type="application/ld+json"',
        f'<{CC_BY}>; rel="license"',
    ]


@pytest.mark.any_database
async def test_the_negotiated_address_names_every_form(api: httpx.AsyncClient) -> None:
    answer = await api.get("/catalog")

    alternates = [one for one in answer.headers["link"].split(", ") if 'rel="alternate"' in one]
    assert alternates == [
        f'<{BASE}/catalog.ttl>; rel="alternate"; type="text/turtle"',
        f'<{BASE}/catalog.jsonld>; rel="alternate"; type="application/ld+json"',
        f'<{BASE}/catalog.rdf>; rel="alternate"; type="application/rdf+xml"',
    ]


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("query", "detail", "correction"),
    [
        ("page=4", "page: 页码须在1和3之间", "?page=3"),
        ("page=0", "page: 须在1和9223372036854775807之间", ""),
        ("page=a", "page: 须为半角数字书写的整数", ""),
    ],
)
async def test_a_page_that_is_not_there_is_refused(
    many: httpx.AsyncClient, query: str, detail: str, correction: str
) -> None:
    answer = await many.get(f"/catalog.ttl?{query}")

    assert (answer.status_code, answer.json()["detail"]) == (400, detail)
    assert answer.json()["errors"][0]["try"] == f"{BASE}/catalog.ttl{correction}"
    assert (await many.get(answer.json()["errors"][0]["try"])).status_code == 200


@pytest.mark.any_database
async def test_a_catalogue_of_one_page_says_so(api: httpx.AsyncClient) -> None:
    answer = await api.get("/catalog?page=2", headers={"accept": "text/html"})

    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["message"], fault["try"]) == (
        *(400, "目录只有1页"),
        f"{BASE}/catalog",
    )
    first = await api.get("/catalog?page=1")
    assert first.headers["etag"] == (await api.get("/catalog")).headers["etag"]


@pytest.mark.any_database
@pytest.mark.usefixtures("room_for_two")
async def test_no_more_pages_are_kept_than_have_room(many: httpx.AsyncClient) -> None:
    addresses = [f"/catalog.ttl?page={n}" for n in (1, 2, 3, 1)]

    bodies = [(await many.get(one)).content for one in addresses]

    assert bodies[0] == bodies[3]
    assert len(set(bodies)) == 3


async def publish(settings: Settings, *editions: Any) -> None:
    for edition, at in zip(editions, TIMES[1:], strict=False):
        made = beside(settings, edition)
        when = datetime.fromisoformat(at).astimezone(UTC)
        await asyncio.to_thread(write_release, settings, DATASETS, edition, when, made)


@pytest.mark.untraced
async def test_a_correction_and_a_withdrawal_change_no_address(own: Settings, seed: Seed) -> None:
    async with serving(own) as client:
        before = await catalogue_of(client)
    edition = make_edition(seed)
    await publish(own, changed(edition, O083, note_en="Corrected."), without(edition, O083))
    async with serving(own) as client:
        answers = [await client.get(f"/catalog.{one.format.suffix}") for one in SERIALIZATIONS]
    after = read(answers[0])
    observations = URIRef(f"{BASE}/v1/datasets/observations")
    areas = URIRef(f"{BASE}/v1/datasets/areas")

    assert set(after.subjects()) - set(after.subjects(RDF.type, DCTERMS.PeriodOfTime)) == set(
        before.subjects()
    ) - set(before.subjects(RDF.type, DCTERMS.PeriodOfTime))
    assert [
        [str(after.value(one, name)) for name in (DCAT.version, DCTERMS.issued, DCTERMS.modified)]
        for one in (observations, areas)
    ] == [
        ["3", TIMES[0].replace("Z", "+00:00"), TIMES[2].replace("Z", "+00:00")],
        ["3", TIMES[0].replace("Z", "+00:00"), TIMES[0].replace("Z", "+00:00")],
    ]
    times = {name: str(after.value(URIRef(f"{areas}#{name}"), DCTERMS.modified)) for name in FORMS}
    of_first = {name for name, time in times.items() if time == TIMES[0].replace("Z", "+00:00")}
    assert of_first == {"csv", "ndjson", "api"}
    assert {times[name] for name in FORMS if name not in of_first} == {
        TIMES[2].replace("Z", "+00:00")
    }
    assert Literal("All 107 records.", lang="en") in set(
        after.objects(URIRef(f"{observations}#csv"), DCTERMS.description)
    )
    assert violations(after, "dcat-ap-3.0.1_shapes.ttl") == []


async def test_pages_of_the_release_before_are_not_kept(own: Settings, seed: Seed) -> None:
    app = create_app(own, DATASETS)
    await app.site.store.open()
    try:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            first = await client.get("/catalog.ttl")
            await publish(own, without(make_edition(seed), O083))
            await app.site.store.refresh()
            second = await client.get("/catalog.ttl")
    finally:
        await app.site.store.close()

    assert first.headers["etag"] != second.headers["etag"]
    assert ["All 107 records." in one.text for one in (first, second)] == [False, True]


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("contact", "by", "mailboxes"),
    [
        ("mailto:data@example.org", VCARD.hasEmail, [URIRef("mailto:data@example.org")]),
        ("https://example.org/contact", VCARD.hasURL, []),
    ],
)
async def test_the_operator_is_told_as_set(
    published: Settings, api: httpx.AsyncClient, contact: str, by: URIRef, mailboxes: list[URIRef]
) -> None:
    settings = published.model_copy(
        update={
            "contact": contact,
            "operator_zh": "某市司法局",
            "operator_en": "A Bureau of Justice",
            "operator_code": "11450200007888888X",
        }
    )
    async with serving(settings) as client:
        answer = await client.get("/catalog.ttl")
    graph = read(answer)
    person = URIRef(f"{BASE}/catalog#contact")
    name = both("某市司法局", "A Bureau of Justice")

    assert set(graph.objects(None, DCAT.contactPoint)) == {person}
    assert told(graph, person) == {RDF.type: {VCARD.Kind}, VCARD.fn: name, by: {URIRef(contact)}}
    assert list(graph.objects(None, FOAF.mbox)) == mailboxes
    graph.remove((PUBLISHER, FOAF.mbox, None))
    assert told(graph, PUBLISHER) == {
        RDF.type: {FOAF.Agent},
        FOAF.name: name,
        FOAF.homepage: {URIRef(f"{BASE}/")},
        DCTERMS.identifier: {Literal("11450200007888888X")},
    }
    assert answer.headers["etag"] != (await api.get("/catalog.ttl")).headers["etag"]
    assert violations(graph, "dcat-ap-3.0.1_range.ttl") == []


@pytest.mark.any_database
async def test_a_country_of_areas_is_told_as_one(overview: Overview) -> None:
    areas = [(f"{n:06}", Text(f"第{n}区", f"District {n}")) for n in range(AREAS_MAX + 1)]
    few = written(Page(replace(overview, areas=areas[:-1]), TURTLE, 1))
    all_ = written(Page(replace(overview, areas=areas), TURTLE, 1))

    assert len(set(few.objects(CATALOGUE, DCTERMS.spatial))) == AREAS_MAX
    assert set(all_.objects(None, DCTERMS.spatial)) == {AUTHORITY["country/CHN"]}
    assert set(all_.objects(AUTHORITY["country/CHN"], SKOS.inScheme)) == {AUTHORITY.country}


@pytest.mark.any_database
async def test_keywords_are_few_and_each_stands_once(overview: Overview) -> None:
    entry = overview.entry["observations"]
    report = overview.reports[0]
    areas = [(f"{n:06}", Text(f"第{n}区", f"District {n}")) for n in range(21)]
    others = [report, {**report, "id": "b"}, {**report, "kind": "unheard_of"}]

    words: Sequence[Text] = keywords(replace(overview, areas=areas, reports=others), entry)

    assert words == [
        Text("报告数据", "Observations"),
        Text("法治政府建设年度报告", "annual rule-of-law report"),
    ]


@pytest.mark.any_database
async def test_without_reports_nothing_is_said_of_years(overview: Overview) -> None:
    bare = replace(overview, years=None, reports=[], areas=[])
    graph = written(Page(bare, TURTLE, 1))

    assert list(graph.objects(None, DCTERMS.temporal)) == []
    assert list(graph.objects(None, PROV.wasDerivedFrom)) == []
    assert violations(graph, "dcat-ap-3.0.1_shapes.ttl") == []


@pytest.mark.any_database
async def test_a_catalogue_without_datasets_has_one_page(overview: Overview) -> None:
    page = Page(replace(overview, entries=[]), TURTLE, 1)

    assert (page.last, datasets_of(written(page))) == (1, set())


@pytest.mark.any_database
async def test_another_licence_is_told_by_its_name(overview: Overview) -> None:
    url = "https://example.org/licence"
    rights = Rights("LicenseRef-example", url, "某单位 (An office)")
    entry = replace(overview.entry["areas"], rights=rights)
    graph = written(Page(replace(overview, entries=[entry]), JSON_LD, 1))

    assert told(graph, URIRef(url)) == {
        RDF.type: {DCTERMS.LicenseDocument},
        DCTERMS.title: {Literal("LicenseRef-example")},
        DCTERMS.identifier: {Literal("LicenseRef-example")},
    }


@pytest.mark.any_database
@pytest.mark.usefixtures("small_workbooks")
async def test_a_workbook_that_would_be_refused_is_not_offered(service: Application) -> None:
    service.site.overviews.clear()
    try:
        overview = await find_overview(service.site)
    finally:
        service.site.overviews.clear()

    offered = {one.dataset.name: one.download(XLSX) is not None for one in overview.entries}
    assert offered == {one.dataset.name: one.count <= 20 for one in overview.entries}
    assert set(offered.values()) == {True, False}

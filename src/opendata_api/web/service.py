"""The addresses beside the rows: the service itself, its dictionary and texts, its state."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.describe import Dataset
from opendata_api.errors import Fault, FileUnavailable, NotFound, Pairs
from opendata_api.formats import JSON, PLAIN_TEXT
from opendata_api.formats.rights import OURS, TITLE, VERBATIM
from opendata_api.query import (
    EXAMPLE_WORD,
    PLAIN_PARAMETERS,
    RELEASE_PARAMETERS,
    parse_choice,
    split_query,
)
from opendata_api.store.model import Release
from opendata_api.web import caching
from opendata_api.web.absence import find_absence
from opendata_api.web.answers import Representation, answer_object, read_choice
from opendata_api.web.dictionary import describe_dataset, describe_fields, describe_functions
from opendata_api.web.discovery import api_catalog_link
from opendata_api.web.links import Link
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site
from opendata_api.words import Text

DAMAGED = Text("文件已损坏：{files}", "files are damaged: {files}")


def service_handler(site: Site) -> Handler:
    """`/v1`: what there is."""

    async def answer_service(request: Request) -> Response:
        choice, release = await read_choice(site, request, RELEASE_PARAMETERS)
        links = [
            Link("self", site.address("/v1", choice.canonical), "self"),
            Link("service-doc", site.address("/docs"), "docs"),
            Link("service-desc", site.address("/openapi.json"), "openapi"),
            Link("item", site.address("/v1/datasets"), "datasets"),
            Link("search", site.address("/v1/search", (("q", EXAMPLE_WORD),)), "search"),
            Link("version-history", site.address("/v1/releases"), "releases"),
            api_catalog_link(site),
        ]
        content = {
            "title_zh": TITLE.zh,
            "title_en": TITLE.en,
            "version": "v1",
            "release": release.n,
            "published_at": release.published_at,
            "license": OURS.licence,
            "license_url": OURS.url,
            "attribution": OURS.attribution,
            "datasets": [describe_dataset(site, dataset, release.n) for dataset in site.datasets],
        }
        place = _place(site, release, "/v1", choice.canonical, links)
        return answer_object(place, content, request)

    return answer_service


def datasets_handler(site: Site) -> Handler:
    """`/v1/datasets`: the datasets."""

    async def answer_datasets(request: Request) -> Response:
        choice, release = await read_choice(site, request, RELEASE_PARAMETERS)
        path = "/v1/datasets"
        links = [Link("self", site.address(path, choice.canonical), "self")]
        content = [describe_dataset(site, dataset, release.n) for dataset in site.datasets]
        return answer_object(_place(site, release, path, choice.canonical, links), content, request)

    return answer_datasets


def dataset_handler(site: Site) -> Handler:
    """`/v1/datasets/{name}`: the dictionary of one dataset."""

    async def answer_dataset(request: Request) -> Response:
        choice, release = await read_choice(site, request, RELEASE_PARAMETERS)
        dataset = site.dataset.get(str(request.path_params["name"]))
        if dataset is None:
            raise NotFound
        labels = await site.labels(release.n)
        path = f"/v1/datasets/{dataset.name}"
        links = [
            Link("self", site.address(path, choice.canonical), "self"),
            Link("describes", site.address(f"/v1/{dataset.name}", choice.canonical), "data"),
            Link("collection", site.address("/v1/datasets", choice.canonical), "collection"),
            _group_link(site, dataset, "facets", "by", choice.canonical),
            _group_link(site, dataset, "aggregate", "group_by", choice.canonical),
        ]
        content = describe_dataset(site, dataset, release.n)
        content["fields"] = describe_fields(dataset, labels)
        content["functions"] = describe_functions(dataset)
        place = _place(site, release, path, choice.canonical, links)
        return answer_object(place, content, request, dataset.name)

    return answer_dataset


def _group_link(site: Site, dataset: Dataset, name: str, parameter: str, pin: Pairs) -> Link:
    """An address of groups that works, from which others are made."""
    example = (parameter, dataset.groupable[0])
    return Link("related", site.address(f"/v1/{dataset.name}/{name}", (example, *pin)), name)


def text_handler(site: Site) -> Handler:
    """`/v1/documents/{id}/text`: the verbatim text, to which all offsets refer."""

    async def answer_text(request: Request) -> Response:
        place = replace(await _document_place(site, request, "text"), rights=VERBATIM)
        if place.has_tag(request):
            return place.not_modified(request)
        body = await _attached(place, request, "text")
        if place.is_unchanged(request):
            return place.not_modified(request)
        response = place.answer(body.encode())
        response.headers["x-robots-tag"] = "noindex"
        return response

    return answer_text


def coverage_handler(site: Site) -> Handler:
    """`/v1/documents/{id}/coverage`: every numeral, published or excluded."""

    async def answer_coverage(request: Request) -> Response:
        place = await _document_place(site, request, "coverage")
        if place.has_tag(request):
            return place.not_modified(request)
        body = await _attached(place, request, "coverage")
        return answer_object(place, orjson.Fragment(body), request)

    return answer_coverage


def health_handler() -> Handler:
    """`/-/health`: the process answers."""

    async def answer_health(request: Request) -> Response:
        parse_choice(PLAIN_PARAMETERS, split_query(request.scope["query_string"]))
        return _answer_state({"status": "ok"})

    return answer_health


def ready_handler(site: Site) -> Handler:
    """`/-/ready`: there is a release to serve, and no file of it is damaged; else 503."""

    async def answer_ready(request: Request) -> Response:
        parse_choice(PLAIN_PARAMETERS, split_query(request.scope["query_string"]))
        await site.store.check()
        if site.release_files.damaged:
            raise FileUnavailable(
                Fault(DAMAGED.format(files=", ".join(site.release_files.damaged)))
            )
        return _answer_state({"status": "ready", "release": site.store.published.newest.n})

    return answer_ready


def _answer_state(state: dict[str, object]) -> Response:
    headers = {"content-type": JSON.content_type, "cache-control": caching.NEVER}
    return Response(orjson.dumps(state), headers=headers)


async def _document_place(site: Site, request: Request, kind: str) -> Representation:
    """The representation of a text beside a document, whether or not there is one."""
    format_ = PLAIN_TEXT if kind == "text" else JSON
    choice, release = await read_choice(site, request, RELEASE_PARAMETERS)
    document_id = quote(str(request.path_params["id"]), safe="")
    document = f"/v1/documents/{document_id}"
    path = f"{document}/{kind}"
    links = [
        Link("self", site.address(path, choice.canonical), "self"),
        Link("describes", site.address(document, choice.canonical), "document"),
    ]
    place = _place(site, release, path, choice.canonical, links)
    return replace(place, form=format_.key, content_type=format_.content_type)


async def _attached(place: Representation, request: Request, kind: str) -> str:
    """The text itself. Raises NotFound."""
    document_id = str(request.path_params["id"])
    site, release = place.site, place.release
    body = await site.store.attachment(kind, document_id, release.n)
    if body is None:
        documents = site.dataset["documents"]
        raise await find_absence(site, documents, document_id, release, place.path)
    return body


def _place(
    site: Site, release: Release, path: str, canonical: Pairs, links: Sequence[Link]
) -> Representation:
    return Representation(site=site, release=release, path=path, canonical=canonical, links=links)

"""Lists and records: from a request to rows to an answer, the same for every dataset."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.describe import Dataset
from opendata_api.errors import ApiError, NotFound, QueryError
from opendata_api.formats import CSVM, FORMATS, JSONSTAT, Format, json
from opendata_api.query import (
    FILE_LIMIT_MAX,
    PAGE_LIMIT_MAX,
    RECORD_PARAMETERS,
    Parameters,
    cube_parameters,
    list_parameters,
    parse_query,
    parse_record_query,
    split_query,
)
from opendata_api.values import Row
from opendata_api.web import files
from opendata_api.web.absence import find_absence
from opendata_api.web.answers import Representation, meta
from opendata_api.web.asked import (
    Asked,
    ask,
    dictionary_link,
    page_for_people,
    read_form,
    select_values,
)
from opendata_api.web.caching import is_conditional
from opendata_api.web.citing import cite_links
from opendata_api.web.links import Link, link_members
from opendata_api.web.page_answers import FILES, answer_page
from opendata_api.web.release_files import answer_published
from opendata_api.web.site import Site
from opendata_api.web.tracking import lead_to_clean

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def list_handler(site: Site, dataset: Dataset, suffix: Format | None = None) -> Handler:
    """The handler of a dataset's list, in one format or in the one negotiated."""
    path = f"/v1/{dataset.name}"
    parameters = parameters_of_list(dataset, suffix)

    async def answer_list(request: Request) -> Response:
        form = read_form(site, request, suffix)
        if form.format.is_file:
            clean = lead_to_clean(site.base, request, parameters)
            if clean is not None:
                return clean
        pairs = split_query(request.scope["query_string"])
        limit_max = FILE_LIMIT_MAX if form.format.is_file else PAGE_LIMIT_MAX
        query = parse_query(dataset, pairs, limit_max, parameters)
        asked = await ask(site, request, query, form, path)
        published = await answer_published(asked, request)
        if published is not None:
            return published
        if is_conditional(request) and (place := asked.representation()).is_unchanged(request):
            return place.not_modified(request)
        if form.format.is_file:
            return await files.answer_list(asked, request)
        return await answer_page(asked)

    return answer_list if suffix is not None else varying(answer_list)


def cubes_of(dataset: Dataset) -> Sequence[Format]:
    """The formats that only datasets of figures have."""
    return () if dataset.measure is None else (JSONSTAT,)


def parameters_of_list(dataset: Dataset, suffix: Format | None) -> Parameters:
    """What a dataset's list takes in a format."""
    return cube_parameters(dataset) if suffix is JSONSTAT else list_parameters(dataset)


def record_handler(site: Site, dataset: Dataset) -> Handler:
    """The handler of one record; its id may carry the suffix of a format."""

    async def answer_record(request: Request) -> Response:
        record_id, suffix = split_suffix(str(request.path_params["id"]))
        form = read_form(site, request, suffix)
        if form.format.is_file:
            clean = lead_to_clean(site.base, request, RECORD_PARAMETERS)
            if clean is not None:
                return clean
        try:
            query = parse_record_query(dataset, split_query(request.scope["query_string"]))
        except QueryError:
            if await site.store.record(dataset, record_id, site.store.published.newest.n) is None:
                raise NotFound from None
            raise
        asked = await ask(site, request, query, form, _record_path(dataset, record_id))
        place = asked.representation()
        if place.has_tag(request):
            return place.not_modified(request)
        record = await site.store.record(dataset, record_id, asked.release.n)
        if record is None:
            path = _record_path(dataset, record_id)
            raise await find_absence(site, dataset, record_id, asked.release, path)
        if place.is_unchanged(request):
            return place.not_modified(request)
        links = [*_record_links(asked), *await _related(asked, record)]
        if form.format.is_file:
            return await files.answer_record(asked, request, links, record)
        place = asked.representation(links)
        return place.answer(_record_body(asked, place, record))

    return varying(answer_record)


def varying(answer: Handler) -> Handler:
    """The handler of an address that negotiates: what it refuses varies by Accept too."""

    async def answer_varying(request: Request) -> Response:
        try:
            return await answer(request)
        except ApiError as error:
            error.headers["vary"] = "Accept"
            raise

    return answer_varying


def _record_links(asked: Asked) -> list[Link]:
    collection = asked.site.address(f"/v1/{asked.dataset.name}", asked.pin)
    return [
        Link("self", asked.address, "self"),
        Link("bookmark", asked.permalink, "permalink"),
        *(asked.file(format_) for format_ in asked.site.files),
        page_for_people(asked),
        *cite_links(asked),
        Link("collection", collection, "collection"),
        dictionary_link(asked),
    ]


async def _related(asked: Asked, record: Row) -> list[Link]:
    """The records that a record refers to, then the texts that lie beside it."""
    values = dict(zip(asked.dataset.field_names, record, strict=True))
    own = str(values["id"])
    referred = [
        (asked.site.dataset[name], values[field.name]) for field, name in asked.dataset.references
    ]
    links = [
        _related_link(asked, _record_path(dataset, str(other)), dataset.singular)
        for dataset, other in referred
        if other is not None
    ]
    for text in asked.dataset.attached:
        if await asked.site.store.attachment(text.name, own, asked.release.n) is not None:
            path = f"{_record_path(asked.dataset, own)}/{text.name}"
            links.append(_related_link(asked, path, text.name, text.media_type))
    return links


def _related_link(asked: Asked, path: str, key: str, media_type: str | None = None) -> Link:
    return Link("related", asked.site.address(path, asked.pin), key, media_type)


def _record_path(dataset: Dataset, record_id: str) -> str:
    return f"/v1/{dataset.name}/{quote(record_id, safe='')}"


def _record_body(asked: Asked, place: Representation, record: Row) -> bytes:
    values = select_values(asked.dataset, asked.query, record)
    envelope = {
        "meta": {"dataset": asked.dataset.name} | meta(place),
        "links": link_members(place.links, *FILES),
    }
    return json.join_record(json.encode_row(asked.query.fields, values), envelope)


def split_suffix(
    name: str, formats: Sequence[Format] = (*FORMATS, CSVM)
) -> tuple[str, Format | None]:
    """The name without the suffix of one of the formats, and the format."""
    for format_ in sorted(formats, key=lambda one: -len(one.suffix)):
        if name.endswith(f".{format_.suffix}"):
            return name.removesuffix(f".{format_.suffix}"), format_
    return name, None

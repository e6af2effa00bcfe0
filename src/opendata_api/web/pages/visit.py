"""A request for a page, read; and the answer that is made of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog.sitemap import LANGUAGES
from opendata_api.describe import Dataset
from opendata_api.errors import NotFound, Pairs
from opendata_api.formats import Format
from opendata_api.formats.imprint import Labels
from opendata_api.query import (
    RELEASE_PARAMETERS,
    Parameters,
    Query,
    list_parameters,
    parse_choice,
    parse_query,
    split_query,
)
from opendata_api.query.faults import nearest
from opendata_api.store.model import Release
from opendata_api.values import Row
from opendata_api.web.absence import find_absence
from opendata_api.web.answers import Representation
from opendata_api.web.asked import find_release
from opendata_api.web.links import Link
from opendata_api.web.negotiation import choose_language
from opendata_api.web.pages.layout import (
    PICTURE_POLICY,
    POLICY,
    local_link,
    other_language,
    page_headers,
    render,
)
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site
from opendata_api.web.tracking import lead_to_clean
from opendata_api.words import Lang, Text

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Page:
    """What a page shows."""

    template: str
    parts: Mapping[str, Any] = field(default_factory=dict)
    policy: str = POLICY
    links: Sequence[Link] = ()
    """Of its Link header."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in place of a page."""

    body: bytes


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request for a page."""

    site: Site
    path: str
    """As it was asked for, percent-encoded."""
    canonical: Pairs
    """Its parameters sorted, without defaults and without the language."""
    release: Release
    lang: Lang
    lang_is_given: bool
    labels: Labels
    request: Request
    content_type: str = HTML

    @cached_property
    def keep(self) -> Pairs:
        """What its links carry on: the release and the language that were asked for."""
        release = (pair for pair in self.canonical if pair[0] == "release")
        return (*release, *self.asked_lang)

    @property
    def asked_lang(self) -> Pairs:
        """The language, if it was asked for."""
        return (("lang", self.lang),) if self.lang_is_given else ()

    @cached_property
    def pinned(self) -> Pairs:
        """The release shown, whether or not it was asked for."""
        return (("release", str(self.release.n)),)

    @property
    def root(self) -> str:
        """The path under which the service lies."""
        return urlsplit(self.site.base).path

    @property
    def place(self) -> Representation:
        """Which representation is asked for."""
        return Representation(
            site=self.site,
            release=self.release,
            path=self.path,
            canonical=self.canonical,
            form=f"html.{self.lang}.{self.lang_is_given}",
            content_type=self.content_type,
            vary=() if self.lang_is_given else ("Accept-Language",),
        )

    def link(self, path: str, *pairs: tuple[str, str]) -> str:
        """A link to a page of ours that keeps the language and the release asked for."""
        return local_link(self.root, path, pairs, self.keep)

    def lang_of(self, format_: Format) -> Pairs:
        """The language of a page's files, which must not turn with the browser that opens them."""
        return (("lang", self.lang),) if format_.by_language else ()

    def file(self, path: str, format_: Format, pairs: Pairs = ()) -> str:
        """A link to a file of ours, in the language of the page."""
        asked = (*pairs, *self.lang_of(format_))
        return local_link(self.root, f"{path}.{format_.suffix}", asked)

    def words(self, text: Text) -> str:
        """A text in the language of the page."""
        return text.in_language(self.lang)

    def label(self, codes: str, code: str) -> str:
        """The label of a code in the language of the page; the code where it has none."""
        found = self.labels.get(codes, {}).get(code)
        return code if found is None else self.words(found)

    async def rows(
        self, dataset: Dataset, pairs: Pairs, limit: int
    ) -> tuple[list[Mapping[str, Any]], bool]:
        """The first rows that the pairs ask for, by field, and whether there are more."""
        query = parse_query(dataset, pairs)
        page = await self.site.store.page(query, self.release.n, limit, None)
        return [self.record(dataset, row) for row in page.rows], page.has_next

    async def find(self, dataset: Dataset) -> Mapping[str, Any]:
        """The record that the path names, with all fields. Raises NotFound."""
        record_id = str(self.request.path_params["id"])
        row = await self.site.store.record(dataset, record_id, self.release.n)
        if row is None:
            absence = await find_absence(self.site, dataset, record_id, self.release, self.path)
            raise self._not_found(dataset, record_id) if type(absence) is NotFound else absence
        return self.record(dataset, row)

    def record(self, dataset: Dataset, row: Row) -> Mapping[str, Any]:
        """A row with all fields, by field."""
        return dict(zip(dataset.field_names, row, strict=True))

    def _not_found(self, dataset: Dataset, record_id: str) -> NotFound:
        """That there is no such record; with one whose code is like it, else all of its kind."""
        known = tuple(self.labels.get(dataset.name, {}))
        found = nearest(record_id, known)
        if found is None:
            return NotFound(f"/datasets/{dataset.name}")
        before, _, after = self.path.rpartition(quote(record_id, safe=""))
        return NotFound(f"{before}{found}{after}")

    def _in(self, lang: Pairs) -> Pairs:
        """The parameters of the page in that language, or in the one that the browser prefers."""
        return tuple(sorted((*self.canonical, *lang)))

    def answer(self, page: Page | Picture) -> Response:
        """The page as the answer to the request."""
        if isinstance(page, Picture):
            own = {"content-type": self.content_type, "content-security-policy": PICTURE_POLICY}
            headers = self.place.headers | page_headers(self.lang) | own
            return Response(page.body, headers=headers)
        body = render(
            self.site.base,
            self.lang,
            page.template,
            {
                "visit": self,
                "canonical": self.site.address(self.path, self._in(self.asked_lang)),
                "alternates": [
                    (tag, self.site.address(self.path, self._in(lang))) for tag, lang in LANGUAGES
                ],
                **page.parts,
            },
            keep=self.keep,
            other=local_link(
                self.root, self.path, self._in((("lang", other_language(self.lang)),))
            ),
        )
        headers = page_headers(self.lang) | {"content-security-policy": page.policy}
        place = replace(self.place, links=page.links)
        return Response(body, headers=place.headers | headers)


Make = Callable[[Visit], Awaitable[Page | Picture]]
MakeOfQuery = Callable[[Visit, Query], Awaitable[Page]]


def page_handler(
    site: Site,
    make: Make,
    parameters: Parameters = RELEASE_PARAMETERS,
    content_type: str = HTML,
) -> Handler:
    """The handler of a page that lets choose release and language, or the language alone."""

    async def answer_page(request: Request) -> Response:
        clean = lead_to_clean(site.base, request, parameters)
        if clean is not None:
            return clean
        pairs = split_query(request.scope["query_string"])
        choice = parse_choice(parameters, pairs)
        release = await site.release(choice.release, pairs)
        visit = await open_visit(site, request, release, choice.canonical, choice.lang)
        visit = replace(visit, content_type=content_type)
        return await answer_visit(visit, lambda: make(visit))

    return answer_page


def query_handler(
    site: Site, dataset: Dataset, make: MakeOfQuery, limit: int | None = None
) -> Handler:
    """The handler of a page that has the parameters of a dataset's list."""
    parameters = list_parameters(dataset)

    async def answer_page(request: Request) -> Response:
        clean = lead_to_clean(site.base, request, parameters, drops_empty=True)
        if clean is not None:
            return clean
        pairs = split_query(request.scope["query_string"])
        query = parse_query(dataset, pairs)
        if limit is not None and query.limit == limit:
            query = replace(query, limit=None)
        release = await find_release(site, query, pairs)
        visit = await open_visit(site, request, release, query.canonical, query.lang)
        return await answer_visit(visit, lambda: make(visit, query))

    return answer_page


async def open_visit(
    site: Site, request: Request, release: Release, canonical: Pairs, lang: Lang | None
) -> Visit:
    """The request, with the labels of the release."""
    return Visit(
        site=site,
        path=quote(request.scope["path"], safe="/:,-._~"),
        canonical=canonical,
        release=release,
        lang=lang or choose_language(request.headers.get("accept-language")),
        lang_is_given=lang is not None,
        labels=await site.labels(release.n),
        request=request,
    )


async def answer_visit(visit: Visit, make: Callable[[], Awaitable[Page | Picture]]) -> Response:
    """The page, made only where the caller does not have it."""
    if visit.place.has_tag(visit.request):
        return _not_modified(visit)
    page = await make()
    if visit.place.is_unchanged(visit.request):
        return _not_modified(visit)
    return visit.answer(page)


def _not_modified(visit: Visit) -> Response:
    response = visit.place.not_modified(visit.request)
    response.headers["content-language"] = page_headers(visit.lang)["content-language"]
    return response

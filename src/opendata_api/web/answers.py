"""Answers of the live service: validators, links and caching, the same for all."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.errors import Pairs
from opendata_api.formats import JSON
from opendata_api.formats.rights import OURS, Rights
from opendata_api.query import Choice, Parameters, parse_choice, split_query
from opendata_api.store.model import Release
from opendata_api.web import caching
from opendata_api.web.links import Link, link_header, link_members
from opendata_api.web.rights import rights_members
from opendata_api.web.site import Site


def tag_of(site: Site, release: Release, path: str, canonical: Pairs, form: str) -> str:
    """The strong ETag of a representation; `form` is its format and, where it matters, language."""
    return caching.make_tag(site.answer_version, release.n, path, canonical, form)


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """Which representation is asked for: all that its ETag is made of."""

    site: Site
    release: Release
    path: str
    canonical: Pairs
    form: str = JSON.key
    """Format and, where it matters, language."""
    content_type: str = JSON.content_type
    vary: tuple[str, ...] = ()
    links: Sequence[Link] = field(default=())
    caching: str = caching.LIVE
    rights: Rights = OURS

    @property
    def tag(self) -> str:
        """Its strong ETag."""
        return tag_of(self.site, self.release, self.path, self.canonical, self.form)

    @property
    def headers(self) -> dict[str, str]:
        """Its headers; a 304 has all but the links, which the caller's copy has."""
        headers = {
            "etag": self.tag,
            "last-modified": caching.http_date(self.release.published_at),
            "cache-control": self.caching,
        }
        if self.vary:
            headers["vary"] = ", ".join(self.vary)
        licences = [Link("license", self.rights.url)] if self.rights.url else []
        return headers | {"link": link_header([*self.links, *licences])}

    def is_unchanged(self, request: Request) -> bool:
        """Whether the caller's copy is still good."""
        if not caching.is_conditional(request):
            return False
        modified = self.release.published_at
        return caching.is_unchanged(request, self.tag, self.content_type, modified)

    def has_tag(self, request: Request) -> bool:
        """Whether the caller names this very representation, so that it must exist."""
        given = request.headers.get("if-none-match", "*").strip()
        return given != "*" and self.is_unchanged(request)

    def not_modified(self, request: Request) -> Response:
        """304."""
        kept = {name: value for name, value in self.headers.items() if name != "link"}
        return caching.not_modified(request, kept | {"content-type": self.content_type})

    def answer(self, body: bytes) -> Response:
        """200 with the body."""
        return Response(body, headers=self.headers | {"content-type": self.content_type})


def meta(place: Representation, **members: object) -> dict[str, object]:
    """What stands in `meta`, the licence last; null where it is not ours to give."""
    return {"release": place.release.n, **members, **rights_members(place.rights)}


async def read_choice(
    site: Site, request: Request, parameters: Parameters
) -> tuple[Choice, Release]:
    """What a request without rows chooses, with the release that answers it."""
    pairs = split_query(request.scope["query_string"])
    choice = parse_choice(parameters, pairs)
    return choice, await site.release(choice.release, pairs)


def answer_object(
    place: Representation, content: object, request: Request, dataset: str | None = None
) -> Response:
    """The answer of an address whose content is an object of ours."""
    if place.is_unchanged(request):
        return place.not_modified(request)
    members = {} if dataset is None else {"dataset": dataset}
    body = {
        "data": content,
        "meta": members | meta(place),
        "links": link_members(place.links),
    }
    return place.answer(orjson.dumps(body))

"""Pages that stand without any data: the reference, what an error means, their files."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.errors import NotFound, all_errors
from opendata_api.query import PLAIN_PARAMETERS, parse_choice, split_query
from opendata_api.web import caching
from opendata_api.web.compression import answer_kept
from opendata_api.web.downloads import LIMIT_SCOPE
from opendata_api.web.negotiation import choose_language
from opendata_api.web.pages.layout import REFERENCE_POLICY, page_headers, render
from opendata_api.web.pages.visit import Page
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site
from opendata_api.web.tracking import lead_to_clean
from opendata_api.words import Lang

STATIC_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
    }
)
_OWN = Path(__file__).parent / "static"
STATIC_FILES = {
    **{path.name: path for path in sorted(_OWN.iterdir())},
    **{
        name: files("fastapi_offline") / "static" / name
        for name in ("swagger-ui.css", "swagger-ui-bundle.js")
    },
}


def reference_handler(site: Site) -> Handler:
    """`/docs/reference`: the reference, from /openapi.json, with nothing from another host."""

    def make(_: Request, __: Lang) -> Page:
        return Page("reference.html", policy=REFERENCE_POLICY)

    return plain_handler(site, make)


def problem_handler(site: Site) -> Handler:
    """`/problems/{code}`: what an error means."""
    errors = {error.code: error for error in all_errors()}

    def make(request: Request, lang: Lang) -> Page:
        error = errors.get(str(request.path_params["code"]))
        if error is None:
            raise NotFound
        parts = {
            "error_title": error.title.in_language(lang),
            "explanation": error.explanation.in_language(lang),
            "code": error.code,
            "status": error.status,
        }
        return Page("problem.html", parts)

    return plain_handler(site, make)


def static_handler() -> Handler:
    """`/static/{name}`: the files of the pages."""

    async def answer_static(request: Request) -> Response:
        parse_choice(PLAIN_PARAMETERS, split_query(request.scope["query_string"]))
        name = str(request.path_params["name"])
        if name not in STATIC_FILES:
            raise NotFound
        body, tag = read_static(name)
        kind = STATIC_TYPES[Path(name).suffix]
        headers = {"etag": tag, "cache-control": caching.LIVE, "content-type": kind}
        if caching.is_unchanged(request, tag, kind):
            return caching.not_modified(request, headers)
        request.scope[LIMIT_SCOPE].reschedule(None)  # it is no database that is waited for
        return await answer_kept(request, body, headers)

    return answer_static


@cache
def read_static(name: str) -> tuple[bytes, str]:
    """A file of the pages with its ETag, read once."""
    body = STATIC_FILES[name].read_bytes()
    return body, caching.hash_tag(body)


def plain_handler(site: Site, make: Callable[[Request, Lang], Page]) -> Handler:
    """The handler of a page that needs no data, whether or not the database is there."""

    async def answer_plain(request: Request) -> Response:
        clean = lead_to_clean(site.base, request, PLAIN_PARAMETERS)
        if clean is not None:
            return clean
        choice = parse_choice(PLAIN_PARAMETERS, split_query(request.scope["query_string"]))
        lang = choice.lang or choose_language(request.headers.get("accept-language"))
        page = make(request, lang)
        keep = (("lang", lang),) if choice.lang else ()
        body = render(site.base, lang, page.template, page.parts, keep=keep)
        headers = {"content-security-policy": page.policy, "vary": "Accept-Language"}
        return caching.answer_tagged(request, body, page_headers(lang) | headers)

    return answer_plain

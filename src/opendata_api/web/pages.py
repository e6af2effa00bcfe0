"""Pages for people: the home, the reference, what an error means."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.describe import Dataset
from opendata_api.errors import NotFound, Pairs, all_errors
from opendata_api.formats import EXCEL, JSON, Format
from opendata_api.query import PLAIN_PARAMETERS, parse_choice, split_query
from opendata_api.web import caching
from opendata_api.web.negotiation import choose_language
from opendata_api.web.rows import Handler
from opendata_api.web.site import ATTRIBUTION, LICENSE_URL, TITLE, Site
from opendata_api.web.tracking import lead_to_clean
from opendata_api.words import Lang, Text

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
REFERENCE_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""Swagger UI sets style attributes; its scripts and files are all ours to serve."""

CHINA = timezone(timedelta(hours=8))
DESCRIPTION = Text(
    "政府报告中的数字与承诺，逐条成为可引用的数据",
    "The figures and commitments in government reports, as data that can be cited",
)
FIRST_CALLS = (
    (
        f"/v1/service-counts.{EXCEL.suffix}",
        EXCEL,
        Text("公共服务数量，用 Excel 或 WPS 打开", "What public services handled, for Excel"),
    ),
    (
        "/v1/observations?topic=legal_aid",
        JSON,
        Text("法律援助的全部数字（JSON）", "Every figure on legal aid, as JSON"),
    ),
    (
        "/v1/commitments",
        JSON,
        Text("下一年度的工作承诺（JSON）", "The commitments for the next year"),
    ),
)

STATIC_TYPES: Mapping[str, str] = MappingProxyType(
    {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
)
STATIC_FILES = {
    "site.css": Path(__file__).parent / "static" / "site.css",
    "docs.js": Path(__file__).parent / "static" / "docs.js",
    "swagger-ui.css": files("fastapi_offline") / "static" / "swagger-ui.css",
    "swagger-ui-bundle.js": files("fastapi_offline") / "static" / "swagger-ui-bundle.js",
}

_TEMPLATES = Environment(
    loader=PackageLoader("opendata_api.web"), autoescape=True, undefined=StrictUndefined
)


def home_handler(site: Site) -> Handler:
    """`/`: what this is, the first calls, the datasets."""

    async def answer_home(request: Request) -> Response:
        lang = _language(request)
        release = site.store.published.newest
        published = site.store.published
        parts = {
            "calls": [
                {"href": site.address(path, _in(lang, format_)), "zh": words.zh, "en": words.en}
                for path, format_, words in FIRST_CALLS
            ],
            "datasets": [
                _dataset_row(site, dataset, published.count_of(dataset, release.n), lang)
                for dataset in site.datasets
            ],
            "release": release,
            "published_on": day_in_china(release.published_at, lang),
            "license_url": LICENSE_URL,
        }
        body = render(site.base, lang, "home.html", parts)
        return _answer(request, lang, body, release.published_at)

    return _shared(site, answer_home)


def docs_handler(site: Site) -> Handler:
    """`/docs`: the reference, from /openapi.json, with nothing from another host."""

    async def answer_docs(request: Request) -> Response:
        lang = _language(request)
        response = _answer(request, lang, render(site.base, lang, "docs.html", {}))
        response.headers["content-security-policy"] = REFERENCE_POLICY
        return response

    return _shared(site, answer_docs)


def problem_handler(site: Site) -> Handler:
    """`/problems/{code}`: what an error means."""
    errors = {error.code: error for error in all_errors()}

    async def answer_problem(request: Request) -> Response:
        error = errors.get(str(request.path_params["code"]))
        if error is None:
            raise NotFound
        lang = _language(request)
        parts = {
            "error_title": error.title.in_language(lang),
            "explanation": error.explanation.in_language(lang),
            "code": error.code,
            "status": error.status,
        }
        return _answer(request, lang, render(site.base, lang, "problem.html", parts))

    return _shared(site, answer_problem)


def static_handler() -> Handler:
    """`/static/{name}`: the files of the pages."""

    async def answer_static(request: Request) -> Response:
        parse_choice(PLAIN_PARAMETERS, split_query(request.scope["query_string"]))
        name = str(request.path_params["name"])
        if name not in STATIC_FILES:
            raise NotFound
        body, tag = read_static(name)
        headers = {"etag": tag, "cache-control": caching.LIVE}
        if caching.is_unchanged(request.headers, tag):
            return Response(status_code=304, headers=headers)
        kind = STATIC_TYPES[Path(name).suffix]
        return Response(body, headers=headers | {"content-type": kind})

    return answer_static


def day_in_china(moment: str, lang: Lang) -> str:
    """The day of a time of ours (UTC, Z) where the readers are, as they write it."""
    day = datetime.fromisoformat(moment).astimezone(CHINA)
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else f"{day.day} {day:%B %Y}"


@cache
def read_static(name: str) -> tuple[bytes, str]:
    """A file of the pages with its ETag, read once."""
    body = STATIC_FILES[name].read_bytes()
    return body, caching.hash_tag(body)


def _shared(site: Site, answer: Handler) -> Handler:
    """The page, but a link that others hung parameters on leads to the clean address."""

    async def answer_shared(request: Request) -> Response:
        clean = lead_to_clean(site.base, request, PLAIN_PARAMETERS)
        return await answer(request) if clean is None else clean

    return answer_shared


def _language(request: Request) -> Lang:
    choice = parse_choice(PLAIN_PARAMETERS, split_query(request.scope["query_string"]))
    return choice.lang or choose_language(request.headers.get("accept-language"))


def _dataset_row(site: Site, dataset: Dataset, count: int, lang: Lang) -> dict[str, object]:
    path = f"/v1/{dataset.name}"
    return {
        "href": site.address(path),
        "title": dataset.title.in_language(lang),
        "description": dataset.description.in_language(lang),
        "count": count,
        "files": [
            {
                "href": site.address(f"{path}.{format_.suffix}", _in(lang, format_)),
                "title": format_.title.in_language(lang),
            }
            for format_ in site.files
        ],
    }


def _in(lang: Lang, format_: Format) -> Pairs:
    """The language of a page's files, which must not turn with the browser that opens them."""
    return (("lang", lang),) if format_.by_language else ()


def render(
    base: str, lang: Lang, template: str, parts: Mapping[str, Any], other: str | None = None
) -> bytes:
    """The page in that language; `other` leads to it in the other one, if ?lang= does not."""
    body = _TEMPLATES.get_template(template).render(
        root=urlsplit(base).path,
        lang=lang,
        other=other or f"?lang={other_language(lang)}",
        site_title=TITLE.in_language(lang),
        description=DESCRIPTION.in_language(lang),
        attribution=ATTRIBUTION,
        t=lambda zh, en: Text(zh, en).in_language(lang),
        **parts,
    )
    return body.encode()


def page_headers(lang: Lang) -> dict[str, str]:
    """The headers of a page, whatever its status."""
    return {
        "content-type": "text/html; charset=utf-8",
        "content-language": "zh-CN" if lang == "zh" else "en",
        "content-security-policy": POLICY,
    }


def other_language(lang: Lang) -> Lang:
    """The language that a page offers beside its own."""
    return "en" if lang == "zh" else "zh"


def _answer(request: Request, lang: Lang, body: bytes, modified: str | None = None) -> Response:
    headers = {
        **page_headers(lang),
        "etag": caching.hash_tag(body),
        "cache-control": caching.LIVE,
        "vary": "Accept-Language",
    }
    if modified is not None:
        headers["last-modified"] = caching.http_date(modified)
    if caching.is_unchanged(request.headers, headers["etag"], modified):
        del headers["content-type"]
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers)

"""What all pages share: the templates, the headers, the words around them."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opendata_api.errors import Pairs
from opendata_api.formats.rights import ATTRIBUTION, LICENSE_URL, TITLE
from opendata_api.query import join_query
from opendata_api.words import TAGS, Lang, Text

if TYPE_CHECKING:  # loaded where a page is made
    from jinja2 import Environment

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
REFERENCE_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""Swagger UI sets style attributes; its scripts and files are all ours to serve."""
EMBED_POLICY = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
"""Of what others show in a frame of theirs."""
PICTURE_POLICY = "default-src 'none'; frame-ancestors *"

CHINA = timezone(timedelta(hours=8))
DESCRIPTION = Text(
    "政府报告中的数字与承诺，逐条成为可引用的数据",
    "The figures and commitments in government reports, as data that can be cited",
)
UNPINNED = ("/docs", "/docs/reference", "/releases")
"""The pages that are the same whatever the release."""

NAVIGATION = (
    ("/#datasets", Text("数据", "Data")),
    ("/datasets/reports", Text("报告", "Reports")),
    ("/commitments", Text("承诺", "Commitments")),
    ("/releases", Text("版本", "Releases")),
    ("/docs", Text("文档", "Docs")),
)


def render(  # noqa: PLR0913 -- the last two are by name, and most pages need neither
    base: str,
    lang: Lang,
    template: str,
    parts: Mapping[str, Any],
    *,
    keep: Pairs = (),
    other: str | None = None,
) -> bytes:
    """The page in that language.

    Its links keep the pairs given: the language and the release where they were asked for.
    `other` leads to the page in the other language, if ?lang= does not.
    """
    root = urlsplit(base).path

    def link(path: str, *pairs: tuple[str, str]) -> str:
        return local_link(root, path, pairs, keep)

    found = _templates().get_template(template)
    body = found.render(
        root=root,
        base=base,
        lang=lang,
        link=link,
        keep=keep,
        other=other or f"?lang={other_language(lang)}",
        navigation=[(link(path), words.in_language(lang)) for path, words in NAVIGATION],
        site_title=TITLE.in_language(lang),
        description=DESCRIPTION.in_language(lang),
        attribution=ATTRIBUTION,
        license_url=LICENSE_URL,
        t=lambda zh, en: Text(zh, en).in_language(lang),
        **parts,
    )
    return body.encode()


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - for pages alone

    return Environment(
        loader=PackageLoader("opendata_api.web.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def local_link(root: str, path: str, pairs: Pairs, keep: Pairs = ()) -> str:
    """A link to an address of this service as its own pages write it, without the host."""
    path, sharp, fragment = path.partition("#")
    names = {name for name, _ in pairs} | ({"release"} if path in UNPINNED else set())
    query = join_query(tuple(sorted([*pairs, *(one for one in keep if one[0] not in names)])))
    return f"{root}{path}{'?' if query else ''}{query}{sharp}{fragment}"


def page_headers(lang: Lang) -> dict[str, str]:
    """The headers of a page, whatever its status."""
    return {
        "content-type": "text/html; charset=utf-8",
        "content-language": TAGS[lang],
        "content-security-policy": POLICY,
    }


def other_language(lang: Lang) -> Lang:
    """The language that a page offers beside its own."""
    return "en" if lang == "zh" else "zh"


def day_in_china(moment: str, lang: Lang) -> str:
    """The day of a time of ours (UTC, Z) where the readers are, as they write it."""
    day = datetime.fromisoformat(moment).astimezone(CHINA)
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else f"{day.day} {day:%B %Y}"

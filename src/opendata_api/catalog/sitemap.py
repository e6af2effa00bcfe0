"""The pages for people as https://www.sitemaps.org wants them, each with its two languages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from opendata_api.errors import Pairs
from opendata_api.words import LANGS, TAGS

LANGUAGES: Sequence[tuple[str, Pairs]] = (
    *((TAGS[lang], (("lang", lang),)) for lang in LANGS),
    ("x-default", ()),
)
"""How search engines call the languages of a page, each with its parameters.

Without any the browser's language is chosen.
"""
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'
SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"


@dataclass(frozen=True, slots=True)
class Place:
    """A page, or a part of the map."""

    address: str
    modified: str | None
    """When it changed last (UTC, Z); None where nothing says when."""


def print_pages(pages: Iterable[Place]) -> bytes:
    """The map of those pages."""
    lines = "".join(map(_page, pages))
    head = f'<urlset xmlns="{SITEMAPS}" xmlns:xhtml="{XHTML}">\n'
    return f"{DECLARED}{head}{lines}</urlset>\n".encode()


def print_index(parts: Sequence[Place]) -> bytes:
    """The list of the maps that the whole is parted into."""
    lines = "".join(f"<sitemap>{_place(part)}</sitemap>\n" for part in parts)
    head = f'<sitemapindex xmlns="{SITEMAPS}">\n'
    return f"{DECLARED}{head}{lines}</sitemapindex>\n".encode()


def _page(page: Place) -> str:
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{tag}" href="{escape(_in(page, lang))}"/>'
        for tag, lang in LANGUAGES
    )
    return f"<url>{_place(page)}{others}</url>\n"


def _in(page: Place, lang: Pairs) -> str:
    return f"{page.address}?{urlencode(lang)}" if lang else page.address


def _place(place: Place) -> str:
    told = "" if place.modified is None else f"<lastmod>{place.modified}</lastmod>"
    return f"<loc>{escape(place.address)}</loc>{told}"

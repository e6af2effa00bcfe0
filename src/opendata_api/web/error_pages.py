"""Errors as pages, for readers who strayed on the addresses of pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from opendata_api.errors import ApiError, NotFound, QueryError
from opendata_api.query import join_query, split_query
from opendata_api.query.faults import nearest
from opendata_api.web.pages.layout import other_language, render
from opendata_api.web.problems import corrected_address, sentences
from opendata_api.words import Lang

ABOVE = {
    "/datasets": "/#datasets",
    "/metrics": "/datasets/metrics",
    "/reports": "/datasets/reports",
    "/releases": "/releases",
    "/commitments": "/commitments",
    "/problems": "/docs#codes",
}
"""Where the pages below an address are listed."""

FOR_PROGRAMS = (
    "/v1",
    "/-",
    "/openapi.json",
    "/.well-known",
    "/catalog",
    "/api",
    "/feeds",
    "/oai",
)
"""The roots whose errors are documents, whoever asks, also with a suffix."""
FILE_FOR_PROGRAMS = re.compile(r"/[^/]+\.(?:txt|xml)")
"""Likewise: robots.txt, llms.txt, the sitemap and its parts."""


def is_for_people(path: str) -> bool:
    """Whether the address is that of a page, or of nothing."""
    if FILE_FOR_PROGRAMS.fullmatch(path):
        return False
    return not any(
        path == root or path.startswith((f"{root}/", f"{root}.")) for root in FOR_PROGRAMS
    )


@dataclass(frozen=True, slots=True)
class ErrorPages:
    """The pages of a service's errors."""

    base: str
    addresses: Sequence[str]
    """What may have been meant by an address that nothing has."""

    def page(self, error: ApiError, lang: Lang, path: str, query: str) -> bytes:
        """The error as a page that says what the problem document says."""
        parts = {
            "error_title": error.title.in_language(lang),
            "code": error.code,
            "status": error.status,
            "sentences": sentences(error, lang),
            "corrected": corrected_address(error, self.base, path),
            "meant": self._meant(error, path) if isinstance(error, NotFound) else None,
        }
        other = _in_other_language(query, lang)
        keep = (("lang", lang),) if f"lang={lang}" in query.split("&") else ()
        return render(self.base, lang, "error.html", parts, keep=keep, other=other)

    def _meant(self, error: NotFound, path: str) -> str | None:
        found = error.meant or self._near(path)
        return None if found is None else f"{self.base}{found}"

    def _near(self, path: str) -> str | None:
        """A known address like the path: its neighbours first, then the page above it."""
        bare = path.rstrip("/")
        if bare in self.addresses:
            return bare
        above, _, last = bare.rpartition("/")
        beside = {
            one.rpartition("/")[2]: one
            for one in self.addresses
            if above and one.startswith(f"{above}/")
        }
        found = nearest(last, tuple(beside)) if beside else None
        if found is not None:
            return beside[found]
        root = f"/{bare.lstrip('/').partition('/')[0]}"
        return ABOVE.get(root) or (None if beside else nearest(path, self.addresses))


def _in_other_language(query: str, lang: Lang) -> str:
    """The same query in the other language, so that the same error is told."""
    try:
        pairs = split_query(query.encode())
    except QueryError:
        pairs = ()
    kept = [pair for pair in pairs if pair[0] != "lang"]
    return f"?{join_query((*kept, ('lang', other_language(lang))))}"

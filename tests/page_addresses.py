"""The pages for people: a page that stands here is looked at by every test of pages.

In a real browser by tests/test_pages_in_a_browser.py, by the HTML checker and Lighthouse
(`make pages-test`), on pictures by `make screenshots`.
"""

import re
from dataclasses import dataclass

from opendata_api.words import Lang


@dataclass(frozen=True, slots=True)
class PageAddress:
    """A page, in each language."""

    path: str
    status: int = 200
    shows: str = "main h1"
    """What can be seen once all of it is there."""
    is_scored: bool = False
    """Whether Lighthouse gives it marks: the pages that most readers come to first."""
    unmended: tuple[str, ...] = ()
    """Its known faults, as tests/page_faults.py names them; one that is mended goes from here."""

    def in_language(self, lang: Lang) -> str:
        """The address that says its language."""
        return f"{self.path}{'&' if '?' in self.path else '?'}lang={lang}"

    @property
    def name(self) -> str:
        """A name for files."""
        return re.sub(r"\W+", "-", self.path).strip("-") or "home"


PAGES = (
    PageAddress("/", is_scored=True, unmended=("icon", "width")),
    PageAddress("/docs", shows="#reference .opblock", unmended=("icon", "axe")),
    PageAddress("/problems/unknown-parameter", unmended=("icon",)),
    PageAddress("/nothing", status=404, unmended=("icon",)),
    PageAddress("/?lagn=en", status=400, unmended=("icon",)),
)

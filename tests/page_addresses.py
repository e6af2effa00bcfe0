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
    PageAddress("/", is_scored=True),
    PageAddress("/datasets/observations?topic=legal_aid", is_scored=True),
    PageAddress("/datasets/observations?q=206&year__gte=2023&sort=-value"),
    PageAddress("/datasets/metrics"),
    PageAddress("/datasets/passages?q=%E6%B3%95%E5%BE%8B"),
    PageAddress("/datasets/observations/cn450203-2023-rol-o083"),
    PageAddress("/datasets/metrics/legal_aid_cases_accepted_and_assigned"),
    PageAddress("/metrics/cross_area_cases_handled", is_scored=True),
    PageAddress("/metrics/legal_aid_cases_accepted_and_assigned"),
    PageAddress("/metrics/inspection_tasks/embed"),
    PageAddress("/reports/cn450203-2023-rol", is_scored=True),
    PageAddress("/commitments"),
    PageAddress("/releases"),
    PageAddress("/search"),
    PageAddress("/search?q=%E6%B3%95%E5%BE%8B%E6%8F%B4%E5%8A%A9"),
    PageAddress("/docs"),
    PageAddress("/docs/reference", shows="#reference .opblock-tag"),
    PageAddress("/problems/unknown-parameter"),
    PageAddress("/nothing", status=404),
    PageAddress("/datasets/observations?yaer=2023", status=400),
)

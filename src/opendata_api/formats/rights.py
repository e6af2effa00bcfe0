"""Under which licence rows are given, told the same in answers, headers and files."""

from dataclasses import dataclass

from opendata_api.describe import Dataset
from opendata_api.words import Lang, Text

LICENSE = "CC-BY-4.0"
LICENSE_URL = "https://creativecommons.org/licenses/by/4.0/"
ATTRIBUTION = "政府报告开放数据 (Open Data from Government Reports), CC BY 4.0"
TITLE = Text("政府报告开放数据", "Open Data from Government Reports")
"""Of the service, which is the author of what it made of the reports."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What may be done with rows, and whom to name."""

    licence: str
    """An SPDX identifier; empty where a licence is not ours to give."""
    url: str
    """Where the licence can be read; empty without one."""
    attribution: str
    """In both languages."""

    def told(self, lang: Lang) -> str:
        """The licence with its address, or that there is none."""
        return f"{self.licence} {self.url}" if self.licence else UNLICENSED.in_language(lang)


NOT_SPECIFIED = "notspecified"
"""How the Open Definition's register of licences, and so CKAN's, says that there is none."""

UNLICENSED = Text(
    "所载为政府报告原文，不在本项目许可之内",
    "the words of the government's own reports, which no licence of ours covers",
)

OURS = Rights(LICENSE, LICENSE_URL, ATTRIBUTION)
"""What this project made; the words that it quotes are not under the licence."""

VERBATIM = Rights("", "", f"{TITLE.zh} ({TITLE.en}): {UNLICENSED.zh} ({UNLICENSED.en})")
"""The words of a government, which are nobody's to license here."""


def rights_in(dataset: Dataset) -> Rights:
    """The rights in a dataset's rows."""
    return VERBATIM if dataset.is_verbatim else OURS

"""Under which licence rows are given, told the same in answers, headers and files."""

from dataclasses import dataclass

from opendata_api.words import Lang, Text


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


UNLICENSED = Text(
    "所载为政府报告原文，不在本项目许可之内",
    "the words of the government's own reports, which no licence of ours covers",
)

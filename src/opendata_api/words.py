"""Text in the two languages of the service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
TAGS: Mapping[Lang, str] = {"zh": "zh-CN", "en": "en"}
"""How HTML, XML and HTTP call them (BCP 47)."""


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Chinese and English."""

    zh: str
    en: str

    def in_language(self, lang: Lang) -> str:
        """The words in one language."""
        return self.zh if lang == "zh" else self.en

    @property
    def both(self) -> str:
        """The words in Chinese, then in English where they differ, where one text must do."""
        return self.zh if self.zh == self.en else f"{self.zh} / {self.en}"

    def format(self, **values: object) -> "Text":
        """Both texts with their placeholders filled."""
        return Text(self.zh.format(**values), self.en.format(**values))

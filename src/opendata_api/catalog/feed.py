"""A feed of what releases change, as every form of feed tells it."""

from collections.abc import Sequence
from dataclasses import dataclass

from opendata_api.catalog.overview import Operator, Overview
from opendata_api.words import Text

ATOM = "/feeds/changes.atom"
ATOM_TYPE = "application/atom+xml"
JSON = "/feeds/changes.json"
JSON_TYPE = "application/feed+json"
RELEASES = "/releases"
CHANGES = "/v1/changes"
ICON = "/static/icon.svg"

TITLE = Text("{service}：变更", "{service}: changes")
SUBTITLE = Text(
    "每一版一条概要，另有每一条更正（原值→新值及缘由）、撤回和清除；新增记录只计数，"
    "逐条见 /v1/changes。",
    "An entry sums up each release, and one tells of each correction (old and new value, and "
    "why), withdrawal and erasure; what is added is counted here and listed at /v1/changes.",
)
QUOTED = Text("所引原文不在此许可之内", "the words that it quotes are not under the licence")
LANGUAGE = "zh-CN"
"""The titles begin in it."""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a feed."""

    id: str
    """A permanent address of ours."""
    href: str
    """The page that shows what it is about."""
    call: str
    """The same as data."""
    updated: str
    """When the release was published that it tells of."""
    title: Text
    html: str
    """What it says, in both languages."""
    tags: Sequence[tuple[str, Text]]
    """Codes with their words: what happened, in which dataset."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What releases changed, the newest first."""

    overview: Overview
    items: Sequence[Item]

    @property
    def title(self) -> str:
        """Its title, in both languages."""
        service = self.overview.operator.name
        return Text(TITLE.zh.format(service=service.zh), TITLE.en.format(service=service.en)).both

    @property
    def author(self) -> str:
        """Who runs the service, in both languages."""
        return self.overview.operator.name.both

    @property
    def operator(self) -> Operator:
        """Who runs the service."""
        return self.overview.operator

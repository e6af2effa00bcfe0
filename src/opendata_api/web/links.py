"""Links, in bodies and in headers (RFC 8288), all made from the public address."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Link(NamedTuple):
    """One link of an answer."""

    rel: str
    """Its relation in the Link header."""
    href: str
    key: str | None = None
    """Its name in `links`, where it has one."""
    type: str | None = None

    def header(self) -> str:
        """The link as a value of the Link header."""
        kind = f'; type="{self.type}"' if self.type else ""
        return f'<{self.href}>; rel="{self.rel}"{kind}'


def link_header(links: Sequence[Link]) -> str:
    """All links as one header value."""
    return ", ".join(link.header() for link in links)


def link_members(links: Sequence[Link], *absent: str) -> Mapping[str, str | None]:
    """The links of a body; the absent ones are null."""
    members: dict[str, str | None] = {link.key: link.href for link in links if link.key}
    return members | {key: None for key in absent if key not in members}

"""Which format, which language and which coding a request asks for."""

import re
from collections.abc import Sequence

from opendata_api.errors import Fault, NotAcceptable
from opendata_api.formats import Format
from opendata_api.words import Lang, Text

HTML = "text/html"
JSON_KINDS = ("application/json", "application/problem+json")

_PART = re.compile(r"\s*([a-z*]+/[a-z0-9.+*-]+)\s*((?:;[^;]*)*)")
_LANGUAGE = re.compile(r"\s*([a-z]{1,8}|\*)(?:-[a-z0-9-]+)?\s*((?:;[^;]*)*)")
_CODING = re.compile(
    r"[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*"
    r"((?:;[ \t]*q=(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*)?)"
)
_QUALITY = re.compile(r";\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*(?:;|$)")


def choose_format(accept: str | None, formats: Sequence[Format]) -> Format:
    """The format that the Accept header prefers; the first where it says nothing.

    What is malformed is left out. Raises NotAcceptable when none of the formats will do.
    """
    wishes = _wishes(accept, _PART) if accept else {}
    if not wishes:
        return formats[0]
    rated = [(_quality(one.accepts, wishes), -place) for place, one in enumerate(formats)]
    best, place = max(rated)
    if best <= 0:
        raise NotAcceptable(
            Fault(
                Text("可用的格式见 allowed", "this address has other formats: see allowed"),
                parameter="Accept",
                allowed=tuple(f.media_type for f in formats),
            )
        )
    return formats[-place]


def prefers_html(accept: str | None) -> bool:
    """Whether the Accept header rates HTML above JSON, as browsers do; programs rate them alike."""
    wishes = _wishes(accept or "", _PART)
    return _quality((HTML,), wishes) > max(_quality((kind,), wishes) for kind in JSON_KINDS)


def choose_language(accept_language: str | None) -> Lang:
    """The language that the Accept-Language header prefers; Chinese unless English is."""
    wishes = _wishes(accept_language, _LANGUAGE) if accept_language else {}
    zh = wishes.get("zh", wishes.get("*", 0.0))
    return "en" if wishes.get("en", 0.0) > zh else "zh"


def choose_coding(accept_encoding: str, codings: Sequence[str]) -> str | None:
    """The coding that the Accept-Encoding header prefers (RFC 9110, section 12.5.3).

    Among equals the first. None: none at all, where the header rates that above them all, says
    nothing or accepts nothing. What is malformed is left out.
    """
    wishes = _wishes(accept_encoding, _CODING)
    wishes.setdefault("gzip", wishes.get("x-gzip", wishes.get("*", 0.0)))
    rated = [(wishes.get(one, wishes.get("*", 0.0)), -place) for place, one in enumerate(codings)]
    best, place = max(rated)
    return codings[-place] if best > 0 and best >= wishes.get("identity", 0.0) else None


def _wishes(header: str, pattern: re.Pattern[str]) -> dict[str, float]:
    wishes: dict[str, float] = {}
    for part in header.lower().split(","):
        if found := pattern.fullmatch(part):
            quality = _QUALITY.search(found[2])
            wishes.setdefault(found[1], float(quality[1]) if quality else 1.0)
    return wishes


def _quality(kinds: Sequence[str], wishes: dict[str, float]) -> float:
    """How much a format is wished for; a range such as text/* means what its first kind is."""
    exact = [wishes[media] for media in kinds if media in wishes]
    if exact:
        return max(exact)
    return wishes.get(f"{kinds[0].partition('/')[0]}/*", wishes.get("*/*", 0.0))

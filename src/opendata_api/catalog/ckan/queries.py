"""What harvesters write in `q` and `fq`: the part of Solr's query syntax that is answered.

Words, phrases, `field:value`, ranges, `*`, brackets, AND, OR, NOT, + and -. What stands side by
side must all hold; OR binds closer than that, as harvesters mean it who join what they want with
OR and put the next condition behind a blank. Anything else is refused, never ignored.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import translate

from opendata_api.catalog.ckan.catalogue import Package
from opendata_api.folding import fold
from opendata_api.words import Text

LENGTH_MAX = 4_000
DEPTH_MAX = 20

Filter = Callable[[Package], bool]

TIMES = ("metadata_created", "metadata_modified")
WORDS = ("text", "title", "notes")
"""Fields that are searched for words; others have values."""
VALUES = (
    *("id", "name", "organization", "owner_org", "groups", "tags", "res_format", "license_id"),
    *("state", "private", "capacity", "type", "dataset_type"),
)
FIELDS = (*VALUES, *WORDS, *TIMES)

TOO_LONG = Text("查询式最长{most}字", "a query has at most {most} characters")
TOO_DEEP = Text("括号嵌套过深", "the brackets are nested too deeply")
NOT_READ = Text("“{rest}”处无法解读", "it can't be read at “{rest}”")
ENDS_EARLY = Text("查询式不完整", "the query ends too early")
NO_FIELD = Text(
    "不能按字段“{name}”查询；可用 {known}", "there is no field “{name}” to search by, but {known}"
)
NO_RANGE = Text("字段“{name}”不能按范围查询", "the field “{name}” is not searched by a range")
NO_TIME = Text(
    "“{value}”不是 2026-01-02T03:04:05Z 这样的时间", "“{value}” is no time as 2026-01-02T03:04:05Z"
)
SHOWN = 40
ANY = ("*",)
"""Stands for the values of what has no name: all words, or any field."""

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<field>(?:[A-Za-z_][\w.-]*|\*)(?=:)):
    |(?P<range>[\[{]\s*(?P<low>[^\s\]}]+)\s+TO\s+(?P<high>[^\s\]}]+)\s*[\]}])
    |"(?P<phrase>(?:[^"\\]|\\.)*)"
    |(?P<open>\()|(?P<close>\))
    |(?P<and>AND(?![^\s()])|&&)
    |(?P<or>OR(?![^\s()])|\|\|)
    |(?P<not>NOT(?![^\s()])|[!-])
    |(?P<must>\+)
    |(?P<word>(?:[^\s()\[\]{}"\\:^~]|\\.)+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class BadSearch(Exception):
    """A search that can't be answered, and why."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


def parse_filter(text: str) -> Filter:
    """Whether a package is what the query asks for. Raises BadSearch."""
    if len(text) > LENGTH_MAX:
        raise BadSearch(TOO_LONG.format(most=LENGTH_MAX))
    reading = _Reading(list(_tokens(text)))
    found = reading.all_of()
    if reading.kind is not None:
        raise BadSearch(NOT_READ.format(rest=")"))
    return found


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    found: Mapping[str, str]

    @property
    def text(self) -> str:
        """What it says, without what escapes it."""
        return _ESCAPED.sub(r"\1", self.found[self.kind])


def _tokens(text: str) -> Iterator[_Token]:
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            raise BadSearch(NOT_READ.format(rest=text[place:].strip()[:SHOWN]))
        parts = {name: part for name, part in found.groupdict().items() if part is not None}
        yield _Token(next(iter(parts)), parts)
        place = found.end()


@dataclass(slots=True)
class _Reading:
    """The tokens, and how far they are read."""

    tokens: list[_Token]
    place: int = 0
    depth: int = 0
    field: str = "text"

    @property
    def kind(self) -> str | None:
        """Of the token that comes next."""
        return self.tokens[self.place].kind if self.place < len(self.tokens) else None

    def take(self) -> _Token:
        """The next token."""
        if self.kind is None:
            raise BadSearch(ENDS_EARLY)
        self.place += 1
        return self.tokens[self.place - 1]

    def all_of(self) -> Filter:
        """What stands side by side."""
        parts: list[Filter] = []
        while self.kind not in (None, "close"):
            parts.append(self.any_of())
        return lambda package: all(part(package) for part in parts)

    def any_of(self) -> Filter:
        """What is joined by OR."""
        parts = [self.both()]
        while self.kind == "or":
            self.take()
            parts.append(self.both())
        return lambda package: any(part(package) for part in parts)

    def both(self) -> Filter:
        """What is joined by AND."""
        parts = [self.one()]
        while self.kind == "and":
            self.take()
            parts.append(self.one())
        return lambda package: all(part(package) for part in parts)

    def one(self) -> Filter:
        """One condition, with what stands before it."""
        token, is_wanted = self.take(), True
        while token.kind in ("must", "not"):
            is_wanted = is_wanted == (token.kind == "must")
            token = self.take()
        if token.kind == "field":
            found = self.of_field(token.text)
        else:
            found = self.value_of(self.field, token)
        return lambda package: found(package) == is_wanted

    def of_field(self, name: str) -> Filter:
        """A condition of a field, or several in brackets."""
        outer, self.field = self.field, name
        if name != "*" and name not in FIELDS:
            raise BadSearch(NO_FIELD.format(name=name[:SHOWN], known=", ".join(FIELDS)))
        found = self.value_of(name, self.take())
        self.field = outer
        return found

    def value_of(self, name: str, token: _Token) -> Filter:
        """A value, or several in brackets."""
        if token.kind != "open":
            return _condition(name, token)
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise BadSearch(TOO_DEEP)
        found = self.all_of()
        self.take()
        self.depth -= 1
        return found


def _condition(name: str, token: _Token) -> Filter:
    if token.kind == "range":
        return _in_range(name, token)
    if token.kind not in ("word", "phrase"):
        raise BadSearch(NOT_READ.format(rest=token.text[:SHOWN]))
    value = token.text
    if token.kind == "word" and value == "*":
        return lambda package: any(package.values.get(name, ANY))
    if name == "*":
        raise BadSearch(NO_FIELD.format(name=name, known=", ".join(FIELDS)))
    if name in TIMES:
        moment = _read_time(value)
        return lambda package: _time_of(package, name) == moment
    if name in WORDS:
        return _has_words(name, fold(value).text.strip("*"))
    matches = _pattern(value, is_word=token.kind == "word").match
    return lambda package: any(matches(one) for one in package.values[name])


def _has_words(name: str, folded: str) -> Filter:
    if name == "text":
        return lambda package: folded in package.text
    return lambda package: any(folded in fold(one).text for one in package.values[name])


def _pattern(value: str, *, is_word: bool) -> re.Pattern[str]:
    """The value itself, in capitals or not; in a word, * and ? stand for others."""
    literal = value.replace("[", "[[]") if is_word else re.sub(r"([*?[])", r"[\1]", value)
    return re.compile(translate(literal), re.IGNORECASE)


def _in_range(name: str, token: _Token) -> Filter:
    low, high = token.found["low"], token.found["high"]
    if name not in TIMES:
        raise BadSearch(NO_RANGE.format(name=name))
    takes_low = token.text.startswith("[")
    takes_high = token.text.endswith("]")
    first = None if low == "*" else _read_time(low)
    last = None if high == "*" else _read_time(high)

    def holds(package: Package) -> bool:
        moment = _time_of(package, name)
        is_after = first is None or moment > first or (takes_low and moment == first)
        is_before = last is None or moment < last or (takes_high and moment == last)
        return is_after and is_before

    return holds


def _time_of(package: Package, name: str) -> datetime:
    return datetime.fromisoformat(package.values[name][0]).replace(tzinfo=UTC)


def _read_time(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value.strip('"'))
    except ValueError:
        raise BadSearch(NO_TIME.format(value=value[:SHOWN])) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment

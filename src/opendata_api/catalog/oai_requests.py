"""What a request of OAI-PMH 2.0 asks, read from its arguments; and what may be wrong with it.

http://www.openarchives.org/OAI/2.0/openarchivesprotocol.htm, sections 3.6 and 4.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from opendata_api.errors import Pairs

VERB = "verb"
TOKEN = "resumptionToken"  # noqa: S105 - the name of an argument
PREFIX = "oai_dc"
"""The only format of metadata: Dublin Core, which every repository has."""
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SECOND = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
URI = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
NAME = re.compile(r"[A-Za-z0-9_.!~*'()-]+")
SET = re.compile(r"[A-Za-z0-9_.!~*'()-]+(:[A-Za-z0-9_.!~*'()-]+)*")


FORMS = {"identifier": URI, "metadataPrefix": NAME, "set": SET}
"""How values are written, whatever they name; dates have a reading of their own."""


class OaiError(Exception):
    """What is wrong with a request; its code is the protocol's own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    @property
    def is_unreadable(self) -> bool:
        """Whether the answer does not repeat the arguments, since they can't be trusted."""
        return self.code in ("badVerb", "badArgument")


@dataclass(frozen=True, slots=True)
class Verb:
    """The arguments that a verb takes."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    is_list: bool = False
    """Whether its answer may come in parts, so that a token alone asks for the next."""

    @property
    def allowed(self) -> tuple[str, ...]:
        """All that it takes."""
        return (*self.required, *self.optional, *((TOKEN,) if self.is_list else ()))


_LIST = Verb(("metadataPrefix",), ("from", "until", "set"), is_list=True)
VERBS: Mapping[str, Verb] = {
    "Identify": Verb(),
    "ListMetadataFormats": Verb(optional=("identifier",)),
    "ListSets": Verb(is_list=True),
    "GetRecord": Verb(("identifier", "metadataPrefix")),
    "ListIdentifiers": _LIST,
    "ListRecords": _LIST,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose arguments are those of its verb."""

    verb: str
    arguments: Mapping[str, str]

    @property
    def token(self) -> str | None:
        """The token that asks for the next part of a list."""
        return self.arguments.get(TOKEN)

    @property
    def set(self) -> str:
        """The set that a list is of; empty for all."""
        return self.arguments.get("set", "")

    @property
    def span(self) -> tuple[str, str]:
        """The first and the last second asked for; a date stands for the whole day.

        Raises OaiError.
        """
        first, last = self.arguments.get("from"), self.arguments.get("until")
        start = _moment("from", first, "00:00:00", "0001-01-01")
        end = _moment("until", last, "23:59:59", "9999-12-31")
        if first is not None and last is not None and len(first) != len(last):
            raise OaiError("badArgument", "from and until have different granularities")
        if start > end:
            raise OaiError("badArgument", "from is later than until")
        return start, end

    def check_prefix(self) -> None:
        """Raise OaiError for a format that there is not."""
        if self.arguments.get("metadataPrefix", PREFIX) != PREFIX:
            raise OaiError("cannotDisseminateFormat", f"the only metadataPrefix is {PREFIX}")


def read_request(pairs: Pairs) -> Asked:
    """The request that the arguments make. Raises OaiError."""
    verbs = [value for name, value in pairs if name == VERB]
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise OaiError("badVerb", f"give one verb of {', '.join(VERBS)}")
    verb = VERBS[verbs[0]]
    arguments: dict[str, str] = {}
    for name, value in pairs:
        if name == VERB:
            continue
        if name not in verb.allowed:
            raise OaiError("badArgument", f"{verbs[0]} has no argument of that name")
        if name in arguments or not value:
            raise OaiError("badArgument", f"{name}: give it once, with a value")
        if name in FORMS and not FORMS[name].fullmatch(value):
            raise OaiError("badArgument", f"{name}: no {name} is written so")
        arguments[name] = value
    if TOKEN in arguments:
        if len(arguments) > 1:
            raise OaiError("badArgument", f"{TOKEN} excludes all other arguments")
    elif lacking := [name for name in verb.required if name not in arguments]:
        raise OaiError("badArgument", f"{verbs[0]} needs {' and '.join(lacking)}")
    return Asked(verbs[0], arguments)


def _moment(name: str, value: str | None, time: str, default: str) -> str:
    """The moment as our times are written, so that text compares as time does."""
    written = default if value is None else value
    if DAY.fullmatch(written):
        written = f"{written}T{time}Z"
    if not SECOND.fullmatch(written) or not _is_moment(written):
        raise OaiError("badArgument", f"{name}: write YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")
    return written


def _is_moment(written: str) -> bool:
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return False
    return True

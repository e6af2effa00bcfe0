"""What a caller gives an action: by the query, as a form, as JSON; then each value by its kind."""

import re
from collections.abc import Callable, Mapping

import orjson
from starlette.requests import Request

from opendata_api.errors import InvalidEncoding, Pairs
from opendata_api.query import split_query
from opendata_api.web.bodies import UnreadBody, receive
from opendata_api.web.ckan.errors import BadRequest, InvalidParameters
from opendata_api.words import Text

BODY_BYTES_MAX = 64 * 1024
MULTIPART = "multipart/"

Given = dict[str, object]
"""Parameters as they came: texts and lists of them, or whatever JSON has."""

Reader = Callable[[object], object]
"""Reads a value of a parameter. Raises Unreadable."""


class Unreadable(Exception):
    """A value has not the form that its parameter needs."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


async def read_given(request: Request) -> Given:
    """The parameters of a request; those of the body come before those of the query.

    Raises BadRequest for what can't be read.
    """
    if request.headers.get("content-type", "").lower().startswith(MULTIPART):
        raise BadRequest("multipart data is not read: send JSON or a plain form")
    try:
        given = _read_pairs(request.scope["query_string"])
        if request.method == "POST":
            given |= _read_body(await receive(request, BODY_BYTES_MAX))
    except UnreadBody as error:
        raise BadRequest(str(error), error.status) from None
    except InvalidEncoding as error:
        raise BadRequest(error.faults[0].message.en) from None
    return given


def _read_body(body: bytes) -> Given:
    """A JSON object, by whatever name its type goes, else a form.

    `curl -d` says that JSON is a form, and clients of CKAN rely on it. Null is nothing given.
    """
    body = body.strip()
    if body and b"=" in body and not body.startswith((b"{", b"[", b'"')):
        return _read_pairs(body)
    try:
        value = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        raise BadRequest("JSON Error: Error decoding JSON data.") from None
    if not isinstance(value, dict):
        raise BadRequest("JSON Error: Request data needs to be a dictionary.")
    return {name: one for name, one in value.items() if one is not None}


def _read_pairs(raw: bytes) -> Given:
    """Name/value pairs; what stands more than once is a list."""
    given: Given = {}
    for name, value in split_query(raw):
        if name not in given:
            given[name] = value
        elif name:
            before = given[name]
            given[name] = [*(before if isinstance(before, list) else [before]), value]
    if not given.get("", "?"):
        del given[""]  # one & too many
    return given


NOT_TAKEN = Text("没有这个参数；可用 {known}", "there is no such parameter, but {known}")
NO_PARAMETERS = Text("该操作没有参数", "the action has no parameters")
A_TEXT = Text("须为文本", "must be a text")
A_NUMBER = Text("须为自然数", "must be a natural number")
A_BOOLEAN = Text("须为 true 或 false", "must be true or false")
TEXTS = Text("须为文本的列表", "must be a list of texts")
NOT_JSON = Text("不是有效的 JSON", "is not valid JSON")
AN_OBJECT = Text("须为 JSON 对象", "must be a JSON object")

NAME_SHOWN = 60

_NUMBER = re.compile(r"[0-9]{1,18}")
_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "on", "t", "y", "1"), True),
    **dict.fromkeys(("false", "no", "off", "f", "n", "0", ""), False),
}


def read_values(given: Given, readers: Mapping[str, Reader]) -> Given:
    """The parameters by their kinds. Raises InvalidParameters with every fault."""
    faults: dict[str, list[Text]] = {}
    values: Given = {}
    for name, value in given.items():
        try:
            values[name] = _reader(name, readers)(value)
        except Unreadable as error:
            faults[name[:NAME_SHOWN]] = [error.message]
    if faults:
        raise InvalidParameters(faults)
    return values


def _reader(name: str, readers: Mapping[str, Reader]) -> Reader:
    if name in readers:
        return readers[name]
    known = ", ".join(readers)
    raise Unreadable(NOT_TAKEN.format(known=known) if known else NO_PARAMETERS)


def print_given(values: Given) -> Pairs:
    """The parameters as a query has them, sorted."""
    return tuple(sorted((name, print_one(value)) for name, value in values.items()))


def print_one(value: object) -> str:
    """A value as a query has it: a text as it is, all else as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def as_text(value: object) -> str:
    """A text."""
    if not isinstance(value, str):
        raise Unreadable(A_TEXT)
    return value


def as_number(value: object) -> int:
    """A natural number or 0."""
    text = value if isinstance(value, str) else str(value)
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        raise Unreadable(A_NUMBER)
    return int(text)


def as_integer(value: object) -> int:
    """A whole number, which may be below 0."""
    if isinstance(value, int | str) and str(value).startswith("-"):
        return -as_number(str(value)[1:])
    return as_number(value)


def as_boolean(value: object) -> bool:
    """True or false, as CKAN's clients write it."""
    if isinstance(value, list | dict | float) or str(value).lower() not in _BOOLEANS:
        raise Unreadable(A_BOOLEAN)
    return _BOOLEANS[str(value).lower()]


def as_texts(value: object) -> list[str]:
    """A list of texts: of JSON, also within a text, or a text with commas."""
    if isinstance(value, str):
        given = _from_json(value, "[")
        words = (part.strip() for part in value.split(","))
        value = [one for one in words if one] if given is None else given
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Unreadable(TEXTS)
    return value


def as_object(value: object) -> dict[str, object]:
    """An object: of JSON, also within a text."""
    if isinstance(value, str):
        value = _from_json(value, "{")
    if not isinstance(value, dict):
        raise Unreadable(AN_OBJECT)
    return value


def as_text_or_object(value: object) -> str | dict[str, object]:
    """A text, which may be an object in JSON."""
    if isinstance(value, str) and not value.lstrip().startswith("{"):
        return value
    return as_object(value)


def _from_json(text: str, start: str) -> object:
    """What a text holds as JSON, if it begins so; None for any other. Raises Unreadable."""
    if not text.lstrip().startswith(start):
        return None
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Unreadable(NOT_JSON) from None
    return value

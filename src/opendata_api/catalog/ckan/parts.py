"""What the parts of a CKAN catalogue have in common: ids, times, tags, names."""

import re
from collections.abc import Mapping
from uuid import NAMESPACE_URL, uuid5

from opendata_api.words import Text

Node = dict[str, object]

TAG_MIN, TAG_MAX = 2, 100
_NOT_IN_TAGS = re.compile(r"[^\w .-]+")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
NAME_MAX = 100


def make_id(base: str, *names: str) -> str:
    """The UUID of a thing that the service at that address names so.

    It is made of the address without its scheme: two services have no id in common, and one that
    turns from http to https keeps its own.
    """
    address = base.partition(":")[2]
    return str(uuid5(NAMESPACE_URL, "/".join([address, "ckan", *names])))


def naive_time(moment: str) -> str:
    """A time of ours (UTC to the second, with Z) as CKAN writes it: naive, with microseconds."""
    return f"{moment.removesuffix('Z')}.000000"


def make_tag(words: str) -> str:
    """The words as a tag, whose characters CKAN restricts; empty where nothing is left."""
    tag = " ".join(_NOT_IN_TAGS.sub(" ", words).split())[:TAG_MAX].strip()
    return tag if len(tag) >= TAG_MIN else ""


def make_name(words: str, otherwise: str) -> str:
    """The words as an ASCII slug; another where nothing of them is ASCII."""
    name = _NOT_IN_NAMES.sub("-", words.lower()).strip("-")[:NAME_MAX].strip("-")
    return name if len(name) >= TAG_MIN else otherwise


def translated(text: Text) -> Node:
    """A text in both languages, as ckanext-fluent keeps it."""
    return {"zh": text.zh, "en": text.en}


def tell_extras(known: Mapping[str, str | None]) -> list[Node]:
    """The extras that have a value, in order."""
    return [{"key": key, "value": value} for key, value in known.items() if value]

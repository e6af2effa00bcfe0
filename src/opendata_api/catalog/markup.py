"""XML, written by an element tree; what XML can't hold is replaced, not refused."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

UNHELD = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that XML 1.0 can't hold (section 2.2), not even escaped."""
REPLACEMENT = "\ufffd"

LANG = "xml:lang"
NONE: Mapping[str, str] = {}


def make_root(tag: str, attributes: Mapping[str, str]) -> ET.Element:
    """The element of a document; prefixes are as they are written, not resolved."""
    return ET.Element(tag, dict(attributes))


def add(
    parent: ET.Element, tag: str, text: str | None = None, attributes: Mapping[str, str] = NONE
) -> ET.Element:
    """A further child of an element."""
    child = ET.SubElement(parent, tag, {name: held(one) for name, one in attributes.items()})
    child.text = None if text is None else held(text)
    return child


def held(text: str) -> str:
    """The text with what XML can't hold replaced."""
    return UNHELD.sub(REPLACEMENT, text)


def print_xml(root: ET.Element) -> bytes:
    """The document in UTF-8, with its declaration."""
    body: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body + b"\n"

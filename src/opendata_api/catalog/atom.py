"""A feed as Atom (RFC 4287), with the links of WebSub."""

from xml.etree import ElementTree as ET

from opendata_api.catalog.feed import (
    ATOM,
    ATOM_TYPE,
    CHANGES,
    ICON,
    JSON,
    JSON_TYPE,
    LANGUAGE,
    QUOTED,
    RELEASES,
    SUBTITLE,
    Feed,
    Item,
)
from opendata_api.catalog.markup import LANG, add, make_root, print_xml
from opendata_api.formats.rights import ATTRIBUTION, LICENSE_URL


def write_atom(feed: Feed) -> bytes:
    """The feed, the newest entry first."""
    overview = feed.overview
    root = make_root("feed", {"xmlns": "http://www.w3.org/2005/Atom", LANG: LANGUAGE})
    add(root, "id", overview.address(ATOM))
    add(root, "title", feed.title)
    add(root, "subtitle", SUBTITLE.both)
    add(root, "updated", overview.modified)
    _link(root, "self", overview.address(ATOM), ATOM_TYPE)
    _link(root, "alternate", overview.address(RELEASES), "text/html")
    _link(root, "alternate", overview.address(JSON), JSON_TYPE)
    _link(root, "related", overview.address(CHANGES), "application/json")
    _link(root, "license", LICENSE_URL, "text/html")
    if feed.operator.hub is not None:
        add(root, "link", attributes={"rel": "hub", "href": feed.operator.hub})
    author = add(root, "author")
    add(author, "name", feed.author)
    add(author, "uri", overview.address("/"))
    if feed.operator.email is not None:
        add(author, "email", feed.operator.email)
    add(root, "icon", overview.address(ICON))
    add(root, "rights", f"{ATTRIBUTION}. {QUOTED.both}")
    for item in feed.items:
        _entry(root, item)
    return print_xml(root)


def _entry(root: ET.Element, item: Item) -> None:
    entry = add(root, "entry")
    add(entry, "id", item.id)
    add(entry, "title", item.title.both)
    add(entry, "updated", item.updated)
    add(entry, "published", item.updated)
    _link(entry, "alternate", item.href, "text/html")
    _link(entry, "related", item.call, "application/json")
    for code, words in item.tags:
        add(entry, "category", attributes={"term": code, "label": words.both})
    add(entry, "content", item.html, {"type": "html"})


def _link(parent: ET.Element, rel: str, href: str, media_type: str) -> None:
    add(parent, "link", attributes={"rel": rel, "type": media_type, "href": href})

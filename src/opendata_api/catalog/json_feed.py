"""A feed as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import orjson

from opendata_api.catalog.feed import (
    ICON,
    JSON,
    LANGUAGE,
    RELEASES,
    SUBTITLE,
    Feed,
    Item,
)

VERSION = "https://jsonfeed.org/version/1.1"


def write_json_feed(feed: Feed) -> bytes:
    """The feed, the newest item first."""
    overview, hub = feed.overview, feed.operator.hub
    document = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": overview.address(RELEASES),
        "feed_url": overview.address(JSON),
        "description": SUBTITLE.both,
        "icon": overview.address(ICON),
        "authors": [{"name": feed.author, "url": overview.address("/")}],
        "language": LANGUAGE,
        **({} if hub is None else {"hubs": [{"type": "WebSub", "url": hub}]}),
        "items": [_item(item) for item in feed.items],
    }
    return orjson.dumps(document)


def _item(item: Item) -> dict[str, object]:
    return {
        "id": item.id,
        "url": item.href,
        "title": item.title.both,
        "content_html": item.html,
        "date_published": item.updated,
        "date_modified": item.updated,
        "tags": [code for code, _ in item.tags],
    }

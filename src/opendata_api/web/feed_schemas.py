"""The JSON Schema of a feed."""

from opendata_api.web.schemas import ADDRESS, STRING, Schema

_MOMENT: Schema = {"type": "string", "format": "date-time"}
_ITEM: Schema = {
    "type": "object",
    "properties": {
        "id": ADDRESS,
        "url": ADDRESS,
        "title": STRING,
        "content_html": STRING,
        "date_published": _MOMENT,
        "date_modified": _MOMENT,
        "tags": {"type": "array", "items": STRING},
    },
    "required": ["id", "url", "title", "content_html", "date_published"],
}

FEED_SCHEMAS: Schema = {
    "JsonFeed": {
        "type": "object",
        "description": "JSON Feed 1.1, https://www.jsonfeed.org/version/1.1/.",
        "properties": {
            "version": ADDRESS,
            "title": STRING,
            "home_page_url": ADDRESS,
            "feed_url": ADDRESS,
            "items": {"type": "array", "items": _ITEM},
        },
        "required": ["version", "title", "items"],
    }
}

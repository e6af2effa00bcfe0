"""Rows as lines of JSON objects, as https://github.com/ndjson/ndjson-spec has them."""


def encode_line(encoded: str) -> str:
    """A record that is encoded as a JSON object, which has no line break in it, as a line."""
    return f"{encoded}\n"

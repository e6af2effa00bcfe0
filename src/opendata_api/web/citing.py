"""The links by which an answer says how to cite it."""

from collections.abc import Sequence

from opendata_api.formats import JSON
from opendata_api.query import QUERY_BYTES_MAX, join_query
from opendata_api.web.asked import Asked
from opendata_api.web.links import Link

PATH = "/v1/cite"


def cite_links(asked: Asked) -> Sequence[Link]:
    """The address to cite (RFC 8574), which stays the same, and the one that gives the citation."""
    return _links(asked, asked.permalink)


def cite_file_links(asked: Asked) -> Sequence[Link]:
    """The same for a file, which is cited in its own format."""
    return _links(asked, asked.file(asked.form.format).href)


def _links(asked: Asked, address: str) -> Sequence[Link]:
    """The second address holds the first, escaped once more.

    It is left out where no request could be so long.
    """
    pairs = (("url", address),)
    links = [Link("cite-as", address)]
    if len(join_query(pairs)) <= QUERY_BYTES_MAX:
        links.append(Link("related", asked.site.address(PATH, pairs), "cite", JSON.media_type))
    return links

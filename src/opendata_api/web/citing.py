"""The links by which an answer says how to cite it."""

from collections.abc import Sequence

from opendata_api.formats import JSON
from opendata_api.query import QUERY_BYTES_MAX, join_query
from opendata_api.web.asked import Asked
from opendata_api.web.links import Link

PATH = "/v1/cite"


def cite_links(asked: Asked) -> Sequence[Link]:
    """The address to cite (RFC 8574) and the one that gives the citation.

    The second holds the first, escaped once more; where no request could be so long, it is left
    out.
    """
    pairs = (("url", asked.permalink),)
    links = [Link("cite-as", asked.permalink)]
    if len(join_query(pairs)) <= QUERY_BYTES_MAX:
        links.append(Link("related", asked.site.address(PATH, pairs), "cite", JSON.media_type))
    return links

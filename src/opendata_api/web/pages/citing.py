"""How a page is cited, in every style, as text."""

from collections.abc import Mapping

import orjson

from opendata_api.web.cite import citations
from opendata_api.web.site import Site


async def cite(site: Site, address: str) -> Mapping[str, str]:
    """The citation of an address of this service by the name of each style."""
    styles = await citations(site, address)
    return {name: _as_text(citation) for name, citation in styles.items()}


def _as_text(citation: object) -> str:
    if isinstance(citation, str):
        return citation
    return orjson.dumps(citation, option=orjson.OPT_INDENT_2).decode()

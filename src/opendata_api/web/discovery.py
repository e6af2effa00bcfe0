"""The documents by which programs find the service: robots.txt, llms.txt and /.well-known/."""

from datetime import UTC, date, datetime

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog.llms import print_llms
from opendata_api.catalog.well_known import (
    API_CATALOG,
    LINKSET_TYPE,
    print_api_catalog,
    print_robots,
    print_security,
)
from opendata_api.errors import NotFound
from opendata_api.formats import PLAIN_TEXT
from opendata_api.query import PLAIN_PARAMETERS
from opendata_api.web import caching
from opendata_api.web.answers import read_choice
from opendata_api.web.links import Link
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site
from opendata_api.web.written import Document, document_handler, in_thread

robots_handler = document_handler("/robots.txt", PLAIN_TEXT.content_type, print_robots)
llms_handler = document_handler("/llms.txt", PLAIN_TEXT.content_type, print_llms)


def api_catalog_link(site: Site) -> Link:
    """What leads from an address of the service to the list of its APIs (RFC 9727)."""
    return Link("api-catalog", site.address(API_CATALOG))


def api_catalog_handler(site: Site) -> Handler:
    """`/.well-known/api-catalog`, which names itself in its Link header, for HEAD."""
    links = [api_catalog_link(site)]
    document = Document(API_CATALOG, LINKSET_TYPE, in_thread(print_api_catalog), links=links)

    async def answer_api_catalog(request: Request) -> Response:
        return await document.answer(site, request)

    return answer_api_catalog


def security_handler(site: Site) -> Handler:
    """`/.well-known/security.txt`. Raises NotFound where no contact is set."""

    async def answer_security(request: Request) -> Response:
        await read_choice(site, request, PLAIN_PARAMETERS)
        if site.operator.contact is None:
            raise NotFound
        body = print_security(site.base, site.operator.contact, today())
        return caching.answer_tagged(request, body, {"content-type": PLAIN_TEXT.content_type})

    return answer_security


def today() -> date:
    """The day by UTC."""
    return datetime.now(UTC).date()

"""The catalogue in RDF, by pages; each is written once for each release."""

from collections.abc import Iterator
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog.dcat import PATH, Page
from opendata_api.catalog.rdf import SERIALIZATIONS, Serialization
from opendata_api.errors import Fault, OutOfRange
from opendata_api.query import CATALOGUE_PARAMETERS
from opendata_api.web.answers import Representation, read_choice
from opendata_api.web.links import Link
from opendata_api.web.negotiation import choose_format
from opendata_api.web.overview import find_overview
from opendata_api.web.rows import Handler, varying
from opendata_api.web.shelf import Shelf, edition_of
from opendata_api.web.site import Site
from opendata_api.words import Text

KEPT_MAX = 30
"""So many pages are kept as they were written."""

ONLY_ONE = Text("目录只有1页", "the catalogue has one page")
NUMBERED = Text("页码须在1和{last}之间", "pages are numbered from 1 to {last}")


def catalogue_handler(site: Site, serialization: Serialization | None) -> Handler:
    """The handler of the catalogue, in one serialization or in the one negotiated."""
    shelf: Shelf[bytes] = Shelf(KEPT_MAX)

    async def answer_page(request: Request) -> Response:
        chosen = serialization or _negotiate(request)
        choice, _ = await read_choice(site, request, CATALOGUE_PARAMETERS)
        page = Page(await find_overview(site), chosen, choice.page or 1)
        if page.number > page.last:
            raise _no_such_page(page)
        place = _representation(site, page, is_negotiated=serialization is None)
        if place.is_unchanged(request):
            return place.not_modified(request)
        edition = edition_of(site, page.overview)
        write = partial(run_in_threadpool, page.write)
        return place.answer(await shelf.find(edition, write, (chosen.format.key, page.number)))

    return answer_page if serialization is not None else varying(answer_page)


def _negotiate(request: Request) -> Serialization:
    """What the Accept header asks for. Raises NotAcceptable."""
    formats = [one.format for one in SERIALIZATIONS]
    chosen = choose_format(request.headers.get("accept"), formats)
    return next(one for one in SERIALIZATIONS if one.format is chosen)


def _no_such_page(page: Page) -> OutOfRange:
    message = ONLY_ONE if page.last == 1 else NUMBERED.format(last=page.last)
    correction = () if page.last == 1 else (("page", str(page.last)),)
    return OutOfRange(Fault(message, parameter="page"), correction=correction)


def _representation(site: Site, page: Page, *, is_negotiated: bool) -> Representation:
    """What the answer's headers are made of; the release is the one that the page is of."""
    format_ = page.serialization.format
    path = PATH if is_negotiated else f"{PATH}.{format_.suffix}"
    canonical = () if page.number == 1 else (("page", str(page.number)),)
    return Representation(
        site=site,
        release=site.store.published.releases[page.overview.release],
        path=path,
        canonical=canonical,
        form=format_.key,
        content_type=format_.content_type,
        vary=("Accept",) if is_negotiated else (),
        links=[
            Link("self", site.address(path, canonical)),
            *_links(site, page, None if is_negotiated else page.serialization),
        ],
    )


def _links(site: Site, page: Page, own: Serialization | None) -> Iterator[Link]:
    """The other pages, and the same page in every serialization but the address's own."""
    for relation, number in page.others():
        yield Link(relation, site.address(page.path(number)))
    for other in SERIALIZATIONS:
        if other is not own:
            same = Page(page.overview, other, page.number)
            address = site.address(same.path(page.number))
            yield Link("alternate", address, type=other.format.media_type)

"""Documents about the whole edition: written once for each edition, not for each request."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog.overview import Overview
from opendata_api.query import PLAIN_PARAMETERS
from opendata_api.web.answers import Representation, read_choice
from opendata_api.web.links import Link
from opendata_api.web.overview import find_overview
from opendata_api.web.rows import Handler
from opendata_api.web.shelf import Shelf, edition_of
from opendata_api.web.site import Site

Writer = Callable[[Overview], Awaitable[bytes]]
"""Gives the same bytes for the same edition."""


def in_thread(write: Callable[[Overview], bytes]) -> Writer:
    """The writer of what needs nothing but the overview, and time."""

    async def write_in_thread(overview: Overview) -> bytes:
        return await run_in_threadpool(write, overview)

    return write_in_thread


@dataclass(frozen=True, slots=True)
class Document:
    """A document that has one address."""

    path: str
    content_type: str
    write: Writer
    vary: tuple[str, ...] = ()
    links: Sequence[Link] = ()
    _shelf: Shelf[bytes] = field(default_factory=Shelf, compare=False)

    async def answer(self, site: Site, request: Request) -> Response:
        """The answer to a request for it; it takes no parameters."""
        choice, newest = await read_choice(site, request, PLAIN_PARAMETERS)
        overview = await find_overview(site)
        # Between the two a release may have been published; tag and body are of one. From here
        # to the first read of the writer nothing is waited for.
        edition = edition_of(site, overview)
        release = site.store.published.releases.get(overview.release, newest)
        place = Representation(
            site=site,
            release=release,
            path=self.path,
            canonical=choice.canonical,
            form=f"{self.content_type} {edition.gone}",
            content_type=self.content_type,
            vary=self.vary,
            links=[self._own_link(site), *self.links],
        )
        if place.is_unchanged(request):
            return place.not_modified(request)
        return place.answer(await self._shelf.find(edition, partial(self.write, overview)))

    def _own_link(self, site: Site) -> Link:
        media_type = self.content_type.partition(";")[0]
        return Link("self", site.address(self.path), type=media_type)


def document_handler(
    path: str, content_type: str, write: Callable[[Overview], bytes]
) -> Callable[[Site], Handler]:
    """What makes the handler of a document for a service."""

    def make(site: Site) -> Handler:
        document = Document(path, content_type, in_thread(write))

        async def answer_document(request: Request) -> Response:
            return await document.answer(site, request)

        return answer_document

    return make

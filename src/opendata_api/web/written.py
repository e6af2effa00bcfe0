"""Documents about the whole release: written once for each release, not for each request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog.overview import Overview
from opendata_api.query import PLAIN_PARAMETERS
from opendata_api.web.answers import Representation, read_choice
from opendata_api.web.links import Link
from opendata_api.web.overview import find_overview
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site


@dataclass(frozen=True, slots=True)
class Document:
    """A document that has one address."""

    path: str
    content_type: str
    write: Callable[[Overview], bytes]
    """Called in a thread, once for each release; gives the same bytes for the same release."""
    vary: tuple[str, ...] = ()
    links: Sequence[Link] = ()
    _written: dict[int, bytes] = field(default_factory=dict, compare=False)

    async def body(self, overview: Overview) -> bytes:
        """The document as of the release of the overview."""
        if overview.release not in self._written:
            body = await run_in_threadpool(self.write, overview)
            self._written.clear()
            self._written[overview.release] = body
        return self._written[overview.release]

    async def answer(self, site: Site, request: Request) -> Response:
        """The answer to a request for it; it takes no parameters."""
        choice, newest = await read_choice(site, request, PLAIN_PARAMETERS)
        overview = await find_overview(site)
        # Between the two a release may have been published; tag and body are of one.
        release = site.store.published.releases.get(overview.release, newest)
        place = Representation(
            site=site,
            release=release,
            path=self.path,
            canonical=choice.canonical,
            form=self.content_type,
            content_type=self.content_type,
            vary=self.vary,
            links=[Link("self", site.address(self.path)), *self.links],
        )
        if place.is_unchanged(request):
            return place.not_modified(request)
        return place.answer(await self.body(overview))


def document_handler(
    path: str, content_type: str, write: Callable[[Overview], bytes]
) -> Callable[[Site], Handler]:
    """What makes the handler of a document for a service."""

    def make(site: Site) -> Handler:
        document = Document(path, content_type, write)

        async def answer_document(request: Request) -> Response:
            return await document.answer(site, request)

        return answer_document

    return make

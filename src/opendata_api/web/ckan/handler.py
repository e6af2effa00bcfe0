"""The handlers: from a request to an action to an answer in CKAN's envelope."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog.ckan import Catalogue, make_catalogue
from opendata_api.errors import ApiError
from opendata_api.formats import JSON
from opendata_api.query import PLAIN_PARAMETERS
from opendata_api.store.model import Release
from opendata_api.web import caching
from opendata_api.web.answers import Representation, read_choice
from opendata_api.web.ckan.action import Action, Call, Pending, Rows
from opendata_api.web.ckan.actions import ACTIONS
from opendata_api.web.ckan.errors import BadRequest, CkanError, SearchFailed, as_ckan_error
from opendata_api.web.ckan.reading import Given, print_given, read_given, read_values
from opendata_api.web.ckan.sending import Envelope, stream_rows
from opendata_api.web.links import Link
from opendata_api.web.overview import find_overview
from opendata_api.web.rows import Handler
from opendata_api.web.shelf import Shelf, edition_of
from opendata_api.web.site import Site

PATH = "/api/3/action"
VERSION = 3


def version_handler(path: str) -> Callable[[Site], Handler]:
    """What makes the handler of `/api` or `/api/3`: which version of the interface this is."""

    def make(site: Site) -> Handler:
        async def answer_version(request: Request) -> Response:
            _, release = await read_choice(site, request, PLAIN_PARAMETERS)
            links = [Link("self", site.address(path))]
            place = Representation(site=site, release=release, path=path, canonical=(), links=links)
            if place.is_unchanged(request):
                return place.not_modified(request)
            return place.answer(orjson.dumps({"version": VERSION}))

        return answer_version

    return make


def action_handler(site: Site) -> Handler:
    """`/api/3/action/{action}`: an action, called by GET or POST."""
    actions = Actions(site)

    async def answer_action(request: Request) -> Response:
        name = str(request.path_params["action"])
        envelope = Envelope(site.address(f"{PATH}/help_show", (("name", name),)))
        try:
            return await actions.answer(name, envelope, request)
        except BadRequest as error:
            return _refuse(request, error.status, orjson.dumps(error.message))
        except CkanError as error:
            return _refuse(request, error.status, envelope.refuse(error))
        except ApiError as error:
            refusal = as_ckan_error(error, "filters")
            response = _refuse(request, refusal.status, envelope.refuse(refusal))
            if error.retry_after_s is not None:
                response.headers["retry-after"] = str(error.retry_after_s)
            return response

    return answer_action


@dataclass(frozen=True, slots=True)
class Actions:
    """The actions over one service; the catalogue is made once for each release."""

    site: Site
    _shelf: Shelf[Catalogue] = field(default_factory=Shelf)

    async def answer(self, name: str, envelope: Envelope, request: Request) -> Response:
        """What an action answers. Raises BadRequest, CkanError and ApiError."""
        action = ACTIONS.get(name)
        if action is None:
            raise BadRequest(f"Action name not known: {name}")
        given = await read_given(request)
        values = read_values(action.known(given), action.readers)
        catalogue = await self._catalogue()
        published = self.site.store.published
        release = published.releases.get(catalogue.release, published.newest)
        place = self._place(action, values, release)
        result = action.answer(Call(self.site, catalogue, release, values))
        is_read = request.method == "GET"
        if is_read and place.is_unchanged(request):
            return place.not_modified(request)
        if isinstance(result, Pending):
            result = await result.read()
        kept = place.headers if is_read else {"cache-control": caching.NEVER}
        headers = kept | {"content-type": JSON.content_type}
        if isinstance(result, Rows):
            return await stream_rows(self.site, envelope, result, request, headers)
        return Response(envelope.wrap(result), headers=headers)

    def _place(self, action: Action, values: Given, release: Release) -> Representation:
        """Whichever of its addresses is asked, the answer is one."""
        path = f"{PATH}/{action.name}"
        pairs = print_given(values)
        return Representation(
            site=self.site,
            release=release,
            path=path,
            canonical=pairs,
            links=[Link("self", self.site.address(path, pairs))],
        )

    async def _catalogue(self) -> Catalogue:
        overview = await find_overview(self.site)
        make = partial(run_in_threadpool, make_catalogue, overview)
        return await self._shelf.find(edition_of(self.site, overview), make)


def _refuse(request: Request, status: int, body: bytes) -> Response:
    is_kept = request.method == "GET" and status < SearchFailed.status
    headers = {
        "content-type": JSON.content_type,
        "cache-control": caching.REFUSED if is_kept else caching.NEVER,
    }
    return Response(body, status, headers)

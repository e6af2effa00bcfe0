"""The application: FastAPI's routing, our edge around it, the store for its lifetime."""

import asyncio
import gc
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from opendata_api import observe
from opendata_api.catalog.overview import Operator
from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset
from opendata_api.errors import all_errors
from opendata_api.files import CheckedFiles, FilesFolder
from opendata_api.formats import JSON
from opendata_api.formats.rights import TITLE
from opendata_api.query import PLAIN_PARAMETERS, parse_choice, split_query
from opendata_api.settings import Settings
from opendata_api.signing import load_signer
from opendata_api.store.place import make_store
from opendata_api.web import caching
from opendata_api.web.answer_cache import AnswerCache
from opendata_api.web.compression import answer_kept
from opendata_api.web.corrections import proving
from opendata_api.web.downloads import LIMIT_SCOPE
from opendata_api.web.edge import Edge
from opendata_api.web.openapi import make_document
from opendata_api.web.operation import Operation
from opendata_api.web.operations import operations
from opendata_api.web.routing import PlainRoute, RouteTable
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site
from opendata_api.web.watching import running
from opendata_api.words import Text

MEGA = 1_000_000


class Application(FastAPI):
    """FastAPI with our own layers: ready answers, the edge, a table of routes."""

    def __init__(
        self, site: Site, datasets: Sequence[Dataset], cache_bytes: int, **options: Any
    ) -> None:
        super().__init__(
            openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, **options
        )
        self.site = site
        self.datasets = datasets
        self.cache_bytes = cache_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer (ASGI). FastAPI would look for a tracer of requests first, each time."""
        if self.middleware_stack is None:
            self.middleware_stack = self.build_middleware_stack()
        await self.middleware_stack(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """The ready answers before the edge before the routes."""
        table = RouteTable.of(self.plain_routes)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            app = table if scope["type"] == "http" else self.router
            await app(scope, receive, send)

        def find_methods(scope: Scope) -> Collection[str]:
            found = table.find(scope)
            return () if found is None else found[0].methods or ()

        edge = Edge(answer, self.site.base, find_methods, self.addresses)
        if not self.cache_bytes:
            return edge
        return AnswerCache(edge, lambda: self.site.store.published, self.cache_bytes)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        return make_document(self.datasets)

    @property
    def plain_routes(self) -> Sequence[PlainRoute]:
        """The routes, in order."""
        return [route for route in self.router.routes if isinstance(route, PlainRoute)]

    @property
    def addresses(self) -> Sequence[str]:
        """The addresses that need no id, and the pages of the errors."""
        plain = [route.path for route in self.plain_routes]
        errors = [f"/problems/{error.code}" for error in all_errors()]
        return [*(path for path in plain if "{" not in path), *errors]


def create_app(settings: Settings, datasets: Sequence[Dataset]) -> Application:
    """The service over what is published where the settings say. Raises UnusableKey."""
    store = make_store(settings, notes_checks=True)
    key = None if settings.signing_key is None else load_signer(settings.signing_key).key
    files = CheckedFiles(FilesFolder(settings.files_folder, settings.files_releases))
    exports = asyncio.Semaphore(settings.exports_max)
    site = Site(
        settings.base, store, datasets, exports, files, operator=operator_of(settings), key=key
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running(site):
            yield

    cache_bytes = settings.answer_cache_mb * MEGA
    app = Application(site, datasets, cache_bytes, lifespan=lifespan)
    for operation in operations(datasets):
        _add(app, operation.path, _proven(site, operation), operation.id, operation.methods)
    openapi = proving(site, _openapi_handler(app), PLAIN_PARAMETERS)
    _add(app, "/openapi.json", openapi, "get_openapi")
    return app


def operator_of(settings: Settings) -> Operator:
    """Who runs the service, by the settings."""
    name = Text(settings.operator_zh or TITLE.zh, settings.operator_en or TITLE.en)
    return Operator(
        name,
        settings.contact,
        settings.operator_code,
        settings.resource_code,
        settings.websub_hub,
    )


def create_from_environment() -> Application:
    """The service by the OPENDATA_* variables, as each worker process makes it."""
    observe.configure_logging()
    app = create_app(Settings(), DATASETS)
    gc.freeze()  # what is loaded by now is kept, so no garbage is looked for in it
    return app


def _proven(site: Site, operation: Operation) -> Handler:
    return proving(site, operation.make(site), operation.parameters)


def _add(
    app: Application, path: str, handler: Handler, name: str, methods: Sequence[str] = ("GET",)
) -> None:
    app.router.routes.append(PlainRoute(path, handler, methods, name))


def _openapi_handler(app: Application) -> Handler:
    @cache
    def make_body() -> bytes:
        return orjson.dumps(app.openapi())

    async def answer_openapi(request: Request) -> Response:
        parse_choice(PLAIN_PARAMETERS, split_query(request.scope["query_string"]))
        release = app.site.store.published.newest
        tag = caching.make_tag(app.site.answer_version, 0, "/openapi.json", (), JSON.key)
        headers = {
            "etag": tag,
            "last-modified": caching.http_date(release.published_at),
            "cache-control": caching.LIVE,
            "content-type": JSON.content_type,
        }
        if caching.is_unchanged(request, tag, JSON.content_type, release.published_at):
            return caching.not_modified(request, headers)
        request.scope[LIMIT_SCOPE].reschedule(None)  # it is no database that is waited for
        return await answer_kept(request, make_body(), headers)

    return answer_openapi

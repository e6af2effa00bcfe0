"""Which handler answers a path, looked up in a table.

Trying one route after the other took as long as all else that a record needs: there are hundreds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from opendata_api.errors import NotFound
from opendata_api.web.deadline import limited
from opendata_api.web.rows import Handler

SEGMENTS_MAX = 8
"""A path of more segments has no parameter behind them."""


class PlainRoute(Route):
    """A route that hands the request over as it is.

    Parameters are declared for OpenAPI and parsed by our own parser: FastAPI's binding costs
    time for each declared parameter and keeps the last of a repeated one. FastAPI's own class
    looks for parameters in each handler at start, where there are none.
    """

    def __init__(self, path: str, handler: Handler, methods: Sequence[str], name: str) -> None:
        super().__init__(path, limited(handler), methods=methods, name=name)


@dataclass(frozen=True, slots=True)
class RouteTable:
    """The routes of an application (ASGI)."""

    plain: Mapping[str, PlainRoute]
    """By path, where it has no parameter."""
    by_head: Mapping[str, Sequence[PlainRoute]]
    """By what comes before the first segment with a parameter; of one head the first that fits."""

    @classmethod
    def of(cls, routes: Iterable[PlainRoute]) -> Self:
        """The table of the routes."""
        plain: dict[str, PlainRoute] = {}
        by_head: dict[str, list[PlainRoute]] = {}
        for route in routes:
            literal, parameter, _ = route.path.partition("{")
            if parameter:
                by_head.setdefault(literal.rpartition("/")[0], []).append(route)
            else:
                plain[route.path] = route
        return cls(plain, by_head)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI). Raises NotFound."""
        found = self.find(scope)
        if found is None:
            raise NotFound
        route, scope["path_params"] = found
        response = await route.endpoint(Request(scope, receive, send))
        await response(scope, receive, send)

    def find(self, scope: Scope) -> tuple[PlainRoute, Mapping[str, str]] | None:
        """What answers a request, with the parameters that its path has."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        route = self.plain.get(path)
        if route is not None:
            return route, {}
        for head in _heads(path):
            for route in self.by_head.get(head, ()):
                matched = route.path_regex.match(path)
                if matched is not None:
                    return route, matched.groupdict()
        return None


def _heads(path: str) -> Iterator[str]:
    """What may stand before the first parameter, the longest first."""
    head = "/".join(path.split("/", SEGMENTS_MAX)[:SEGMENTS_MAX])
    while head:
        head = head.rpartition("/")[0]
        yield head

"""The table of routes finds what trying one route after the other finds."""

import pytest
from starlette.routing import Match
from starlette.types import Scope

from opendata_api.web.app import Application
from opendata_api.web.routing import SEGMENTS_MAX, PlainRoute, RouteTable

pytestmark = pytest.mark.any_database


def request_of(path: str, root: str = "") -> Scope:
    return {
        "type": "http",
        "method": "GET",
        "path": f"{root}{path}",
        "root_path": root,
        "headers": [],
    }


def first_match(routes: list[PlainRoute], path: str) -> tuple[str, dict[str, str]] | None:
    for route in routes:
        match, child = route.matches(request_of(path))
        if match is Match.FULL:
            return route.path, child["path_params"]
    return None


@pytest.fixture
def routes(service: Application) -> list[PlainRoute]:
    return list(service.plain_routes)


@pytest.mark.parametrize("root", ["", "/behind/a/proxy"])
def test_the_first_route_that_fits_is_found(routes: list[PlainRoute], root: str) -> None:
    table = RouteTable.of(routes)
    paths = [route.path for route in routes]
    given = [path.replace("{id}", "cn450203-2023-rol-o083").replace("{n}", "1") for path in paths]
    others = ["", "/", "//", "/v1/", "/v1/observations/", "/v1/observations/a/b", "/nothing"]
    others += ["/v1/documents/a/text/", "/sitemap-1.xml", "/sitemap-.xml", "/reports/a/b", "x"]
    for path in [*paths, *given, *others, "/v1/observations/中文", "/a" * (SEGMENTS_MAX + 2)]:
        found = table.find(request_of(path, root))
        seen = None if found is None else (found[0].path, dict(found[1]))
        assert seen == first_match(routes, path), path

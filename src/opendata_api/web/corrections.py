"""Corrections of refused queries: what would work is offered, held to what is published."""

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.errors import ApiError, Pairs, QueryError
from opendata_api.query import QUERY_BYTES_MAX, Cursor, Parameters, refuse_long
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site

OF_A_RELEASE = ("release", "cursor")


def proving(site: Site, handler: Handler, parameters: Parameters) -> Handler:
    """The handler, offering after a refusal only an address that works."""

    async def answer_proven(request: Request) -> Response:
        _check_length(request, parameters)
        try:
            return await handler(request)
        except QueryError as error:
            if error.correction is not None:
                error.correction = await prove(site, error.correction)
            raise

    return answer_proven


def _check_length(request: Request, parameters: Parameters) -> None:
    """Raise UriTooLong; what stands at an address with an id is not known to be there."""
    raw = request.scope["query_string"]
    if len(raw) <= QUERY_BYTES_MAX:
        return
    error = refuse_long(raw, parameters)
    if request.path_params:
        error.correction = None
    raise error


async def prove(site: Site, pairs: Pairs) -> Pairs:
    """The pairs without a release and dimensions that there are not."""
    given = dict(pairs)
    if "cursor" in given:
        number: int | None = Cursor.decode(given["cursor"]).release
    else:
        number = int(given["release"]) if "release" in given else None
    try:
        if number is not None and await site.store.release(number) is None:
            number = None
            pairs = tuple(pair for pair in pairs if pair[0] not in OF_A_RELEASE)
        if "dim" not in given:
            return pairs
        known = await site.labels(number or site.store.published.newest.n)
    except ApiError:
        unproven = (*OF_A_RELEASE, "dim")
        return tuple(pair for pair in pairs if pair[0] not in unproven)
    dimensions = known.get("dimensions", {})
    return tuple(
        (name, value)
        for name, value in pairs
        if name != "dim" or value.partition(":")[0] in dimensions
    )

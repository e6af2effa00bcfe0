"""Corrections of refused queries: what would work is offered, held to what is published."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.describe import Dataset
from opendata_api.errors import ApiError, Fault, NotAdditive, Pairs, QueryError
from opendata_api.formats import JSON, Format
from opendata_api.query import (
    ANY_DIMENSION,
    BY,
    DIMENSION,
    GROUP_BY,
    QUERY_BYTES_MAX,
    Cursor,
    Parameters,
    refuse_long,
    with_needed,
)
from opendata_api.web.asked import Asked, Form, find_release
from opendata_api.web.groups import Grouping, check_keys, group_handler
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site
from opendata_api.words import LANGS, Text

OF_A_RELEASE = ("release", "cursor")
OF_DIMENSIONS = ("dim", BY.name, GROUP_BY.name)


def proving(site: Site, handler: Handler, parameters: Parameters) -> Handler:
    """The handler, offering after a refusal only an address that works."""

    async def answer_proven(request: Request) -> Response:
        _check_length(request, parameters)
        try:
            return await handler(request)
        except QueryError as error:
            error.faults = await prove_faults(site, error.faults)
            if error.correction is not None:
                proven = await prove(site, error.correction)
                error.correction = with_needed(proven, parameters)
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


def proving_groups(
    site: Site, dataset: Dataset, grouping: Grouping, suffix: Format | None = None
) -> Handler:
    """The handler of a dataset's groups; what it offers instead has been computed."""
    handler = group_handler(site, dataset, grouping, suffix)

    async def answer_proven(request: Request) -> Response:
        try:
            return await handler(request)
        except NotAdditive:  # the store has computed what it offers
            raise
        except QueryError as error:
            if error.correction is not None:
                pairs = await prove(site, error.correction)
                error.correction = await _prove_groups(site, dataset, grouping, pairs)
            raise

    return answer_proven


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
        if not any(name in given for name in OF_DIMENSIONS):
            return pairs
        known = await _dimensions(site, number)
    except ApiError:
        known = {}
        pairs = tuple(pair for pair in pairs if pair[0] not in OF_A_RELEASE)
    return tuple(_kept(pairs, known))


async def prove_faults(site: Site, faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """The faults, those that speak of dimensions held to the dimensions that there are."""
    if not any(fault.dimension or ANY_DIMENSION in fault.allowed for fault in faults):
        return tuple(faults)
    try:
        known = await _dimensions(site, None)
    except ApiError:
        known = {}
    return tuple(_proven(fault, known) for fault in faults)


def _proven(fault: Fault, known: Mapping[str, Text]) -> Fault:
    if ANY_DIMENSION in fault.allowed and known:
        own = tuple(name for name in fault.allowed if name != ANY_DIMENSION)
        fault = replace(fault, allowed=(*own, *(f"{DIMENSION}{name}" for name in known)))
    if fault.dimension is None or fault.dimension in known:
        return fault
    return replace(fault, did_you_mean=None)


async def _dimensions(site: Site, release: int | None) -> Mapping[str, Text]:
    """The dimensions of a release, or of the newest."""
    labels = await site.labels(release or site.store.published.newest.n)
    return labels.get("dimensions", {})


def _kept(pairs: Pairs, known: Container[str]) -> Iterator[tuple[str, str]]:
    """The pairs without the dimensions that are not known."""
    for name, value in pairs:
        if name == "dim":
            kept = [value] if value.partition(":")[0] in known else []
        elif name in OF_DIMENSIONS:
            kept = [
                key
                for key in value.split(",")
                if not key.startswith(DIMENSION) or key.removeprefix(DIMENSION) in known
            ]
        else:
            kept = [value]
        if kept:
            yield name, ",".join(kept)


async def _prove_groups(
    site: Site, dataset: Dataset, grouping: Grouping, pairs: Pairs
) -> Pairs | None:
    """The pairs if they can be answered, else what their own refusal offers."""
    try:
        query = grouping.parse(dataset, pairs)
        release = await find_release(site, query, pairs)
        asked = Asked(site, Form(JSON, by_suffix=False), query, release, LANGS[0], "")
        await grouping.read(asked, query, await check_keys(asked, query))
    except QueryError as error:
        if error.correction is None or isinstance(error, NotAdditive):
            return error.correction
        return await _prove_groups(site, dataset, grouping, error.correction)
    except ApiError:  # the database is away: there is nothing to hold them to
        return pairs
    return pairs

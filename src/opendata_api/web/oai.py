"""`/oai`: OAI-PMH 2.0, for the harvesters of libraries and archives."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog.oai import CONTENT_TYPE, PATH, Answer, Part
from opendata_api.catalog.oai_requests import PREFIX, VERB, Asked, OaiError, read_request
from opendata_api.catalog.oai_tokens import BadToken, Token
from opendata_api.catalog.overview import Overview
from opendata_api.errors import Pairs, QueryError
from opendata_api.formats.rights import VERBATIM
from opendata_api.query import OAI_PARAMETERS, QUERY_BYTES_MAX, split_query
from opendata_api.web import caching
from opendata_api.web.answers import Representation
from opendata_api.web.bodies import UnreadBody, receive
from opendata_api.web.harvest import Harvest
from opendata_api.web.links import Link
from opendata_api.web.operation import Operation
from opendata_api.web.overview import find_overview
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site
from opendata_api.web.told import Told

FORM = "application/x-www-form-urlencoded"
MEDIA_TYPE = "text/xml"


def oai_handler(site: Site) -> Handler:
    """The handler of the repository's one address."""
    told = Told(site)

    async def answer_oai(request: Request) -> Response:
        overview = await find_overview(site)
        place = _place(site, overview, request)
        if request.method == "POST":
            place = replace(place, caching=caching.NEVER)
        elif place.is_unchanged(request):
            return place.not_modified(request)
        harvest = Harvest(told, overview, overview.release)
        try:
            pairs = await _read_pairs(request)
            asked = read_request(pairs)
        except OaiError as error:
            return place.answer(Answer(overview, {}).error(error))
        answer = Answer(overview, {VERB: asked.verb, **asked.arguments})
        try:
            return place.answer(await ANSWERS[asked.verb](Conversation(harvest, asked, answer)))
        except OaiError as error:
            return place.answer(answer.error(error))

    return answer_oai


@dataclass(frozen=True, slots=True)
class Conversation:
    """A request and what answers it."""

    harvest: Harvest
    asked: Asked
    answer: Answer


async def _identify(one: Conversation) -> bytes:
    published = one.harvest.site.store.published
    return one.answer.identify(published.time_of(published.first))


async def _list_formats(one: Conversation) -> bytes:
    identifier = one.asked.arguments.get("identifier")
    if identifier is not None and await one.harvest.find(identifier) is None:
        raise _no_such(identifier)
    return one.answer.formats()


async def _list_sets(one: Conversation) -> bytes:
    if one.asked.token is not None:
        raise OaiError("badResumptionToken", "the sets come in one list")
    return one.answer.sets()


async def _get_record(one: Conversation) -> bytes:
    one.asked.check_prefix()
    identifier = one.asked.arguments["identifier"]
    item = await one.harvest.find(identifier)
    if item is None:
        raise _no_such(identifier)
    return one.answer.record(item)


async def _list_identifiers(one: Conversation) -> bytes:
    return one.answer.identifiers(await _part(one))


async def _list_records(one: Conversation) -> bytes:
    return one.answer.records(await _part(one))


ANSWERS: Mapping[str, Callable[[Conversation], Awaitable[bytes]]] = {
    "Identify": _identify,
    "ListMetadataFormats": _list_formats,
    "ListSets": _list_sets,
    "GetRecord": _get_record,
    "ListIdentifiers": _list_identifiers,
    "ListRecords": _list_records,
}


async def _part(one: Conversation) -> Part:
    """The part of a list that is asked for, as of the release in which the list was begun."""
    if one.asked.token is None:
        return await one.harvest.part(_begin(one))
    token = await _read_token(one, one.asked.token)
    return await replace(one.harvest, release=token.release).part(token)


def _begin(one: Conversation) -> Token:
    """The token of the whole list. Raises OaiError."""
    one.asked.check_prefix()
    start, end = one.asked.span
    published = one.harvest.site.store.published
    newest = one.harvest.release
    numbers = range(published.first, newest + 1)
    spanned = [n for n in numbers if start <= published.time_of(n) <= end]
    if not spanned:
        raise OaiError("noRecordsMatch", "no release was published then")
    return Token(one.asked.verb, PREFIX, one.asked.set, newest, spanned[0], spanned[-1])


async def _read_token(one: Conversation, text: str) -> Token:
    """The token of that text. Raises OaiError, also for a release that can't be read any more."""
    try:
        token = Token.decode(text)
    except BadToken:
        raise OaiError("badResumptionToken", "this is no token, or it is damaged") from None
    if (token.verb, token.prefix) != (one.asked.verb, PREFIX):
        raise OaiError("badResumptionToken", "this token is of another verb")
    store = one.harvest.site.store
    if token.first < store.published.first or await store.release(token.release) is None:
        raise OaiError("badResumptionToken", "its release can't be read: begin anew")
    return token


async def _read_pairs(request: Request) -> Pairs:
    """The arguments, of the query and of the form. Raises OaiError."""
    query: bytes = request.scope["query_string"]
    form = await _read_form(request) if request.method == "POST" else b""
    try:
        return (*split_query(query), *split_query(form))
    except QueryError:
        raise OaiError("badArgument", "the arguments are not percent-encoded UTF-8") from None


async def _read_form(request: Request) -> bytes:
    media_type = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if media_type != FORM:
        raise OaiError("badArgument", f"a POST has its arguments as {FORM}")
    try:
        return await receive(request, QUERY_BYTES_MAX)
    except UnreadBody as error:
        raise OaiError("badArgument", str(error)) from None


def _no_such(identifier: str) -> OaiError:
    return OaiError("idDoesNotExist", f"{identifier}: there is no such item, nor was there one")


def _place(site: Site, overview: Overview, request: Request) -> Representation:
    """The representation as of the overview's release.

    What was withdrawn by law changes it, though no release is made for it.
    """
    published = site.store.published
    raw: bytes = request.scope["query_string"]
    return Representation(
        site=site,
        release=published.releases.get(overview.release, published.newest),
        path=PATH,
        canonical=(
            ("", raw.decode("latin-1")),
            *(("gone", str(n)) for n in sorted(published.gone)),
        ),
        form=MEDIA_TYPE,
        content_type=CONTENT_TYPE,
        links=[Link("service-desc", site.address("/openapi.json"))],
        rights=VERBATIM,
    )


OAI = Operation(
    path=PATH,
    id="harvest",
    summary="The repository for harvesters (OAI-PMH 2.0)",
    description="The datasets and every record in simple Dublin Core, in a set for each dataset; "
    "deletions are kept for ever. Errors are told as the protocol tells them, with status 200; "
    "`responseDate` is the time to give as `from` next."
    "\n\nOAI-PMH 2.0：数据集及全部记录，按数据集分组；删除标记永久保留。",
    tag="service",
    make=oai_handler,
    parameters=OAI_PARAMETERS,
    content=[(MEDIA_TYPE, None)],
    posts=(FORM,),
)

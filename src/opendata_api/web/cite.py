"""`/v1/cite`: how to cite a list, a record or groups of this service."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog.citations import STYLES, Work
from opendata_api.errors import QueryError
from opendata_api.formats import Format
from opendata_api.query import CITE_PARAMETERS, parse_choice, split_query
from opendata_api.web.answers import Representation, answer_object
from opendata_api.web.asked import Form, read_json_form
from opendata_api.web.cited import Cited, find_cited
from opendata_api.web.cited_corrections import mend_cited, refuse_cited
from opendata_api.web.citing import PATH
from opendata_api.web.links import Link
from opendata_api.web.rights import rights_of
from opendata_api.web.rows import Handler, varying
from opendata_api.web.site import Site
from opendata_api.web.works import describe_work
from opendata_api.words import Text

ACCESSED = Text(
    "引用日期（访问日期）采用该数据版本的发布日期，使相同的数据得到相同的引文；永久地址的内容不变。",
    "The date of access is the date of the release, so that equal data has equal citations; "
    "what the permanent address answers does not change.",
)


def cite_handler(site: Site, suffix: Format | None = None) -> Handler:
    """`/v1/cite`: the citation of an address of this service, which is never fetched."""

    async def answer_cite(request: Request) -> Response:
        form = read_json_form(request, suffix)
        pairs = split_query(request.scope["query_string"])
        try:
            choice = parse_choice(CITE_PARAMETERS, pairs)
        except QueryError as error:
            spilt = tuple(pair for pair in pairs if pair[0] not in CITE_PARAMETERS)
            error.correction = await mend_cited(site, error.correction or (), spilt)
            raise
        try:
            cited, record = await find_cited(site, choice.url)
        except QueryError as error:
            raise await refuse_cited(site, error, pairs) from error
        place = _place(cited, form)
        if place.is_unchanged(request):
            return place.not_modified(request)
        work = await describe_work(cited.asked, cited.title, record)
        content = {
            "url": work.url,
            "release": work.release,
            "formats": _in_styles(work),
            "note_zh": ACCESSED.zh,
            "note_en": ACCESSED.en,
        }
        return answer_object(place, content, request, cited.asked.dataset.name)

    return answer_cite if suffix is not None else varying(answer_cite)


async def citations(site: Site, address: str) -> Mapping[str, object]:
    """An address of this service cited in every style. Raises as the address itself would."""
    cited, record = await find_cited(site, address)
    return _in_styles(await describe_work(cited.asked, cited.title, record))


def _in_styles(work: Work) -> Mapping[str, object]:
    return {name: style(work) for name, style in STYLES.items()}


def _place(cited: Cited, form: Form) -> Representation:
    asked = cited.asked
    canonical = (("url", asked.address),)
    return Representation(
        site=asked.site,
        release=asked.release,
        path=PATH,
        canonical=canonical,
        vary=form.vary,
        rights=rights_of(asked.query),
        links=[
            Link("self", asked.site.address(PATH, canonical), "self"),
            Link("describes", cited.permanent, "cited"),
        ],
    )

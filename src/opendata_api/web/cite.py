"""`/v1/cite`: how to cite a list or a record of this service."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog.citations import STYLES, Source, Work
from opendata_api.datasets import BODIES, REPORTS
from opendata_api.describe import Dataset
from opendata_api.errors import Fault, InvalidValue, Pairs, QueryError
from opendata_api.formats import JSON, Format
from opendata_api.query import (
    CITE_PARAMETERS,
    FILE_LIMIT_MAX,
    PAGE_LIMIT_MAX,
    GroupQuery,
    Query,
    decode,
    join_query,
    parse_choice,
    parse_query,
    parse_record_query,
    split_query,
)
from opendata_api.values import Row, Stored
from opendata_api.web.answers import Representation, answer_object
from opendata_api.web.asked import Asked, Form, find_release, read_json_form
from opendata_api.web.citing import PATH
from opendata_api.web.corrections import prove, prove_faults
from opendata_api.web.groups import GROUPINGS, Grouping, check_keys, title_of
from opendata_api.web.links import Link
from opendata_api.web.rights import rights_of
from opendata_api.web.rows import Handler, split_suffix, varying
from opendata_api.web.site import TITLE, Site
from opendata_api.words import LANGS, Text

ROOT = "/v1/"

ACCESSED = Text(
    "引用日期（访问日期）采用该数据版本的发布日期，使相同的数据得到相同的引文；永久地址的内容不变。",
    "The date of access is the date of the release, so that equal data has equal citations; "
    "what the permanent address answers does not change.",
)

_FOREIGN = Text(
    "只能引用本服务的地址：以 {base}/v1/ 或 /v1/ 开头",
    "only addresses of this service can be cited: those that begin with {base}/v1/ or /v1/",
)
_FRAGMENT = Text(
    "地址不能带“#”；作为值的“#”写作 %23", "the address can't have a “#”; as a value it is %23"
)
_NO_ROWS = Text(
    "只能引用数据集的列表、记录、分类计数和分组计算，如 /v1/{example}",
    "only lists, records, facets and aggregates can be cited, such as /v1/{example}",
)
_MISSING = Text("须给出要引用的地址", "the address to cite must be given")
_NOTHING = Text("该地址没有内容", "nothing has this address")
_INSIDE = Text("所引地址中，{where}{fault.zh}", "in the cited address, {where}{fault.en}")


@dataclass(frozen=True, slots=True)
class Groups:
    """What is cited of a list's groups."""

    grouping: Grouping
    query: GroupQuery


@dataclass(frozen=True, slots=True)
class Cited:
    """An address of this service, read by the parser of that address."""

    asked: Asked
    record_id: str | None = None
    """None: a list, or its groups."""
    groups: Groups | None = None

    @property
    def permanent(self) -> str:
        """The address that gives the same rows for ever."""
        return self.asked.fixed.address

    @property
    def key(self) -> str:
        """A key of ASCII: the record or the query, and the release."""
        asked = self.asked
        kind = "" if self.groups is None else f"{self.groups.grouping.name}-"
        subject = self.record_id or f"{asked.dataset.name}-{kind}{asked.query.digest}"
        plain = "".join(character if character.isascii() else "-" for character in subject)
        return f"{plain}-release-{asked.release.n}"


def cite_handler(site: Site, suffix: Format | None = None) -> Handler:
    """`/v1/cite`: the citation of an address of this service, which is never fetched."""

    async def answer_cite(request: Request) -> Response:
        form = read_json_form(request, suffix)
        pairs = split_query(request.scope["query_string"])
        try:
            choice = parse_choice(CITE_PARAMETERS, pairs)
        except QueryError as error:
            spilt = tuple(pair for pair in pairs if pair[0] not in CITE_PARAMETERS)
            error.correction = await _mend(site, error.correction or (), spilt)
            raise
        try:
            cited, record = await _find(site, choice.url)
        except QueryError as error:
            correction = await _mend(site, pairs)
            faults = map(_inside, await prove_faults(site, error.faults))
            raise InvalidValue(*faults, correction=correction) from error
        place = _place(cited, form)
        if place.is_unchanged(request):
            return place.not_modified(request)
        work = await _describe(cited, record)
        content = {
            "url": cited.permanent,
            "release": work.release,
            "formats": _in_styles(work),
            "note_zh": ACCESSED.zh,
            "note_en": ACCESSED.en,
        }
        return answer_object(place, content, request, cited.asked.dataset.name)

    return answer_cite if suffix is not None else varying(answer_cite)


async def citations(site: Site, address: str) -> Mapping[str, object]:
    """An address of this service cited in every style. Raises as the address itself would."""
    cited, record = await _find(site, address)
    return _in_styles(await _describe(cited, record))


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


async def _find(site: Site, address: str | None) -> tuple[Cited, Row | None]:
    """What is cited, proven to be there; the record where it is one.

    Raises a QueryError; its correction, where there is one, is of the cited address's query.
    """
    if address is None:
        raise _refused(_MISSING)
    cited = await _read(site, address)
    asked, n = cited.asked, cited.asked.release.n
    if cited.groups is not None:
        grouping, query = cited.groups.grouping, cited.groups.query
        await grouping.read(asked, query, await check_keys(asked, query))
        return cited, None
    if cited.record_id is None:
        await site.store.page(asked.query, n, 1, None)
        return cited, None
    record = await site.store.record(asked.dataset, cited.record_id, n)
    if record is None:
        raise _refused(_NOTHING)
    return cited, record


async def _read(site: Site, address: str) -> Cited:
    path, raw = _split(site, address)
    first, *rest = path.removeprefix(ROOT).split("/")
    name, suffix = split_suffix(first) if not rest else (first, None)
    dataset = site.dataset.get(name)
    if dataset is None or len(rest) > 1:
        raise _refused(_NO_ROWS.format(example=site.datasets[0].name))
    part = None
    if rest:
        part, suffix = split_suffix(decode(rest[0].encode()))
    form = Form(suffix or JSON, by_suffix=suffix is not None)
    return await _read_part(site, dataset, part, form, split_query(raw))


async def _read_part(
    site: Site, dataset: Dataset, part: str | None, form: Form, pairs: Pairs
) -> Cited:
    """A list, where no part of it is named; its groups; or a record."""
    path = f"{ROOT}{dataset.name}" + ("" if part is None else f"/{quote(part, safe='')}")

    async def asked(query: Query) -> Asked:
        release = await find_release(site, query, pairs)
        return Asked(site, form, query, release, query.lang or LANGS[0], path)

    if part is None:
        most = FILE_LIMIT_MAX if form.format.is_file else PAGE_LIMIT_MAX
        return Cited(await asked(parse_query(dataset, pairs, most)))
    grouping = next((one for one in GROUPINGS if one.name == part), None)
    if grouping is not None:
        query = grouping.parse(dataset, pairs)
        return Cited(await asked(query), groups=Groups(grouping, query))
    return Cited(await asked(parse_record_query(dataset, pairs)), record_id=part)


def _split(site: Site, address: str) -> tuple[str, bytes]:
    """The path and the query of an address of this service. Raises InvalidValue for another."""
    own = address.startswith(f"{site.base}{ROOT}")
    path = address.removeprefix(site.base) if own else address
    if not path.startswith(ROOT):
        raise _refused(_FOREIGN.format(base=site.base))
    if "#" in path:
        raise _refused(_FRAGMENT)
    path, _, query = path.partition("?")
    return path, query.encode()


async def _mend(site: Site, pairs: Pairs, spilt: Pairs = ()) -> Pairs:
    """The pairs with an address that can be cited.

    What stands beside it may have spilt out of its query, whose & was not escaped.
    """
    address = next((value for name, value in pairs if name == "url"), None)
    if address is not None and "?" in address and spilt:
        address = f"{address}&{join_query(spilt)}"
    kept = tuple(pair for pair in pairs if pair[0] != "url")
    return (("url", await _mend_address(site, address)), *kept)


async def _mend_address(site: Site, address: str | None) -> str:
    """The address, or what its own parser offers instead, or an example."""
    example = f"{ROOT}{site.datasets[0].name}"
    if address is None:
        return example
    error = await _error_of(site, address)
    if error is None:
        return address
    if error.correction is None:
        return example
    mended = _joined(address.partition("?")[0], await prove(site, error.correction))
    return example if await _error_of(site, mended) else mended


async def _error_of(site: Site, address: str) -> QueryError | None:
    try:
        await _find(site, address)
    except QueryError as error:
        return error
    return None


async def _describe(cited: Cited, record: Row | None) -> Work:
    asked = cited.asked
    dataset, release = asked.dataset, asked.release
    values = dict(zip(dataset.field_names, record or (), strict=False))
    return Work(
        key=cited.key,
        author=TITLE,
        title=_title_of_list(cited) if record is None else _title(dataset, values),
        release=release.n,
        released_on=date.fromisoformat(release.published_at[:10]),
        url=cited.permanent,
        licence=rights_of(asked.query).licence,
        source=None if record is None else await _source(asked, values),
    )


def _title_of_list(cited: Cited) -> Text:
    dataset = cited.asked.dataset
    return dataset.title if cited.groups is None else title_of(dataset, cited.groups.grouping)


def _title(dataset: Dataset, values: dict[str, Stored]) -> Text:
    """The record: its name, where it has one in both languages, its dataset and its id."""
    own = Text(f"{dataset.title.zh} {values['id']}", f"{dataset.title.en} {values['id']}")
    name = dataset.columns[0]
    if not name.translated:
        return own
    zh, en = (values[name.source(lang)] for lang in LANGS)
    return Text(f"{zh}: {own.zh}", f"{en}: {own.en}")


async def _source(asked: Asked, values: dict[str, Stored]) -> Source | None:
    """The report that the record is taken from, or is."""
    report_id = _report_of(asked.dataset, values)
    if report_id is None:
        return None
    report = await _values_of(asked, REPORTS, report_id)
    body = await _values_of(asked, BODIES, str(report["body_id"]))
    return Source(
        key=report_id,
        author=Text(str(body["name_zh"]), str(body["name_en"])),
        title=Text(str(report["title_zh"]), str(report["title_en"])),
        published_on=date.fromisoformat(str(report["published_on"])),
        url=str(report["source_url"]),
    )


def _report_of(dataset: Dataset, values: dict[str, Stored]) -> str | None:
    if dataset is REPORTS:
        return str(values["id"])
    fields = [field.name for field, name in dataset.references if name == REPORTS.name]
    return next((str(values[name]) for name in fields if values[name] is not None), None)


async def _values_of(asked: Asked, dataset: Dataset, record_id: str) -> dict[str, Stored]:
    """A record that another refers to, which publication has proven to be there."""
    record = await asked.site.store.record(dataset, record_id, asked.release.n)
    return dict(zip(dataset.field_names, record or (), strict=False))


def _refused(reason: Text) -> InvalidValue:
    return InvalidValue(Fault(reason, parameter="url"))


def _inside(fault: Fault) -> Fault:
    """A fault of the cited address as one of the parameter that holds it."""
    if fault.parameter == "url":
        return fault
    where = f"{fault.parameter}: " if fault.parameter else ""
    message = _INSIDE.format(where=where, fault=fault.message)
    return Fault(message, "url", fault.allowed, fault.did_you_mean)


def _joined(path: str, pairs: Pairs) -> str:
    query = join_query(pairs)
    return f"{path}?{query}" if query else path

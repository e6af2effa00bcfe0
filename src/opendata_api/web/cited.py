"""What is cited: an address of this service, read by that address's own parser."""

from dataclasses import dataclass
from urllib.parse import quote

from opendata_api.describe import Dataset
from opendata_api.errors import Fault, InvalidValue, Pairs
from opendata_api.formats import CSVM, FORMATS, JSON, JSONSTAT
from opendata_api.query import (
    FILE_LIMIT_MAX,
    PAGE_LIMIT_MAX,
    GroupQuery,
    Query,
    decode,
    parse_query,
    parse_record_query,
    split_query,
)
from opendata_api.values import Row
from opendata_api.web.asked import Asked, Form, find_release
from opendata_api.web.groups import GROUPINGS, Grouping, check_keys, title_of
from opendata_api.web.rows import cubes_of, parameters_of_list, split_suffix
from opendata_api.web.site import Site
from opendata_api.words import LANGS, Text

ROOT = "/v1/"


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
    def title(self) -> Text:
        """The title of what its rows are of."""
        dataset = self.asked.dataset
        return dataset.title if self.groups is None else title_of(dataset, self.groups.grouping)

    @property
    def permanent(self) -> str:
        """The address that gives the same rows for ever."""
        return self.asked.fixed.address


async def find_cited(site: Site, address: str | None) -> tuple[Cited, Row | None]:
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
    name, suffix = split_suffix(first, (*FORMATS, CSVM, JSONSTAT)) if not rest else (first, None)
    dataset = site.dataset.get(name)
    is_cube = suffix is JSONSTAT
    if dataset is None or len(rest) > 1 or (is_cube and JSONSTAT not in cubes_of(dataset)):
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
        parameters = parameters_of_list(dataset, form.format)
        return Cited(await asked(parse_query(dataset, pairs, most, parameters)))
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


def _refused(reason: Text) -> InvalidValue:
    return InvalidValue(Fault(reason, parameter="url"))


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

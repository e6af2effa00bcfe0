"""Facets and aggregates: from a request to groups of rows to an answer, for every dataset."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.describe import Column, Dataset, Field
from opendata_api.errors import Fault, Pairs, UnknownField
from opendata_api.formats import CSVM, EXCEL, NDJSON, XLSX, Format, excel, json, ndjson
from opendata_api.formats.imprint import Imprint, Labels
from opendata_api.formats.sheet import Sheet
from opendata_api.query import (
    BY,
    GROUP_BY,
    GroupQuery,
    Parameters,
    aggregate_parameters,
    facet_parameters,
    parse_facets,
    parse_groups,
    split_query,
)
from opendata_api.query.faults import unknown
from opendata_api.web import packing
from opendata_api.web.answers import meta
from opendata_api.web.asked import A_DIMENSION, Asked, ask, dictionary_link, read_form
from opendata_api.web.citing import cite_links
from opendata_api.web.csv_metadata import answer_metadata
from opendata_api.web.downloads import Part, own_links, with_name
from opendata_api.web.encoders import make_imprint
from opendata_api.web.group_tables import Section, Table, facets_table, groups_table
from opendata_api.web.links import Link, link_members
from opendata_api.web.rows import Handler, varying
from opendata_api.web.site import Site
from opendata_api.web.tracking import lead_to_clean
from opendata_api.words import Text


@dataclass(frozen=True)
class GroupSubject:
    """What a file of groups is described by."""

    name: str
    title: Text
    description: Text
    fields: tuple[Field, ...]
    columns: tuple[Column, ...]

    @cached_property
    def field(self) -> Mapping[str, Field]:
        """Its fields by name."""
        return {field.name: field for field in self.fields}


@dataclass(frozen=True, slots=True)
class Grouping:
    """A kind of question to groups, as an address of every dataset."""

    name: str
    """The last part of its address."""
    title: Text
    description: Text
    """Of its address."""
    of_file: Text
    """What a file of it holds; `{title}` is that of the dataset."""
    parse: Callable[[Dataset, Pairs], GroupQuery]
    parameters: Callable[[Dataset], Parameters]
    read: Callable[[Asked, GroupQuery, Labels], Awaitable[Table]]
    verb: str
    """Of the operation: `facet_observations`."""


def group_handler(
    site: Site, dataset: Dataset, grouping: Grouping, suffix: Format | None = None
) -> Handler:
    """The handler of a dataset's groups, in one format or in the one negotiated."""
    path = f"/v1/{dataset.name}/{grouping.name}"

    async def answer_groups(request: Request) -> Response:
        form = read_form(site, request, suffix)
        if form.format.is_file:
            clean = lead_to_clean(site.base, request, grouping.parameters(dataset))
            if clean is not None:
                return clean
        query = grouping.parse(dataset, split_query(request.scope["query_string"]))
        asked = await ask(site, request, query, form, path)
        labels = await check_keys(asked, query)
        if asked.representation().has_tag(request):
            return asked.representation().not_modified(request)
        table = await grouping.read(asked, query, labels)
        if asked.representation().is_unchanged(request):
            return asked.representation().not_modified(request)
        if form.format.is_file:
            return await _answer_file(asked, request, grouping, table)
        return _answer_json(asked, query, table)

    return answer_groups if suffix is not None else varying(answer_groups)


async def check_keys(asked: Asked, query: GroupQuery) -> Labels:
    """The labels of the release. Raises UnknownField for a dimension that it does not have."""
    labels = await asked.site.labels(asked.release.n)
    _refuse_unknown(query, tuple(labels.get("dimensions", {})))
    return labels


def _refuse_unknown(query: GroupQuery, known: Sequence[str]) -> None:
    parameter = BY.name if query.is_of_facets else GROUP_BY.name
    faults: dict[str, Fault] = {
        key.name: unknown(A_DIMENSION, key.dimension, parameter, known)
        for key in query.keys
        if key.dimension is not None and key.dimension not in known
    }
    if not faults:
        return
    names = [key.name for key in query.keys if key.name not in faults]
    names += [f"dim:{one.did_you_mean}" for one in faults.values() if one.did_you_mean]
    if not names and query.is_of_facets:
        names = [query.dataset.groupable[0]]
    lang = () if query.lang is None else (("lang", query.lang),)
    kept = tuple(pair for pair in query.canonical if pair[0] != parameter)
    grouped = ((parameter, ",".join(dict.fromkeys(names))),) if names else ()
    raise UnknownField(*faults.values(), correction=(*grouped, *kept, *lang))


def _answer_json(asked: Asked, query: GroupQuery, table: Table) -> Response:
    links = [
        Link("self", asked.address, "self"),
        *(asked.file(format_) for format_ in asked.site.files),
        *cite_links(asked),
        Link("item", asked.site.address(f"/v1/{asked.dataset.name}", query.rows), "rows"),
        dictionary_link(asked),
    ]
    place = asked.representation(links)
    envelope = {
        "meta": {"dataset": asked.dataset.name}
        | meta(place, count=table.count, total=table.total, total_relation="eq"),
        "links": link_members(links),
    }
    return place.answer(json.join_page(table.encoded(), envelope))


async def _answer_file(
    asked: Asked, request: Request, grouping: Grouping, table: Table
) -> Response:
    format_ = asked.form.format
    section = table.told(asked.lang) if format_ in (EXCEL, XLSX) else table.joined()
    links = own_links(asked)
    part = Part(grouping.name, grouping.title)
    imprint = await _imprint(asked, grouping, table, section)
    if format_ is CSVM:
        return await answer_metadata(asked, imprint, None)
    if format_.is_packed:
        packed = await packing.answer_rows(asked, request, imprint, section.rows, links)
        return with_name(asked, packed, part)
    if format_ is EXCEL:
        sheet = Sheet(imprint, asked.lang)
        lines = [excel.header_line(sheet), *(excel.encode_line(sheet, row) for row in section.rows)]
    elif format_ is NDJSON:
        lines = [ndjson.encode_line(row) for row in table.json_rows()]
    else:
        lines = [table.csv_text()]
    body = "".join(lines).encode()
    return with_name(asked, asked.representation(links).answer(body), part)


async def _imprint(asked: Asked, grouping: Grouping, table: Table, section: Section) -> Imprint:
    """What a file of groups says of itself; its fields are those of the groups."""
    dataset = asked.dataset
    subject = GroupSubject(
        name=f"{dataset.name}-{grouping.name}",
        title=title_of(dataset, grouping),
        description=grouping.of_file.format(title=dataset.title),
        fields=tuple(section.fields),
        columns=tuple(table.columns),
    )
    return replace(
        await make_imprint(asked),
        subject=subject,
        fields=section.fields,
        labels=table.labels,
        record=asked.permalink,
    )


def title_of(dataset: Dataset, grouping: Grouping) -> Text:
    """The title of a dataset's groups."""
    title = Text("{dataset.zh}·{grouping.zh}", "{dataset.en}: {grouping.en}")
    return title.format(dataset=dataset.title, grouping=grouping.title)


async def _read_facets(asked: Asked, query: GroupQuery, labels: Labels) -> Table:
    facets = await asked.site.store.facets(query, asked.release.n)
    return facets_table(query, facets, labels)


async def _read_groups(asked: Asked, query: GroupQuery, labels: Labels) -> Table:
    groups = await asked.site.store.groups(query, asked.release.n)
    return groups_table(query, groups, labels)


FACETS = Grouping(
    name="facets",
    title=Text("分类计数", "Facets"),
    description=Text(
        "各字段的取值及记录数，从多到少，空值在最后；筛选条件与列表相同。"
        "格式与列表相同，以后缀选择。",
        "The values of fields with the number of records, the most first and null last, under "
        "the filters and in the formats of the list.",
    ),
    of_file=Text(
        "“{title.zh}”中各字段的取值及其记录数，从多到少，空值在最后。筛选条件见查询地址。",
        "The values of fields of “{title.en}”, each with the number of records that have it, the "
        "most first and null last. The address of the query has the filters.",
    ),
    parse=parse_facets,
    parameters=facet_parameters,
    read=_read_facets,
    verb="facet",
)
AGGREGATE = Grouping(
    name="aggregate",
    title=Text("分组计算", "Aggregates"),
    description=Text(
        "按字段分组计数、求和、求平均和最小最大。无意义的计算不做，并说明理由（not-additive）："
        "单位或指标不同、总数加部分、同一数字算两次、比率相加、目标与实际混合等。"
        "每个结果附 _qualifier：含“余”等下限时为 at_least，所含数字在原文中含义不明时为 ambiguous。"
        "格式与列表相同，以后缀选择。",
        "Count, sum, mean, least and greatest of groups, exactly. What would mean nothing is "
        "refused with its reason (not-additive): other units or metrics, a total with its parts, "
        "one figure twice, rates added, targets with actual figures, and so on. Each value has "
        "its `_qualifier`: at_least where lower bounds (余) are among the figures, "
        "ambiguous where the text leaves open what one of them means. Such as "
        "`group_by=dim:task_origin&agg=count,sum:value&metric=inspection_tasks`. "
        "The formats are those of the list.",
    ),
    of_file=Text(
        "“{title.zh}”的记录分组计算的结果，每行一组。筛选条件和分组字段见查询地址。"
        "每个计算结果后有其限定：确数，或至少、至多、约、不完整等。",
        "Computed of groups of records of “{title.en}”, one group a row. The address of the query "
        "has the filters and the fields grouped by. Each value is followed by how it stands to "
        "the true one: exact, at least, at most, about, incomplete and so on.",
    ),
    parse=parse_groups,
    parameters=aggregate_parameters,
    read=_read_groups,
    verb="aggregate",
)
GROUPINGS = (FACETS, AGGREGATE)

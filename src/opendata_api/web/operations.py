"""Every address of the service: its handler and what OpenAPI says of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from opendata_api.describe import Dataset
from opendata_api.formats import FORMATS, JSON, Format
from opendata_api.query import (
    CITE_PARAMETERS,
    PLAIN_PARAMETERS,
    RECORD_PARAMETERS,
    RELEASE_PARAMETERS,
    SEARCH_PARAMETERS,
    list_parameters,
)
from opendata_api.web import cite, search, service
from opendata_api.web.corrections import proving_groups
from opendata_api.web.group_examples import group_examples
from opendata_api.web.group_schemas import groups_name
from opendata_api.web.groups import GROUPINGS, Grouping
from opendata_api.web.operation import TEXT, Operation
from opendata_api.web.page_operations import page_operations
from opendata_api.web.rows import Handler, list_handler, record_handler
from opendata_api.web.schemas import schema_name
from opendata_api.words import Text


def operations(datasets: Sequence[Dataset]) -> Iterator[Operation]:
    """Every operation, the longer paths of a kind before those that would swallow them."""
    yield from _SERVICE
    for dataset in datasets:
        yield from _lists(dataset)
    yield from _DOCUMENTS
    for dataset in datasets:
        for grouping in GROUPINGS:
            yield from _groups(dataset, grouping)
        yield _record(dataset)
    yield from page_operations(datasets)


def _lists(dataset: Dataset) -> Iterator[Operation]:
    yield _list(dataset, None)
    for format_ in FORMATS:
        yield _list(dataset, format_)


def _list(dataset: Dataset, suffix: Format | None) -> Operation:
    plural = dataset.name.replace("-", "_")
    path = f"/v1/{dataset.name}"
    note = "" if suffix is None or suffix.note is None else _both(suffix.note)
    return Operation(
        path=path if suffix is None else f"{path}.{suffix.suffix}",
        id=f"list_{plural}" if suffix is None else _download_id(plural, suffix),
        summary=dataset.title.en if suffix is None else f"{dataset.title.en}: {suffix.title.en}",
        description="\n\n".join(filter(None, [_both(dataset.description), note])),
        tag=dataset.name,
        make=lambda site: list_handler(site, dataset, suffix),
        parameters=list_parameters(dataset),
        content=_contents(f"{schema_name(dataset)}Page", suffix),
        dataset=dataset,
        suffix=suffix,
        leads_to=f"get_{dataset.singular}" if suffix is None else None,
        is_documented=suffix is not JSON,
        is_negotiated=suffix is None,
    )


def _download_id(plural: str, suffix: Format) -> str:
    return f"download_{plural}_{suffix.suffix.replace('.', '_')}"


def _contents(schema: str, suffix: Format | None) -> Sequence[tuple[str, str | None]]:
    """The media types of one format, or of all that an Accept header can ask for."""
    formats = [one for one in FORMATS if one.accepts] if suffix is None else [suffix]
    return [(one.media_type, schema if one is JSON else None) for one in formats]


def _both(text: Text) -> str:
    return f"{text.en}\n\n{text.zh}"


def _record(dataset: Dataset) -> Operation:
    identity = dataset.field["id"].about
    return Operation(
        path=f"/v1/{dataset.name}/{{id}}",
        id=f"get_{dataset.singular}",
        summary=f"{dataset.title.en}: one record",
        description=f"One record of {dataset.name}; a suffix may follow the id: {_SUFFIXES}.\n\n"
        f"{dataset.title.zh}中的一条记录。",
        tag=dataset.name,
        make=lambda site: record_handler(site, dataset),
        parameters=RECORD_PARAMETERS,
        path_parameter=("id", identity.description.en, identity.example),
        content=_contents(f"{schema_name(dataset)}Answer", None),
        dataset=dataset,
        is_negotiated=True,
    )


def _groups(dataset: Dataset, grouping: Grouping) -> Iterator[Operation]:
    """The groups of a dataset; only the address that negotiates is documented."""
    plural = dataset.name.replace("-", "_")
    schema = groups_name(dataset, grouping.name)
    for suffix in (None, *FORMATS):
        end = "" if suffix is None else f".{suffix.suffix}"
        yield Operation(
            path=f"/v1/{dataset.name}/{grouping.name}{end}",
            id=f"{grouping.verb}_{plural}{end.replace('.', '_')}",
            summary=f"{dataset.title.en}: {grouping.title.en.lower()}",
            description=f"{grouping.description.en}\n\n{grouping.description.zh}",
            tag=dataset.name,
            make=partial(proving_groups, dataset=dataset, grouping=grouping, suffix=suffix),
            parameters=grouping.parameters(dataset),
            content=_contents(schema, suffix),
            dataset=dataset,
            suffix=suffix,
            examples=group_examples(dataset, grouping),
            is_documented=suffix is None,
            is_negotiated=suffix is None,
        )


_SUFFIXES = ", ".join(f"`.{one.suffix}`" for one in FORMATS)


def _with_suffix(operation: Operation, make: Callable[..., Handler]) -> Operation:
    """The same address with the suffix of JSON, which is all that it has."""
    return replace(
        operation,
        path=f"{operation.path}.{JSON.suffix}",
        id=f"{operation.id}_{JSON.suffix}",
        make=partial(make, suffix=JSON),
        suffix=JSON,
        is_documented=False,
        is_negotiated=False,
    )


_SEARCH = Operation(
    path="/v1/search",
    id="search",
    summary="Search in every dataset",
    description="The first hits of each dataset, with where the words stand; `href` has all."
    "\n\n全文检索：各数据集的前几条，附词语位置。",
    tag="service",
    make=search.search_handler,
    parameters=SEARCH_PARAMETERS,
    content=[(JSON.media_type, "ArrayAnswer")],
    is_negotiated=True,
)
_CITE = Operation(
    path="/v1/cite",
    id="cite",
    summary="How to cite a list, a record, facets or an aggregate",
    description="The citation of an address of this service as GB/T 7714, APA, BibTeX and "
    "CSL-JSON, with its permanent address. It names the reports that the rows come from, up "
    "to three, else how many there are. The date of access is the release's, so that equal "
    "data has equal citations. Nothing is fetched.\n\n"
    "引用格式，附永久地址和所据报告；引用日期为数据版本的发布日期。",
    tag="service",
    make=cite.cite_handler,
    parameters=CITE_PARAMETERS,
    content=[(JSON.media_type, "CitationAnswer")],
    is_negotiated=True,
)

_SERVICE = (
    Operation(
        path="/v1",
        id="get_service",
        summary="What there is",
        description="The datasets with their counts, the release and the licence.\n\n服务目录。",
        tag="service",
        make=service.service_handler,
        parameters=RELEASE_PARAMETERS,
        content=[(JSON.media_type, "ObjectAnswer")],
    ),
    Operation(
        path="/v1/datasets",
        id="list_datasets",
        summary="The datasets",
        description="Each dataset with its count and downloads.\n\n数据集清单。",
        tag="service",
        make=service.datasets_handler,
        parameters=RELEASE_PARAMETERS,
        content=[(JSON.media_type, "ArrayAnswer")],
    ),
    Operation(
        path="/v1/datasets/{name}",
        id="get_dataset",
        summary="The dictionary of a dataset",
        description="Every field: type, titles, operators and the values of codes; then what can "
        "be computed of groups of records. `links.facets` and `links.aggregate` are examples of "
        "groups.\n\n数据字典：字段、代码和可计算的函数。",
        tag="service",
        make=service.dataset_handler,
        parameters=RELEASE_PARAMETERS,
        path_parameter=("name", "The name of a dataset.", "observations"),
        content=[(JSON.media_type, "ObjectAnswer")],
    ),
    _SEARCH,
    _with_suffix(_SEARCH, search.search_handler),
    _CITE,
    _with_suffix(_CITE, cite.cite_handler),
    Operation(
        path="/v1/releases",
        id="list_releases",
        summary="The releases",
        description="The editions of the data, the newest first.\n\n数据版本。",
        tag="service",
        make=service.releases_handler,
        parameters=PLAIN_PARAMETERS,
        content=[(JSON.media_type, "ArrayAnswer")],
    ),
    Operation(
        path="/v1/releases/{n}",
        id="get_release",
        summary="One release",
        description="When it was published and how much it holds.\n\n一个数据版本。",
        tag="service",
        make=service.release_handler,
        parameters=PLAIN_PARAMETERS,
        path_parameter=("n", "The number of the release.", "1"),
        content=[(JSON.media_type, "ObjectAnswer")],
    ),
    Operation(
        path="/-/health",
        id="get_health",
        summary="Whether the process answers",
        description="Always 200 while the process lives.\n\n存活检查。",
        tag="operation",
        make=lambda _: service.health_handler(),
        parameters=PLAIN_PARAMETERS,
        content=[(JSON.media_type, "State")],
    ),
    Operation(
        path="/-/ready",
        id="get_ready",
        summary="Whether there is a release to serve",
        description="200 with the release, or 503.\n\n就绪检查。",
        tag="operation",
        make=service.ready_handler,
        parameters=PLAIN_PARAMETERS,
        content=[(JSON.media_type, "State")],
    ),
)

_DOCUMENT_ID = ("id", "The id of a document.", "cn450203-2023-rol-d1")

_DOCUMENTS = (
    Operation(
        path="/v1/documents/{id}/text",
        id="get_document_text",
        summary="The verbatim text of a document",
        description="All offsets count its Unicode code points, from 0.\n\n文件原文。",
        tag="documents",
        make=service.text_handler,
        parameters=RELEASE_PARAMETERS,
        path_parameter=_DOCUMENT_ID,
        content=[(TEXT, None)],
    ),
    Operation(
        path="/v1/documents/{id}/coverage",
        id="get_document_coverage",
        summary="Every numeral of a document",
        description="Published, by which observations, or excluded, and why.\n\n数字覆盖情况。",
        tag="documents",
        make=service.coverage_handler,
        parameters=RELEASE_PARAMETERS,
        path_parameter=_DOCUMENT_ID,
        content=[(JSON.media_type, "ObjectAnswer")],
    ),
)

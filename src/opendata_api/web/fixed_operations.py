"""The addresses that there are whatever the datasets: the service's own, and those of texts."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from opendata_api.formats import JSON
from opendata_api.query import (
    CHANGES_PARAMETERS,
    CITE_PARAMETERS,
    PLAIN_PARAMETERS,
    RELEASE_PARAMETERS,
    SEARCH_PARAMETERS,
)
from opendata_api.web import changes, cite, search, service
from opendata_api.web.operation import TEXT, Operation
from opendata_api.web.release_operations import RELEASES
from opendata_api.web.rows import Handler


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

_CHANGES = Operation(
    path="/v1/changes",
    id="list_changes",
    summary="What each release changed",
    description="Every change of a record and of the label of a code, in one order over all "
    "releases: keep the last `seq` and ask for what came after. From 0 on it makes an exact "
    "copy. Changes of labels have the dataset `labels`.\n\n"
    "各版本的变更，按序号排列：记下最后的 seq，下次从其后取起；从0取起可得完整副本。",
    tag="service",
    make=changes.changes_handler,
    parameters=CHANGES_PARAMETERS,
    content=[(JSON.media_type, "ChangesAnswer")],
    is_negotiated=True,
)

SERVICE = (
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
        path_parameters=[("name", "The name of a dataset.", "observations")],
        content=[(JSON.media_type, "ObjectAnswer")],
    ),
    _SEARCH,
    _with_suffix(_SEARCH, search.search_handler),
    _CITE,
    _with_suffix(_CITE, cite.cite_handler),
    _CHANGES,
    _with_suffix(_CHANGES, changes.changes_handler),
    *RELEASES,
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

DOCUMENTS = (
    Operation(
        path="/v1/documents/{id}/text",
        id="get_document_text",
        summary="The verbatim text of a document",
        description="All offsets count its Unicode code points, from 0.\n\n文件原文。",
        tag="documents",
        make=service.text_handler,
        parameters=RELEASE_PARAMETERS,
        path_parameters=[_DOCUMENT_ID],
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
        path_parameters=[_DOCUMENT_ID],
        content=[(JSON.media_type, "ObjectAnswer")],
    ),
)

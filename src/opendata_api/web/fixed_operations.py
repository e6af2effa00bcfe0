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
from opendata_api.signing import MEDIA_TYPE
from opendata_api.web import changes, cite, search, service, signatures
from opendata_api.web.operation import TEXT, Operation
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
        path_parameter=("name", "The name of a dataset.", "observations"),
        content=[(JSON.media_type, "ObjectAnswer")],
    ),
    _SEARCH,
    _with_suffix(_SEARCH, search.search_handler),
    _CITE,
    _with_suffix(_CITE, cite.cite_handler),
    _CHANGES,
    _with_suffix(_CHANGES, changes.changes_handler),
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
        path="/v1/releases/{n}/manifest",
        id="get_release_manifest",
        summary="What a release consists of, by hashes",
        description="For each dataset the number of its records and the root of the tree of their "
        "hashes; the hash of the manifest before. The same bytes for ever.\n\n"
        "版本清单：各数据集的条数与哈希树根，及上一版清单的哈希。",
        tag="service",
        make=service.manifest_handler,
        parameters=PLAIN_PARAMETERS,
        path_parameter=("n", "The number of the release.", "1"),
        content=[(JSON.media_type, "Manifest")],
    ),
    Operation(
        path="/v1/releases/{n}/signature",
        id="get_release_signature",
        summary="The signature of a release",
        description="Of the bytes of its manifest: a JWS (RFC 7515) without the payload, by "
        "Ed25519, which stands between `protected` and `signature` as base64url. The same bytes "
        "for ever; 404 where the release is not signed.\n\n"
        "版本清单的签名（JWS，不含载荷，Ed25519）；未签名的版本回答404。",
        tag="service",
        make=signatures.signature_handler,
        parameters=PLAIN_PARAMETERS,
        path_parameter=("n", "The number of the release.", "1"),
        content=[(MEDIA_TYPE, "Signature")],
    ),
    Operation(
        path=signatures.KEYS,
        id="list_keys",
        summary="The public keys of the signatures",
        description="As a JWK Set (RFC 7517): the key that signs now, then those that signed a "
        "release. Keep what you trust; whoever could put other releases here could put other "
        "keys here.\n\n"
        "验签公钥（JWK Set）：当前签名所用的公钥，以及曾用于各版本的公钥。请自行保存所信任的公钥。",
        tag="service",
        make=signatures.keys_handler,
        parameters=PLAIN_PARAMETERS,
        content=[(signatures.KEYS_TYPE, "KeySet")],
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

DOCUMENTS = (
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

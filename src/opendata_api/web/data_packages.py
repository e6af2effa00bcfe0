"""The newest release as Data Packages and as `data.json`, each a document of its own."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog import data_packages, dcat_us
from opendata_api.catalog.overview import Overview
from opendata_api.catalog.package import print_json
from opendata_api.errors import NotFound
from opendata_api.formats import JSON
from opendata_api.query import PLAIN_PARAMETERS
from opendata_api.web.operation import Operation
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site
from opendata_api.web.written import Document, document_handler, in_thread


def _write_all(overview: Overview) -> bytes:
    return print_json(data_packages.package_all(overview))


def _write_one(name: str, overview: Overview) -> bytes:
    return print_json(data_packages.package_one(overview, name))


def _write_catalog(overview: Overview) -> bytes:
    return print_json(dcat_us.describe_catalog(overview))


def package_handler(site: Site) -> Handler:
    """`/v1/datasets/{name}/datapackage.json`: a dataset as a Data Package."""
    documents = {
        name: Document(
            data_packages.path_of(name), JSON.content_type, in_thread(partial(_write_one, name))
        )
        for name in site.dataset
    }

    async def answer_package(request: Request) -> Response:
        document = documents.get(str(request.path_params["name"]))
        if document is None:
            raise NotFound
        return await document.answer(site, request)

    return answer_package


DATA_PACKAGES = (
    Operation(
        path=data_packages.PATH,
        id="get_data_package",
        summary="All datasets as a Data Package",
        description="Frictionless Data Package (version 2): the CSV of every dataset in the newest "
        "release, with its schema, size and SHA-256.\n\n"
        "全部数据集的 Frictionless 数据包（第2版）：各CSV的字段、字节数和SHA-256。",
        tag="service",
        make=document_handler(data_packages.PATH, JSON.content_type, _write_all),
        parameters=PLAIN_PARAMETERS,
        content=[(JSON.media_type, "StandardDocument")],
    ),
    Operation(
        path=data_packages.path_of("{name}"),
        id="get_dataset_package",
        summary="A dataset as a Data Package",
        description="Frictionless Data Package (version 2) of one dataset.\n\n"
        "一个数据集的 Frictionless 数据包（第2版）。",
        tag="service",
        make=package_handler,
        parameters=PLAIN_PARAMETERS,
        path_parameters=[("name", "The name of a dataset.", "observations")],
        content=[(JSON.media_type, "StandardDocument")],
    ),
    Operation(
        path=dcat_us.PATH,
        id="get_data_json",
        summary="The catalogue as data.gov harvests it",
        description="DCAT-US 1.1 (Project Open Data).\n\nDCAT-US 1.1 目录，供 data.gov 采集。",
        tag="service",
        make=document_handler(dcat_us.PATH, JSON.content_type, _write_catalog),
        parameters=PLAIN_PARAMETERS,
        content=[(JSON.media_type, "StandardDocument")],
    ),
)

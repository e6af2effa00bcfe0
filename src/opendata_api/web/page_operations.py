"""The addresses of the pages; programs have no use for most of them."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from opendata_api.datasets import COMMITMENTS
from opendata_api.describe import Dataset
from opendata_api.query import (
    PLAIN_PARAMETERS,
    RELEASE_PARAMETERS,
    SEARCH_PARAMETERS,
    Parameters,
    list_parameters,
)
from opendata_api.web.operation import HTML, Operation
from opendata_api.web.pages import commitments, front, guide, metric, plain, reader, record, table
from opendata_api.web.pages.visit import page_handler, query_handler
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site


def page_operations(datasets: Sequence[Dataset]) -> Iterator[Operation]:
    """Every page, the longer paths of a kind before those that would swallow them."""
    yield from _DOCUMENTED
    yield from _OTHERS
    for dataset in datasets:
        yield _of_dataset(dataset)
    for dataset in datasets:
        yield _of_record(dataset)


def _of_dataset(dataset: Dataset) -> Operation:
    return _page(
        f"/datasets/{dataset.name}",
        f"page_{dataset.name.replace('-', '_')}",
        dataset.title.en,
        partial(query_handler, dataset=dataset, make=table.make_table, limit=table.PAGE_ROWS),
        list_parameters(dataset),
    )


def _of_record(dataset: Dataset) -> Operation:
    return _page(
        f"/datasets/{dataset.name}/{{id}}",
        f"page_{dataset.singular}",
        f"{dataset.title.en}: one record",
        partial(page_handler, make=record.make_record(dataset)),
        RELEASE_PARAMETERS,
    )


def _page(
    path: str,
    name: str,
    summary: str,
    make: Callable[[Site], Handler],
    parameters: Parameters = RELEASE_PARAMETERS,
) -> Operation:
    return Operation(
        path=path,
        id=name,
        summary=summary,
        description="For people.",
        tag="pages",
        make=make,
        parameters=parameters,
        content=[(HTML, None)],
        is_documented=False,
    )


_DOCUMENTED = (
    Operation(
        path="/",
        id="get_home",
        summary="The home page",
        description="For people.\n\n首页。",
        tag="pages",
        make=partial(page_handler, make=front.make_home),
        parameters=RELEASE_PARAMETERS,
        content=[(HTML, None)],
    ),
    Operation(
        path="/docs",
        id="get_docs",
        summary="The guide",
        description="For people; /docs/reference is this document as a page.\n\n使用指南。",
        tag="pages",
        make=guide.guide_handler,
        parameters=PLAIN_PARAMETERS,
        content=[(HTML, None)],
    ),
    Operation(
        path="/problems/{code}",
        id="get_problem",
        summary="What an error means",
        description="The page that the `type` of a problem document names.\n\n错误说明。",
        tag="pages",
        make=plain.problem_handler,
        parameters=PLAIN_PARAMETERS,
        path_parameters=[("code", "The code of an error.", "unknown-parameter")],
        content=[(HTML, None)],
    ),
)

_OTHERS = (
    _page(
        "/docs/reference",
        "get_reference",
        "This reference",
        plain.reference_handler,
        PLAIN_PARAMETERS,
    ),
    _page("/search", "page_search", "Search", front.found_handler, SEARCH_PARAMETERS),
    _page(
        "/releases",
        "page_releases",
        "The releases",
        partial(page_handler, make=front.make_releases, parameters=PLAIN_PARAMETERS),
        PLAIN_PARAMETERS,
    ),
    _page(
        "/commitments",
        "page_of_commitments",
        "The commitments by theme",
        partial(query_handler, dataset=COMMITMENTS, make=commitments.make_commitments),
        list_parameters(COMMITMENTS),
    ),
    _page(
        "/reports/{id}",
        "page_of_report",
        "The text of a report",
        partial(page_handler, make=reader.make_reader),
    ),
    _page(
        "/metrics/{id}/chart.svg",
        "chart_svg",
        "A chart",
        partial(page_handler, make=metric.make_svg, content_type="image/svg+xml"),
    ),
    _page(
        "/metrics/{id}/chart.png",
        "chart_png",
        "A chart",
        partial(page_handler, make=metric.make_png, content_type="image/png"),
    ),
    _page(
        "/metrics/{id}/embed",
        "embed_metric",
        "A chart for a frame",
        partial(page_handler, make=metric.make_embed),
    ),
    _page(
        "/metrics/{id}",
        "page_of_metric",
        "A metric",
        partial(page_handler, make=metric.make_metric),
    ),
    _page(
        "/static/{name}",
        "get_static",
        "A file of the pages",
        lambda _: plain.static_handler(),
        PLAIN_PARAMETERS,
    ),
)

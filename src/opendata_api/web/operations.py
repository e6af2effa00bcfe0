"""Every address of the service: its handler and what OpenAPI says of it."""

import re
from collections.abc import Iterator, Sequence
from functools import partial

from opendata_api.describe import Dataset
from opendata_api.formats import CSVM, FORMATS, JSON, JSONSTAT, Format
from opendata_api.query import RECORD_PARAMETERS
from opendata_api.web.ckan.operations import CKAN
from opendata_api.web.cn_operations import CN_CATALOGUE
from opendata_api.web.corrections import proving_groups
from opendata_api.web.data_packages import DATA_PACKAGES
from opendata_api.web.dcat_operations import DCAT
from opendata_api.web.discovery_operations import DISCOVERY
from opendata_api.web.feeds import FEEDS
from opendata_api.web.fixed_operations import DOCUMENTS, SERVICE
from opendata_api.web.group_examples import group_examples
from opendata_api.web.group_schemas import groups_name
from opendata_api.web.groups import GROUPINGS, Grouping
from opendata_api.web.oai import OAI
from opendata_api.web.operation import Operation
from opendata_api.web.page_operations import page_operations
from opendata_api.web.rows import cubes_of, list_handler, parameters_of_list, record_handler
from opendata_api.web.schemas import schema_name
from opendata_api.words import Text


def operations(datasets: Sequence[Dataset]) -> Iterator[Operation]:
    """Every operation, the longer paths of a kind before those that would swallow them."""
    yield from SERVICE
    yield from DATA_PACKAGES
    yield from DCAT
    yield from CKAN
    yield from FEEDS
    yield OAI
    for dataset in datasets:
        yield from _lists(dataset)
    yield from DOCUMENTS
    yield from CN_CATALOGUE
    yield from DISCOVERY
    for dataset in datasets:
        for grouping in GROUPINGS:
            yield from _groups(dataset, grouping)
        yield _record(dataset)
    yield from page_operations(datasets)


def _lists(dataset: Dataset) -> Iterator[Operation]:
    yield _list(dataset, None)
    for format_ in (*FORMATS, *cubes_of(dataset), CSVM):
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
        parameters=parameters_of_list(dataset, suffix),
        content=_contents(f"{schema_name(dataset)}Page", suffix),
        dataset=dataset,
        suffix=suffix,
        leads_to=f"get_{dataset.singular}" if suffix is None else None,
        is_documented=suffix is not JSON,
        is_negotiated=suffix is None,
    )


def _download_id(plural: str, suffix: Format) -> str:
    return f"download_{plural}_{re.sub('[.-]', '_', suffix.suffix)}"


def _contents(schema: str, suffix: Format | None) -> Sequence[tuple[str, str | None]]:
    """The media types of one format, or of all that an Accept header can ask for."""
    formats = [one for one in FORMATS if one.accepts] if suffix is None else [suffix]
    names = {JSON: schema, CSVM: "StandardDocument", JSONSTAT: "StandardDocument"}
    return [(one.media_type, names.get(one)) for one in formats]


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
        path_parameters=[("id", identity.description.en, identity.example)],
        content=_contents(f"{schema_name(dataset)}Answer", None),
        dataset=dataset,
        is_negotiated=True,
    )


def _groups(dataset: Dataset, grouping: Grouping) -> Iterator[Operation]:
    """The groups of a dataset; only the address that negotiates is documented."""
    plural = dataset.name.replace("-", "_")
    schema = groups_name(dataset, grouping.name)
    for suffix in (None, *FORMATS, CSVM):
        end = "" if suffix is None else f".{suffix.suffix}"
        yield Operation(
            path=f"/v1/{dataset.name}/{grouping.name}{end}",
            id=f"{grouping.verb}_{plural}{re.sub('[.-]', '_', end)}",
            summary=f"{dataset.title.en}: {grouping.title.en.lower()}",
            description=f"{grouping.description.en}\n\n{grouping.description.zh}",
            tag=dataset.name,
            make=partial(proving_groups, dataset=dataset, grouping=grouping, suffix=suffix),
            parameters=grouping.parameters(dataset),
            content=_contents(schema, suffix),
            dataset=dataset,
            suffix=suffix,
            make_examples=partial(group_examples, dataset, grouping),
            is_documented=suffix is None,
            is_negotiated=suffix is None,
        )


_SUFFIXES = ", ".join(f"`.{one.suffix}`" for one in FORMATS)

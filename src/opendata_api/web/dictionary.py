"""The dictionary: what each dataset and field is, as data."""

from collections.abc import Mapping

from opendata_api.describe import Dataset, Field, Type
from opendata_api.formats.imprint import Labels
from opendata_api.formats.rights import rights_in
from opendata_api.query import aggregates_of
from opendata_api.web.group_fields import result_fields
from opendata_api.web.rights import rights_members
from opendata_api.web.rows import cubes_of
from opendata_api.web.site import Site
from opendata_api.words import Text


def describe_dataset(site: Site, dataset: Dataset, release: int) -> dict[str, object]:
    """The dataset in a list of datasets, as of a release."""
    path = f"/v1/{dataset.name}"
    return {
        "name": dataset.name,
        "title_zh": dataset.title.zh,
        "title_en": dataset.title.en,
        "description_zh": dataset.description.zh,
        "description_en": dataset.description.en,
        **rights_members(rights_in(dataset)),
        "count": site.store.published.count_of(dataset, release),
        "href": site.address(path),
        "dictionary": site.address(f"/v1/datasets/{dataset.name}"),
        "downloads": [
            {
                "format": format_.key,
                "title_zh": format_.title.zh,
                "title_en": format_.title.en,
                "media_type": format_.media_type,
                "href": site.address(f"{path}.{format_.suffix}"),
            }
            for format_ in (*site.formats, *cubes_of(dataset))
        ],
    }


def describe_fields(dataset: Dataset, labels: Labels) -> list[dict[str, object]]:
    """Every field, in order, with what can be asked of it and the values of its codes."""
    return [_describe_field(field, labels) for field in dataset.fields]


def describe_functions(dataset: Dataset) -> list[dict[str, object]]:
    """What can be computed of groups of its records, as `agg` asks for it."""
    titles = {
        one.name: result_fields(one)[0].about.title for one in aggregates_of(dataset).values()
    }
    return [
        {"function": name, "title_zh": title.zh, "title_en": title.en}
        for name, title in titles.items()
    ]


def _describe_field(field: Field, labels: Labels) -> dict[str, object]:
    about = field.about
    return {
        "name": field.name,
        "type": field.type.value,
        "nullable": field.nullable,
        "title_zh": about.title.zh,
        "title_en": about.title.en,
        "description_zh": about.description.zh,
        "description_en": about.description.en,
        "example": about.example,
        "operators": [
            {"operator": op.key or "eq", "meaning_zh": op.words.zh, "meaning_en": op.words.en}
            for op in about.operators
        ],
        "sortable": about.sortable,
        "groupable": about.groupable,
        "searched": about.searched,
        "codes": _codes(field, labels),
    }


def _codes(field: Field, labels: Labels) -> list[dict[str, object]] | None:
    if field.about.codes is None:
        return None
    entries = _entries(labels.get(field.about.codes, {}))
    if field.type is Type.DIMENSIONS:
        for entry in entries:
            entry["values"] = _entries(labels.get(f"dimensions.{entry['value']}", {}))
    return entries


def _entries(codes: Mapping[str, Text]) -> list[dict[str, object]]:
    return [
        {"value": value, "label_zh": label.zh, "label_en": label.en}
        for value, label in codes.items()
    ]

"""Records and datasets in simple Dublin Core, in both languages where we have both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import orjson

from opendata_api.catalog.naming import by_field, label_of, name_record
from opendata_api.catalog.overview import Entry, Overview
from opendata_api.catalog.scope import is_of_reports
from opendata_api.describe import Dataset, Type
from opendata_api.formats.rights import UNLICENSED, rights_in
from opendata_api.values import Row, Stored
from opendata_api.words import LANGS, TAGS, Text

WORDS = ("definition", "value_text", "aim", "quote", "text", "text_en", "note", "caution")
"""The fields that describe a record, each as it is named or in two languages."""
SOURCE = "source_url"
DATE = "published_on"
YEARS = ("year", "for_year")


@dataclass(frozen=True, slots=True)
class Statement:
    """One element of Dublin Core."""

    element: str
    text: str
    lang: str | None = None


def describe_record(overview: Overview, dataset: Dataset, row: Row) -> Sequence[Statement]:
    """What is said of a record."""
    return list(_record(overview, dataset, by_field(dataset, row)))


def describe_dataset(overview: Overview, entry: Entry) -> Sequence[Statement]:
    """What is said of a dataset."""
    return list(_dataset(overview, entry))


def _record(
    overview: Overview, dataset: Dataset, record: Mapping[str, Stored]
) -> Iterator[Statement]:
    path = f"/{dataset.name}/{quote(str(record['id']), safe='')}"
    yield from _both("title", name_record(record, overview.labels))
    yield from _subjects(overview, dataset, record)
    yield from _words(record)
    yield from _both("publisher", overview.operator.name)
    if record.get(DATE) is not None:
        yield Statement("date", str(record[DATE]))
    is_text = dataset.is_verbatim or SOURCE in record
    yield Statement("type", "Text" if is_text else "Dataset")
    yield Statement("identifier", overview.address(f"/v1{path}"))
    yield Statement("identifier", overview.address(f"/datasets{path}"))
    if record.get(SOURCE) is not None:
        yield Statement("source", str(record[SOURCE]))
    yield from _languages(dataset)
    yield from _relations(overview, dataset, record)
    yield from _coverage(overview, record)
    yield from _rights(dataset)


def _dataset(overview: Overview, entry: Entry) -> Iterator[Statement]:
    dataset = entry.dataset
    yield from _both("title", dataset.title)
    yield from _both("description", dataset.description)
    yield from _both("publisher", overview.operator.name)
    yield Statement("date", entry.modified)
    yield Statement("type", "Dataset")
    for media_type in dict.fromkeys(one.format.media_type for one in entry.downloads):
        yield Statement("format", media_type)
    yield Statement("identifier", overview.address(f"/v1/{dataset.name}"))
    yield Statement("identifier", overview.address(f"/datasets/{dataset.name}"))
    yield from _languages(dataset)
    for _, words in overview.areas if is_of_reports(entry) else ():
        yield from _both("coverage", words)
    yield from _rights(dataset)


def _subjects(
    overview: Overview, dataset: Dataset, record: Mapping[str, Stored]
) -> Iterator[Statement]:
    if record.get("topic") is not None:
        codes = str(dataset.field["topic"].about.codes)
        yield from _both("subject", label_of(overview.labels, codes, str(record["topic"])))


def _words(record: Mapping[str, Stored]) -> Iterator[Statement]:
    for name in WORDS:
        if record.get(name) is not None:
            yield Statement("description", str(record[name]), _tag_of(name))
        for lang in LANGS:
            if record.get(f"{name}_{lang}") is not None and f"{name}_{lang}" not in WORDS:
                yield Statement("description", str(record[f"{name}_{lang}"]), TAGS[lang])


def _relations(
    overview: Overview, dataset: Dataset, record: Mapping[str, Stored]
) -> Iterator[Statement]:
    """The records that it refers to, also by their codes."""
    for field in dataset.fields:
        name = field.about.refers_to or field.about.codes
        value = record[field.name]
        if name not in overview.entry or value is None:
            continue
        ids = orjson.loads(str(value)) if field.type is Type.LIST else [str(value)]
        for one in ids:
            yield Statement("relation", overview.address(f"/v1/{name}/{quote(one, safe='')}"))


def _coverage(overview: Overview, record: Mapping[str, Stored]) -> Iterator[Statement]:
    if record.get("area_code") is not None:
        yield from _both("coverage", label_of(overview.labels, "areas", str(record["area_code"])))
    for name in YEARS:
        if record.get(name) is not None:
            yield Statement("coverage", str(record[name]))


def _languages(dataset: Dataset) -> Iterator[Statement]:
    yield Statement("language", "zh")
    if not dataset.is_verbatim:
        yield Statement("language", "en")


def _rights(dataset: Dataset) -> Iterator[Statement]:
    rights = rights_in(dataset)
    if not rights.licence:
        yield from _both("rights", UNLICENSED)
        return
    yield Statement("rights", rights.url)
    yield Statement("rights", rights.attribution)


def _tag_of(name: str) -> str:
    return TAGS["en"] if name.endswith("_en") else TAGS["zh"]


def _both(element: str, words: Text) -> Iterator[Statement]:
    """The words in Chinese, then in English where they are others."""
    yield Statement(element, words.zh, TAGS["zh"])
    if words.en != words.zh:
        yield Statement(element, words.en, TAGS["en"])

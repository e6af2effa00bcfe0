"""What is cited as a work: its title, its edition, and the reports that its rows come from."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from opendata_api.catalog.citations import Source, Work
from opendata_api.datasets import BODIES, REPORTS
from opendata_api.describe import Dataset, Field
from opendata_api.errors import ExpensiveQuery
from opendata_api.files.sources import (
    COUNTED,
    NAMED_MAX,
    Values,
    cite,
    make_source,
    report_field,
)
from opendata_api.formats.rights import TITLE
from opendata_api.query import GroupQuery, Key
from opendata_api.values import Row, Stored
from opendata_api.web.asked import Asked
from opendata_api.web.rights import rights_of
from opendata_api.words import LANGS, Text

UNCOUNTED = Text("多份政府报告", "government reports")
"""Where too many rows would be read to count their reports."""


async def cite_file(asked: Asked, title: Text, record: Row | None) -> Text:
    """How a file cites itself: in each language by its style, as `/v1/cite` has it."""
    return cite(await describe_work(asked, title, record))


async def describe_work(asked: Asked, title: Text, record: Row | None) -> Work:
    """What is asked for: a record, or rows or groups under that title."""
    release = asked.release
    values = None if record is None else _values(asked.dataset, record)
    work = Work(
        key=_key(asked, values),
        author=TITLE,
        title=title if values is None else _title(asked.dataset, values),
        release=release.n,
        released_on=date.fromisoformat(release.published_at[:10]),
        url=asked.fixed.address,
        licence=rights_of(asked.query).licence,
    )
    field = report_field(asked.dataset)
    if field is None:
        return work
    if values is None:
        return await _from_reports(work, asked, field)
    return replace(work, sources=await _sources(asked, [values[field.name]]))


def _values(dataset: Dataset, record: Row) -> Values:
    return dict(zip(dataset.field_names, record, strict=True))


def _key(asked: Asked, values: Values | None) -> str:
    """A key of ASCII: the record or the query, and the release."""
    if values is None:
        parts = asked.path.removeprefix("/v1/").split("/")
        subject = "-".join([*parts, asked.query.digest])
    else:
        subject = str(values["id"])
    plain = "".join(character if character.isascii() else "-" for character in subject)
    return f"{plain}-release-{asked.release.n}"


def _title(dataset: Dataset, values: Values) -> Text:
    """The record: its name, where it has one in both languages, its dataset and its id."""
    own = Text(f"{dataset.title.zh} {values['id']}", f"{dataset.title.en} {values['id']}")
    name = dataset.columns[0]
    if not name.translated:
        return own
    zh, en = (str(values[name.source(lang)]) for lang in LANGS)
    return Text(f"{zh}: {own.zh}", f"{_sentence(en)}: {own.en}")


def _sentence(name: str) -> str:
    """The name in sentence case: its first letter large, all others as they are."""
    return name[:1].upper() + name[1:]


async def _from_reports(work: Work, asked: Asked, field: Field) -> Work:
    """The work with the reports that the rows of the whole query come from."""
    question = GroupQuery.of(asked.query, (Key(field.name, field),), ())
    question = replace(question, limit=NAMED_MAX)
    try:
        (groups,) = await asked.site.store.facets(question, asked.release.n)
    except ExpensiveQuery:
        return replace(work, reports=UNCOUNTED)
    if groups.total > NAMED_MAX:
        return replace(work, reports=COUNTED.format(n=groups.total))
    return replace(work, sources=await _sources(asked, [row[0] for row in groups.rows]))


async def _sources(asked: Asked, ids: Sequence[Stored]) -> tuple[Source, ...]:
    return tuple([await _source(asked, str(one)) for one in ids if one is not None])


async def _source(asked: Asked, report_id: str) -> Source:
    report = await _values_of(asked, REPORTS, report_id)
    body = await _values_of(asked, BODIES, str(report["body_id"]))
    return make_source(report, body)


async def _values_of(asked: Asked, dataset: Dataset, record_id: str) -> Values:
    """A record that another refers to, which publication has proven to be there."""
    record = await asked.site.store.record(dataset, record_id, asked.release.n)
    return _values(dataset, record or ())

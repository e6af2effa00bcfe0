"""What a release did, as the entries of a feed: pure, from what is told of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from opendata_api.catalog.feed import Item
from opendata_api.catalog.markup import held
from opendata_api.catalog.naming import by_field, label_of, name_record
from opendata_api.catalog.overview import Overview
from opendata_api.describe import Dataset, Type
from opendata_api.formats.imprint import Publisher
from opendata_api.formats.rights import rights_in
from opendata_api.formats.sheet import Sheet
from opendata_api.values import Row
from opendata_api.words import LANGS, TAGS, Lang, Text

RELEASE = Text("第{n}版", "Release {n}")
COUNTED = Text("{kind}{count:,}条", "{count:,} {kind}")
COLON = Text("：", ": ")
AND = Text("，", ", ")
TITLE = Text("{kind}：{name}", "{kind}: {name}")
GONE = Text("第{n}版已依法撤下", "Release {n} was withdrawn by law")
LABELS = Text("代码名称", "Labels of codes")
HEADS = (Text("字段", "Field"), Text("原为", "was"), Text("现为", "is"))
DATASET = Text("数据集", "Dataset")
WHY = Text("缘由{cause}：{reason}", "Why{cause}: {reason}")
CAUSE = Text("（{cause}）", " ({cause})")
MORE = Text(
    "本订阅只列其中一部分，其余见数据。", "The feed has some of them; the data has the others."
)
PAGE = Text("网页", "Page")
DATA = Text("数据（JSON）", "Data (JSON)")
ERASED = Text("（已清除）", "(erased)")
NOTHING = "—"
SHOWN = 100
"""So many characters of a name stand in a title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRelease:
    """What a release did, in numbers."""

    n: int
    published_at: str
    counts: Mapping[str, Mapping[str, int]]
    """By dataset and kind."""
    call: str
    """The address of its changes as data."""
    notes: Text | None
    has_more: bool = False
    """Whether it has changes of its own that the feed does not list."""
    gone: Text | None = None
    """Why it can't be read any more, if it was withdrawn by law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChange:
    """What a release did to a record."""

    release: int
    published_at: str
    dataset: Dataset
    id: str
    kind: str
    cause: str | None
    reason: Text | None
    changed: Sequence[str]
    before: Row | None
    after: Row | None
    href: str
    """The page of the record, as far as it can be shown."""
    call: str
    """The permanent address of the change."""


def release_item(overview: Overview, told: ToldRelease) -> Item:
    """The entry that sums a release up."""
    page = overview.address(f"/releases#r{told.n}")
    title = Text(*(_release_title(overview, told, lang) for lang in LANGS))
    if told.gone is not None:
        title = GONE.format(n=told.n)
    return Item(
        id=overview.address(f"/v1/releases/{told.n}"),
        href=page,
        call=told.call,
        updated=told.published_at,
        title=title,
        html=_both(*(_release_parts(overview, told, lang) for lang in LANGS))
        + _links(page, told.call),
        tags=[("release", Text("数据版本", "release"))],
    )


def change_item(overview: Overview, told: ToldChange) -> Item:
    """The entry of a record that was corrected, withdrawn or erased."""
    kind = label_of(overview.labels, "change_kinds", told.kind)
    name = _name(overview, told)
    return Item(
        id=told.call,
        href=told.href,
        call=told.call,
        updated=told.published_at,
        title=Text(*(_change_title(kind, name, lang) for lang in LANGS)),
        html=_both(*(_change_parts(overview, told, lang) for lang in LANGS))
        + _links(told.href, told.call),
        tags=[(told.kind, kind), (told.dataset.name, told.dataset.title)],
    )


def _release_title(overview: Overview, told: ToldRelease, lang: Lang) -> str:
    """Counted are the records that curators keep: what follows from them would count them twice."""
    own = [one.dataset.name for one in overview.entries if not one.dataset.is_derived]
    totals: dict[str, int] = {}
    for name in own:
        for kind, count in told.counts.get(name, {}).items():
            totals[kind] = totals.get(kind, 0) + count
    words = RELEASE.in_language(lang).format(n=told.n)
    if not totals:
        return words
    return words + COLON.in_language(lang) + _counted(overview, totals, lang)


def _counted(overview: Overview, totals: Mapping[str, int], lang: Lang) -> str:
    order = list(overview.labels.get("change_kinds", totals))
    return AND.in_language(lang).join(
        COUNTED.in_language(lang).format(
            kind=label_of(overview.labels, "change_kinds", kind).in_language(lang),
            count=totals[kind],
        )
        for kind in sorted(totals, key=order.index)
    )


def _release_parts(overview: Overview, told: ToldRelease, lang: Lang) -> Iterator[str]:
    if told.gone is not None:
        yield _paragraph(GONE.in_language(lang).format(n=told.n))
        yield _paragraph(told.gone.in_language(lang))
        return
    if told.notes is not None:
        yield _paragraph(told.notes.in_language(lang))
    titles = {one.dataset.name: one.dataset.title for one in overview.entries}
    for name, kinds in told.counts.items():
        title = titles.get(name, LABELS).in_language(lang)
        yield _paragraph(title + COLON.in_language(lang) + _counted(overview, kinds, lang))
    if told.has_more:
        yield _paragraph(MORE.in_language(lang))


def _name(overview: Overview, told: ToldChange) -> Text:
    row = told.after or told.before
    if row is None:
        return Text(told.id, told.id)
    return name_record(by_field(told.dataset, row), overview.labels)


def _change_title(kind: Text, name: Text, lang: Lang) -> str:
    words = name.in_language(lang)
    if len(words) > SHOWN:
        words = f"{words[:SHOWN]}…"
    return held(_titled(kind, words, lang))


def _titled(kind: Text, name: str, lang: Lang) -> str:
    what = kind.in_language(lang)
    return TITLE.in_language(lang).format(kind=what[:1].upper() + what[1:], name=name)


def _change_parts(overview: Overview, told: ToldChange, lang: Lang) -> Iterator[str]:
    kind = label_of(overview.labels, "change_kinds", told.kind)
    yield _paragraph(_titled(kind, told.id, lang))
    if told.reason is not None:
        reason, cause = told.reason.in_language(lang), _cause(overview, told, lang)
        yield _paragraph(WHY.in_language(lang).format(cause=cause, reason=reason))
    shown = [name for name in told.changed if not _is_offset(told.dataset, name)]
    if shown:
        yield _table(_sheet(overview, told.dataset, lang), told, shown)


def _cause(overview: Overview, told: ToldChange, lang: Lang) -> str:
    if told.cause is None:
        return ""
    cause = label_of(overview.labels, "change_causes", told.cause)
    return CAUSE.in_language(lang).format(cause=cause.in_language(lang))


def _is_offset(dataset: Dataset, name: str) -> bool:
    """Whether it says in which characters something stands, which the words show."""
    return dataset.field[name].type is Type.INTEGER and name.endswith(("start", "end"))


def _sheet(overview: Overview, dataset: Dataset, lang: Lang) -> Sheet:
    """What prints values as people read them."""
    publisher = Publisher(overview.base, overview.release, overview.modified, overview.labels)
    address = overview.address(f"/v1/{dataset.name}")
    return Sheet(publisher.imprint(dataset, dataset.fields, rights_in(dataset), address), lang)


def _table(sheet: Sheet, told: ToldChange, names: Sequence[str]) -> str:
    heads = "".join(f"<th>{head.in_language(sheet.lang)}</th>" for head in HEADS)
    rows = (
        f"<tr><th>{escape(told.dataset.field[name].about.title.in_language(sheet.lang))}</th>"
        f"<td><del>{_cell(sheet, told.dataset, name, told.before)}</del></td>"
        f"<td><ins>{_cell(sheet, told.dataset, name, told.after)}</ins></td></tr>"
        for name in names
    )
    return f"<table><tr>{heads}</tr>{''.join(rows)}</table>"


def _cell(sheet: Sheet, dataset: Dataset, name: str, row: Row | None) -> str:
    if row is None:
        return ERASED.in_language(sheet.lang)
    value = by_field(dataset, row)[name]
    return NOTHING if value is None else escape(held(sheet.text(dataset.field[name], value)))


def _paragraph(text: str) -> str:
    return f"<p>{escape(held(text))}</p>"


def _both(*parts: Iterator[str]) -> str:
    return "".join(
        f'<div lang="{TAGS[lang]}">{"".join(some)}</div>'
        for lang, some in zip(LANGS, parts, strict=True)
    )


def _links(page: str, call: str) -> str:
    links = ((page, PAGE), (call, DATA))
    return (
        "<p>"
        + " · ".join(f'<a href="{escape(href)}">{words.zh} {words.en}</a>' for href, words in links)
        + "</p>"
    )

"""Groups as tables: each code with its labels, each value with how it stands to the true one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from opendata_api.describe import About, Column, Field, Type
from opendata_api.formats import csv, json
from opendata_api.formats.cells import print_cell
from opendata_api.formats.imprint import Labels
from opendata_api.formats.sheet import NUMBERS, YES_NO
from opendata_api.query import Aggregate, GroupQuery, Key
from opendata_api.store.model import Groups
from opendata_api.values import Row, Stored
from opendata_api.words import Text

GROUPED = "grouped_fields"
QUALIFIERS = "result_qualifiers"
COMPUTED_DIGITS = 38
"""A sum may have more than a figure; decimals of other programs have no more than these."""

RESULT_QUALIFIERS = {
    "exact": Text("确数", "exact"),
    "at_least": Text("至少", "at least"),
    "at_most": Text("至多", "at most"),
    "about": Text("约", "about"),
    "partial": Text("有数字未给出，不完整", "incomplete: some figures are not given"),
}
"""How a computed value stands to the true one, with labels."""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of the same fields."""

    fields: Sequence[Field]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Table:
    """An answer of groups; its sections have fields of the same names."""

    sections: Sequence[Section]
    labels: Labels
    columns: Sequence[Column]
    """What a sheet for people shows."""
    total: int
    """How many groups there are."""

    @property
    def count(self) -> int:
        """How many are in the answer."""
        return sum(len(section.rows) for section in self.sections)

    def json_rows(self) -> Sequence[str]:
        """Each row as a JSON object."""
        return [
            json.encode_row(section.fields, row)
            for section in self.sections
            for row in section.rows
        ]

    def joined(self) -> Section:
        """All rows with the same fields, as programs read them."""
        return _join(self.sections)

    def told(self) -> Section:
        """All rows with the same fields, as people read them: each value of a facet in words."""
        return _join([_tell(section) for section in self.sections])

    def csv_text(self) -> str:
        """The table as CSV for programs."""
        section = self.joined()
        lines = [csv.encode_line(section.fields, row) for row in section.rows]
        return csv.header_line(section.fields) + "".join(lines)


def facets_table(query: GroupQuery, facets: Sequence[Groups], labels: Labels) -> Table:
    """The values of each key, with their counts."""
    keys = [_titled(key, labels) for key in query.keys]
    names = {key.name: key.field.about.title for key in keys}
    known = {**labels, GROUPED: names}
    sections = [
        Section(
            (FACET_FIELD, replace(key.field, name="value"), *_LABELS, COUNT_FIELD),
            [
                (key.name, value, *_both(_label(labels, key.field, value)), count)
                for value, count in groups.rows
            ],
        )
        for key, groups in zip(keys, facets, strict=True)
    ]
    total = sum(groups.total for groups in facets)
    are_numbers = all(key.field.type in NUMBERS for key in keys)
    shown = Column("value", _VALUE) if are_numbers else Column("label", _VALUE, translated=True)
    columns = [_column(FACET_FIELD), shown, _column(COUNT_FIELD)]
    return Table(sections, known, columns, total)


def groups_table(query: GroupQuery, groups: Groups, labels: Labels) -> Table:
    """What was computed of each group."""
    keys = [_titled(key, labels).field for key in query.keys]
    unit = _unit(query)
    read = [*keys, *([] if unit is None else [unit])]
    codes = keys if unit in keys else read
    values = [field for one in query.aggregates for field in result_fields(one)]
    known = {**labels, QUALIFIERS: RESULT_QUALIFIERS}
    fields = [*(part for field in codes for part in labelled_fields(field)), *values]
    rows = [
        (
            *(
                part
                for field, value in zip(codes, row, strict=False)
                for part in _labelled(known, field, value)
            ),
            *row[len(read) :],
        )
        for row in groups.rows
    ]
    columns = [_column(field) for field in [*codes, *values]]
    return Table([Section(fields, rows)], known, columns, groups.total)


def _join(sections: Sequence[Section]) -> Section:
    """The rows of all sections; a value is text where the sections' types differ."""
    fields = [_common(columns) for columns in zip(*(one.fields for one in sections), strict=True)]
    rows = [
        tuple(
            print_cell(own, value) if value is not None and own.type is not field.type else value
            for field, own, value in zip(fields, section.fields, row, strict=True)
        )
        for section in sections
        for row in section.rows
    ]
    return Section(fields, rows)


def _common(fields: Sequence[Field]) -> Field:
    first = fields[0]
    is_mixed = len({field.type for field in fields}) > 1
    return replace(
        first,
        about=replace(first.about, type=Type.TEXT) if is_mixed else first.about,
        nullable=any(field.nullable for field in fields),
    )


def _tell(section: Section) -> Section:
    """The section with labels where a facet's value has none."""
    at = {field.name: place for place, field in enumerate(section.fields)}
    if "label_zh" not in at:
        return section
    value_field = section.fields[at["value"]]
    rows = []
    for row in section.rows:
        cells, value = list(row), row[at["value"]]
        if value is not None and row[at["label_zh"]] is None:
            told = _words(value_field, value)
            cells[at["label_zh"]], cells[at["label_en"]] = told.zh, told.en
        rows.append(tuple(cells))
    return Section(section.fields, rows)


def _words(field: Field, value: Stored) -> Text:
    if field.type is Type.BOOLEAN:
        return YES_NO[value == 1]
    printed = print_cell(field, value)
    return Text(printed, printed)


def labelled_fields(field: Field) -> Sequence[Field]:
    """A field, and its labels if it has codes."""
    if field.about.codes is None:
        return (field,)
    return (field, *(_label_field(field, lang) for lang in _LANGUAGES))


def result_fields(aggregate: Aggregate) -> Sequence[Field]:
    """What is answered for a function: the number of rows, or a value with its qualifier."""
    if aggregate.field is None:
        return (COUNT_FIELD,)
    of, words = aggregate.field.about.title, aggregate.function.words
    title = Text(f"{of.zh}{words.zh}", f"{words.en} of {of.en.lower()}")
    about = About(title, title, Type.DECIMAL, None, digits=COMPUTED_DIGITS)
    qualified = Text(f"{title.zh}的限定", f"{title.en}: qualifier")
    return (
        Field(aggregate.column, about, nullable=True),
        Field(
            f"{aggregate.column}_qualifier",
            About(qualified, _QUALIFIED, Type.CODE, "exact", codes=QUALIFIERS),
            nullable=True,
        ),
    )


def _column(field: Field) -> Column:
    return Column(field.name, field.about.title)


def _unit(query: GroupQuery) -> Field | None:
    """The unit of what is computed, if anything is."""
    measure = query.dataset.measure
    return query.dataset.field[measure.traits.unit] if measure and query.computed else None


def _titled(key: Key, labels: Labels) -> Key:
    """The key; a dimension has its title from the release."""
    if key.dimension is None:
        return key
    title = labels["dimensions"][key.dimension]
    return replace(key, field=replace(key.field, about=replace(key.field.about, title=title)))


def _label(labels: Labels, field: Field, value: Stored) -> Text | None:
    return None if field.about.codes is None else _find(labels, field.about.codes, value)


def _find(labels: Labels, codes: str, value: Stored) -> Text | None:
    entries: Mapping[str, Text] = labels.get(codes, {})
    return entries.get(str(value))


def _labelled(labels: Labels, field: Field, value: Stored) -> Row:
    if field.about.codes is None:
        return (value,)
    return (value, *_both(_label(labels, field, value)))


def _both(label: Text | None) -> tuple[str | None, str | None]:
    return (None, None) if label is None else (label.zh, label.en)


_LANGUAGES = (("zh", Text("中文", "Chinese")), ("en", Text("英文", "English")))


def _label_field(field: Field, lang: tuple[str, Text]) -> Field:
    suffix, name = lang
    title = field.about.title
    titled = Text(f"{title.zh}（{name.zh}）", f"{title.en} in {name.en}")
    about = About(titled, titled, Type.TEXT, None)
    return Field(f"{field.name}_{suffix}", about, nullable=True)


_VALUE = Text("取值", "Value")
_QUALIFIED = Text(
    "结果与真实数的关系：exact 确数，at_least 至少（含“余”等下限），at_most 至多，about 约，"
    "partial 有数字未给出。",
    "How it stands to the true figure: exact; at_least, where lower bounds (余) are among the "
    "figures; at_most; about; partial, where a figure is not given.",
)
COUNT_FIELD = Field(
    "count",
    About(
        Text("记录数", "Records"),
        Text("该组的记录数。", "How many records the group has."),
        Type.INTEGER,
        3,
    ),
    nullable=False,
)
FACET_FIELD = Field(
    "field",
    About(
        Text("字段", "Field"),
        Text("按哪个字段计数。", "The field that is counted by."),
        Type.CODE,
        "topic",
        codes=GROUPED,
    ),
    nullable=False,
)
_LABELS = tuple(
    Field(f"label_{suffix}", About(name, name, Type.TEXT, None), nullable=True)
    for suffix, name in _LANGUAGES
)

"""Groups as tables: each code with its labels, each value with how it stands to the true one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from opendata_api.describe import Column, Field, Type
from opendata_api.formats import csv, json
from opendata_api.formats.cells import print_cell
from opendata_api.formats.imprint import Labels
from opendata_api.formats.sheet import YES_NO
from opendata_api.query import GroupQuery, Key
from opendata_api.store.model import Groups
from opendata_api.values import Row, Stored
from opendata_api.web.group_fields import (
    COUNT_FIELD,
    FACET_FIELD,
    FACET_FIELDS,
    GROUPED,
    GROUPED_VALUES,
    LABEL_FIELDS,
    QUALIFIERS,
    RESULT_QUALIFIERS,
    VALUE_FIELD,
    VALUE_PLACE,
    labelled_fields,
    result_fields,
)
from opendata_api.words import Lang, Text


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of the same fields."""

    fields: Sequence[Field]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Table:
    """An answer of groups; its sections have fields of the same names."""

    fields: Sequence[Field]
    """Those that a file has; a value that is of another type in a section is text there."""
    sections: Sequence[Section]
    known: Labels
    columns: Sequence[Column]
    """What a sheet for people shows."""
    total: int
    """How many groups there are."""
    facets: Sequence[Key] = ()
    """What is counted by, where each value stands in a column that all share."""

    @property
    def labels(self) -> Labels:
        """What its codes mean; a file tells it."""
        if not self.facets:
            return self.known
        names = {key.name: key.field.about.title for key in self.facets}
        values = _all_values(self.facets, self.known)
        return {**self.known, GROUPED: names, GROUPED_VALUES: values}

    @property
    def count(self) -> int:
        """How many are in the answer."""
        return sum(len(section.rows) for section in self.sections)

    def json_rows(self) -> Sequence[str]:
        """Each row as a JSON object."""
        return [
            encoded
            for section in self.sections
            for encoded in map(json.row_encoder(section.fields), section.rows)
        ]

    def encoded(self) -> Sequence[bytes]:
        """The rows as JSON objects, some of them at once, with commas between them."""
        sections = (one for one in self.sections if one.rows)
        return [json.encode_rows(section.fields, section.rows) for section in sections]

    def joined(self) -> Section:
        """All rows with the same fields, as programs read them."""
        return _join(self.fields, self.sections)

    def told(self, lang: Lang) -> Section:
        """All rows with the same fields, as people read them: each value of a facet in words."""
        if self.fields is not FACET_FIELDS:
            return self.joined()
        has_codes = any(column.is_code for column in self.columns)
        rows = [
            _tell(section.fields[VALUE_PLACE], row, lang, has_codes=has_codes)
            for section in self.sections
            for row in section.rows
        ]
        return Section(self.fields, rows)

    def csv_text(self) -> str:
        """The table as CSV for programs."""
        section = self.joined()
        lines = [csv.encode_line(section.fields, row) for row in section.rows]
        return csv.header_line(section.fields) + "".join(lines)


def facets_table(query: GroupQuery, facets: Sequence[Groups], labels: Labels) -> Table:
    """The values of each key, with their counts."""
    keys = [_titled(key, labels) for key in query.keys]
    sections = [_facet(key, groups.rows, labels) for key, groups in zip(keys, facets, strict=True)]
    total = sum(groups.total for groups in facets)
    has_codes = any(key.field.about.codes for key in keys)
    labelled = Column("label", VALUE_FIELD.about.title)
    coded = _coded(labelled, VALUE_FIELD.name, _CODE)
    shown = coded if has_codes else [_column(VALUE_FIELD)]
    columns = [_column(FACET_FIELD), *shown, _column(COUNT_FIELD)]
    return Table(FACET_FIELDS, sections, labels, columns, total, facets=keys)


def _facet(key: Key, rows: Sequence[Row], labels: Labels) -> Section:
    """The values of one key, with their counts."""
    fields = (FACET_FIELD, replace(key.field, name="value"), *LABEL_FIELDS, COUNT_FIELD)
    values = [value for value, _ in rows]
    zh, en = _labels_of(labels, key.field, values)
    counts = [count for _, count in rows]
    return Section(fields, list(zip([key.name] * len(rows), values, zh, en, counts, strict=True)))


def groups_table(query: GroupQuery, groups: Groups, labels: Labels) -> Table:
    """What was computed of each group."""
    keys = [_titled(key, labels).field for key in query.keys]
    unit = _unit(query)
    read = [*keys, *([] if unit is None else [unit])]
    codes = keys if unit in keys else read
    values = [field for one in query.aggregates for field in result_fields(one)]
    known = {**labels, QUALIFIERS: RESULT_QUALIFIERS}
    fields = [*(part for field in codes for part in labelled_fields(field)), *values]
    found = list(zip(*groups.rows, strict=True))
    told = [
        part
        for field, column in zip(codes, found, strict=False)
        for part in _labelled(known, field, column)
    ]
    rows = list(zip(*told, *found[len(read) :], strict=True))
    columns = [*(column for key in codes for column in _shown(key)), *map(_column, values)]
    return Table(fields, [Section(fields, rows)], known, columns, groups.total)


def _join(fields: Sequence[Field], sections: Sequence[Section]) -> Section:
    """The rows of all sections, with values of the fields' types."""
    rows = [
        tuple(
            print_cell(own, value) if value is not None and own.type is not field.type else value
            for field, own, value in zip(fields, section.fields, row, strict=True)
        )
        for section in sections
        for row in section.rows
    ]
    return Section(fields, rows)


def _all_values(keys: Sequence[Key], labels: Labels) -> Mapping[str, Text]:
    """What each code of any of the keys means; one that means two things has both words."""
    known: dict[str, Text] = {}
    for key in keys:
        for code, label in labels.get(key.field.about.codes or "", {}).items():
            other = known.get(code, label)
            known[code] = label if other == label else _EITHER.format(one=other, other=label)
    return known


def _tell(own: Field, row: Row, lang: Lang, *, has_codes: bool) -> Row:
    """The row of a facet with its value in words; a sheet with codes has them for codes alone."""
    name, value, zh, en, count = row
    if value is None:
        return row
    if own.about.codes is not None:
        return name, value, zh or value, en or value, count
    words = YES_NO[value == 1].in_language(lang) if own.type is Type.BOOLEAN else str(value)
    return name, None if has_codes else words, words, words, count


def _column(field: Field) -> Column:
    return Column(field.name, field.about.title)


def _shown(key: Field) -> Sequence[Column]:
    """What a sheet shows of a key: its values, or their labels and then the codes."""
    if key.about.codes is None:
        return [_column(key)]
    code = _CODE_OF.format(title=key.about.title)
    return _coded(_column(key), key.name, code)


def _coded(labels: Column, codes: str, title: Text) -> Sequence[Column]:
    """A column of labels, by language, and one of the codes that are labelled."""
    return [replace(labels, translated=True), Column(codes, title, is_code=True)]


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


def _labels_of(labels: Labels, field: Field, column: Sequence[Stored]) -> tuple[Row, Row]:
    """The labels of values of a field in both languages."""
    entries: Mapping[str, Text] = labels.get(field.about.codes or "", {})
    found = [entries.get(str(value)) for value in column]
    return (
        tuple([None if one is None else one.zh for one in found]),
        tuple([None if one is None else one.en for one in found]),
    )


def _labelled(labels: Labels, field: Field, column: Row) -> Sequence[Row]:
    """The values of a field, with their labels where it has codes, each as a column."""
    if field.about.codes is None:
        return [column]
    return [column, *_labels_of(labels, field, column)]


_CODE = Text("代码", "Code")
_CODE_OF = Text("{title.zh}代码", "{title.en}: code")
_EITHER = Text("{one.zh}／{other.zh}", "{one.en} / {other.en}")

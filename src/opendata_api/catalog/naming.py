"""What a record is called where it stands among others."""

from collections.abc import Mapping

from opendata_api.describe import Dataset
from opendata_api.formats.imprint import Labels
from opendata_api.values import Row, Stored
from opendata_api.words import LANGS, Lang, Text

NAMES: Mapping[Lang, tuple[str, ...]] = {
    "zh": ("metric_zh", "name_zh", "title_zh", "title", "quote", "text"),
    "en": ("metric_en", "name_en", "title_en", "title", "text_en", "quote", "text"),
}
"""The fields that may name a record, the best first."""
IN_YEAR = Text("{place}，{year}年", "{place}, {year}")
ABOUT = Text("{name}（{what}）", "{name} ({what})")


def by_field(dataset: Dataset, row: Row) -> Mapping[str, Stored]:
    """The values of a record by field."""
    return dict(zip(dataset.field_names, row, strict=True))


def name_record(record: Mapping[str, Stored], labels: Labels) -> Text:
    """Its name, or its words; of a figure with the area and the year that it is of."""
    name = Text(*(_name(record, lang) for lang in LANGS))
    if record.get("metric_zh") is None:
        return name
    place = label_of(labels, "areas", str(record["area_code"]))
    what = Text(*(_what(place, str(record["year"]), lang) for lang in LANGS))
    return Text(
        ABOUT.zh.format(name=name.zh, what=what.zh), ABOUT.en.format(name=name.en, what=what.en)
    )


def label_of(labels: Labels, codes: str, code: str) -> Text:
    """The label of a code; the code where it has none."""
    return labels.get(codes, {}).get(code, Text(code, code))


def _name(record: Mapping[str, Stored], lang: Lang) -> str:
    return str(next((record[one] for one in NAMES[lang] if record.get(one)), record["id"]))


def _what(place: Text, year: str, lang: Lang) -> str:
    return IN_YEAR.in_language(lang).format(place=place.in_language(lang), year=year)

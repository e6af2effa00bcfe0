"""A dataset that has a field of every type, with rows that are hard to keep."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from opendata_api.describe import About, Column, Dataset, Record, Type
from opendata_api.formats.imprint import Imprint, Labels
from opendata_api.formats.rights import Rights
from opendata_api.values import Row, Stored
from opendata_api.words import Text


def about(name: str, kind: Type, codes: str | None = None) -> About:
    return About(
        Text(f"列{name}", name),
        Text(f"释义{name}", f"On {name}."),
        kind,
        None,
        codes=codes,
        searched=kind is Type.TEXT,
    )


class Sample(Record):
    id: Annotated[str, about("id", Type.CODE)]
    kind: Annotated[str | None, about("kind", Type.CODE, "kinds")]
    text: Annotated[str | None, about("text", Type.TEXT)]
    whole: Annotated[int | None, about("whole", Type.INTEGER)]
    number: Annotated[Decimal | None, about("number", Type.DECIMAL)]
    day: Annotated[date | None, about("day", Type.DATE)]
    moment: Annotated[str | None, about("moment", Type.TIMESTAMP)]
    truth: Annotated[bool | None, about("truth", Type.BOOLEAN)]
    names: Annotated[list[str], about("names", Type.LIST)]
    groups: Annotated[dict[str, str], about("groups", Type.DIMENSIONS, "dimensions")]
    figures: Annotated[list[dict[str, str]], about("figures", Type.FIGURES)]


SAMPLES = Dataset(
    name="samples",
    singular="sample",
    title=Text("样本", "Samples"),
    description=Text("各种类型。", "Every type."),
    model=Sample,
    columns=tuple(Column(name, Text(f"列{name}", name)) for name in Sample.__annotations__),
)

LABELS: Labels = {
    "kinds": {"1": Text("甲", "one"), "2": Text("乙", "two")},
    "dimensions": {"scope": Text("范围", "scope")},
    "dimensions.scope": {"city": Text("全市", "citywide")},
}

EMPTY: Row = ("s0", None, None, None, None, None, None, None, "[]", "{}", "[]", 1, 1)


def row(**values: str | int | None) -> Row:
    """A row that is empty but for these values, as they are kept."""
    by_name: Mapping[str, Stored] = dict(zip(SAMPLES.field_names, EMPTY, strict=True)) | values
    return tuple(by_name.values())


def imprint(*names: str) -> Imprint:
    """What a file of the samples says of itself, with these fields or all."""
    fields = tuple(one for one in SAMPLES.fields if not names or one.name in names)
    return Imprint(
        subject=SAMPLES,
        fields=fields,
        labels=LABELS,
        release=7,
        published_at="2026-01-02T03:04:05Z",
        rights=Rights("CC-BY-4.0", "https://licence.example.org/", "by us"),
        service=Text("本服务", "Our service"),
        home="https://data.example.org/",
        address="https://data.example.org/v1/samples.zip?release=7",
        record="https://data.example.org/v1/samples/{id}?release=7",
        dictionary="https://data.example.org/v1/datasets/samples?release=7",
        sources="https://data.example.org/v1/reports?release=7",
        citation=Text("本服务. 样本.\n某报告.", "Our service. Samples.\nA report."),
    )

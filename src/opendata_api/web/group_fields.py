"""The fields of facets and aggregates: what is counted by, and what is computed."""

from collections.abc import Sequence

from opendata_api.describe import About, Field, Type
from opendata_api.query import Aggregate
from opendata_api.words import Text

GROUPED = "grouped_fields"
GROUPED_VALUES = "grouped_values"
QUALIFIERS = "result_qualifiers"
COMPUTED_DIGITS = 38
"""A sum may have more than a figure; decimals of other programs have no more than these."""

RESULT_QUALIFIERS = {
    "exact": Text("确数", "exact"),
    "at_least": Text("至少", "at least"),
    "at_most": Text("至多", "at most"),
    "about": Text("约", "about"),
    "ambiguous": Text("原文含义不明", "ambiguous in the source"),
    "partial": Text("有数字未给出，不完整", "incomplete: some figures are not given"),
}
"""How a computed value stands to the true one, with labels."""


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
    "ambiguous 所含数字在原文中含义不明，partial 有数字未给出。",
    "How it stands to the true figure: exact; at_least, where lower bounds (余) are among the "
    "figures; at_most; about; ambiguous, where the text leaves open what a figure means; "
    "partial, where one is not given.",
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
VALUE_FIELD = Field(
    "value",
    About(
        _VALUE,
        Text(
            "“field”所示字段的取值，一律为文本；为空：没有值。",
            "The value of the field named in `field`, always as text; null: it has none.",
        ),
        Type.TEXT,
        "power_lists",
        codes=GROUPED_VALUES,
    ),
    nullable=True,
)
LABEL_FIELDS = tuple(
    Field(f"label_{suffix}", About(title, description, Type.TEXT, None), nullable=True)
    for suffix, title, description in (
        (
            "zh",
            Text("取值（中文）", "Value in Chinese"),
            Text(
                "代码的中文含义；表格中，没有代码的取值也在此列。", "What a code means, in Chinese."
            ),
        ),
        (
            "en",
            Text("取值（英文）", "Value in English"),
            Text("代码的英文含义。", "What a code means, in English; in sheets also other values."),
        ),
    )
)
FACET_FIELDS = (FACET_FIELD, VALUE_FIELD, *LABEL_FIELDS, COUNT_FIELD)
VALUE_PLACE = FACET_FIELDS.index(VALUE_FIELD)

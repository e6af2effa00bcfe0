"""What lies beside a CSV in a package: its metadata, what people should read, the licence."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import orjson

from opendata_api.catalog.csvw import describe_csv
from opendata_api.catalog.frictionless import describe_package
from opendata_api.formats.archive import Written
from opendata_api.formats.imprint import Imprint
from opendata_api.words import Lang, Text

LICENCE = "LICENSE-DATA"


def files_beside(imprint: Imprint, table: Written) -> Mapping[str, bytes]:
    """The files by name, for the table as it was written."""
    return {
        **csvw_beside(imprint, table),
        "datapackage.json": print_json(describe_package(imprint, table)),
        "README.zh-CN.md": readme(imprint, table, "zh").encode(),
        "README.md": readme(imprint, table, "en").encode(),
        LICENCE: read_licence(),
    }


def csvw_beside(imprint: Imprint, table: Written) -> Mapping[str, bytes]:
    """The description of a table, under the name that CSVW gives it."""
    return {f"{table.name}-metadata.json": print_json(describe_csv(imprint, table.name))}


@cache
def read_licence() -> bytes:
    """The licence of the data, and what it does not cover."""
    return (files(__package__) / LICENCE).read_bytes()


def readme(imprint: Imprint, table: Written, lang: Lang) -> str:
    """What a person finds in the package, in one language."""
    words = _ZH if lang == "zh" else _EN
    return words.format(
        title=imprint.subject.title.in_language(lang),
        description=imprint.subject.description.in_language(lang),
        name=table.name,
        rows=table.rows,
        release=imprint.release,
        published_at=imprint.published_at,
        address=imprint.address,
        dictionary=imprint.dictionary,
        sources=imprint.sources,
        service=imprint.service.in_language(lang),
        rights=imprint.rights.told(lang),
        attribution=imprint.rights.attribution,
        citation=imprint.citation.in_language(lang).replace("\n", "<br>"),
        fields="\n".join(_field_lines(imprint, lang)),
        codes="\n".join(_code_lines(imprint, lang)),
        cells=CELLS.in_language(lang),
    )


def _field_lines(imprint: Imprint, lang: Lang) -> Sequence[str]:
    return [
        markdown_line(
            f"`{field.name}`",
            field.about.title.in_language(lang),
            field.type.value,
            field.about.description.in_language(lang),
        )
        for field in imprint.fields
    ]


def _code_lines(imprint: Imprint, lang: Lang) -> Sequence[str]:
    return [
        markdown_line(f"`{field.name}`", f"`{code.value}`", code.label.in_language(lang))
        for field in imprint.fields
        for code in imprint.codes(field)
    ]


def markdown_line(*cells: str) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def print_json(content: object) -> bytes:
    """JSON for people and programs."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


CELLS = Text(
    "列表各项以“;”分隔，维度写作“名称=值”，figures 类型为 JSON 文本。"
    "代码（如地区代码）是文本，不是数字。",
    "Lists are joined by `;`, dimensions are written `name=value`, figures are JSON text. "
    "Codes, such as\nthose of areas, are text and no numbers.",
)

_ZH = """\
# {title}

{description}

| | |
|---|---|
| 数据 | `{name}`，{rows} 行，UTF-8，首行为字段名；空单元格表示没有值，不等于零 |
| 版本 | 第{release}版，{published_at} |
| 查询地址 | {address} |
| 来源 | 所引政府报告见 {sources}；由“{service}”整理，并非政府发布 |
| 许可 | {rights}；范围见 `LICENSE-DATA` |
| 署名 | {attribution} |
| 引用格式 | {citation} |
| 校验 | `sha256sum -c SHA256SUMS` |

`{name}-metadata.json` 是 W3C CSVW 元数据，`datapackage.json` 是 Frictionless Data Package。
{cells}

## 字段

数据字典：{dictionary}

| 字段 | 名称 | 类型 | 释义 |
|---|---|---|---|
{fields}

## 代码

| 字段 | 代码 | 含义 |
|---|---|---|
{codes}
"""

_EN = """\
# {title}

{description}

| | |
|---|---|
| data | `{name}`, {rows} rows, UTF-8, field names first; an empty cell has no value, never zero |
| release | {release}, {published_at} |
| address of the query | {address} |
| source | the government reports listed at {sources}, compiled by {service}, not by a government |
| licence | {rights}; `LICENSE-DATA` says what it covers |
| attribution | {attribution} |
| citation | {citation} |
| check | `sha256sum -c SHA256SUMS` |

`{name}-metadata.json` is W3C CSVW metadata, `datapackage.json` a Frictionless Data Package.
{cells}

## Fields

The dictionary: {dictionary}

| field | title | type | description |
|---|---|---|---|
{fields}

## Codes

| field | code | meaning |
|---|---|---|
{codes}
"""

"""What lies beside the CSVs of a whole release: metadata, what people should read, the licence."""

from collections.abc import Iterator, Mapping, Sequence

from opendata_api.catalog.frictionless import describe_whole
from opendata_api.catalog.package import (
    CELLS,
    LICENCE,
    csvw_beside,
    markdown_line,
    print_json,
    read_licence,
)
from opendata_api.formats.archive import Written
from opendata_api.formats.imprint import Imprint, Whole
from opendata_api.formats.rights import TITLE
from opendata_api.words import Lang, Text

WHOLE = "open-data"
"""The name of the files that have all datasets."""
WHOLE_TITLE = Text(f"{TITLE.zh}：全部数据集", f"{TITLE.en}: all datasets")
WHOLE_DESCRIPTION = Text(
    "一个版本的全部数据集，每个数据集一张表；每个数字附有出处。",
    "Every dataset of a release, each as a table; every figure with the words that state it.",
)


def files_beside_whole(whole: Whole, tables: Sequence[Written]) -> Mapping[str, bytes]:
    """The files by name, for all tables as they were written, in the order of the parts."""
    described = [csvw_beside(*one) for one in zip(whole.parts, tables, strict=True)]
    return {
        **{name: content for files in described for name, content in files.items()},
        "datapackage.json": print_json(describe_whole(whole, tables)),
        "README.zh-CN.md": readme_whole(whole, tables, "zh").encode(),
        "README.md": readme_whole(whole, tables, "en").encode(),
        LICENCE: read_licence(),
    }


def readme_whole(whole: Whole, tables: Sequence[Written], lang: Lang) -> str:
    """What a person finds in the package of a release, in one language."""
    words = _ZH if lang == "zh" else _EN
    return words.format(
        title=whole.title.in_language(lang),
        description=whole.description.in_language(lang),
        count=len(tables),
        release=whole.release,
        published_at=whole.published_at,
        address=whole.address,
        dictionary=whole.dictionary,
        sources=whole.sources,
        service=whole.service.in_language(lang),
        rights=whole.rights.told(lang),
        attribution=whole.rights.attribution,
        citation=whole.citation.in_language(lang).replace("\n", "<br>"),
        tables="\n".join(_table_lines(whole.parts, tables, lang)),
        cells=CELLS.in_language(lang),
    )


def _table_lines(parts: Sequence[Imprint], tables: Sequence[Written], lang: Lang) -> Iterator[str]:
    for part, table in zip(parts, tables, strict=True):
        subject, rights = part.subject, part.rights
        yield markdown_line(
            f"`{table.name}`",
            subject.title.in_language(lang),
            str(table.rows),
            subject.description.in_language(lang),
            rights.licence or rights.told(lang),
        )


_ZH = """\
# {title}

{description}

| | |
|---|---|
| 内容 | 数据表 {count} 张，每张一个 CSV 文件，UTF-8，首行为字段名；空单元格表示没有值，不等于零 |
| 版本 | 第{release}版，{published_at} |
| 下载地址 | {address} |
| 数据字典 | {dictionary} |
| 来源 | 所引政府报告见 {sources}；由“{service}”整理，并非政府发布 |
| 许可 | {rights}；下表另有说明的除外；范围见 `LICENSE-DATA` |
| 署名 | {attribution} |
| 引用格式 | {citation} |
| 校验 | 解压后运行 `sha256sum -c SHA256SUMS`，各文件均应通过 |

`datapackage.json` 是 Frictionless Data Package（第2版），载明各表的字段、主键和表间引用关系；
`*.csv-metadata.json` 是各表的 W3C CSVW 元数据。
{cells}

## 数据表

| 文件 | 名称 | 行数 | 内容 | 许可 |
|---|---|---|---|---|
{tables}
"""

_EN = """\
# {title}

{description}

| | |
|---|---|
| data | {count} CSV tables, UTF-8, field names first; an empty cell has no value, never zero |
| release | {release}, {published_at} |
| address | {address} |
| dictionary | {dictionary} |
| source | the government reports listed at {sources}, compiled by {service}, not by a government |
| licence | {rights}, but for what the list says otherwise; `LICENSE-DATA` says what it covers |
| attribution | {attribution} |
| citation | {citation} |
| check | unpack, then `sha256sum -c SHA256SUMS`: every file must pass |

`datapackage.json` is a Frictionless Data Package (version 2) with the fields of each table, its
primary key and what it refers to; `*.csv-metadata.json` is the W3C CSVW metadata of a table.
{cells}

## Tables

| file | title | rows | content | licence |
|---|---|---|---|---|
{tables}
"""

"""/docs: the guide, each of whose examples a test runs as it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request

from opendata_api.errors import all_errors
from opendata_api.web.pages.plain import plain_handler
from opendata_api.web.pages.visit import Page
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site
from opendata_api.words import Lang, Text


@dataclass(frozen=True, slots=True)
class Call:
    """An address to try, with what it shows."""

    path: str
    words: Text
    status: int = 200


@dataclass(frozen=True, slots=True)
class Script:
    """A few lines of a program; {base} is the address of the service."""

    program: str
    code: str
    prints: str | None = None
    """What it prints on the first release of the report of 2023, where that is said."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the guide."""

    id: str
    title: Text
    paragraphs: Sequence[Text]
    examples: Sequence[Call | Script] = field(default=())


CHAPTERS = (
    Chapter(
        "first",
        Text("第一次调用", "The first call"),
        (
            Text(
                "不用注册，没有密钥。任何地址都可以直接在浏览器里打开；不带后缀给出 JSON，"
                "加后缀给出相应格式的文件。",
                "No account and no key. Every address opens in a browser; without a suffix it "
                "gives JSON, with one it gives a file of that format.",
            ),
            Text(
                "返回结果分三部分：data 是记录，meta 说明版本、条数和许可，links 给出下一页、"
                "各种下载、引用和本数据集的字典。",
                "An answer has three parts: data are the records, meta tells release, count "
                "and licence, links lead to the next page, the files, the citation and the "
                "dictionary.",
            ),
        ),
        (
            Call("/v1", Text("有哪些数据集", "What there is")),
            Call(
                "/v1/observations?topic=legal_aid",
                Text("法律援助的全部数字", "Every figure on legal aid"),
            ),
            Call(
                "/v1/observations/cn450203-2023-rol-o083",
                Text("一个数字及其依据", "One figure with its evidence"),
            ),
            Script(
                "curl",
                "curl -s "
                "'{base}/v1/observations/cn450203-2023-rol-o083?fields=value,unit_zh,quote'",
            ),
        ),
    ),
    Chapter(
        "filter",
        Text("筛选、检索与排序", "Filters, search and order"),
        (
            Text(
                "字段=值 为等于，重复同一字段表示“任一”；字段__运算符=值 用其他运算符，"
                "如 year__gte、value__lt、topic__in。每个字段可用的运算符见数据字典。",
                "field=value is equality; repeated, any of the values. field__operator=value "
                "takes the other operators, such as year__gte, value__lt, topic__in. The "
                "dictionary lists those of each field.",
            ),
            Text(
                "维度写作 dim=名称:值。检索用 q：以空格分开的每个词都要出现，一个字也可以。"
                "sort 前加“-”为降序；fields 只要所列的字段。",
                "Dimensions are dim=name:value. q searches texts: every word, parted by "
                "blanks, must occur. A minus in sort means descending; fields chooses "
                "fields.",
            ),
            Text(
                "facets 按字段计数，aggregate 分组计算。没有意义的计算（单位不同、总数加部分、"
                "比率相加等）不做，并说明理由。",
                "facets counts by field, aggregate computes groups. What would mean nothing "
                "(other units, a total with its parts, rates added) is refused with its reason.",
            ),
        ),
        (
            Call(
                "/v1/observations?dim=service_scope:cross_province",
                Text("跨省通办", "Cross-province handling"),
            ),
            Call(
                "/v1/observations?value__gte=1000&unit=case&sort=-value&fields=id,metric_zh,value",
                Text("一千件以上，从多到少", "A thousand cases or more, the most first"),
            ),
            Call("/v1/passages?q=法律援助", Text("原文中的句子", "Sentences of the report")),
            Call("/v1/observations/facets?by=topic", Text("按主题计数", "Counted by topic")),
            Call(
                "/v1/observations/aggregate?metric=inspection_tasks&group_by=dim:task_origin"
                "&agg=sum:value",
                Text("按来源合计检查任务", "Inspection tasks by their origin"),
            ),
            Call(
                "/v1/observations/aggregate?metric=cross_area_cases_handled&agg=sum:value",
                Text("总数与部分相加：不做", "A total with its part: refused"),
                status=400,
            ),
        ),
    ),
    Chapter(
        "paging",
        Text("翻页", "Paging"),
        (
            Text(
                "每页默认200条，最多1000条（limit）。一直沿 links.next 取，直到它为 null："
                "每条恰好一次，期间发布了新版本也是如此。要全部数据，取文件更快。",
                "A page has 200 records, at most 1000 by limit. Follow links.next until it is "
                "null: each record comes once, also when a release is published in between. For "
                "all of a dataset a file is faster.",
            ),
        ),
        (
            Script(
                "Python",
                "import httpx\n\n"
                'address, rows = "{base}/v1/passages?limit=50", []\n'
                "while address:\n"
                "    page = httpx.get(address).raise_for_status().json()\n"
                '    rows += page["data"]\n'
                '    address = page["links"]["next"]\n'
                'print(len(rows), page["meta"]["total"])',
                prints="112 112",
            ),
        ),
    ),
    Chapter(
        "errors",
        Text("出错时", "Errors"),
        (
            Text(
                "写错了不会被悄悄忽略：答案是 application/problem+json，errors 中说明哪个参数、"
                "错在哪里、可能想写的名称（did_you_mean），try 是改好而可用的地址。"
                "错误说明随 lang 或 Accept-Language 为中文或英文。",
                "Nothing wrong is ignored: the answer is application/problem+json, and errors "
                "tells which parameter, what is wrong, what was perhaps meant (did_you_mean) and "
                "an address that works (try). Messages are in the language of lang or "
                "Accept-Language.",
            ),
        ),
        (
            Call(
                "/v1/observations?yaer=2023",
                Text("拼错的参数", "A misspelt parameter"),
                status=400,
            ),
            Call("/v1/observations?年份=2023", Text("中文字段名", "A Chinese title"), status=400),
        ),
    ),
    Chapter(
        "files",
        Text("CSV 与 Excel", "CSV and Excel"),
        (
            Text(
                ".excel.csv 和 .xlsx 供人阅读：中文表头（lang=en 为英文），代码换成名称，"
                "前几列为指标、数值、单位、原文印数、年份、地区和原文句子，最后是永久链接、许可、"
                "版本。双击即可在 Excel、WPS、LibreOffice 中打开，中文不乱码。",
                ".excel.csv and .xlsx are for people: titles in Chinese (lang=en: English), "
                "labels instead of codes, first the metric, value, unit, printed words, year, "
                "area and sentence, last the permanent link, licence and release.",
            ),
            Text(
                ".csv 供程序：UTF-8、无 BOM、字段名为表头、数值原样。"
                "读入时请把 area_code 作为文本。"
                "另有 .ndjson、.parquet 和 .zip（CSV 加元数据、说明、许可、校验值）。",
                ".csv is for programs: UTF-8 without BOM, field names as header, values as they "
                "are; read area_code as text. There are also .ndjson, .parquet and .zip (CSV with "
                "metadata, readme, licence and checksums).",
            ),
        ),
        (
            Call(
                "/v1/service-counts.excel.csv",
                Text("公共服务数量，供 Excel", "Service counts, for Excel"),
            ),
            Call("/v1/commitments.xlsx", Text("承诺，Excel 工作簿", "Commitments as a workbook")),
            Script(
                "Python",
                "import csv, io\n\nimport httpx\n\n"
                'answer = httpx.get("{base}/v1/service-counts.csv").raise_for_status()\n'
                "rows = list(csv.DictReader(io.StringIO(answer.text)))\n"
                'print(len(rows), rows[0]["metric"], rows[0]["value"])',
                prints="18 villages_with_legal_advisers 70",
            ),
        ),
    ),
    Chapter(
        "cite",
        Text("引用", "Citing"),
        (
            Text(
                "links.cite 给出 GB/T 7714、APA、BibTeX、CSL-JSON 引文，其中的地址永远给出同样的"
                "内容；网页上每条记录都有永久链接。",
                "links.cite gives the citation as GB/T 7714, APA, BibTeX and CSL-JSON, with an "
                "address that gives the same for ever; on the pages each record has its permanent "
                "link.",
            ),
        ),
        (
            Call(
                "/v1/cite?url=/v1/observations/cn450203-2023-rol-o083",
                Text("一条记录的引文", "The citation of a record"),
            ),
        ),
    ),
    Chapter(
        "releases",
        Text("数据版本", "Releases"),
        (
            Text(
                "带 release=n 的地址固定在一个版本，永远给出同样的记录；不带则是最新版。"
                "每个版本还有一套文件：各数据集的 .csv、.ndjson、.parquet、.zip，"
                "以及全部数据集合成的 open-data.zip（CSV 加元数据）和 open-data.sqlite"
                "（可直接用 SQL 查询）。/v1/releases/{n} 列出文件的地址、长度和 SHA-256。",
                "An address with release=n is pinned to a release and gives the same records for "
                "ever; without it, the newest answers. Each release has files too: every dataset "
                "as .csv, .ndjson, .parquet and .zip, and all together as open-data.zip (CSV with "
                "metadata) and open-data.sqlite (to be asked by SQL). /v1/releases/{n} lists "
                "their addresses, lengths and SHA-256.",
            ),
            Text(
                "版本文件逐字节不变，可以分段下载、断点续传。state 说明能否下载：available 可以，"
                "not-kept 旧版文件不再保留，erased 含有已清除的内容。",
                "The files of a release are the same bytes for ever, and are given in ranges, so "
                "that a download can go on where it broke off. state says whether a file can be "
                "had: available, not-kept (the release is too old), or erased (it had what must "
                "not stay public).",
            ),
            Text(
                "每个版本有一份清单（manifest）：全部记录、变更和文件的哈希，并接续上一版的清单，"
                "可以有签名；opendata-api verify 据以核验。只有依法不能公开的内容会从旧版本中清除，"
                "整个版本也可能依法撤下：回答 410 并说明缘由。",
                "Each release has a manifest: hashes of its records, changes and files, chained to "
                "the one before, and perhaps signed; opendata-api verify holds a service or a "
                "copy to it. Only what by law must not be public is erased from older releases, or "
                "a whole release withdrawn: the answer is 410 with the reason.",
            ),
        ),
        (
            Call("/v1/releases", Text("有哪些版本", "The releases")),
            Call("/v1/releases/1", Text("一个版本及其文件", "One release, with its files")),
            Call(
                "/v1/observations/cn450203-2023-rol-o083?release=1",
                Text("固定在第1版的一个数字", "One figure, pinned to release 1"),
            ),
            Call(
                "/v1/releases/1/files/open-data.zip",
                Text("第1版全部数据集，一个文件", "All datasets of release 1 as one file"),
            ),
            Script(
                "curl",
                "curl -s -r 0-14 '{base}/v1/releases/1/files/open-data.sqlite'",
                prints="SQLite format 3",
            ),
            Script(
                "Python",
                "import hashlib, sqlite3, tempfile\n\nimport httpx\n\n"
                'release = httpx.get("{base}/v1/releases/1").raise_for_status().json()["data"]\n'
                'files = {file["name"]: file for file in release["files"]}\n'
                'whole = httpx.get(files["open-data.sqlite"]["href"]).raise_for_status().content\n'
                'assert hashlib.sha256(whole).hexdigest() == files["open-data.sqlite"]["sha256"]\n'
                "with tempfile.NamedTemporaryFile() as file:\n"
                "    file.write(whole)\n"
                "    file.flush()\n"
                "    rows = sqlite3.connect(file.name).execute(\n"
                '        "select m.name_en, o.value from observations o "\n'
                '        "join metrics m on m.id = o.metric "\n'
                "        \"where o.topic = 'legal_aid' order by o.value desc limit 1\"\n"
                "    )\n"
                "    print(*rows.fetchone())",
                prints="legal assistance in cases of admitting guilt and accepting punishment 1300",
            ),
        ),
    ),
    Chapter(
        "changes",
        Text("更正与变更", "Corrections and changes"),
        (
            Text(
                "更正不覆盖旧版：编号不变，新值在新版本里，旧版本照旧可查。/v1/changes 按序号逐条"
                "列出各版本的变更：新增（added）、更正（corrected）、名称或关联信息变更"
                "（relabelled）、撤回（withdrawn）、清除（erased），附变更前后的完整记录；更正和撤回"
                "附缘由，并说明是本站整理有误（curation）还是政府更正（publisher）。",
                "A correction overwrites nothing: the id stays, the new value is in a new release, "
                "and the old one stays readable. /v1/changes lists what each release added, "
                "corrected, relabelled (names of codes, counts), withdrew and erased, one by one, "
                "with the whole records before and after; corrections and withdrawals have a "
                "reason, and say whether we had compiled it wrongly (curation) or the government "
                "corrected it (publisher).",
            ),
            Text(
                "要保持一份副本：从 since=0 取起，记下最后的 seq，下次从它取起（links.later）。"
                "since 是变更序号，不是版本号。撤回的记录回答 410，附缘由和最后一个有它的版本。",
                "To keep a copy: begin at since=0, keep the last seq and go on from it "
                "(links.later). since is the number of a change, not a release. A withdrawn record "
                "answers 410 with the reason and the last release that has it.",
            ),
        ),
        (
            Call("/v1/changes?limit=10", Text("最早的十条变更", "The first ten changes")),
            Script(
                "Python",
                "import httpx\n\n"
                'address, copy = "{base}/v1/changes?since=0&limit=1000", {}\n'
                "while address:\n"
                "    page = httpx.get(address).raise_for_status().json()\n"
                '    for change in page["data"]:\n'
                '        key = change["dataset"], change["id"]\n'
                '        if change["record"] is None:\n'
                "            del copy[key]\n"
                "        else:\n"
                '            copy[key] = change["record"]\n'
                '    address = page["links"]["next"]\n'
                'print(sum(key[0] == "observations" for key in copy))',
                prints="108",
            ),
        ),
    ),
)


def guide_handler(site: Site) -> Handler:
    """/docs: the guide."""
    root = urlsplit(site.base).path

    def make(_: Request, lang: Lang) -> Page:
        return Page(
            "guide.html",
            {
                "chapters": [_shown(site, root, chapter, lang) for chapter in CHAPTERS],
                "errors": [
                    (
                        error.code,
                        error.status,
                        error.title.in_language(lang),
                        error.explanation.in_language(lang),
                    )
                    for error in all_errors()
                ],
            },
        )

    return plain_handler(site, make)


def _shown(site: Site, root: str, chapter: Chapter, lang: Lang) -> Mapping[str, object]:
    return {
        "id": chapter.id,
        "title": chapter.title.in_language(lang),
        "paragraphs": [paragraph.in_language(lang) for paragraph in chapter.paragraphs],
        "calls": [
            {
                "href": f"{root}{one.path}",
                "address": f"{site.base}{one.path}",
                "words": one.words.in_language(lang),
                "status": one.status,
            }
            for one in chapter.examples
            if isinstance(one, Call)
        ],
        "scripts": [
            {
                "program": one.program,
                "code": one.code.replace("{base}", site.base),
                "prints": one.prints,
            }
            for one in chapter.examples
            if isinstance(one, Script)
        ],
    }

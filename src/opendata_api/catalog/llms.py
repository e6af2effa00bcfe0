"""`/llms.txt` by https://llmstxt.org: what there is and how to ask for it, in both languages."""

from collections.abc import Iterator, Sequence

from opendata_api.catalog.overview import Overview
from opendata_api.formats.rights import ATTRIBUTION, LICENSE_URL, TITLE
from opendata_api.words import Text

Target = tuple[str, Text, Text]
"""A path, what it is called and what is there."""


def print_llms(overview: Overview) -> bytes:
    """The file as of the release."""
    return "\n".join(_lines(overview)).encode()


def _lines(overview: Overview) -> Iterator[str]:
    yield f"# {TITLE.both}"
    yield ""
    yield f"> {_SUMMARY.both}"
    yield ""
    for advice in _ADVICE:
        yield f"- {advice.both}"
    yield f"- {_LICENCE.both}"
    for heading, targets in ((_API, _API_TARGETS), (_DATASETS, _datasets(overview))):
        yield from _section(overview, heading, targets)
    yield from _section(overview, Text("Optional", "Optional"), _OPTIONAL)
    yield ""


def _section(overview: Overview, heading: Text, targets: Sequence[Target]) -> Iterator[str]:
    yield ""
    yield f"## {heading.both}"
    yield ""
    for path, name, words in targets:
        yield f"- [{name.both}]({overview.address(path)}): {words.both}"


def _datasets(overview: Overview) -> Sequence[Target]:
    datasets = [entry.dataset for entry in overview.entries]
    return [(f"/v1/{one.name}", one.title, one.description) for one in datasets]


_SUMMARY = Text(
    "政府报告中的每个数字和承诺，逐条整理为可引用的数据，附写有它的原文。",
    "Every figure and commitment of government reports as data that can be cited, with the words "
    "that state it.",
)
_ADVICE = (
    Text(
        "所有数字均为政府自行报告；空值表示原文没有写明，不等于零。",
        "All figures are the governments' own reports of themselves; null means that the text does "
        "not say, never zero.",
    ),
    Text(
        "引用数字时请一并给出 `quote`（原文）和 `links.permalink`（永久链接）；`note_zh`、`status` "
        "说明易误读之处。",
        "When you cite a figure, give its `quote` and its `links.permalink` too; `note_en` and "
        "`status` say where it could be misread.",
    ),
    Text(
        "不要自行相加：求和用 `/v1/{数据集}/aggregate`，没有意义的求和会被拒绝并说明理由。",
        "Don't add figures up yourself: ask `/v1/{dataset}/aggregate`, which refuses sums that "
        "mean nothing, with the reasons.",
    ),
    Text(
        "筛选：`字段=值`、`字段__gte=值`；全文检索：`q=词`；出错时 `errors[].try` 给出可用的地址。",
        "Filter by `field=value` and `field__gte=value`, search by `q=words`; in an error, "
        "`errors[].try` is an address that works.",
    ),
)
_LICENCE = Text(
    f"许可：{LICENSE_URL}，署名“{ATTRIBUTION}”；引用的政府报告原文不在此许可之内。",
    f'Licence: {LICENSE_URL}, attribution "{ATTRIBUTION}"; the quoted words of the reports are '
    "not under it.",
)
_API = Text("接口", "API")
_DATASETS = Text("数据集", "Datasets")
_API_TARGETS: Sequence[Target] = (
    ("/v1", Text("服务目录", "Service"), Text("有哪些数据集、版本和许可", "what there is")),
    (
        "/v1/datasets",
        Text("数据字典", "Dictionary"),
        Text("各数据集的字段、筛选方式和下载", "fields, filters and downloads of each dataset"),
    ),
    (
        "/v1/search?q=%E6%B3%95%E5%BE%8B%E6%8F%B4%E5%8A%A9",
        Text("检索", "Search"),
        Text("在全部数据与原文中检索，示例为“法律援助”", "all data and texts; here for legal aid"),
    ),
    (
        "/openapi.json",
        Text("OpenAPI 3.1", "OpenAPI 3.1"),
        Text("全部地址与参数", "every address with its parameters"),
    ),
    (
        "/docs",
        Text("使用指南", "Guide"),
        Text("附可直接运行的示例", "with examples that run as they are"),
    ),
)
_OPTIONAL: Sequence[Target] = (
    (
        "/v1/changes?since=0",
        Text("变更", "Changes"),
        Text("各版本新增、更正、撤回了什么", "what each release added, corrected and withdrew"),
    ),
    (
        "/v1/releases",
        Text("数据版本", "Releases"),
        Text("各版本及其文件、校验值", "the editions with their files and hashes"),
    ),
    (
        "/catalog.jsonld",
        Text("DCAT-AP 目录", "Catalogue as DCAT-AP"),
        Text("供数据门户采集", "for portals that harvest"),
    ),
    (
        "/feeds/changes.atom",
        Text("变更订阅源", "Feed of changes"),
        Text("更正、撤回，附新旧值", "corrections and withdrawals, with old and new values"),
    ),
    (
        "/catalog/cn.json",
        Text("信息资源目录", "Chinese catalogue"),
        Text("目录清单与信息项清单", "the datasets and their fields in the words of officials"),
    ),
    (
        "/sitemap.xml",
        Text("网站地图", "Sitemap"),
        Text("供人阅读的全部页面", "every page for people"),
    ),
)

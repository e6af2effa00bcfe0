"""The code lists that belong to the model itself, with labels; the others are the curators'."""

from opendata_api.describe import Code, CodeLists
from opendata_api.words import Text

RATIO_KINDS = frozenset({"rate", "change"})
"""The kinds of metrics whose figures can't be added."""
RATIO_UNITS = frozenset({"percent"})
"""Their units, and those of no other metric: a row has its unit, not the kind of its metric."""

FIXED_CODES: CodeLists = {
    "qualifiers": (
        Code("unqualified", Text("确数", "exact")),
        Code("more_than", Text("超过", "more than")),
        Code("at_least", Text("不少于", "at least")),
        Code("about", Text("约", "about")),
        Code("nearly", Text("近", "nearly")),
        Code("zero_by_negation", Text("以否定表述为零", "zero, stated by a negation")),
        Code("all_stated", Text("表述为全部", "stated of all")),
    ),
    "roles": (
        Code("actual", Text("实际", "actual")),
        Code("target", Text("目标", "target")),
    ),
    "period_kinds": (
        Code("flow", Text("时期数", "during a period")),
        Code("stock", Text("时点数", "at a moment")),
        Code("cumulative", Text("累计数", "so far")),
        Code("unknown", Text("未说明", "not stated")),
    ),
    "period_sources": (
        Code("stated", Text("原文写明", "stated")),
        Code("inherited", Text("承前句", "from the sentence before")),
        Code("assumed", Text("推定（原文没有时期用语）", "assumed: the text has no period word")),
    ),
    "statuses": (
        Code("as_printed", Text("照原文", "as printed")),
        Code("ambiguous", Text("原文含义不明", "ambiguous in the source")),
        Code("corrected", Text("已更正", "corrected")),
    ),
    "metric_kinds": (
        Code("count", Text("数量", "count")),
        Code("amount", Text("金额", "amount")),
        Code("rate", Text("比率", "rate")),
        Code("change", Text("增减幅度", "change")),
    ),
    "evidence_kinds": (
        Code("count", Text("数量", "a count")),
        Code("document", Text("文件", "a document")),
        Code("none", Text("无从佐证", "nothing could show it")),
    ),
    "progress": (
        Code("stated", Text("已提出，尚无后续报告佐证", "stated, no later report yet")),
        Code("evidence_given", Text("后续报告已有佐证", "a later report gives evidence")),
    ),
    "report_kinds": (
        Code("rule_of_law_annual", Text("法治政府建设年度报告", "annual rule-of-law report")),
    ),
    "document_kinds": (
        Code("report", Text("报告", "report")),
        Code("correction_notice", Text("更正公告", "correction notice")),
    ),
    "change_kinds": (
        Code("added", Text("新增", "added")),
        Code("corrected", Text("更正", "corrected")),
        Code("relabelled", Text("名称或关联信息变更", "relabelled")),
        Code("withdrawn", Text("撤回", "withdrawn")),
        Code("erased", Text("清除", "erased")),
    ),
    "change_causes": (
        Code("curation", Text("本站改进整理", "our own compilation")),
        Code("publisher", Text("政府更正", "a correction by the government")),
    ),
    "area_levels": (
        Code("province", Text("省级", "province")),
        Code("prefecture", Text("地级", "prefecture")),
        Code("county", Text("县级", "county")),
    ),
    "body_kinds": (
        Code("people_government", Text("人民政府", "people's government")),
        Code("department", Text("政府工作部门", "government department")),
        Code("department_office", Text("派出机构", "field office of a department")),
    ),
}

"""What stands around the figures of invented reports."""

SUBJECTS = (
    *("{short}司法局", "{short}政府各部门", "{short}委依法治{short}办", "{short}市场监管局"),
    *("{town}司法所", "{town}人民政府", "{town}综合执法队", "{short}公安局", "{short}信访局"),
    *("{short}公共法律服务中心", "{town}人民调解委员会", "{short}行政审批局", "{short}财政局"),
    *("{town}便民服务中心", "{short}应急管理局", "{short}生态环境局", "{short}农业农村局"),
)
"""Who does it; `short` is 县, 区 or 市, `town` a name."""

INTROS = (
    *("坚持以人民为中心的发展思想", "聚焦群众急难愁盼问题", "深入推进“放管服”改革"),
    *("坚持和发展新时代“枫桥经验”", "围绕优化法治化营商环境", "落实“谁执法谁普法”责任制"),
    *("严格规范公正文明执法", "强化事前事中事后全过程监管", "推行柔性执法和包容审慎监管"),
    *("健全行政执法与刑事司法衔接机制", "压紧压实法治建设第一责任人职责", "推进基层综合执法改革"),
    *("完善矛盾纠纷多元预防调处化解机制", "加快数字法治政府建设步伐", "紧盯重点领域关键环节"),
    *("充分发挥公共法律服务平台作用", "组建{town}、{other}联合工作队", "以{town}为试点先行先试"),
    *("在{town}、{other}等地设立服务站点", "依托{town}一站式平台", "对照{short}年度法治工作要点"),
)
"""With what a sentence begins."""

EFFECTS = (
    *("群众满意度持续提升", "有力维护了社会和谐稳定", "营商环境进一步优化", "取得良好社会效果"),
    *("依法行政能力明显增强", "行政执法更加规范高效", "法治氛围日益浓厚", "形成齐抓共管格局"),
    *("有效防范化解重大风险", "切实保障困难群体合法权益", "做到件件有回音事事有着落"),
    *("{town}经验在全{short}推广", "{town}、{other}两地纠纷明显减少", "获得上级部门充分肯定"),
)
"""With what it ends."""

FILLERS = (
    *("积极推动各项制度落地见效", "不断完善工作机制和考核办法", "认真组织学习宣传贯彻有关法律法规"),
    *("持续加强与{town}、{other}的协作联动", "主动接受社会各界和新闻媒体的监督"),
    *("在{town}召开现场会交流做法", "统筹推进{town}等地的示范创建", "及时回应社会关切"),
    *("切实把制度优势转化为治理效能", "着力解决{town}反映的突出问题", "强化督察考核结果运用"),
)
"""What a sentence without figures says."""

SHORTCOMINGS = (
    *("少数部门对法治建设的重视程度还不够高", "{town}、{other}等地执法力量仍显薄弱"),
    *("行政执法规范化水平有待提高", "普法宣传的针对性和实效性还不强", "执法信息化手段不够丰富"),
)

PROMISES = (
    *("健全{town}等地的行政执法协调监督机制", "推进{town}公共法律服务工作站建设"),
    *("组织开展行政执法案卷评查", "在{town}、{other}开展法治示范创建", "完善重大行政决策程序"),
    *("加强{town}人民调解组织规范化建设", "推动行政机关负责人出庭应诉", "深化{town}政务公开"),
    *("落实行政规范性文件备案审查制度", "培养{town}、{other}的法律明白人"),
)
"""What is promised for the next year."""

AIMS = ("提高行政决策质量", "提升群众法治获得感", "夯实基层法治基础", None)

NOTES = {
    "stated": (
        "时期由原文写明。",
        "The period is stated in the text.",
    ),
    "inherited": (
        "时期承前句。",
        "The period is that of the sentence before.",
    ),
    "assumed": (
        "本句没有时期用语，按报告年度推定。",
        "The sentence has no period word; the year of the report is assumed.",
    ),
    None: (
        "原文没有写明时点。",
        "The text does not say of what time it is.",
    ),
}
"""By the source of the period: what a reader should know, in both languages."""

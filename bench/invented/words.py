"""The words that invented reports are made of."""

from dataclasses import dataclass

from opendata_api.words import Text


@dataclass(frozen=True, slots=True)
class Act:
    """What is done with a thing: its id, its words."""

    id: str
    words: Text


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, and what is done with things that are counted by it."""

    id: str
    words: Text
    acts: tuple[Act, Act, Act]


ACCEPTED = Act("accepted", Text("受理", "accepted"))
CONCLUDED = Act("concluded", Text("办结", "concluded"))
TRANSFERRED = Act("transferred", Text("移送", "transferred"))
HELD = Act("held", Text("开展", "held"))
ORGANISED = Act("organised", Text("组织", "organised"))
ATTENDED = Act("attended", Text("参加", "attended"))
TRAINED = Act("trained", Text("培训", "trained"))
SERVED = Act("served", Text("服务", "served"))
REACHED = Act("reached", Text("覆盖", "reached"))
ISSUED = Act("issued", Text("印发", "issued"))
REVIEWED = Act("reviewed", Text("清理", "reviewed"))
PUBLISHED = Act("published", Text("公开", "published"))
INSPECTED = Act("inspected", Text("检查", "inspected"))
REGISTERED = Act("registered", Text("登记", "registered"))
SUPPORTED = Act("supported", Text("帮扶", "supported"))
SPENT = Act("spent", Text("投入", "spent"))
COLLECTED = Act("collected", Text("收缴", "collected"))
WAIVED = Act("waived", Text("减免", "waived"))

CASE = Unit("case", Text("件", "cases"), (ACCEPTED, CONCLUDED, TRANSFERRED))
INCIDENT = Unit("incident", Text("起", "incidents"), (ACCEPTED, CONCLUDED, TRANSFERRED))
SESSION = Unit("session", Text("场", "sessions"), (HELD, ORGANISED, ATTENDED))
TIME = Unit("time", Text("次", "times"), (HELD, ORGANISED, ATTENDED))
PERSON = Unit("person", Text("名", "persons"), (TRAINED, SUPPORTED, REGISTERED))
PERSON_TIME = Unit("person_time", Text("人次", "person-times"), (SERVED, TRAINED, REACHED))
DOCUMENT = Unit("document", Text("份", "documents"), (ISSUED, REVIEWED, PUBLISHED))
ENTRY = Unit("item", Text("项", "items"), (REVIEWED, PUBLISHED, ISSUED))
HOUSEHOLD = Unit("household", Text("户", "households"), (INSPECTED, REGISTERED, SUPPORTED))
YUAN = Unit("yuan", Text("元", "yuan"), (COLLECTED, SPENT, WAIVED))
PERCENT = Unit("percent", Text("%", "percent"), (ACCEPTED, CONCLUDED, TRANSFERRED))
UNITS = (
    *(CASE, INCIDENT, SESSION, TIME, PERSON, PERSON_TIME),
    *(DOCUMENT, ENTRY, HOUSEHOLD, YUAN, PERCENT),
)


@dataclass(frozen=True, slots=True)
class Thing:
    """What is counted."""

    id: str
    words: Text
    unit: Unit
    dimension: str | None = None
    """What it is broken down by where it is the second act's."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A chapter of every report, with what it counts."""

    id: str
    words: Text
    things: tuple[Thing, Thing]


TOPICS = (
    Topic(
        "party_leadership",
        Text("党对法治政府建设的领导", "Party leadership"),
        (
            Thing("rule_of_law_meetings", Text("法治建设专题会议", "rule-of-law meetings"), TIME),
            Thing("duty_reports", Text("述法报告", "reports on duties"), DOCUMENT),
        ),
    ),
    Topic(
        "power_lists",
        Text("权责清单", "power-and-responsibility lists"),
        (
            Thing("power_items", Text("权责事项", "power items"), ENTRY),
            Thing("duty_handbooks", Text("履职手册", "handbooks of duties"), DOCUMENT),
        ),
    ),
    Topic(
        "government_services",
        Text("政务服务", "government services"),
        (
            Thing("service_matters", Text("政务服务事项", "service matters"), ENTRY),
            Thing("cross_area", Text("通办业务", "cross-area cases"), CASE, "service_scope"),
        ),
    ),
    Topic(
        "business_environment",
        Text("营商环境", "business environment"),
        (
            Thing("market_entities", Text("市场主体", "market entities"), HOUSEHOLD),
            Thing("company_visits", Text("走访企业活动", "visits to companies"), TIME),
        ),
    ),
    Topic(
        "rule_making",
        Text("行政规范性文件", "normative documents"),
        (
            Thing("normative_documents", Text("规范性文件", "normative documents"), DOCUMENT),
            Thing("filing_opinions", Text("备案审查意见", "filing opinions"), ENTRY),
        ),
    ),
    Topic(
        "decision_making",
        Text("重大行政决策", "major decisions"),
        (
            Thing("major_decisions", Text("重大决策事项", "major decisions"), ENTRY),
            Thing("expert_hearings", Text("专家论证会", "expert hearings"), SESSION),
        ),
    ),
    Topic(
        "legality_review",
        Text("合法性审核", "legality review"),
        (
            Thing("contracts", Text("政府合同", "government contracts"), DOCUMENT),
            Thing("review_requests", Text("合法性审核申请", "requests for review"), CASE),
        ),
    ),
    Topic(
        "enforcement",
        Text("行政执法", "administrative enforcement"),
        (
            Thing("penalty_cases", Text("行政处罚案件", "penalty cases"), CASE, "regulated_field"),
            Thing("inspections", Text("联合执法检查", "joint inspections"), TIME),
        ),
    ),
    Topic(
        "enforcement_officers",
        Text("执法队伍", "enforcement officers"),
        (
            Thing("officers", Text("行政执法人员", "enforcement officers"), PERSON),
            Thing("certificates", Text("行政执法证件", "certificates"), DOCUMENT),
        ),
    ),
    Topic(
        "market_supervision",
        Text("市场监管", "market supervision"),
        (
            Thing("food_businesses", Text("食品经营单位", "food businesses"), HOUSEHOLD),
            Thing("fines", Text("罚没款项", "fines"), YUAN),
        ),
    ),
    Topic(
        "environment",
        Text("生态环境保护", "environmental protection"),
        (
            Thing("pollution_cases", Text("环境违法案件", "pollution cases"), CASE),
            Thing("restoration_funds", Text("生态修复资金", "restoration funds"), YUAN),
        ),
    ),
    Topic(
        "road_safety",
        Text("道路交通安全", "road safety"),
        (
            Thing("violations", Text("交通违法行为", "traffic violations"), INCIDENT),
            Thing("hauliers", Text("货运企业", "hauliers"), HOUSEHOLD),
        ),
    ),
    Topic(
        "emergency",
        Text("应急管理", "emergency management"),
        (
            Thing("drills", Text("应急演练", "emergency drills"), SESSION),
            Thing("hazards", Text("安全隐患", "hazards"), ENTRY),
        ),
    ),
    Topic(
        "mediation",
        Text("人民调解", "people's mediation"),
        (
            Thing("disputes", Text("矛盾纠纷", "disputes"), INCIDENT, "dispute_kind"),
            Thing("mediators", Text("人民调解员", "mediators"), PERSON),
        ),
    ),
    Topic(
        "petitions",
        Text("信访法治化", "petitions"),
        (
            Thing("petitions", Text("信访事项", "petitions"), CASE),
            Thing("petitioners", Text("来访群众", "petitioners"), PERSON_TIME),
        ),
    ),
    Topic(
        "reconsideration",
        Text("行政复议", "administrative reconsideration"),
        (
            Thing("reconsiderations", Text("行政复议案件", "reconsiderations"), CASE, "outcome"),
            Thing("hearings", Text("复议听证会", "hearings"), SESSION),
        ),
    ),
    Topic(
        "litigation",
        Text("行政诉讼与应诉", "administrative litigation"),
        (
            Thing("lawsuits", Text("行政诉讼案件", "lawsuits"), CASE, "instance"),
            Thing("court_visits", Text("旁听庭审活动", "visits to court hearings"), TIME),
        ),
    ),
    Topic(
        "legal_aid",
        Text("法律援助", "legal aid"),
        (
            Thing("legal_aid_cases", Text("法律援助案件", "legal aid cases"), CASE),
            Thing("legal_aid_callers", Text("来电咨询群众", "legal aid callers"), PERSON_TIME),
        ),
    ),
    Topic(
        "village_legal_advisers",
        Text("村（社区）法律顾问", "village legal advisers"),
        (
            Thing("village_advisers", Text("村居法律顾问", "village advisers"), PERSON),
            Thing("advice_seekers", Text("咨询村民", "villagers advised"), PERSON_TIME),
        ),
    ),
    Topic(
        "law_savvy_people",
        Text("法律明白人", "law-savvy people"),
        (
            Thing("law_savvy_people", Text("法律明白人", "law-savvy people"), PERSON),
            Thing("law_savvy_courses", Text("明白人培训班", "courses"), SESSION),
        ),
    ),
    Topic(
        "publicity",
        Text("普法宣传", "law publicity"),
        (
            Thing("publicity", Text("普法宣传活动", "publicity activities"), SESSION, "audience"),
            Thing("leaflets", Text("宣传资料", "leaflets"), DOCUMENT),
        ),
    ),
    Topic(
        "law_study",
        Text("领导干部学法", "study of the law"),
        (
            Thing("lectures", Text("学法讲座", "lectures"), SESSION),
            Thing("cadres", Text("学法干部", "cadres studying"), PERSON_TIME),
        ),
    ),
    Topic(
        "oversight",
        Text("行政权力监督", "oversight"),
        (
            Thing("proposals", Text("建议提案", "proposals"), CASE),
            Thing("audits", Text("审计问题", "audit findings"), ENTRY),
        ),
    ),
    Topic(
        "disclosure",
        Text("政务公开", "disclosure"),
        (
            Thing("disclosed_items", Text("政府信息", "disclosed information"), ENTRY),
            Thing("disclosure_requests", Text("公开申请", "disclosure requests"), CASE),
        ),
    ),
)

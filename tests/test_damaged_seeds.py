"""Whatever is wrong in a seed is found, named with its place, and nothing is published."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from opendata_api.publish import publish
from opendata_api.seed import SeedFault, SeedFaults, read_seed
from opendata_api.seed.records import make_records
from opendata_api.settings import Settings

REPORT = "reports/cn450203-2023-rol"
OBSERVATIONS = f"{REPORT}/observations.csv"
COMMITMENTS = f"{REPORT}/commitments.csv"
EXCLUSIONS = f"{REPORT}/exclusions.csv"
CHECKS = f"{REPORT}/checks.csv"
SETTINGS = f"{REPORT}/report.toml"
TEXT = f"{REPORT}/text.txt"
METRICS = "codebook/metrics.csv"

Damage = Callable[[Path], None]


def set_cell(file: str, key: str, **cells: str) -> Damage:
    """Change cells of the line whose first cell is the key."""

    def damage(seed: Path) -> None:
        header, lines = _read(seed / file)
        for line in lines:
            if line[0] == key:
                for column, value in cells.items():
                    line[header.index(column)] = value
        _write(seed / file, header, lines)

    return damage


def drop(file: str, key: str) -> Damage:
    def damage(seed: Path) -> None:
        header, lines = _read(seed / file)
        kept = [line for line in lines if not line[0].startswith(key)]
        assert len(kept) < len(lines)
        _write(seed / file, header, kept)

    return damage


def repeat(file: str, key: str, **cells: str) -> Damage:
    """Add a copy of a line, with other cells, at the end."""

    def damage(seed: Path) -> None:
        header, lines = _read(seed / file)
        copy = list(next(line for line in lines if line[0].startswith(key)))
        for column, value in cells.items():
            copy[header.index(column)] = value
        _write(seed / file, header, [*lines, copy])

    return damage


def replace(file: str, before: str, after: str) -> Damage:
    def damage(seed: Path) -> None:
        text = (seed / file).read_text(encoding="utf-8")
        assert before in text
        (seed / file).write_text(text.replace(before, after, 1), encoding="utf-8")

    return damage


def write(file: str, content: bytes) -> Damage:
    def damage(seed: Path) -> None:
        (seed / file).write_bytes(content)

    return damage


def reencode(file: str, encoding: str) -> Damage:
    def damage(seed: Path) -> None:
        text = (seed / file).read_text(encoding="utf-8")
        (seed / file).write_bytes(text.encode(encoding, "replace"))

    return damage


def crlf(file: str) -> Damage:
    def damage(seed: Path) -> None:
        raw = (seed / file).read_bytes()
        (seed / file).write_bytes(raw.replace(b"\n", b"\r\n"))

    return damage


def remove(file: str) -> Damage:
    return lambda seed: (seed / file).unlink()


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    return header, lines


def _write(path: Path, header: list[str], lines: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *lines])


def quote_the_name(seed: Path) -> None:
    """Let a quote begin before the name that the report masks."""
    text = (seed / TEXT).read_text(encoding="utf-8")
    after = "等4人荣获得自治区模范商会人民调解员称号"
    place = text.index(after)
    quote = text[text.rindex("、", 0, place) + 1 : place] + after.replace("4人", "【4人】")
    set_cell(OBSERVATIONS, "o072", quote=quote)(seed)


def tell_the_name(seed: Path) -> None:
    """Let a note say the name that the report masks."""
    text = (seed / TEXT).read_text(encoding="utf-8")
    place = text.index("等4人荣获得")
    name = text[text.rindex("、", 0, place) + 1 : place]
    set_cell(OBSERVATIONS, "o072", note_zh=f"即{name}等", note_en="Who it is.")(seed)


def mask_a_promise(seed: Path) -> None:
    """Mask words that a commitment quotes."""
    replace(SETTINGS, "masks = [", 'masks = ["精准对接【…】服务需求", ')(seed)


def number_the_documents(seed: Path) -> None:
    settings = (seed / SETTINGS).read_text(encoding="utf-8").split("[[documents]]")[0]
    (seed / SETTINGS).write_text(f"{settings}documents = [1]\n", encoding="utf-8")


def together(*damages: Damage) -> Damage:
    def damage(seed: Path) -> None:
        for one in damages:
            one(seed)

    return damage


QUOTE_206 = "法律援助中心全年共受理并指派法律援助【206件】"

# name: the damage, the file, the field, and words of what was found
DAMAGES: dict[str, tuple[Damage, str, str | None, str]] = {
    "a wrong quote": (
        set_cell(OBSERVATIONS, "o083", quote="法律援助中心全年共受理法律援助【206件】"),
        *(OBSERVATIONS, "quote", "法律援助中心全年共受理法律援助206件"),
    ),
    "a quote without a mark": (
        set_cell(OBSERVATIONS, "o083", quote=QUOTE_206.replace("【", "").replace("】", "")),
        *(OBSERVATIONS, "quote", "206件"),
    ),
    "two marks in a quote": (
        set_cell(OBSERVATIONS, "o083", quote=QUOTE_206.replace("全年", "【全年】")),
        *(OBSERVATIONS, "quote", "【全年】"),
    ),
    "a mark around no figure": (
        set_cell(OBSERVATIONS, "o083", quote="法律援助中心【全年】共受理并指派法律援助206件"),
        *(OBSERVATIONS, "quote", "全年"),
    ),
    "a quote over two paragraphs": (
        set_cell(
            OBSERVATIONS,
            "o035",
            quote="办复率和满意率均为【100%】。" + " " * 14 + "\n（四）“放管服”改革深入推进",
        ),
        *(OBSERVATIONS, "quote", "换行"),
    ),
    "a masked name in a note": (tell_the_name, OBSERVATIONS, "note_zh", "…"),
    "a commitment with a masked name": (mask_a_promise, COMMITMENTS, "quote", "@ 47"),
    "a quote with a masked name": (quote_the_name, OBSERVATIONS, "quote", "@ 25"),
    "a wrong digit": (set_cell(OBSERVATIONS, "o083", value="260"), OBSERVATIONS, "value", "260"),
    "no value": (set_cell(OBSERVATIONS, "o083", value=""), OBSERVATIONS, "value", "空 / empty"),
    "a value in words": (set_cell(OBSERVATIONS, "o001", value="五"), OBSERVATIONS, "value", "五"),
    "万 forgotten": (set_cell(OBSERVATIONS, "o042", value="31.89"), OBSERVATIONS, "value", "31.89"),
    "亿 taken for 万": (
        set_cell(OBSERVATIONS, "o037", value="230700"),
        *(OBSERVATIONS, "value", "230700"),
    ),
    "a lost sign": (set_cell(OBSERVATIONS, "o065", value="11"), OBSERVATIONS, "value", "11"),
    "the word of a fall left out of the mark": (
        set_cell(OBSERVATIONS, "o065", quote="罚没金额同比下降【11%】", value="11"),
        *(OBSERVATIONS, "metric", "fines_and_confiscations_yoy_change"),
    ),
    "余 ignored": (
        set_cell(OBSERVATIONS, "o014", qualifier="unqualified"),
        *(OBSERVATIONS, "qualifier", "unqualified"),
    ),
    "a target taken for a result": (
        set_cell(OBSERVATIONS, "o039", role="actual"),
        *(OBSERVATIONS, "role", "actual"),
    ),
    "a result taken for a target": (
        set_cell(OBSERVATIONS, "o038", role="target"),
        *(OBSERVATIONS, "role", "target"),
    ),
    "a dropped figure": (drop(OBSERVATIONS, "o023"), EXCLUSIONS, "@930", "16"),
    "a dropped figure in words": (drop(OBSERVATIONS, "o001"), EXCLUSIONS, "五", "五"),
    "an exclusion removed": (drop(EXCLUSIONS, "党的【二十大】"), EXCLUSIONS, "二十", "二十"),
    "a claim not accounted for": (drop(EXCLUSIONS, "【全覆盖】"), EXCLUSIONS, "全覆盖", "全覆盖"),
    "an ordinary word removed": (drop("codebook/words.csv", "一站式"), EXCLUSIONS, "一站", "一站"),
    "published and excluded": (
        repeat(EXCLUSIONS, "党的【二十大】", quote="受理【68件】"),
        *(EXCLUSIONS, "quote", "o021"),
    ),
    "excluded twice": (
        repeat(EXCLUSIONS, "党的【二十大】", quote="全面贯彻党的【二十】大精神"),
        *(EXCLUSIONS, "quote", "二十"),
    ),
    "an exclusion that is not there": (
        repeat(EXCLUSIONS, "党的【二十大】", quote="党的【三十大】"),
        *(EXCLUSIONS, "quote", "党的三十大"),
    ),
    "an unknown reason": (
        repeat(EXCLUSIONS, "党的【二十大】", quote="贯彻【党的】二十大", reason="whim"),
        *(EXCLUSIONS, "reason", "whim"),
    ),
    "an exhortation not accounted for": (
        drop(EXCLUSIONS, "【积极推进法治政府建设工作】"),
        *(COMMITMENTS, "积极", "积极推进法治政府建设工作"),
    ),
    "a lost commitment": (
        drop(COMMITMENTS, "c18"),
        COMMITMENTS,
        "精准",
        "精准对接企业法律服务需求",
    ),
    "a lost aim": (
        set_cell(COMMITMENTS, "c01", aim=""),
        *(COMMITMENTS, "提高", "提高行政决策质量"),
    ),
    "an aim from elsewhere": (
        set_cell(COMMITMENTS, "c01", aim="优化流程"),
        *(COMMITMENTS, "aim", "优化流程"),
    ),
    "a commitment that is not there": (
        set_cell(COMMITMENTS, "c18", quote="精准对接企业需求"),
        *(COMMITMENTS, "quote", "精准对接企业需求"),
    ),
    "a commitment without words": (
        set_cell(COMMITMENTS, "c18", quote=""),
        *(COMMITMENTS, "quote", "空 / empty"),
    ),
    "a commitment twice": (
        repeat(COMMITMENTS, "c19", id="c20"),
        *(COMMITMENTS, "quote", "加强涉外法律服务领域交流合作"),
    ),
    "a commitment's id repeated": (
        set_cell(COMMITMENTS, "c19", id="c18"),
        *(COMMITMENTS, "id", "c18"),
    ),
    "a commitment on an unknown topic": (
        set_cell(COMMITMENTS, "c19", topic="weather"),
        *(COMMITMENTS, "topic", "weather"),
    ),
    "a commitment with an unknown metric": (
        set_cell(COMMITMENTS, "c08", metrics="nothing"),
        *(COMMITMENTS, "metrics", "nothing"),
    ),
    "a commitment of an unknown body": (
        set_cell(COMMITMENTS, "c04", responsible_body_id="cn450203-xyz"),
        *(COMMITMENTS, "responsible_body_id", "cn450203-xyz"),
    ),
    "evidence for what can't be measured": (
        set_cell(COMMITMENTS, "c18", evidence_kind="count"),
        *(COMMITMENTS, "evidence_kind", "count"),
    ),
    "a deadline that is no date": (
        set_cell(COMMITMENTS, "c18", deadline="soon"),
        *(COMMITMENTS, "deadline", "soon"),
    ),
    "a target that is no number": (
        set_cell(COMMITMENTS, "c18", target_value="many"),
        *(COMMITMENTS, "target_value", "many"),
    ),
    "a repeated row": (
        repeat(OBSERVATIONS, "o083", id="o109"),
        *(OBSERVATIONS, "metric", "= o083"),
    ),
    "a repeated id": (repeat(OBSERVATIONS, "o083", basis="per_body"), OBSERVATIONS, "id", "o083"),
    "an unknown metric": (
        set_cell(OBSERVATIONS, "o083", metric="legal_aid"),
        *(OBSERVATIONS, "metric", "legal_aid"),
    ),
    "swapped units": (
        set_cell(METRICS, "village_legal_advisers", unit="person_time"),
        *(OBSERVATIONS, "metric", "名"),
    ),
    "a metric of another unit": (
        set_cell(OBSERVATIONS, "o083", metric="village_legal_advisers"),
        *(OBSERVATIONS, "metric", "件"),
    ),
    "an unknown basis": (
        set_cell(OBSERVATIONS, "o083", basis="some"),
        *(OBSERVATIONS, "basis", "some"),
    ),
    "an unknown status": (
        set_cell(OBSERVATIONS, "o083", status="fine"),
        *(OBSERVATIONS, "status", "fine"),
    ),
    "an unknown dimension": (
        set_cell(OBSERVATIONS, "o097", dimensions="scope=cross_province"),
        *(OBSERVATIONS, "dimensions", "scope"),
    ),
    "an unknown value of a dimension": (
        set_cell(OBSERVATIONS, "o097", dimensions="service_scope=world"),
        *(OBSERVATIONS, "dimensions", "world"),
    ),
    "a dimension twice": (
        set_cell(OBSERVATIONS, "o097", dimensions="service_scope=citywide;service_scope=total"),
        *(OBSERVATIONS, "dimensions", "service_scope=citywide;service_scope=total"),
    ),
    "a part of nothing": (
        set_cell(OBSERVATIONS, "o095", part_of="o999"),
        *(OBSERVATIONS, "part_of", "o999"),
    ),
    "a twin that does not point back": (
        set_cell(OBSERVATIONS, "o081", same_as=""),
        *(OBSERVATIONS, "same_as", "o081"),
    ),
    "a twin that is not there": (
        set_cell(OBSERVATIONS, "o081", same_as="o999"),
        *(OBSERVATIONS, "same_as", "o999"),
    ),
    "a twin of another value": (
        together(
            set_cell(OBSERVATIONS, "o075", same_as="o076"),
            set_cell(OBSERVATIONS, "o076", same_as="o075"),
        ),
        *(OBSERVATIONS, "same_as", "o076"),
    ),
    "an impossible date": (
        set_cell(OBSERVATIONS, "o083", period_end="2023-02-30"),
        *(OBSERVATIONS, "period_end", "2023-02-30"),
    ),
    "a period that ends before it starts": (
        set_cell(OBSERVATIONS, "o083", period_end="2022-12-31"),
        *(OBSERVATIONS, "period_end", "2022-12-31"),
    ),
    "a flow without its dates": (
        set_cell(OBSERVATIONS, "o083", period_start=""),
        *(OBSERVATIONS, "period_start", "空 / empty"),
    ),
    "an unknown period with a date": (
        set_cell(OBSERVATIONS, "o097", period_end="2023-12-31"),
        *(OBSERVATIONS, "period_end", "2023-12-31"),
    ),
    "a period from nowhere": (
        set_cell(OBSERVATIONS, "o083", period_source="guessed"),
        *(OBSERVATIONS, "period_source", "guessed"),
    ),
    "a note in one language": (
        set_cell(OBSERVATIONS, "o083", note_en=""),
        *(OBSERVATIONS, "note_zh", "与绿色通道"),
    ),
    "an ambiguity without a note": (
        set_cell(OBSERVATIONS, "o094", note_zh="", note_en=""),
        *(OBSERVATIONS, "note_zh", "空 / empty"),
    ),
    "a caution outside the services": (
        set_cell(OBSERVATIONS, "o001", caution_zh="小心", caution_en="Beware."),
        *(OBSERVATIONS, "caution_zh", "times_leaders_heard"),
    ),
    "a wrong occurrence": (
        set_cell(OBSERVATIONS, "o083", occurrence="2"),
        *(OBSERVATIONS, "occurrence", "2"),
    ),
    "no occurrence where the quote repeats": (
        set_cell(OBSERVATIONS, "o083", quote="指派法律援助【206件】"),
        *(OBSERVATIONS, "occurrence", "空 / empty"),
    ),
    "a check that does not hold": (
        set_cell(CHECKS, "litigation_loss_rate", right="5"),
        *(CHECKS, "holds", "true"),
    ),
    "a check that holds perhaps": (
        set_cell(CHECKS, "litigation_loss_rate", holds="perhaps"),
        *(CHECKS, "holds", "perhaps"),
    ),
    "a commitment that is measurable perhaps": (
        set_cell(COMMITMENTS, "c18", measurable="perhaps"),
        *(COMMITMENTS, "measurable", "perhaps"),
    ),
    "a check that fails without a note": (
        set_cell(CHECKS, "seals_and_registrations", note_zh="", note_en=""),
        *(CHECKS, "note_zh", "空 / empty"),
    ),
    "a check of no figure": (
        set_cell(CHECKS, "litigation_loss_rate", left="o999/o026"),
        *(CHECKS, "left", "o999"),
    ),
    "a check that divides by zero": (
        set_cell(CHECKS, "litigation_loss_rate", left="o027/o107"),
        *(CHECKS, "left", "o027/o107"),
    ),
    "a check that is a program": (
        set_cell(CHECKS, "litigation_loss_rate", left="__import__('os')"),
        *(CHECKS, "left", "__import__"),
    ),
    "a check that is no formula": (
        set_cell(CHECKS, "litigation_loss_rate", left="o027 //"),
        *(CHECKS, "left", "o027 //"),
    ),
    "a check that is too long": (
        set_cell(CHECKS, "litigation_loss_rate", left="+".join(["o027"] * 60)),
        *(CHECKS, "left", "o027+"),
    ),
    "a check of too many decimals": (
        set_cell(CHECKS, "litigation_loss_rate", decimals="9"),
        *(CHECKS, "decimals", "9"),
    ),
    "a check of an unknown relation": (
        set_cell(CHECKS, "litigation_loss_rate", relation="~"),
        *(CHECKS, "relation", "~"),
    ),
    "an empty check": (
        set_cell(CHECKS, "litigation_loss_rate", left=""),
        *(CHECKS, "left", "空 / empty"),
    ),
    "a check twice": (
        repeat(CHECKS, "litigation_loss_rate"),
        *(CHECKS, "id", "litigation_loss_rate"),
    ),
    "one character of the text changed": (
        replace(TEXT, "审理办结58件", "审理办结58项"),
        SETTINGS,
        "sha256",
        "4bc87a20",
    ),
    "a name unmasked": (
        replace(SETTINGS, 'masks = ["组织称号、【…】等4人荣获得"]', "masks = []"),
        *(SETTINGS, "masks", "等…人"),
    ),
    "a mask that is nowhere": (
        replace(SETTINGS, "组织称号、【…】等4人", "组织称号、【…】等5人"),
        *(SETTINGS, "masks", "等5人"),
    ),
    "a mask without its surroundings": (
        replace(SETTINGS, "组织称号、【…】等4人荣获得", "【…】"),
        *(SETTINGS, "masks", "【…】"),
    ),
    "settings that are no TOML": (
        replace(SETTINGS, "year = 2023", "year 2023"),
        SETTINGS,
        None,
        "",
    ),
    "a year in quotes": (
        replace(SETTINGS, "year = 2023", 'year = "2023"'),
        *(SETTINGS, "year", "2023"),
    ),
    "an unknown setting": (
        replace(SETTINGS, "year = 2023", "year = 2023\nyaer = 2023"),
        *(SETTINGS, "yaer", "yaer"),
    ),
    "an id that is not the folder's": (
        replace(SETTINGS, 'id = "cn450203-2023-rol"', 'id = "cn450203-2024-rol"'),
        *(SETTINGS, "id", "cn450203-2024-rol"),
    ),
    "an unknown body": (
        replace(SETTINGS, 'body_id = "cn450203"', 'body_id = "cn450204"'),
        *(SETTINGS, "body_id", "cn450204"),
    ),
    "another area than the body's": (
        replace(SETTINGS, 'area_code = "450203"', 'area_code = "450200"'),
        *(SETTINGS, "area_code", "450200"),
    ),
    "an unknown kind of report": (
        replace(SETTINGS, "rule_of_law_annual", "diary"),
        *(SETTINGS, "kind", "diary"),
    ),
    "an unknown kind of document": (
        replace(SETTINGS, 'kind = "report"', 'kind = "letter"'),
        *(SETTINGS, "kind", "letter"),
    ),
    "a document without a title": (
        replace(SETTINGS, 'file = "text.txt"\ntitle = "', 'file = "text.txt"\ntitel = "'),
        *(SETTINGS, "title", "None"),
    ),
    "a plan for a year that is past": (
        replace(SETTINGS, "plan_year = 2024", "plan_year = 2023"),
        *(SETTINGS, "plan_year", "2023"),
    ),
    "documents that are no tables": (
        number_the_documents,
        *(SETTINGS, "documents", "1"),
    ),
    "a document's id with a blank": (
        replace(SETTINGS, 'id = "d1"', 'id = "d 1"'),
        *(SETTINGS, "id", "d 1"),
    ),
    "a date in another form": (
        set_cell(OBSERVATIONS, "o083", period_start="20230101"),
        *(OBSERVATIONS, "period_start", "20230101"),
    ),
    "an area valid from no date": (
        set_cell("codebook/areas.csv", "450203", valid_from="notadate"),
        *("codebook/areas.csv", "valid_from", "notadate"),
    ),
    "a body of another area than its id": (
        set_cell("codebook/bodies.csv", "cn450203-sfj", id="cn450299-sfj"),
        *("codebook/bodies.csv", "id", "cn450299-sfj"),
    ),
    "a list with an empty entry": (
        set_cell(METRICS, "village_legal_advisers", alternative_names="a;;"),
        *(METRICS, "alternative_names", "a;;"),
    ),
    "a change of itself": (
        set_cell(
            METRICS,
            "reconsideration_cases_yoy_change",
            change_of="reconsideration_cases_yoy_change",
        ),
        *(METRICS, "change_of", "reconsideration_cases_yoy_change"),
    ),
    "a lost text": (remove(TEXT), TEXT, None, "没有 / none"),
    "a lost table": (remove(CHECKS), CHECKS, None, "没有 / none"),
    "lost settings": (remove(SETTINGS), SETTINGS, None, "没有 / none"),
    "a table in GBK": (reencode(OBSERVATIONS, "gbk"), OBSERVATIONS, None, "0x"),
    "a text in GBK": (reencode(TEXT, "gbk"), TEXT, None, "0x"),
    "a NUL": (replace(CHECKS, "true", "tr\0ue"), CHECKS, None, "NUL"),
    "a line too short": (replace(CHECKS, ",true,", ","), CHECKS, None, "7"),
    "an open quotation mark": (
        replace(CHECKS, "litigation_loss_rate,", 'litigation_loss_rate,"'),
        *(CHECKS, None, "expected after"),
    ),
    "a column of another name": (replace(CHECKS, "decimals", "places"), CHECKS, None, "places"),
    "an empty table": (write("codebook/bases.csv", b""), "codebook/bases.csv", None, ""),
    "a metric without an English name": (
        set_cell(METRICS, "village_legal_advisers", name_en=""),
        *(METRICS, "name_en", "空 / empty"),
    ),
    "a metric without a definition": (
        set_cell(METRICS, "village_legal_advisers", definition_en=""),
        *(METRICS, "definition_en", "空 / empty"),
    ),
    "a metric twice": (
        repeat(METRICS, "village_legal_advisers"),
        *(METRICS, "id", "village_legal_advisers"),
    ),
    "a rate that is counted in persons": (
        set_cell(METRICS, "administrative_litigation_loss_rate", unit="person"),
        *(METRICS, "unit", "rate: person"),
    ),
    "a count in percent": (
        set_cell(METRICS, "village_legal_advisers", unit="percent"),
        *(METRICS, "unit", "count: percent"),
    ),
    "a metric of an unknown unit": (
        set_cell(METRICS, "village_legal_advisers", unit="head"),
        *(METRICS, "unit", "head"),
    ),
    "a metric of an unknown framework": (
        set_cell(METRICS, "village_legal_advisers", frameworks="plan_1"),
        *(METRICS, "frameworks", "plan_1"),
    ),
    "a comparison forbidden on one side only": (
        set_cell(METRICS, "duty_list_items", not_comparable_with=""),
        *(METRICS, "not_comparable_with", "power_and_responsibility_items"),
    ),
    "a service of an unknown metric": (
        set_cell("codebook/services.csv", "legal_aid", metrics="nothing"),
        *("codebook/services.csv", "metrics", "nothing"),
    ),
    "a word with an unknown reason": (
        set_cell("codebook/words.csv", "统一", reason="whim"),
        *("codebook/words.csv", "reason", "whim"),
    ),
    "an area within nothing": (
        set_cell("codebook/areas.csv", "450200", parent_id="990000"),
        *("codebook/areas.csv", "parent_id", "990000"),
    ),
    "a body of an unknown kind": (
        set_cell("codebook/bodies.csv", "cn450203", kind="club"),
        *("codebook/bodies.csv", "kind", "club"),
    ),
    "a dimension without a name of its own": (
        drop("codebook/dimensions.csv", "instance"),
        *(OBSERVATIONS, "dimensions", "instance"),
    ),
    "a value of an unnamed dimension": (
        repeat("codebook/dimensions.csv", "instance", dimension="mood", value="good"),
        *("codebook/dimensions.csv", "dimension", "mood"),
    ),
    "a dimension's value twice": (
        repeat("codebook/dimensions.csv", "instance"),
        *("codebook/dimensions.csv", "value", "instance"),
    ),
    "a dimension's value without a name": (
        repeat("codebook/dimensions.csv", "instance", value="second", name_en=""),
        *("codebook/dimensions.csv", "name_en", "空 / empty"),
    ),
}


def is_it(fault: SeedFault, file: str, field: str | None, found: str) -> bool:
    """Whether the fault is the one expected; a field with 汉字 stands for a place in the text."""
    is_place = field is not None and (field.startswith("@") or not field.isascii())
    same_field = (fault.field or "").startswith("@") if is_place else fault.field == field
    words = f"{fault.found}{fault.expected.zh}"
    return fault.file == file and same_field and found in words


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_nothing_is_published(
    name: str, seed_dir: Path, tmp_path: Path
) -> None:
    damage, file, field, found = DAMAGES[name]
    damage(seed_dir)

    with pytest.raises(SeedFaults) as caught:
        publish(Settings(seed_dir=seed_dir, data_dir=tmp_path / "data"))

    faults = caught.value.faults
    assert any(is_it(fault, file, field, found) for fault in faults), [
        fault.sentence("en") for fault in faults
    ]
    assert not (tmp_path / "data").exists()


def test_every_fault_is_told_in_one_run(seed_dir: Path) -> None:
    for name in ("a lost sign", "a lost commitment", "a check that does not hold"):
        DAMAGES[name][0](seed_dir)

    with pytest.raises(SeedFaults) as caught:
        read_seed(seed_dir)

    places = [(fault.file, fault.field) for fault in caught.value.faults]
    assert places == [(CHECKS, "holds"), (COMMITMENTS, "@4711"), (OBSERVATIONS, "value")]


@pytest.mark.parametrize(
    "form",
    [
        reencode(OBSERVATIONS, "utf-8-sig"),
        crlf(CHECKS),
        replace(CHECKS, "litigation_loss_rate", "\n,,,,,,,\nlitigation_loss_rate"),
        replace(SETTINGS, "year = 2023", "year = 2023\r"),
    ],
    ids=["with a byte order mark", "with CRLF", "with blank lines", "with CRLF in the settings"],
)
def test_what_a_spreadsheet_saves_is_read(form: Damage, seed_dir: Path) -> None:
    form(seed_dir)

    assert read_seed(seed_dir).tally.observations == 108


@pytest.mark.parametrize("change", [str.upper, str.title], ids=["TRUE", "True"])
def test_a_spreadsheet_may_write_true_and_false_in_capitals(
    change: Callable[[str], str], seed_dir: Path
) -> None:
    plain = make_records(read_seed(seed_dir))
    for file in (CHECKS, COMMITMENTS):
        header, lines = _read(seed_dir / file)
        told = [
            [change(cell) if cell in ("true", "false") else cell for cell in line] for line in lines
        ]
        assert told != lines
        _write(seed_dir / file, header, told)

    seed = read_seed(seed_dir)

    assert make_records(seed) == plain
    assert (seed.tally.checks_held, seed.tally.checks_noted) == (16, 1)


def test_the_occurrence_chooses_among_quotes_that_repeat(seed_dir: Path) -> None:
    set_cell(OBSERVATIONS, "o083", quote="指派法律援助【206件】", occurrence="2")(seed_dir)

    figures = read_seed(seed_dir).reports[0].figures

    assert next(one.value.start for one in figures if one.line["id"] == "o083") == 2853


def test_a_seed_without_a_report_is_no_seed(seed_dir: Path) -> None:
    for path in sorted((seed_dir / "reports").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()

    with pytest.raises(SeedFaults) as caught:
        read_seed(seed_dir)

    assert [fault.file for fault in caught.value.faults] == ["reports"]

"""The proof of the commitments: every word of the plan is promised, aimed at or excluded."""

import re
from collections.abc import Iterator, Sequence

from opendata_api.datasets import FIXED_CODES
from opendata_api.seed.cells import check_decimal, read_boolean, read_date
from opendata_api.seed.codebook import Codebook
from opendata_api.seed.faults import Line, Place, codes_text
from opendata_api.seed.model import DocumentText, Exclusion, ProvenCommitment
from opendata_api.seed.quotes import locate
from opendata_api.text import Sentence, Span
from opendata_api.words import Text

COMMITMENT_ID = re.compile(r"c[0-9]{2}")
WORDS = re.compile(r"\w")
BELOW = "(?:（[^）]+）)?(?:.是)?"
"""What a section's name adds to that of its part."""


def prove_commitments(
    lines: Sequence[Line], document: DocumentText, book: Codebook
) -> list[ProvenCommitment]:
    """The commitments that could be proved; what is wrong with others is noted."""
    proven: list[ProvenCommitment] = []
    seen: set[str] = set()
    for line in lines:
        if not COMMITMENT_ID.fullmatch(line["id"]) or line["id"] in seen:
            line.fault("id", Text("不重复的编号，如 c07", "an id such as c07, once"), line["id"])
        seen.add(line["id"])
        _check_codes(line, book)
        quote = locate(line, document.text, line["quote"]) if line.need("quote") else None
        if quote is None:
            continue
        if any(mask.overlaps(quote) for mask in document.masks):
            line.fault("quote", Text("不含遮盖的姓名", "no masked name"), f"@ {quote.start}")
        if any(other.quote.overlaps(quote) for other in proven):
            expected = Text("没有用过的文字", "words of no other commitment")
            line.fault("quote", expected, line["quote"])
        proven.append(ProvenCommitment(line, quote, _find_aim(line, document, quote)))
    return proven


def check_plan(
    place: Place,
    document: DocumentText,
    plan_section: str,
    commitments: Sequence[ProvenCommitment],
) -> None:
    """Note a plan that the text has not, and commitments that stand outside it."""
    plan = [one.span for one in document.sentences if is_in(one.section, plan_section)]
    if not plan:
        expected = Text("原文中有的部分，如 三", "a part of the text, such as 三")
        place.fault("plan_section", expected, plan_section)
        return
    whole = Span(plan[0].start, plan[-1].end)
    for one in commitments:
        if not whole.contains(one.quote):
            expected = Text(f"第{plan_section}部分的文字", f"words of part {plan_section}")
            one.line.fault("quote", expected, one.line["quote"])


def is_in(section: str | None, part: str) -> bool:
    """Whether a section is that part or lies in it: 三（一） is in 三, 三十 is not."""
    return section is not None and bool(re.fullmatch(f"{re.escape(part)}{BELOW}", section))


def find_gaps(
    document: DocumentText,
    plan_section: str,
    commitments: Sequence[ProvenCommitment],
    exclusions: Sequence[Exclusion],
) -> list[Span]:
    """Every run of the plan that is in no heading, commitment, aim or exclusion."""
    used = [
        *(one.quote for one in commitments),
        *(one.aim for one in commitments if one.aim is not None),
        *(one.span for one in exclusions),
    ]
    return [
        span
        for sentence in document.sentences
        if is_in(sentence.section, plan_section) and not sentence.is_heading
        for span in _uncovered(document.text, sentence, used)
    ]


def _uncovered(text: str, sentence: Sentence, used: Sequence[Span]) -> Iterator[Span]:
    start = None
    for place in range(sentence.span.start, sentence.span.end + 1):
        is_open = (
            place < sentence.span.end
            and WORDS.match(text[place]) is not None
            and not any(span.start <= place < span.end for span in used)
        )
        if is_open and start is None:
            start = place
        elif not is_open and start is not None:
            yield Span(start, place)
            start = None


def _find_aim(line: Line, document: DocumentText, quote: Span) -> Span | None:
    aim = line.optional("aim")
    if aim is None:
        return None
    text = document.text
    start = text.rfind("\n", 0, quote.start) + 1
    end = text.find("\n", quote.end)
    place = text.find(aim, start, end if end >= 0 else len(text))
    if place < 0:
        line.fault("aim", Text("同一段中的原文", "words of the same paragraph"), aim)
        return None
    return Span(place, place + len(aim))


def _check_codes(line: Line, book: Codebook) -> None:
    line.need("text_en")
    line.both_languages("note")
    line.one_of("topic", list(book.topics))
    is_measurable = read_boolean(line, "measurable")
    line.one_of("evidence_kind", [code.value for code in FIXED_CODES["evidence_kinds"]])
    if is_measurable == (line["evidence_kind"] == "none"):
        expected = Text(
            "可检验者有佐证类型，不可检验者为 none", "evidence if and only if measurable"
        )
        line.fault("evidence_kind", expected, line["evidence_kind"])
    for metric in line.many("metrics"):
        if metric not in book.metrics:
            line.fault("metrics", codes_text(list(book.metrics), metric), metric)
    body = line.optional("responsible_body_id")
    if body is not None and body not in book.bodies:
        line.fault("responsible_body_id", codes_text(list(book.bodies), body), body)
    read_date(line, "deadline")
    check_decimal(line, "target_value")

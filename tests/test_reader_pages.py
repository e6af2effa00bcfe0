"""A report is read whole, and every figure of it leads to its row and back."""

import random
import re
from html import unescape

import httpx
import pytest

from opendata_api.web.pages.reader import Mark, paragraphs

REPORT = "cn450203-2023-rol"
DOCUMENT = f"{REPORT}-d1"


async def article(api: httpx.AsyncClient, query: str = "") -> str:
    text = (await api.get(f"/reports/{REPORT}{query}")).text
    found = re.search(r"<article.*?</article>", text, re.DOTALL)
    assert found is not None
    return found[0]


def plain(html: str) -> str:
    """The words of the report alone: without what pops up and what is set beside."""
    html = re.sub(r'<span class="why".*?</span>|<sup.*?</sup>', "", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", html))


async def test_the_whole_text_is_shown_with_the_name_of_a_private_person_masked(
    api: httpx.AsyncClient,
) -> None:
    text = (await api.get(f"/v1/documents/{DOCUMENT}/text")).text
    passages = (await api.get("/v1/passages?masked=true")).json()["data"]
    shown = plain(await article(api))

    assert passages != []
    for passage in passages:
        text = text[: passage["start"]] + passage["text"] + text[passage["end"] :]
    assert "".join(shown.split()) == "".join(text.split())
    assert "＊" in shown


async def test_every_published_figure_is_a_link_to_its_row_at_its_own_anchor(
    api: httpx.AsyncClient,
) -> None:
    html = await article(api)
    rows = (await api.get("/v1/observations?limit=1000")).json()["data"]

    for row in rows:
        anchor = row["id"].rpartition("-")[2]
        assert html.count(f' id="{anchor}"') == 1
        before, _, begun = html.partition(f'<sup id="{anchor}">')
        if begun:  # one figure more in the same characters
            assert begun.startswith(f'<a class="also" href="/datasets/observations/{row["id"]}"')
            piece = plain(before[before.rindex('<a id="') :])
            after = begun.partition("</sup>")[2]
            assert (piece + plain(after)).startswith(row["value_text"])
        else:
            link = f'<a id="{anchor}" class="f'
            assert plain(link + html.partition(link)[2]).startswith(row["value_text"])
            assert f'href="/datasets/observations/{row["id"]}"' in html
        page = (await api.get(f"/datasets/observations/{row['id']}")).text
        assert f'href="/reports/{REPORT}#{anchor}"' in page


async def test_every_commitment_is_marked_and_leads_to_its_place_in_the_list(
    api: httpx.AsyncClient,
) -> None:
    html = await article(api)
    listed = (await api.get("/commitments")).text
    rows = (await api.get("/v1/commitments")).json()["data"]

    for row in rows:
        anchor = row["id"].rpartition("-")[2]
        begun = html[html.index(f' id="{anchor}"') :].partition(">")[2]
        assert plain(begun).startswith(row["quote"])
        assert f'class="c" href="/commitments#{anchor}">' in html
        assert f'<div class="commitment" id="{anchor}">' in listed
        assert f'href="/reports/{REPORT}#{anchor}"' in listed


async def test_every_excluded_numeral_says_why_to_mouse_and_keyboard(
    api: httpx.AsyncClient,
) -> None:
    html = await article(api)
    counted = (await api.get(f"/v1/documents/{DOCUMENT}/coverage")).json()["data"]

    excluded = [one for one in counted["items"] if one["state"] == "excluded"]
    shown = re.findall(
        r'<span class="x" tabindex="0">(.*?)<span class="why"[^>]*>(.*?)</span>', html
    )
    inside = {one["start"] for one in excluded}
    assert len(shown) >= len(inside) * 0.9
    for one in excluded:
        assert any(
            one["reason_zh"] in unescape(why) and (one["note_zh"] or one["text"]) in unescape(why)
            for _, why in shown
        )


async def test_the_counter_tells_what_the_audit_counts(api: httpx.AsyncClient) -> None:
    counted = (await api.get(f"/v1/documents/{DOCUMENT}/coverage")).json()["data"]
    text = (await api.get(f"/reports/{REPORT}?lang=en")).text

    for name in ("numerals", "numerals_published", "numerals_excluded"):
        assert f"<strong>{counted[name]}</strong>" in text


async def test_figures_that_share_their_characters_are_all_shown(api: httpx.AsyncClient) -> None:
    """Four accidents that did not happen stand in one span; two rates in another."""
    html = await article(api)
    rows = (await api.get("/v1/observations?limit=1000")).json()["data"]
    by_span: dict[tuple[int, int], list[str]] = {}
    for row in rows:
        by_span.setdefault((row["value_start"], row["value_end"]), []).append(row["id"])

    shared = [ids for ids in by_span.values() if len(ids) > 1]
    assert shared != []
    for ids in shared:
        for one in ids[1:]:
            assert f'<a class="also" href="/datasets/observations/{one}"' in html


async def test_headings_of_the_report_are_headings_of_the_page(api: httpx.AsyncClient) -> None:
    html = await article(api)

    assert [plain(one) for one in re.findall(r"<h2>.*?</h2>", html)][:2] == [
        "一、法治政府建设主要措施和工作成效",
        "二、存在的问题",
    ]
    assert len(re.findall("<h3>", html)) == 10


async def test_a_report_that_is_not_there_is_not_found(api: httpx.AsyncClient) -> None:
    assert (await api.get("/reports/cn450203-1999-rol")).status_code == 404


@pytest.mark.parametrize("seed", range(20))
def test_any_marks_cut_the_text_without_losing_a_character(seed: int) -> None:
    chance = random.Random(seed)
    text = "".join(chance.choice("一二三四五12345，。\n") for _ in range(chance.randint(1, 400)))
    marks = []
    for number in range(chance.randint(0, 60)):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.randint(1, 30))
        kind = chance.choice(["figure", "commitment", "excluded"])
        marks.append(Mark(start, end, kind, f"o{number}", "words", "/there"))

    lines = list(paragraphs(text, marks))
    kept = "\n".join("".join(piece.text for piece in line.pieces) for line in lines)
    assert kept == "\n".join(line for line in text.split("\n") if line.strip())
    at = 0
    for line, shown in zip((one for one in text.split("\n") if one.strip()), lines, strict=True):
        at = text.index(line, at) if text.startswith(line, at) else text.index(f"\n{line}", at) + 1
        for piece in shown.pieces:
            said = {mark.id for mark in (*piece.figures, *piece.commitments)}
            wanted = {
                mark.id
                for mark in marks
                if mark.kind != "excluded" and mark.start <= at and at + len(piece.text) <= mark.end
            }
            assert said == wanted
            at += len(piece.text)


def test_a_line_of_100_000_characters_with_3_000_figures_is_cut_in_one_sweep() -> None:
    """Each mark is looked at a few times, not once for every other."""
    text = "办结案件206件，" * 10_000
    marks = [
        Mark(at * 30 + 4, at * 30 + 8, "figure", f"o{at}", "words", "/there") for at in range(3000)
    ]

    (line,) = paragraphs(text, marks)
    assert len([piece for piece in line.pieces if piece.figures]) == 3000
    assert "".join(piece.text for piece in line.pieces) == text

"""What readers do on the pages, done in a real Chromium, with scripts and without."""

import csv
import io
import re

import pytest
from browsing import Reader
from page_addresses import PageAddress

READER = PageAddress("/reports/cn450203-2023-rol")
TABLE = PageAddress("/datasets/observations?topic=legal_aid&sort=-value")
HOME = PageAddress("/")
METRIC = PageAddress("/metrics/legal_aid_cases_accepted_and_assigned")

with_and_without_scripts = pytest.mark.parametrize("scripts", [True, False])


@with_and_without_scripts
async def test_a_figure_leads_to_its_row_and_the_row_back_to_the_figure(
    reader: Reader, *, scripts: bool
) -> None:
    async with reader.visit(READER, "zh", runs_scripts=scripts) as visit:
        page = visit.page
        await page.locator('a.f[href*="o083"]').first.click()
        await page.wait_for_url("**/datasets/observations/cn450203-2023-rol-o083?lang=zh")
        assert "受理并指派法律援助件数" in await page.locator("h1").inner_text()
        await page.get_by_role("link", name="见原文").click()
        await page.wait_for_url("**/reports/cn450203-2023-rol?lang=zh#o083")
        target = page.locator("#o083")
        box = await target.bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 800


@with_and_without_scripts
async def test_filters_stand_in_the_address_and_restore_the_view(
    reader: Reader, *, scripts: bool
) -> None:
    async with reader.visit(TABLE, "zh", runs_scripts=scripts) as visit:
        page = visit.page
        await page.get_by_text("按范围筛选").click()
        await page.locator('input[name="value__gte"]').fill("100")
        await page.get_by_role("button", name="筛选", exact=True).click()
        await page.wait_for_url("**value__gte=100**")
        shown = await page.locator("table.rows tbody tr").all_inner_texts()
        address = page.url
        assert "topic=legal_aid" in address
        assert "sort=-value" in address
        assert "q=&" not in address
        assert len(shown) == 4

        await page.goto("about:blank")
        await page.goto(address)
        assert await page.locator("table.rows tbody tr").all_inner_texts() == shown
        assert await page.locator('input[name="value__gte"]').input_value() == "100"
        chips = page.locator(".chips a")
        assert await chips.count() == 2
        await chips.first.click()
        assert await page.locator(".chips a").count() == 1


async def test_the_search_box_finds_a_word(reader: Reader) -> None:
    async with reader.visit(HOME, "zh", runs_scripts=False) as visit:
        await visit.page.get_by_role("searchbox").fill("法律援助")
        await visit.page.get_by_role("button", name="检索").click()
        await visit.page.wait_for_url("**/search?q=**")

        marked = await visit.page.locator("mark").all_inner_texts()
        assert "法律援助" in marked


async def test_the_csv_for_excel_has_a_chinese_name_the_mark_and_the_rows_shown(
    reader: Reader,
) -> None:
    async with reader.visit(TABLE, "zh") as visit:
        shown = await visit.page.locator("table.rows tbody tr").evaluate_all(
            "all => all.map(one => one.id)"
        )
        async with visit.page.expect_download() as waiting:
            await visit.page.get_by_role(
                "link", name="CSV（供 Excel、WPS 打开）: 这些", exact=True
            ).click()
        download = await waiting.value
        path = await download.path()
        body = path.read_bytes()

    assert download.suggested_filename == "报告数据-第1版.excel.csv"
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert [row["编号"] for row in rows] == shown


async def test_an_excluded_numeral_says_why_when_it_has_the_focus(reader: Reader) -> None:
    async with reader.visit(READER, "zh", runs_scripts=False) as visit:
        first = visit.page.locator("article .x").first
        why = first.locator(".why")
        hidden = await why.bounding_box()
        await first.focus()
        seen = await why.bounding_box()

    assert hidden is not None
    assert seen is not None
    assert hidden["width"] <= 1
    assert seen["width"] > 50


async def test_a_citation_is_copied_with_a_script_and_can_be_marked_without(
    reader: Reader,
) -> None:
    async with reader.visit(METRIC, "zh") as visit:
        await visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        button = visit.page.locator("button.copy").first
        await button.click()
        copied = await visit.page.evaluate("navigator.clipboard.readText()")
        shown = await visit.page.locator("#cite-gb_t_7714").inner_text()
        assert copied.split() == shown.split()
        assert "法律援助" in copied
    async with reader.visit(METRIC, "zh", runs_scripts=False) as visit:
        assert await visit.page.locator("button.copy").first.is_hidden()
        assert re.search(r"\[DS/OL\]", await visit.page.locator("#cite-gb_t_7714").inner_text())

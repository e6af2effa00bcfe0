"""The page of a dataset shows what its list answers to the same parameters."""

import csv
import io
import json
import re
import shlex
from html import escape, unescape
from urllib.parse import urljoin

import httpx
import pytest
from conftest import BASE
from starlette.requests import Request
from test_pages import Page

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.describe import Dataset
from opendata_api.query import parse_query
from opendata_api.store.model import Total
from opendata_api.web.app import Application
from opendata_api.web.pages.calls import offer_calls
from opendata_api.web.pages.table import PAGE_ROWS
from opendata_api.web.pages.visit import Visit

QUERIES = [
    "sort=id",
    "topic=legal_aid",
    "topic=legal_aid&sort=-value",
    "q=%E6%B3%95%E5%BE%8B%E6%8F%B4%E5%8A%A9",
    "dim=service_scope:cross_province",
    "year__gte=2023&value__lt=10&role=actual",
    "part_of__isnull=false",
    "metric__in=inspection_tasks,law_savvy_people_trained",
    "unit=case&unit=percent&limit=7",
    "fields=id,metric_en,value&sort=value",
    "year=1990",
    "release=1&q=206",
]

every_query = pytest.mark.parametrize("query", QUERIES)
every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)


def ids_on(text: str) -> list[str]:
    return re.findall(r'<tr id="([^"]+)"', text)


def texts_of(text: str, tag: str) -> list[str]:
    """The text of each element of that kind."""
    found = re.findall(rf"<{tag}[ >].*?</{tag}>", text, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in found]


@every_query
async def test_a_page_shows_the_rows_of_the_list_in_its_order(
    api: httpx.AsyncClient, query: str
) -> None:
    limit = "" if "limit" in query else f"&limit={PAGE_ROWS}"
    listed = (await api.get(f"/v1/observations?{query}{limit}")).json()
    text = (await api.get(f"/datasets/observations?{query}")).text

    assert ids_on(text) == [row["id"] for row in listed["data"]]
    assert f"<strong>{listed['meta']['total']:,}</strong>" in text
    call = re.search(r"<a href=\"([^\"]+)\"><code>", text)
    assert call is not None
    again = (await api.get(unescape(call[1]))).json()
    assert again["data"] == listed["data"]


@every_dataset
async def test_every_row_of_every_dataset_is_met_once_by_following_the_pages(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    listed = (await api.get(f"/v1/{dataset.name}?limit=1000")).json()["data"]
    address: str | None = f"/datasets/{dataset.name}"
    met: list[str] = []
    while address:
        text = (await api.get(address)).text
        met += ids_on(text)
        following = re.search(r'<a href="([^"]+)" rel="next">', text)
        address = unescape(following[1]) if following else None

    assert met == [row["id"] for row in listed]


async def test_the_page_before_leads_back(api: httpx.AsyncClient) -> None:
    first = (await api.get("/datasets/observations?limit=10")).text
    following = re.search(r'<a href="([^"]+)" rel="next">', first)
    assert following is not None
    second = (await api.get(unescape(following[1]))).text
    previous = re.search(r'<a href="([^"]+)" rel="prev">', second)
    assert previous is not None

    assert ids_on((await api.get(unescape(previous[1]))).text) == ids_on(first)


@every_query
async def test_the_files_hold_these_rows_or_all_of_them(api: httpx.AsyncClient, query: str) -> None:
    page = Page((await api.get(f"/datasets/observations?{query}")).text)
    these, everything = (one for one in page.links if one.startswith("/v1/observations.csv"))
    total = (await api.get(f"/v1/observations?{query}&limit=1".replace("limit=7&", ""))).json()

    rows = list(csv.DictReader(io.StringIO((await api.get(these)).text)))
    assert len(rows) == total["meta"]["total"]
    rows = list(csv.DictReader(io.StringIO((await api.get(everything)).text)))
    assert len(rows) == 108


async def test_json_is_offered_for_as_many_rows_as_a_page_can_have(
    api: httpx.AsyncClient,
) -> None:
    page = Page((await api.get("/datasets/observations?topic=legal_aid")).text)
    these, everything = (one for one in page.links if one.startswith("/v1/observations.json"))

    assert len((await api.get(these)).json()["data"]) == 6
    assert len((await api.get(everything)).json()["data"]) == 108


def test_what_a_format_does_not_hold_is_not_offered(service: Application) -> None:
    query = parse_query(OBSERVATIONS, ())
    visit = Visit(
        site=service.site,
        path="/datasets/observations",
        canonical=(),
        release=service.site.store.published.newest,
        lang="zh",
        lang_is_given=False,
        labels={},
        request=Request({"type": "http"}),
    )
    offered = [
        {
            file["title"]: file["these"] is not None
            for file in offer_calls(visit, query, 50, total)["downloads"]
        }
        for total in (Total(1000), Total(1001), Total(50_001), Total(10_000, exact=False))
    ]

    assert [one["JSON"] for one in offered] == [True, False, False, False]
    assert [one["Excel 工作簿"] for one in offered] == [True, True, False, False]
    assert [one["CSV（供程序）"] for one in offered] == [True] * 4


async def test_a_filter_in_force_is_a_chip_that_takes_it_away(api: httpx.AsyncClient) -> None:
    address = (
        "/datasets/observations?topic=legal_aid&year__gte=2023&q=206"
        "&dim=recipient_group:special_difficulty&part_of__isnull=true&lang=en"
    )
    text = (await api.get(address)).text
    chips = re.search(r'<ul class="chips".*?</ul>', text, re.DOTALL)
    assert chips is not None
    told = [one.removesuffix(" ×, remove") for one in texts_of(chips[0], "li")]

    assert sorted(told) == [
        "Part of is null: yes",
        "Search: 206",
        "Topic: legal aid",
        "Year is at least: 2023",
        *(one for one in told if "group" in one),
    ]
    for href in re.findall(r'href="([^"]+)"', chips[0]):
        assert (await api.get(unescape(href))).status_code == 200


async def test_a_value_of_a_facet_leads_to_its_rows_and_back(api: httpx.AsyncClient) -> None:
    text = (await api.get("/datasets/observations?lang=en")).text
    counted = (await api.get("/v1/observations/facets?by=topic&limit=6")).json()["data"]

    for value in counted:
        href = f"/datasets/observations?lang=en&amp;topic={value['value']}"
        label = escape(value["label_en"]).replace("&#x27;", "&#39;")
        shown = f'<a href="{href}">{label} <small>{value["count"]}</small></a>'
        assert shown in text
    chosen = (await api.get("/datasets/observations?lang=en&topic=enforcement")).text
    assert '<a href="/datasets/observations?lang=en" aria-current="true">' in chosen


async def test_a_heading_sorts_one_way_then_the_other_and_explains_itself(
    api: httpx.AsyncClient,
) -> None:
    plain = (await api.get("/datasets/observations?lang=en")).text
    sorted_ = (await api.get("/datasets/observations?lang=en&sort=value")).text
    turned = (await api.get("/datasets/observations?lang=en&sort=-value")).text

    upwards = '<a href="/datasets/observations?lang=en&amp;sort=value">Value'
    downwards = '<a href="/datasets/observations?lang=en&amp;sort=-value">Value'
    assert upwards in plain
    assert downwards in sorted_
    assert upwards in turned
    assert 'aria-sort="none"' in plain
    assert 'aria-sort="ascending"' in sorted_
    assert 'aria-sort="descending"' in turned
    assert OBSERVATIONS.field["value"].about.description.en in unescape(plain)


async def test_the_figure_is_marked_in_its_sentence_and_words_where_they_were_found(
    api: httpx.AsyncClient,
) -> None:
    figure = (await api.get("/datasets/observations?topic=legal_aid")).text
    found = (await api.get("/datasets/passages?q=%E6%8F%B4%E5%8A%A9")).text

    assert "<mark>206件</mark>" in figure
    assert "法律<mark>援助</mark>" in found


async def test_a_form_sends_along_what_it_does_not_ask(api: httpx.AsyncClient) -> None:
    text = (await api.get("/datasets/observations?topic=legal_aid&year__gte=2023&lang=en")).text

    assert '<input type="hidden" name="topic" value="legal_aid">' in text
    assert '<input type="hidden" name="lang" value="en">' in text
    assert '<input type="hidden" name="year__gte"' not in text
    assert '<input name="year__gte" type="text" value="2023" inputmode="decimal">' in text


async def test_a_mistake_on_a_page_is_told_with_an_address_that_works(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get(
        "/datasets/observations?yaer=2023&lang=en", headers={"accept": "text/html"}
    )

    assert answer.status_code == 400
    meant = f"{BASE}/datasets/observations?year=2023&amp;lang=en"
    assert f'<a href="{meant}">' in answer.text
    assert (await api.get(unescape(meant))).status_code == 200


@every_dataset
async def test_a_list_and_a_record_lead_to_their_pages(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    record = dataset.field["id"].about.example
    for path in (dataset.name, f"{dataset.name}/{record}"):
        page = (await api.get(f"/v1/{path}")).json()["links"]["html"]

        assert page == f"{BASE}/datasets/{path}?release=1"
        answer = await api.get(page)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.status_code == 200


@every_dataset
async def test_the_page_of_a_record_has_every_field_with_its_meaning(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    record = dataset.field["id"].about.example
    text = (await api.get(f"/datasets/{dataset.name}/{record}?lang=en")).text

    names = re.findall(r"<dt>[^<]* <code>([a-z_0-9]+)</code></dt>", text)
    assert tuple(names) == dataset.field_names
    for field in dataset.fields:
        assert field.about.description.en in unescape(text)
    for style in ("GB/T 7714", "APA", "BibTeX", "CSL-JSON"):
        assert f"<summary>{style}</summary>" in text
    permanent = f"{BASE}/datasets/{dataset.name}/{record}?release=1"
    assert f'<a href="{permanent}" rel="bookmark">{permanent}</a>' in text


async def test_numbers_are_grouped_and_years_are_not(api: httpx.AsyncClient) -> None:
    text = (await api.get("/datasets/observations?sort=-value&limit=1")).text
    cells = texts_of(text, "td")

    assert "2,307,000,000" in cells
    assert "2023" in cells
    falling = (await api.get("/datasets/observations?sort=value&limit=1")).text
    assert "−94.1" in texts_of(falling, "td")


async def test_the_snippets_ask_for_what_is_shown(api: httpx.AsyncClient) -> None:
    address = "/datasets/observations?topic=legal_aid&sort=-value&lang=en"
    text = (await api.get(address)).text
    codes = dict(
        zip(
            re.findall(r"<summary>(curl|Python|R|JavaScript|Excel Power Query)</summary>", text),
            [unescape(one) for one in re.findall(r"<pre[^>]*><code>(.*?)</code>", text, re.DOTALL)],
            strict=True,
        )
    )

    assert list(codes) == ["curl", "Python", "R", "JavaScript", "Excel Power Query"]
    called = urljoin(BASE, shlex.split(codes["curl"])[1])
    listed = (await api.get("/v1/observations?topic=legal_aid&sort=-value")).json()["data"]
    assert (await api.get(called)).json()["data"] == listed
    csv_address = re.search(r'"(https://[^"]+\.csv[^"]*)"', codes["Excel Power Query"])
    assert csv_address is not None
    for program in ("Python", "R"):
        assert csv_address[1] in codes[program]
    assert f'"{called}"' in codes["JavaScript"]
    rows = list(csv.DictReader(io.StringIO((await api.get(csv_address[1])).text)))
    assert [row["id"] for row in rows] == [row["id"] for row in listed]
    compile(codes["Python"], "snippet", "exec")


async def test_a_snippet_names_no_column_that_is_not_there(api: httpx.AsyncClient) -> None:
    text = unescape((await api.get("/datasets/metrics")).text)

    assert "area_code" not in re.sub(r"<table.*?</table>", "", text, flags=re.DOTALL)


async def test_a_search_page_shows_hits_of_every_dataset_with_their_words_marked(
    api: httpx.AsyncClient,
) -> None:
    found = (await api.get("/v1/search?q=%E6%B3%95%E5%BE%8B%E6%8F%B4%E5%8A%A9")).json()["data"]
    text = (await api.get("/search?q=%E6%B3%95%E5%BE%8B%E6%8F%B4%E5%8A%A9&lang=en")).text

    groups = [group for group in found if group["total"]]
    assert texts_of(text, "h2") == [f"{one['title_en']} {one['total']}" for one in groups]
    for group in groups:
        for hit in group["hits"]:
            assert hit["record"]["id"] in text
    assert "<mark>法律援助</mark>" in text
    nothing = (await api.get("/search?q=xyzzy&lang=en")).text
    assert "Nothing was found." in nothing


async def test_a_search_page_refuses_what_the_search_refuses(api: httpx.AsyncClient) -> None:
    answer = await api.get("/search?q=%00")

    assert answer.status_code == 400
    assert json.loads(answer.text)["errors"][0]["parameter"] == "q"


async def test_words_that_are_searched_for_in_one_field_are_marked_too(
    api: httpx.AsyncClient,
) -> None:
    text = (await api.get("/datasets/passages?text__contains=206&fields=id,text")).text

    assert "<mark>206</mark>" in text


async def test_a_page_in_english_says_which_words_are_chinese(api: httpx.AsyncClient) -> None:
    address = "/datasets/observations?topic=legal_aid&fields=value_text,metric_en"
    english = (await api.get(f"{address}&lang=en")).text
    chinese = (await api.get(f"{address}&lang=zh")).text

    assert '<td lang="zh-CN">' in english
    assert '<td lang="zh-CN">' not in chinese


async def test_a_number_as_people_write_it_leads_to_the_address_that_works(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get(
        "/datasets/observations?value__gte=2%2C307%2C000%2C000", headers={"accept": "text/html"}
    )

    assert answer.status_code == 400
    assert f'href="{BASE}/datasets/observations?value__gte=2307000000"' in answer.text

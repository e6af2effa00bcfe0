"""The feeds tell what releases change: each release summed up, its own changes one by one."""

from dataclasses import replace
from typing import Any

import feedparser
import httpx
import pytest
from conftest import BASE
from editions import O083, changed, explained, serving, without
from test_erasing import WHY, erase, publish_rows, withdraw

from opendata_api.catalog.overview import Operator
from opendata_api.datasets import COMMITMENTS
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.model import Edition
from opendata_api.words import Text

O082 = "cn450203-2023-rol-o082"
NAMED = Text(
    "受理并指派法律援助件数（鱼峰区，2023年）",
    "legal aid cases accepted and assigned (Yufeng District, 2023)",
)
HUB = "https://hub.example.org/"
ATOM = "/feeds/changes.atom"
JSON = "/feeds/changes.json"
FORMS = ((ATOM, "application/atom+xml"), (JSON, "application/feed+json"))
PERMANENT = f"{BASE}/v1/changes?limit=1&since="


def parsed(answer: httpx.Response) -> Any:
    """An Atom feed as readers of feeds parse it, without a complaint."""
    found = feedparser.parse(answer.content, sanitize_html=False)
    assert not found.bozo, found.get("bozo_exception")
    return found


def corrected(edition: Edition) -> Edition:
    return changed(
        edition, O083, value=207_000_000, value_text="207件", note_en="a\x0bb <b>", value_end=9999
    )


async def feeds_of(api: httpx.AsyncClient) -> tuple[Any, dict[str, Any]]:
    return parsed(await api.get(ATOM)), (await api.get(JSON)).json()


async def test_the_first_release_is_one_entry_with_its_counts(api: httpx.AsyncClient) -> None:
    atom, feed = await feeds_of(api)

    [entry] = atom.entries
    [item] = feed["items"]
    assert entry.id == item["id"] == f"{BASE}/v1/releases/1"
    assert entry.title == item["title"] == "第1版：新增241条 / Release 1: 241 added"
    assert entry.updated == entry.published == item["date_published"] == "2026-01-02T03:04:05Z"
    assert "<p>报告数据：新增108条</p>" in item["content_html"]
    assert "<p>Observations: 108 added</p>" in item["content_html"]
    assert "<p>Labels of codes: 258 added</p>" in item["content_html"]
    assert entry.content[0].value == item["content_html"]
    assert item["tags"] == [one.term for one in entry.tags] == ["release"]


async def test_a_feed_says_what_it_is_and_whose(own: Settings) -> None:
    set_ = {
        "websub_hub": HUB,
        "contact": "mailto:data@example.org?subject=Data",
        "operator_zh": "某市数据局",
        "operator_en": "Data Bureau",
    }
    async with serving(own.model_copy(update=set_)) as api:
        answers = [await api.get(path) for path, _ in FORMS]
    atom, feed = parsed(answers[0]).feed, answers[1].json()

    assert atom.id == f"{BASE}{ATOM}"
    assert atom.title == feed["title"] == "某市数据局：变更 / Data Bureau: changes"
    assert atom.subtitle == feed["description"]
    assert atom.language == feed["language"] == "zh-CN"
    assert atom.updated == "2026-01-02T03:04:05Z"
    assert atom.author_detail == {
        "name": "某市数据局 / Data Bureau",
        "href": f"{BASE}/",
        "email": "data@example.org",
    }
    assert feed["authors"] == [{"name": "某市数据局 / Data Bureau", "url": f"{BASE}/"}]
    assert [(one.rel, one.href) for one in atom.links] == [
        ("self", f"{BASE}{ATOM}"),
        ("alternate", f"{BASE}/releases"),
        ("alternate", f"{BASE}{JSON}"),
        ("related", f"{BASE}/v1/changes"),
        ("license", "https://creativecommons.org/licenses/by/4.0/"),
        ("hub", HUB),
    ]
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{BASE}{JSON}"
    assert feed["home_page_url"] == f"{BASE}/releases"
    assert feed["hubs"] == [{"type": "WebSub", "url": HUB}]
    for answer, (path, media_type) in zip(answers, FORMS, strict=True):
        assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
        assert answer.links["self"] == {"url": f"{BASE}{path}", "rel": "self", "type": media_type}
        assert answer.links["hub"]["url"] == HUB


async def test_without_a_hub_and_a_contact_none_is_named(api: httpx.AsyncClient) -> None:
    answers = [await api.get(path) for path, _ in FORMS]

    assert "hub" not in {one.rel for one in parsed(answers[0]).feed.links}
    assert "email" not in parsed(answers[0]).feed.author_detail
    assert "hubs" not in answers[1].json()
    assert all("hub" not in answer.links for answer in answers)


async def test_a_correction_and_a_withdrawal_are_told_with_values_and_reasons(
    own: Settings, seed: Seed
) -> None:
    edition = corrected(make_edition(seed))
    await publish_rows(own, edition, without(edition, O083))
    async with serving(own) as api:
        atom, feed = await feeds_of(api)
        addresses = {one[key] for one in feed["items"] for key in ("id", "url")}
        addresses |= {link.href for entry in atom.entries for link in entry.links}
        statuses = {one: (await api.get(one)).status_code for one in addresses}
        seqs = [
            (await api.get(one["id"])).json()["data"][0]["seq"]
            for one in feed["items"]
            if one["id"].startswith(PERMANENT)
        ]

    page = f"{BASE}/datasets/observations/{O083}?release=2"
    assert [one["title"] for one in feed["items"]] == [
        "第3版：撤回1条 / Release 3: 1 withdrawn",
        f"撤回：{NAMED.zh} / Withdrawn: {NAMED.en}",
        "第2版：更正1条 / Release 2: 1 corrected",
        f"更正：{NAMED.zh} / Corrected: {NAMED.en}",
        "第1版：新增241条 / Release 1: 241 added",
    ]
    assert [one["url"] for one in feed["items"]] == [
        *(f"{BASE}/releases#r3", page, f"{BASE}/releases#r2", page, f"{BASE}/releases#r1")
    ]
    assert [one.title for one in atom.entries] == [one["title"] for one in feed["items"]]
    assert [one.id for one in atom.entries] == [one["id"] for one in feed["items"]]
    assert [one.link for one in atom.entries] == [one["url"] for one in feed["items"]]
    assert [one.content[0].value for one in atom.entries] == [
        one["content_html"] for one in feed["items"]
    ]
    assert seqs == [613, 612]
    assert atom.feed.updated == atom.entries[0].updated == "2026-01-03T00:00:01Z"
    assert set(statuses.values()) == {200}
    correction = feed["items"][3]
    assert correction["tags"] == ["corrected", "observations"]
    html = correction["content_html"]
    assert "<tr><th>数值</th><td><del>206</del></td><td><ins>207</ins></td></tr>" in html
    assert "<tr><th>Value</th><td><del>206</del></td><td><ins>207</ins></td></tr>" in html
    assert "<ins>a\ufffdb &lt;b&gt;</ins>" in html
    assert "<p>缘由（本站改进整理）：整理有误（" in html
    assert "<p>Why (our own compilation): Read wrongly (" in html
    assert "9999" not in html


async def test_what_was_erased_is_in_no_feed(own: Settings, seed: Seed) -> None:
    edition = changed(make_edition(seed), O083, note_zh="张三丰", note_en=None)
    after = without(edition, O083)
    await publish_rows(own, edition, after)
    async with serving(own) as api:
        before = (await api.get(JSON)).text
    await erase(own, after, O083)
    async with serving(own) as api:
        answers = [await api.get(path) for path, _ in FORMS]
        feed = answers[1].json()
        statuses = {one["url"]: (await api.get(one["url"])).status_code for one in feed["items"]}

    assert "张三丰" in before
    assert all("张三丰" not in answer.text for answer in answers)
    assert [one["title"] for one in feed["items"][:2]] == [
        "第4版：清除1条 / Release 4: 1 erased",
        f"清除：{O083} / Erased: {O083}",
    ]
    assert f"<p>缘由：{WHY.zh}</p>" in feed["items"][1]["content_html"]
    assert feed["items"][1]["url"] == f"{BASE}/releases#r4"
    assert "<td><del>（已清除）</del></td>" in feed["items"][5]["content_html"]
    assert set(statuses.values()) == {200}


async def test_an_erased_version_of_what_is_there_leads_to_what_is_there(
    own: Settings, seed: Seed
) -> None:
    before, after = corrected(make_edition(seed)), changed(make_edition(seed), O083, note_en=None)
    await publish_rows(own, before, after)
    await erase(own, after, O083)
    async with serving(own) as api:
        items = (await api.get(JSON)).json()["items"]

    assert items[1]["url"] == f"{BASE}/datasets/observations/{O083}?release=4"
    assert items[1]["title"].startswith("清除：受理并指派法律援助件数")
    assert "<ins>—</ins>" in items[3]["content_html"]
    assert "（已清除）" in items[3]["content_html"]


async def test_a_release_withdrawn_by_law_is_told_in_place_of_what_it_told(
    own: Settings, seed: Seed
) -> None:
    edition = corrected(make_edition(seed))
    await publish_rows(own, edition, without(edition, O083))
    async with serving(own) as api:
        before = await api.get(JSON)
        await withdraw(own, 2)
        await api._transport.app.site.store.refresh()  # type: ignore[attr-defined]  # noqa: SLF001
        after = await api.get(JSON, headers={"if-none-match": before.headers["etag"]})
        atom = parsed(await api.get(ATOM))

    items = after.json()["items"]
    assert [one["title"] for one in items] == [
        "第3版：撤回1条 / Release 3: 1 withdrawn",
        f"撤回：{O083} / Withdrawn: {O083}",
        "第2版已依法撤下 / Release 2 was withdrawn by law",
        "第1版：新增241条 / Release 1: 241 added",
    ]
    assert items[1]["url"] == f"{BASE}/releases#r3"
    assert WHY.zh in items[2]["content_html"]
    assert "207" not in after.text
    assert [one.title for one in atom.entries] == [one["title"] for one in items]


async def test_a_feed_has_the_newest_entries_and_says_where_the_others_are(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opendata_api.web.feeds.ITEMS_MAX", 2)
    edition = changed(corrected(make_edition(seed)), O082, note_en="x")
    await publish_rows(own, edition)
    async with serving(own) as api:
        atom, feed = await feeds_of(api)

    assert feed["items"][0]["title"] == "第2版：更正2条 / Release 2: 2 corrected"
    assert len(feed["items"]) == len(atom.entries) == 2
    assert "其余见数据" in feed["items"][0]["content_html"]
    assert feed["items"][1]["title"].startswith("更正：")


async def test_notes_of_the_publisher_and_changes_of_labels_stand_in_the_summary(
    own: Settings, seed: Seed
) -> None:
    edition = make_edition(seed)
    passages = edition.rows["passages"][1:]
    edition = replace(edition, rows={**edition.rows, "passages": passages})
    labels = [
        replace(one, body=one.body.replace('"about":', '"circa":')) if one.kind == "labels" else one
        for one in edition.attachments
    ]
    noted = replace(edition, attachments=labels, notes=Text("改名 <1>", "Renamed <1>"))
    await publish_rows(own, replace(corrected(noted), notes=noted.notes))
    async with serving(own) as api:
        items = (await api.get(JSON)).json()["items"]

    assert items[0]["content_html"].startswith('<div lang="zh-CN"><p>改名 &lt;1&gt;</p>')
    assert "Labels of codes: " in items[0]["content_html"]
    assert [one["title"].partition("：")[0] for one in items] == ["第2版", "更正", "撤回", "第1版"]
    assert "缘由" in items[1]["content_html"]
    assert "缘由" not in items[2]["content_html"]


async def test_a_long_sentence_is_cut_in_a_title(own: Settings, seed: Seed) -> None:
    edition = make_edition(seed)
    first, *others = edition.rows["commitments"]
    place = COMMITMENTS.field_names.index("quote")
    long = (*first[:place], "长" * 101, *first[place + 1 :])
    rows = {**edition.rows, "commitments": [long, *others]}
    await publish_rows(own, explained(replace(edition, rows=rows), str(first[0])))
    async with serving(own) as api:
        items = (await api.get(JSON)).json()["items"]

    assert f"更正：{'长' * 100}…" in items[1]["title"]


@pytest.mark.parametrize(("path", "media_type"), FORMS)
async def test_a_feed_is_the_same_bytes_and_not_sent_twice(
    api: httpx.AsyncClient, path: str, media_type: str
) -> None:
    first, second = await api.get(path), await api.get(path)
    head = await api.head(path)
    kept = await api.get(path, headers={"if-none-match": first.headers["etag"]})
    since = await api.get(path, headers={"if-modified-since": first.headers["last-modified"]})

    assert first.content == second.content
    assert first.headers["last-modified"] == "Fri, 02 Jan 2026 03:04:05 GMT"
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert [one.status_code for one in (kept, since)] == [304, 304]
    assert kept.headers["etag"] == first.headers["etag"]


async def test_pages_lead_to_the_feeds(api: httpx.AsyncClient) -> None:
    for path in ("/", "/releases", "/nosuch"):
        page = (await api.get(path, headers={"accept": "text/html"})).text
        for feed, media_type in FORMS:
            assert f'<link rel="alternate" type="{media_type}" title="变更" href="{feed}">' in page


@pytest.mark.any_database
async def test_an_error_at_a_feed_is_a_document_whoever_asks(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"{ATOM}?nosuch=1", headers={"accept": "text/html"})

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_a_mailto_contact_has_an_address_of_mail() -> None:
    name = Text("甲", "A")

    assert Operator(name).email is None
    assert Operator(name, "https://example.org").email is None
    assert Operator(name, "mailto:a%2Bb@example.org").email == "a+b@example.org"

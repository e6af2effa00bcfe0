"""What releases change is told in one order, and why; nothing changes without a reason."""

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from conftest import BASE
from editions import O083, changed, explained, published_with, serving, without
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from opendata_api.datasets import (
    BODIES,
    COMMITMENTS,
    DATASETS,
    DOCUMENTS,
    METRICS,
    OBSERVATIONS,
    PASSAGES,
    REPORTS,
)
from opendata_api.describe import Dataset
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.erasing import Erasure
from opendata_api.store.errors import BadPublication, UnexplainedChanges
from opendata_api.store.model import Edition, Reason
from opendata_api.store.place import erase, write_release
from opendata_api.store.release_files import ROWS_ALONE
from opendata_api.values import Stored
from opendata_api.words import Text

Change = dict[str, Any]
ROUNDS = 50
LATER = datetime(2026, 1, 3, tzinfo=UTC)


async def all_changes(api: httpx.AsyncClient, since: int = 0, limit: int = 1000) -> list[Change]:
    address: str | None = f"/v1/changes?limit={limit}&since={since}"
    found: list[Change] = []
    while address is not None:
        page = (await api.get(address)).json()
        found += page["data"]
        address = page["links"]["next"]
    return found


async def exported(api: httpx.AsyncClient, release: int | None = None) -> dict[str, Any]:
    """Every record of every dataset by dataset and id."""
    pin = "" if release is None else f"&release={release}"
    copy: dict[str, Any] = {}
    for dataset in DATASETS:
        address: str | None = f"/v1/{dataset.name}?limit=1000{pin}"
        while address is not None:
            page = (await api.get(address)).json()
            copy |= {f"{dataset.name} {row['id']}": row for row in page["data"]}
            address = page["links"]["next"]
    return copy


def apply(copy: dict[str, Any], changes: list[Change]) -> None:
    """What a mirror does with the changes."""
    for change in changes:
        key = f"{change['dataset']} {change['id']}"
        if change["kind"] == "erased":
            assert change["before"] is None
        else:
            assert copy.get(key) == change["before"]
        if change["record"] is None:
            copy.pop(key, None)
        else:
            copy[key] = change["record"]


def labels_of(edition: Edition) -> dict[str, Any]:
    """The labels of an edition as a mirror keeps them."""
    return {
        f"labels {codes}/{code}": {
            "codes": codes,
            "code": code,
            "label_zh": words[0],
            "label_en": words[1],
        }
        for codes, labels in json.loads(edition.labels or "{}").items()
        for code, words in labels.items()
    }


def records_of(copy: Mapping[str, Any]) -> dict[str, Any]:
    return {key: one for key, one in copy.items() if not key.startswith("labels ")}


async def test_the_first_release_tells_all_it_has_and_a_copy_is_exact(
    api: httpx.AsyncClient,
) -> None:
    changes = await all_changes(api, limit=100)
    copy: dict[str, Any] = {}
    apply(copy, changes)

    assert [change["seq"] for change in changes] == list(range(1, len(changes) + 1))
    assert {change["kind"] for change in changes} == {"added"}
    assert {change["published_at"] for change in changes} == {"2026-01-02T03:04:05Z"}
    assert records_of(copy) == await exported(api)
    assert copy["labels topics/legal_aid"] == {
        "codes": "topics",
        "code": "legal_aid",
        "label_zh": "法律援助",
        "label_en": "legal aid",
    }


async def test_who_knows_the_last_change_is_told_of_none(api: httpx.AsyncClient) -> None:
    last = (await all_changes(api))[-1]["seq"]
    page = (await api.get(f"/v1/changes?since={last}")).json()

    assert page["data"] == []
    assert page["meta"]["count"] == 0
    assert page["meta"]["last_seq"] == last
    assert page["links"] == {
        "self": f"{BASE}/v1/changes?since={last}",
        "next": None,
        "later": f"{BASE}/v1/changes?since={last}",
    }


async def test_a_correction_shows_before_and_after_with_its_reason(
    own: Settings, seed: Seed
) -> None:
    edition = changed(make_edition(seed), O083, value=207_000_000, value_text="207件")
    async with published_with(own, edition) as api:
        before = await exported(api, 1)
        after = await exported(api)
        since = (await api.get("/v1/releases/1")).json()["data"]["changes"]["count"]
        changes = await all_changes(api, since)
        release = (await api.get("/v1/releases/2")).json()["data"]

    told = {
        "seq": since + 1,
        "release": 2,
        "published_at": "2026-01-03T00:00:00Z",
        "dataset": "observations",
        "id": O083,
        "kind": "corrected",
        "before": before[f"observations {O083}"],
        "record": after[f"observations {O083}"],
        "changed": ["value", "value_text"],
        "reason": {"zh": edition.reasons[0].zh, "en": edition.reasons[0].en},
        "cause": "curation",
    }
    assert changes == [told]
    assert release["changes"]["by_dataset"] == {"observations": {"corrected": 1}}
    assert release["changes"]["href"] == f"{BASE}/v1/changes?since={since}"
    copy = dict(before)
    apply(copy, changes)
    assert records_of(copy) == after


def relabelled(edition: Edition, topic: str, zh: str) -> Edition:
    """The edition as the codebook makes it that calls a topic otherwise."""
    rows = dict(edition.rows)
    for dataset in DATASETS:
        names = dataset.field_names
        if {"topic", "topic_zh"} <= set(names):
            code, label = names.index("topic"), names.index("topic_zh")
            rows[dataset.name] = [
                (*row[:label], zh, *row[label + 1 :]) if row[code] == topic else row
                for row in rows[dataset.name]
            ]
    attachments = [
        replace(one, body=one.body.replace('"legal_aid":["法律援助"', f'"legal_aid":["{zh}"'))
        if one.kind == "labels"
        else one
        for one in edition.attachments
    ]
    return replace(edition, rows=rows, attachments=attachments)


async def test_a_label_makes_new_versions_of_the_rows_that_carry_it_without_a_reason(
    own: Settings, seed: Seed
) -> None:
    async with published_with(own, relabelled(make_edition(seed), "legal_aid", "法援")) as api:
        first = (await api.get("/v1/releases/1")).json()["data"]["changes"]["count"]
        changes = await all_changes(api, first)
        copy = await exported(api, 1)
        apply(copy, [one for one in changes if one["dataset"] != "labels"])
        after = await exported(api)

    label = next(one for one in changes if one["id"] == "topics/legal_aid")
    assert {one["kind"] for one in changes} == {"relabelled"}
    assert {one["reason"] for one in changes} == {None}
    assert {tuple(one["changed"]) for one in changes} == {("topic_zh",), ()}
    assert (label["before"]["label_zh"], label["record"]["label_zh"]) == ("法律援助", "法援")
    assert copy == after


async def test_a_withdrawn_record_is_gone_with_its_reason_and_its_last_release(
    own: Settings, seed: Seed
) -> None:
    edition = without(make_edition(seed), O083)
    path = f"/v1/observations/{O083}"
    async with published_with(own, edition) as api:
        gone = await api.get(f"{path}?lang=en")
        in_chinese = await api.get(path)
        earlier = await api.get(gone.json()["errors"][0]["try"])
        page = await api.get(f"/datasets/observations/{O083}", headers={"accept": "text/html"})
        never = await api.get(f"{path}x")
        [change] = await all_changes(
            api, (await api.get("/v1/releases/1")).json()["data"]["changes"]["count"]
        )

    reason = edition.reasons[0]
    assert gone.status_code == 410
    assert gone.headers["cache-control"] == "max-age=60"
    assert gone.json()["code"] == "withdrawn"
    assert gone.json()["detail"] == (f"withdrawn in release 2, last in release 1. Why: {reason.en}")
    assert in_chinese.json()["detail"] == f"第2版已撤回，最后见于第1版。缘由：{reason.zh}"
    assert (earlier.status_code, str(earlier.url)) == (200, f"{BASE}{path}?release=1")
    assert (page.status_code, page.headers["content-type"]) == (410, "text/html; charset=utf-8")
    assert reason.zh in page.text
    assert f"{BASE}/datasets/observations/{O083}?release=1" in page.text
    assert never.status_code == 404
    assert (change["kind"], change["record"]) == ("withdrawn", None)
    assert change["before"] == earlier.json()["data"]


async def test_a_record_that_comes_back_is_added_again(own: Settings, seed: Seed) -> None:
    edition = make_edition(seed)
    async with published_with(own, without(edition, O083)):
        pass
    async with published_with(own, edition) as api:
        copy: dict[str, Any] = {}
        apply(copy, await all_changes(api))
        back = await api.get(f"/v1/observations/{O083}")
        between = await api.get(f"/v1/observations/{O083}?release=2")

    assert f"observations {O083}" in copy
    assert (back.status_code, between.status_code) == (200, 410)


REASON = Reason(O083, "curation", "抄错", "Copied wrongly.")


@pytest.mark.parametrize(
    ("reasons", "told"),
    [
        ([], f"{O083} (observations) is corrected: one new reason"),
        (
            [REASON, Reason("cn450203-2023-rol-o001", "curation", "无", "None.")],
            "cn450203-2023-rol-o001: nothing changed that needs this reason: 无",
        ),
    ],
)
async def test_nothing_is_published_unless_each_change_has_one_new_reason(
    own: Settings, seed: Seed, reasons: list[Reason], told: str
) -> None:
    edition = replace(changed(make_edition(seed), O083, note_en="Read again."), reasons=reasons)

    with pytest.raises(UnexplainedChanges) as caught:
        await asyncio.to_thread(write_release, own, DATASETS, edition, LATER)
    async with published_with(own, make_edition(seed)) as api:
        releases = (await api.get("/v1/releases")).json()["data"]

    assert str(caught.value) == told
    assert [one["n"] for one in releases] == [1]


async def test_of_reasons_of_releases_that_were_skipped_the_newest_is_told(
    own: Settings, seed: Seed
) -> None:
    second = Reason(O083, "publisher", "更正", "Corrected.")
    edition = replace(
        changed(make_edition(seed), O083, note_en="Read again."), reasons=[REASON, second]
    )
    async with published_with(own, edition) as api:
        first = (await api.get("/v1/releases/1")).json()["data"]["changes"]["count"]
        [told] = await all_changes(api, first)

    assert (told["reason"]["zh"], told["cause"]) == ("更正", "publisher")


async def test_an_id_that_was_withdrawn_comes_back_for_nothing_else(
    own: Settings, seed: Seed
) -> None:
    edition = make_edition(seed)
    await asyncio.to_thread(write_release, own, DATASETS, without(edition, O083), LATER)
    other = changed(edition, O083, metric="disputes_resolved")

    with pytest.raises(BadPublication, match="another metric"):
        await asyncio.to_thread(write_release, own, DATASETS, other, LATER)


async def test_a_reason_that_was_published_explains_no_other_change(
    own: Settings, seed: Seed
) -> None:
    first = replace(changed(make_edition(seed), O083, note_en="Once."), reasons=[REASON])
    again = replace(changed(first, O083, note_en="Twice."), reasons=[REASON])
    await asyncio.to_thread(write_release, own, DATASETS, first, LATER)

    with pytest.raises(UnexplainedChanges, match="one new reason"):
        await asyncio.to_thread(write_release, own, DATASETS, again, LATER)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"metric": "disputes_resolved"}, "another metric"),
        ({"year": 2022}, "another year"),
        ({"metric": "disputes_resolved", "year": 2022}, "another metric, year"),
    ],
)
async def test_an_id_stands_for_one_figure_for_ever(
    own: Settings, seed: Seed, values: dict[str, Stored], told: str
) -> None:
    edition = changed(make_edition(seed), O083, **values)

    with pytest.raises(BadPublication, match=told):
        await asyncio.to_thread(write_release, own, DATASETS, edition, LATER)


def few_rows(edition: Edition) -> Edition:
    """An edition that is published quickly."""
    kept = {"observations": 20, "passages": 3, "commitments": 5, "metrics": 10}
    rows = {name: list(some)[: kept.get(name, 2)] for name, some in edition.rows.items()}
    return replace(edition, rows=rows)


def at_random(edition: Edition, whole: Edition, chance: random.Random) -> Edition:
    """The edition with some records corrected, some withdrawn, some added."""
    for dataset, column in ((OBSERVATIONS, "note_en"), (COMMITMENTS, "text_en")):
        place = dataset.field_names.index(column)
        rows = {str(row[0]): row for row in edition.rows[dataset.name]}
        known = sorted(rows)
        for name in chance.sample(known, min(len(known), chance.randrange(4))):
            if chance.random() < 0.4:
                del rows[name]
            else:
                words = f"{chance.random()}"
                rows[name] = (*rows[name][:place], words, *rows[name][place + 1 :])
            edition = explained(edition, name)
        added = {
            str(row[0]): row
            for row in chance.sample(list(whole.rows[dataset.name]), chance.randrange(3))
            if str(row[0]) not in known
        }
        listed = [*rows.values(), *added.values()]
        edition = replace(edition, rows={**edition.rows, dataset.name: listed})
    if chance.random() < 0.3:
        edition = relabelled(edition, "legal_aid", f"法援{chance.randrange(9)}")
    if chance.random() < 0.3:
        edition = with_label(edition, f"invented_{chance.randrange(3)}")
    return edition


def with_label(edition: Edition, code: str) -> Edition:
    """The edition with one topic more, or without it where it has it."""
    labels = json.loads(edition.labels or "{}")
    if labels["topics"].pop(code, None) is None:
        labels["topics"][code] = ["新主题", "a new topic"]
    attachments = [
        replace(one, body=json.dumps(labels, ensure_ascii=False, separators=(",", ":")))
        if one.kind == "labels"
        else one
        for one in edition.attachments
    ]
    return replace(edition, attachments=attachments)


@dataclass(slots=True)
class Mirror:
    """A copy that is kept by the changes alone, and what every release had."""

    settings: Settings
    copy: dict[str, Any] = field(default_factory=dict)
    since: int = 0
    kept: dict[int, dict[str, Any]] = field(default_factory=dict)

    async def follow(self, release: int, edition: Edition) -> None:
        """Apply what is new, and see that the copy is what is published."""
        async with serving(self.settings) as api:
            changes = await all_changes(api, self.since)
            apply(self.copy, changes)
            self.since = changes[-1]["seq"] if changes else self.since
            self.kept[release] = await exported(api)

            assert self.copy == self.kept[release] | labels_of(edition)
            pages = [await api.get(path) for path in ("/releases", "/releases?lang=en")]
            assert {page.status_code for page in pages} == {200}

    def forget(self, record_id: str) -> None:
        """What was erased is in no release any more; what is in force stays."""
        for rows in self.kept.values():
            for key in [one for one in rows if one.endswith(f" {record_id}")]:
                now = self.copy.get(key)
                if now is None or now["release_changed"] != rows[key]["release_changed"]:
                    del rows[key]


def ids_of(edition: Edition) -> dict[str, str]:
    """The ids of the records that are changed at random, each with what is told of it."""
    return {
        str(row[0]): repr(row)
        for dataset in (OBSERVATIONS, COMMITMENTS)
        for row in edition.rows[dataset.name]
    }


@pytest.mark.untraced
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(
    max_examples=1, deadline=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
)
@given(chance=st.randoms(use_true_random=True))
async def test_a_copy_that_follows_the_changes_equals_what_is_published(
    empty: Settings, seed: Seed, chance: random.Random
) -> None:
    whole, mirror = make_edition(seed), Mirror(empty)
    edition, past, erased = few_rows(whole), set[str](), set[str]()
    for _ in range(ROUNDS):
        release, _ = await asyncio.to_thread(write_release, empty, DATASETS, edition, LATER)
        await mirror.follow(release.n, edition)
        if past and chance.random() < 0.3:
            name = chance.choice(sorted(past))
            erasure = Erasure([name], Text("清除", "Erased."), LATER)
            release = await asyncio.to_thread(erase, empty, DATASETS, edition, erasure, ROWS_ALONE)
            await mirror.follow(release.n, edition)
            mirror.forget(name)
            past.remove(name)
            erased.add(name)
        before = ids_of(edition)
        edition = at_random(edition, allowed(whole, erased), chance)
        after = ids_of(edition)
        past |= {name for name, told in before.items() if after.get(name) != told}

    async with serving(empty) as api:
        for n, rows in mirror.kept.items():
            assert await exported(api, n) == rows
        late = Mirror(empty)
        apply(late.copy, await all_changes(api))
        assert late.copy == mirror.copy
    assert len(mirror.kept) > ROUNDS // 2
    assert erased


def allowed(edition: Edition, erased: set[str]) -> Edition:
    """The edition without what was erased, which never comes back."""
    rows = {
        name: [row for row in some if str(row[0]) not in erased]
        for name, some in edition.rows.items()
    }
    return replace(edition, rows=rows)


@pytest.mark.parametrize(
    ("dataset", "field"), [(METRICS, "unit"), (DOCUMENTS, "sha256"), (REPORTS, "kind")]
)
async def test_other_ids_stand_for_one_thing_too(
    own: Settings, seed: Seed, dataset: Dataset, field: str
) -> None:
    edition = make_edition(seed)
    place = dataset.field_names.index(field)
    first, *others = edition.rows[dataset.name]
    row = (*first[:place], "another", *first[place + 1 :])
    rows = {**edition.rows, dataset.name: [row, *others]}

    with pytest.raises(BadPublication, match=f"another {field}"):
        await asyncio.to_thread(write_release, own, DATASETS, replace(edition, rows=rows), LATER)


async def test_a_name_that_is_withdrawn_is_no_record_on_the_page_of_releases(
    own: Settings, seed: Seed
) -> None:
    named = with_label(make_edition(seed), "invented")
    await asyncio.to_thread(write_release, own, DATASETS, named, LATER)
    async with published_with(own, with_label(named, "invented")) as api:
        changes = await all_changes(api)
        page = await api.get("/releases")

    assert ("topics/invented", "withdrawn") in {(one["id"], one["kind"]) for one in changes}
    assert page.status_code == 200
    assert "topics/invented" not in page.text


async def test_what_follows_from_other_records_is_relabelled_and_needs_no_reason(
    own: Settings, seed: Seed
) -> None:
    edition = make_edition(seed)
    place = PASSAGES.field_names.index("observations")
    rows = [(*row[:place], "[]", *row[place + 1 :]) for row in edition.rows["passages"]]
    moved = replace(edition, rows={**edition.rows, "passages": rows})
    async with published_with(own, moved) as api:
        first = (await api.get("/v1/releases/1")).json()["data"]["changes"]["count"]
        changes = await all_changes(api, first)

    assert {(one["dataset"], one["kind"], one["reason"]) for one in changes} == {
        ("passages", "relabelled", None)
    }


async def test_a_reason_that_was_taken_away_and_put_back_explains_nothing_new(
    own: Settings, seed: Seed
) -> None:
    edition = make_edition(seed)
    first = replace(changed(edition, O083, note_en="Once."), reasons=[REASON])
    without_it = changed(edition, O083, note_en="Twice.")
    again = replace(changed(edition, O083, note_en="Three times."), reasons=[REASON])
    for one in (first, without_it):
        await asyncio.to_thread(write_release, own, DATASETS, one, LATER)

    with pytest.raises(UnexplainedChanges, match="one new reason"):
        await asyncio.to_thread(write_release, own, DATASETS, again, LATER)


@pytest.mark.untraced
async def test_changes_of_more_areas_than_a_statement_can_list_apart_are_told(
    own: Settings, seed: Seed
) -> None:
    edition = make_edition(seed)
    first = edition.rows["bodies"][0]
    names = BODIES.field_names
    values = dict(zip(names, first, strict=False))
    bodies = [
        tuple((values | {"id": f"cn{n}", "area_code": f"{n}"})[name] for name in names[:-2])
        for n in range(100_000, 101_100)
    ]
    rows = {**edition.rows, "bodies": [*edition.rows["bodies"], *bodies]}
    async with published_with(own, replace(edition, rows=rows)) as api:
        first_count = (await api.get("/v1/releases/1")).json()["data"]["changes"]["count"]
        changes = await all_changes(api, first_count)

    assert [one["record"]["id"] for one in changes] == [f"cn{n}" for n in range(100_000, 101_100)]


async def test_no_licence_is_claimed_for_changes_that_hold_the_words_of_a_report(
    api: httpx.AsyncClient,
) -> None:
    whole = (await api.get("/v1/changes?limit=1000")).json()
    figures = (await api.get("/v1/changes?limit=10")).json()

    assert "passages" in {one["dataset"] for one in whole["data"]}
    assert whole["meta"]["license"] is None
    assert figures["meta"]["license"] == "CC-BY-4.0"


async def test_the_same_page_of_changes_has_one_address_and_one_body(
    api: httpx.AsyncClient,
) -> None:
    usual = await api.get("/v1/changes")
    told = await api.get("/v1/changes?limit=200&since=0")

    known = await api.get("/v1/changes", headers={"if-none-match": usual.headers["etag"]})

    assert known.status_code == 304
    assert usual.content == told.content
    assert usual.headers["etag"] == told.headers["etag"]


async def test_the_text_of_a_withdrawn_document_is_gone_too(own: Settings, seed: Seed) -> None:
    edition = make_edition(seed)
    name = "cn450203-2023-rol-d1"
    texts = [one for one in edition.attachments if one.id != name]
    rows = {**edition.rows, "documents": []}
    gone = explained(replace(edition, rows=rows, attachments=texts), name)
    async with published_with(own, gone) as api:
        text = await api.get(f"/v1/documents/{name}/text")
        before = await api.get(text.json()["errors"][0]["try"])

    assert (text.status_code, text.json()["code"]) == (410, "withdrawn")
    assert before.status_code == 200

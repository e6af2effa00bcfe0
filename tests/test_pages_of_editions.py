"""Pages of releases that lack something: they say so, and stay whole."""

import httpx
import pytest
from conftest import BASE
from editions import O083, changed, published_with, with_copy, without

from opendata_api.datasets import PASSAGES
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.values import Stored
from opendata_api.web.app import Application

METRIC = "legal_aid_cases_accepted_and_assigned"


async def test_a_metric_without_a_figure_says_so_and_the_home_page_leads_with_others(
    own: Settings, seed: Seed
) -> None:
    async with published_with(own, without(make_edition(seed), O083)) as api:
        page = await api.get(f"/metrics/{METRIC}?lang=en")
        framed = await api.get(f"/metrics/{METRIC}/embed?lang=en")
        drawn = await api.get(f"/metrics/{METRIC}/chart.svg")
        home = await api.get("/?lang=en")
        before = await api.get("/?lang=en&release=1")

    assert "This release has no figure of it." in page.text
    assert "chart.svg" not in page.text
    assert "<svg" not in framed.text
    assert drawn.status_code == 404
    assert METRIC not in home.text
    assert METRIC in before.text


async def test_a_figure_without_a_value_is_shown_by_its_words(own: Settings, seed: Seed) -> None:
    edition = changed(make_edition(seed), O083, value=None, value_min=None, value_max=None)
    async with published_with(own, edition) as api:
        page = (await api.get(f"/metrics/{METRIC}")).text
        home = (await api.get("/")).text
        text = (await api.get("/reports/cn450203-2023-rol")).text

    assert '<td class="number">206件</td>' in page
    assert "—<small> 件</small>" in home
    assert "受理并指派法律援助件数: 206件" in text


async def test_what_another_document_hides_is_not_laid_over_the_report(
    own: Settings, seed: Seed
) -> None:
    notice: dict[str, Stored] = {
        "id": "cn450203-2023-rol-d2-p001",
        "document_id": "cn450203-2023-rol-d2",
        "text": "更正通知",
        "start": 0,
        "end": 4,
        "masked": 1,
        "observations": "[]",
        "commitments": "[]",
    }
    edition = make_edition(seed)
    passage = str(edition.rows["passages"][0][0])
    async with published_with(own, with_copy(edition, passage, PASSAGES, **notice)) as api:
        before = (await api.get("/reports/cn450203-2023-rol?release=1")).text
        after = (await api.get("/reports/cn450203-2023-rol?release=2")).text

    assert "更正通知" not in after
    assert _article(after) == _article(before).replace("release=1", "release=2")


async def test_an_old_release_is_shown_as_it_was(own: Settings, seed: Seed) -> None:
    async with published_with(own, without(make_edition(seed), O083)) as api:
        newest = (await api.get("/datasets/observations?topic=legal_aid")).text
        first = (await api.get("/datasets/observations?topic=legal_aid&release=1")).text
        releases = (await api.get("/releases?lang=en")).text

    assert O083 not in newest
    assert O083 in first
    assert 'href="/metrics/legal_aid_cases_assigned?release=1"' in first
    assert releases.index("Release 2") < releases.index("Release 1")


async def test_a_correction_is_shown_from_old_to_new_with_its_reason(
    own: Settings, seed: Seed
) -> None:
    edition = changed(make_edition(seed), O083, status="ambiguous")
    [reason] = edition.reasons
    async with published_with(own, edition) as api:
        releases = (await api.get("/releases?lang=en")).text
        record = (await api.get(f"/datasets/observations/{O083}")).text
        before = (await api.get(f"/datasets/observations/{O083}?release=1")).text

    for text, words in ((releases, reason.en), (record, reason.zh)):
        assert words in text
    assert "<del>as printed</del>" in releases
    assert "<ins>ambiguous in the source</ins>" in releases
    assert "corrected 1" in releases
    assert "<del>照原文</del>" in record
    assert "<ins>原文含义不明</ins>" in record
    assert "变更记录" not in before


async def test_a_withdrawn_figure_is_told_of_on_the_page_of_releases(
    own: Settings, seed: Seed
) -> None:
    edition = without(make_edition(seed), O083)
    async with published_with(own, edition) as api:
        releases = (await api.get("/releases")).text
        kept = await api.get(f"/datasets/observations/{O083}?release=1")

    assert edition.reasons[0].zh in releases
    assert f'href="/datasets/observations/{O083}?release=1"' in releases
    assert kept.status_code == 200


async def test_where_counting_would_cost_too_much_a_page_has_no_facets(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.site.store, "read_rows_max", 1)
    answer = await api.get("/datasets/observations?lang=en")

    assert answer.status_code == 200
    assert "Filter by</summary>" not in answer.text


async def test_a_chosen_value_is_listed_however_rare_it_is(api: httpx.AsyncClient) -> None:
    counted = (await api.get("/v1/observations/facets?by=topic")).json()["data"]
    rarest = counted[-1]
    text = (await api.get(f"/datasets/observations?topic={rarest['value']}&lang=en")).text

    shown = f'<a href="/datasets/observations?lang=en" aria-current="true">{rarest["label_en"]}</a>'
    assert shown in text
    assert "/v1/observations/facets?by=topic&amp;lang=en" in text


async def test_the_usual_number_of_rows_is_left_out_of_the_address(
    api: httpx.AsyncClient,
) -> None:
    text = (await api.get("/datasets/observations?limit=50")).text

    assert f'<link rel="canonical" href="{BASE}/datasets/observations">' in text


def _article(html: str) -> str:
    return html[html.index("<article") : html.index("</article>")]

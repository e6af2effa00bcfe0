"""OAI-PMH: every item comes once, what was taken away stays told, errors are the protocol's."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from conftest import BASE
from editions import O083, changed, serving, with_copy, without
from test_changes import exported
from test_erasing import D1, erase, publish_rows, withdraw

from opendata_api.catalog.oai_tokens import Token
from opendata_api.datasets import DATASETS
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.model import Edition

O082 = "cn450203-2023-rol-o082"
O999 = "cn450203-2023-rol-o999"
FIRST = "2026-01-02T03:04:05Z"
SECOND = "2026-01-03T00:00:00Z"
THIRD = "2026-01-03T00:00:01Z"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
START = "oai:data.example.org:"
RECORDS = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
NAMES = [one.name for one in DATASETS]
any_database = pytest.mark.any_database


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, as a harvester takes it."""

    stamps: dict[str, str] = field(default_factory=dict)
    """When each item changed last, by identifier."""
    deleted: list[str] = field(default_factory=list)
    sets: dict[str, str] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    parts: list[tuple[str | None, str | None]] = field(default_factory=list)
    """The size and the place that each part tells."""


def root_of(answer: httpx.Response) -> ET.Element:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    return ET.fromstring(answer.content)


def error_of(answer: httpx.Response) -> tuple[str | None, Mapping[str, str]]:
    """The code of the error, and the arguments that are repeated."""
    root = root_of(answer)
    [error] = root.findall(f"{OAI}error")
    return error.get("code"), root.find(f"{OAI}request").attrib  # type: ignore[union-attr]


async def parts(api: httpx.AsyncClient, **asked: str) -> AsyncIterator[ET.Element]:
    """The parts of a list."""
    params = {"verb": "ListRecords", "metadataPrefix": "oai_dc", **asked}
    while params:
        answer = await api.get("/oai", params=params)
        [part] = root_of(answer).findall(f"{OAI}{params['verb']}")
        yield part
        token = part.findtext(f"{OAI}resumptionToken")
        params = {"verb": params["verb"], "resumptionToken": token} if token else {}


def take(listed: Listed, part: ET.Element) -> None:
    for header in part.iter(f"{OAI}header"):
        identifier = header.findtext(f"{OAI}identifier") or ""
        listed.given.append(identifier)
        listed.stamps[identifier] = header.findtext(f"{OAI}datestamp") or ""
        listed.sets[identifier] = header.findtext(f"{OAI}setSpec") or ""
        if header.get("status") == "deleted":
            listed.deleted.append(identifier)
    for token in part.iter(f"{OAI}resumptionToken"):
        listed.parts.append((token.get("completeListSize"), token.get("cursor")))


async def harvest(api: httpx.AsyncClient, **asked: str) -> Listed:
    """A whole list."""
    listed = Listed()
    async for part in parts(api, **asked):
        take(listed, part)
    return listed


async def everything(api: httpx.AsyncClient, release: int | None = None) -> set[str]:
    """The identifier of every record and of every dataset."""
    records = {START + key.replace(" ", "/") for key in await exported(api, release)}
    return records | {f"{START}datasets/{name}" for name in NAMES}


async def get_record(api: httpx.AsyncClient, identifier: str) -> httpx.Response:
    params = {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": START + identifier}
    return await api.get("/oai", params=params)


async def statements_of(api: httpx.AsyncClient, identifier: str) -> list[tuple[str, str]]:
    """What is said of an item: each element, with its language, and its text."""
    root = root_of(await get_record(api, identifier))
    [metadata] = root.iter("{http://www.openarchives.org/OAI/2.0/oai_dc/}dc")
    return [
        ("@".join(filter(None, [one.tag.removeprefix(DC), one.get(LANG)])), one.text or "")
        for one in metadata
    ]


def small_parts(monkeypatch: pytest.MonkeyPatch, **sizes: int) -> None:
    for name, size in sizes.items():
        monkeypatch.setattr(f"opendata_api.web.harvest.{name}", size)


async def test_the_repository_says_what_it_is(own: Settings) -> None:
    contact = {"contact": "mailto:data@example.org"}
    async with serving(own.model_copy(update=contact)) as api:
        answer = await api.get("/oai?verb=Identify")

    assert answer.text == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/ '
        'http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">'
        "<responseDate>2026-01-02T03:04:06Z</responseDate>"
        f'<request verb="Identify">{BASE}/oai</request><Identify>'
        "<repositoryName>政府报告开放数据 / Open Data from Government Reports</repositoryName>"
        f"<baseURL>{BASE}/oai</baseURL><protocolVersion>2.0</protocolVersion>"
        "<adminEmail>data@example.org</adminEmail>"
        "<earliestDatestamp>2026-01-02T03:04:05Z</earliestDatestamp>"
        "<deletedRecord>persistent</deletedRecord>"
        "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity><compression>gzip</compression>"
        '<description><oai-identifier xmlns="http://www.openarchives.org/OAI/2.0/oai-identifier" '
        'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai-identifier '
        'http://www.openarchives.org/OAI/2.0/oai-identifier.xsd"><scheme>oai</scheme>'
        "<repositoryIdentifier>data.example.org</repositoryIdentifier><delimiter>:</delimiter>"
        f"<sampleIdentifier>{START}datasets/observations</sampleIdentifier>"
        "</oai-identifier></description></Identify></OAI-PMH>\n"
    )


@pytest.mark.parametrize("contact", [None, "https://example.org/contact", "mailto:nobody"])
async def test_without_an_address_of_mail_it_says_that_there_is_none(
    own: Settings, contact: str | None
) -> None:
    local = {"contact": contact, "public_url": "http://127.0.0.1:8000"}
    async with serving(own.model_copy(update=local)) as api:
        root = root_of(await api.get("/oai?verb=Identify"))

    assert root.findtext(f".//{OAI}adminEmail") == "unset@contact.invalid"
    assert root.find(f".//{OAI}description") is None


async def test_there_is_one_format(api: httpx.AsyncClient) -> None:
    own = f"{START}observations/{O083}"
    answers = [
        await api.get(f"/oai?verb=ListMetadataFormats{more}") for more in ("", f"&identifier={own}")
    ]

    for answer in answers:
        assert [one.text for one in root_of(answer).iter() if not len(one)][2:] == [
            "oai_dc",
            "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
            "http://www.openarchives.org/OAI/2.0/oai_dc/",
        ]


async def test_each_dataset_is_a_set_and_all_of_them_are_one(api: httpx.AsyncClient) -> None:
    root = root_of(await api.get("/oai?verb=ListSets"))

    assert [one.text for one in root.iter(f"{OAI}setSpec")] == ["datasets", *NAMES]
    assert [one.text for one in root.iter(f"{OAI}setName")][:2] == [
        "数据集 / The datasets",
        "报告数据 / Observations",
    ]


async def test_a_record_is_told_in_both_languages(api: httpx.AsyncClient) -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"

    assert await statements_of(api, f"observations/{O083}") == [
        ("title@zh-CN", "受理并指派法律援助件数（鱼峰区，2023年）"),
        ("title@en", "legal aid cases accepted and assigned (Yufeng District, 2023)"),
        ("subject@zh-CN", "法律援助"),
        ("subject@en", "legal aid"),
        ("description@zh-CN", "206件"),
        ("description@zh-CN", "法律援助中心全年共受理并指派法律援助206件"),
        ("description@zh-CN", "与绿色通道206件印的是同一个数。"),
        ("description@en", "Prints the same figure as the green channel's 206."),
        ("publisher@zh-CN", "政府报告开放数据"),
        ("publisher@en", "Open Data from Government Reports"),
        ("type", "Dataset"),
        ("identifier", f"{BASE}/v1/observations/{O083}"),
        ("identifier", f"{BASE}/datasets/observations/{O083}"),
        ("language", "zh"),
        ("language", "en"),
        ("relation", f"{BASE}/v1/metrics/legal_aid_cases_accepted_and_assigned"),
        ("relation", f"{BASE}/v1/areas/450203"),
        ("relation", f"{BASE}/v1/bodies/cn450203"),
        ("relation", f"{BASE}/v1/reports/cn450203-2023-rol"),
        ("relation", f"{BASE}/v1/documents/{D1}"),
        ("coverage@zh-CN", "鱼峰区"),
        ("coverage@en", "Yufeng District"),
        ("coverage", "2023"),
        ("rights", licence),
        ("rights", "政府报告开放数据 (Open Data from Government Reports), CC BY 4.0"),
    ]


async def test_of_a_text_no_licence_is_claimed(api: httpx.AsyncClient) -> None:
    said = await statements_of(api, "passages/cn450203-2023-rol-p001")
    document = await statements_of(api, f"documents/{D1}")

    assert ("type", "Text") in said
    assert [text for name, text in said if name == "language"] == ["zh"]
    assert [name for name, _ in said if name.startswith("rights")] == ["rights@zh-CN", "rights@en"]
    assert {("type", "Text"), ("date", "2024-03-01")} < set(document)
    [source] = [text for name, text in document if name == "source"]
    assert source.startswith("http://www.yfq.gov.cn/")


async def test_a_dataset_is_an_item_too(api: httpx.AsyncClient) -> None:
    said = await statements_of(api, "datasets/observations")

    assert said[:2] == [("title@zh-CN", "报告数据"), ("title@en", "Observations")]
    assert ("date", FIRST) in said
    assert ("identifier", f"{BASE}/v1/observations") in said
    assert ("coverage@en", "Yufeng District") in said


async def test_what_an_item_names_of_ours_is_there(api: httpx.AsyncClient) -> None:
    named: set[str] = set()
    async for part in parts(api):
        texts = (one.text or "" for one in part.iter())
        named |= {text for text in texts if text.startswith(f"{BASE}/")}
    some = sorted(named)[::7]

    assert len(named) > 600
    assert {(await api.get(address)).status_code for address in some} == {200}


@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
async def test_a_list_has_every_record_and_every_dataset_once(
    api: httpx.AsyncClient, verb: str
) -> None:
    listed = await harvest(api, verb=verb)

    assert set(listed.given) == await everything(api)
    assert len(listed.given) == len(listed.stamps) == 362
    assert set(listed.stamps.values()) == {FIRST}
    assert listed.deleted == []
    assert listed.parts == [("362", "0"), ("362", "109"), ("362", "209"), ("362", "309")]


async def test_a_set_has_the_records_of_its_dataset(api: httpx.AsyncClient) -> None:
    whole = await everything(api)

    for name in ("datasets", *NAMES):
        listed = await harvest(api, set=name)
        assert set(listed.given) == {one for one in whole if one.startswith(f"{START}{name}/")}
        assert set(listed.sets.values()) == {name}


@pytest.mark.untraced
@pytest.mark.parametrize("size", [1, 7, 352, 353])
async def test_parts_of_any_size_give_the_same_list(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    edition = changed(make_edition(seed), O083, note_en="x")
    await publish_rows(own, edition, without(edition, O082))
    async with serving(own) as api:
        whole = await harvest(api, verb="ListIdentifiers")
        small_parts(monkeypatch, ITEMS_MAX=size, READ=3)
        listed = await harvest(api, verb="ListIdentifiers")

    assert listed.given == whole.given
    assert listed.stamps == whole.stamps
    assert listed.deleted == whole.deleted
    assert {one for one, _ in listed.parts} <= {"362"}


@pytest.mark.untraced
async def test_corrections_and_withdrawals_change_the_times_of_their_items(
    own: Settings, seed: Seed
) -> None:
    edition = changed(make_edition(seed), O083, note_en="x")
    await publish_rows(own, edition, without(edition, O082))
    async with serving(own) as api:
        listed = await harvest(api)
        later = {day: await harvest(api, **{"from": day}) for day in ("2026-01-03", SECOND, THIRD)}
        first = await harvest(api, until="2026-01-02")
        second = await harvest(api, **{"from": SECOND, "until": SECOND, "set": "observations"})
        there = await everything(api)
        gone = root_of(await get_record(api, f"observations/{O082}"))
        there_too = root_of(await get_record(api, f"observations/{O083}"))

    corrected, withdrawn = (f"{START}observations/{one}" for one in (O083, O082))
    assert set(listed.given) == there | {withdrawn}
    assert len(listed.given) == 362
    assert listed.deleted == [withdrawn]
    assert (listed.stamps[corrected], listed.stamps[withdrawn]) == (SECOND, THIRD)
    assert later["2026-01-03"].given == later[SECOND].given
    assert set(later[SECOND].given) == {f"{START}datasets/observations", corrected, withdrawn}
    assert later[THIRD].given == [f"{START}datasets/observations", withdrawn]
    assert later[THIRD].deleted == [withdrawn]
    assert set(first.given) == set(listed.given) - set(later[SECOND].given)
    assert second.given == [corrected]
    assert gone.find(f".//{OAI}header").get("status") == "deleted"  # type: ignore[union-attr]
    assert gone.findtext(f".//{OAI}datestamp") == THIRD
    assert gone.find(f".//{OAI}metadata") is None
    assert there_too.findtext(f".//{OAI}datestamp") == SECOND


@pytest.mark.untraced
async def test_what_came_back_is_there_again(own: Settings, seed: Seed) -> None:
    edition = make_edition(seed)
    await publish_rows(own, without(edition, O083), edition)
    async with serving(own) as api:
        listed = await harvest(api, set="observations")

    assert len(listed.given) == len(listed.stamps) == 108
    assert listed.deleted == []
    assert listed.stamps[f"{START}observations/{O083}"] == THIRD


async def test_what_was_erased_stays_told_as_deleted(own: Settings, seed: Seed) -> None:
    edition = changed(make_edition(seed), O082, note_en="x")
    after = without(changed(edition, O082, note_en=None), O083)
    await publish_rows(own, edition, after)
    await erase(own, after, O083, O082)
    async with serving(own) as api:
        listed = await harvest(api)
        ofset = await harvest(api, set="observations")
        last = await harvest(api, **{"from": "2026-01-03T00:00:02Z"})
        others = await api.get("/oai", params={**RECORDS, "set": "areas", "from": THIRD})

    erased, corrected = (f"{START}observations/{one}" for one in (O083, O082))
    assert len(listed.given) == len(listed.stamps) == 362
    assert listed.deleted == ofset.deleted == [erased]
    assert listed.stamps[erased] == "2026-01-03T00:00:02Z"
    assert listed.stamps[corrected] == THIRD
    assert last.given == [f"{START}datasets/observations", erased]
    assert error_of(others)[0] == "noRecordsMatch"


@pytest.mark.untraced
async def test_a_list_that_was_begun_is_not_changed_by_a_release(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_parts(monkeypatch, ITEMS_MAX=50)
    edition = changed(make_edition(seed), O083, note_en="x")
    after = without(with_copy(edition, O083, id=O999), O082)
    listed = Listed()
    async with serving(own) as api:
        there = await everything(api)
        async for part in parts(api):
            take(listed, part)
            if len(listed.parts) == 1:
                moment = root_of(await api.get("/oai?verb=Identify")).findtext(f"{OAI}responseDate")
                await publish_rows(own, after)
                await api._transport.app.site.store.refresh()  # type: ignore[attr-defined]  # noqa: SLF001
        later = await harvest(api, **{"from": moment or ""})
        nothing = await api.get("/oai", params={**RECORDS, "from": "2026-01-03T00:00:01Z"})

    assert set(listed.given) == there
    assert len(listed.given) == 362
    assert {identifier.rpartition("/")[2] for identifier in later.given} >= {O083, O082, O999}
    assert later.deleted == [f"{START}observations/{O082}"]
    assert error_of(nothing)[0] == "noRecordsMatch"


async def changed_again(own: Settings, seed: Seed) -> None:
    """Ten records are corrected in release 2, and all of them again in release 3."""
    ids = [f"cn450203-2023-rol-o{n:03}" for n in range(1, 11)]
    editions: list[Edition] = []
    edition = make_edition(seed)
    for note in ("x", "y"):
        for one in ids:
            edition = changed(edition, one, note_en=note)
        editions.append(edition)
    await publish_rows(own, *editions)


@pytest.mark.untraced
async def test_no_part_is_empty_however_much_was_changed_again(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    await changed_again(own, seed)
    small_parts(monkeypatch, LOOKED_MAX=4, ITEMS_MAX=3, READ=2)
    async with serving(own) as api:
        listed = await harvest(api)
        later = await harvest(api, **{"from": SECOND, "set": "observations"})
        there = await everything(api)
        nothing = await api.get(
            "/oai", params={**RECORDS, "from": SECOND, "until": SECOND, "set": "datasets"}
        )

    ids = {f"{START}observations/cn450203-2023-rol-o{n:03}" for n in range(1, 11)}
    assert set(listed.given) == there
    assert len(listed.given) < len(there) + 20
    assert {listed.stamps[one] for one in ids} == {THIRD}
    assert set(later.given) == ids
    assert error_of(nothing)[0] == "noRecordsMatch"


async def test_a_list_whose_rest_was_changed_again_ends_with_an_item(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    await changed_again(own, seed)
    spanned = {"from": SECOND, "until": SECOND, "set": "observations"}
    async with serving(own) as api:
        nothing = await api.get("/oai", params={**RECORDS, **spanned})
        small_parts(monkeypatch, LOOKED_MAX=4)
        listed = await harvest(api, **spanned)

    assert error_of(nothing)[0] == "noRecordsMatch"
    assert set(listed.stamps.values()) == {THIRD}
    assert [one.rpartition("-")[2] for one in listed.given] == ["o004", "o007", "o010", "o010"]


async def test_records_of_a_release_that_was_withdrawn_by_law_are_still_listed(
    own: Settings, seed: Seed
) -> None:
    edition = changed(make_edition(seed), O083, note_en="x")
    await publish_rows(own, edition, without(edition, O082))
    async with serving(own) as api:
        begun = (await anext(parts(api))).findtext(f"{OAI}resumptionToken")
        before = await harvest(api)
        tag = (await api.get("/oai", params=RECORDS)).headers["etag"]
        await withdraw(own, 2)
        await api._transport.app.site.store.refresh()  # type: ignore[attr-defined]  # noqa: SLF001
        after = await harvest(api)
        again = await api.get("/oai", params=RECORDS, headers={"if-none-match": tag})
        ofset = await harvest(api, set="passages")
        resumed = await api.get("/oai", params={"verb": "ListRecords", "resumptionToken": begun})
        bound = Token("ListRecords", "oai_dc", "", 2, 1, 2, 5, 5).encode()
        refused = await api.get("/oai", params={"verb": "ListRecords", "resumptionToken": bound})

    assert after.given == before.given
    assert after.stamps == before.stamps
    assert again.status_code == 200
    assert len(ofset.given) == 112
    assert root_of(resumed).find(f"{OAI}ListRecords") is not None
    assert error_of(refused)[0] == "badResumptionToken"


TOKEN = Token("ListRecords", "oai_dc", "", 1, 1, 1, 5, 5)
ONE = f"metadataPrefix=oai_dc&identifier={START}observations/{O083}"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=", "badVerb"),
        ("verb=Nosuch", "badVerb"),
        ("verb=identify", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("nosuch=1", "badVerb"),
        ("verb=Identify&nosuch=1", "badArgument"),
        ("verb=Identify&lang=en", "badArgument"),
        ("verb=Identify&identifier=x", "badArgument"),
        ("verb=Identify&%zz=1", "badArgument"),
        ("verb=ListSets&set=areas", "badArgument"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=ListMetadataFormats&identifier=x", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=", "badArgument"),
        ("verb=GetRecord", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        (f"verb=GetRecord&identifier={START}areas/450203", "badArgument"),
        (f"verb=GetRecord&{ONE}x", "idDoesNotExist"),
        (f"verb=GetRecord&{ONE}%20x", "badArgument"),
        (f"verb=GetRecord&{ONE.replace('oai_dc', 'a%20b')}", "badArgument"),
        (f"verb=GetRecord&{ONE}&{ONE}", "badArgument"),
        (f"verb=GetRecord&{ONE.replace('oai_dc', 'marc21')}", "cannotDisseminateFormat"),
        (f"verb=GetRecord&{ONE.replace('observations/', 'nosuch/')}", "idDoesNotExist"),
        (f"verb=GetRecord&{ONE.replace('data.', 'other.')}", "idDoesNotExist"),
        (f"verb=GetRecord&{ONE.replace('-o083', '-o%2530')}", "idDoesNotExist"),
        (f"verb=GetRecord&metadataPrefix=oai_dc&identifier={START}datasets/x", "idDoesNotExist"),
        (f"verb=GetRecord&metadataPrefix=oai_dc&identifier={START}", "idDoesNotExist"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=nosuch", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=a:b", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=a%20b", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=labels", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-02T25:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-02T03:04:05", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=%EF%BC%92026-01-02", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-03", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-02T03:04:06Z", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=2026-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-03&until=2026-01-02", "badArgument"),
        (
            f"verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until={FIRST}",
            "badArgument",
        ),
        (f"verb=ListRecords&metadataPrefix=oai_dc&resumptionToken={TOKEN.encode()}", "badArgument"),
        ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=%E4%B8%AD", "badResumptionToken"),
        (f"verb=ListRecords&resumptionToken={TOKEN.encode()}A", "badResumptionToken"),
        (f"verb=ListIdentifiers&resumptionToken={TOKEN.encode()}", "badResumptionToken"),
    ],
)
@any_database
async def test_what_is_wrong_is_told_as_the_protocol_tells_it(
    api: httpx.AsyncClient, query: str, code: str
) -> None:
    given, repeated = error_of(await api.get(f"/oai?{query}"))

    assert given == code
    assert bool(repeated) == (code not in ("badVerb", "badArgument"))


@pytest.mark.parametrize(
    "values",
    [
        ("ListRecords", "marc21", "", 1, 1, 1, 5, 5),
        ("ListRecords", "oai_dc", "", 2, 1, 2, 5, 5),
        ("ListRecords", "oai_dc", "", 1, 0, 1, 5, 5),
        ("ListRecords", "oai_dc", "", 1, 1, 2, 5, 5),
        ("ListRecords", "oai_dc", "", 1, 1, 1, -1, 5),
        ("ListRecords", "oai_dc", "", 1, 1, 1, 5, -1),
        ("ListRecords", "oai_dc", "", 1, 1, 1, 2**64 - 1, 5),
        ("ListRecords", "oai_dc", None, 1, 1, 1, 5, 5),
        ("ListRecords", "oai_dc", "", 1, True, 1, 5, 5),
        ("ListRecords", "oai_dc", "", 1, 1, 1, 5.5, 5),
        ("ListRecords", "oai_dc", "nosuch", 1, 1, 1, 5, 5),
        ("ListRecords", "oai_dc", "", 1, 1, 1, 9999, 5),
    ],
)
@any_database
async def test_a_forged_token_is_refused(api: httpx.AsyncClient, values: Any) -> None:
    token = Token(*values).encode()

    answer = await api.get("/oai", params={"verb": "ListRecords", "resumptionToken": token})

    assert error_of(answer)[0] == "badResumptionToken"


async def test_a_form_is_answered_as_a_query(api: httpx.AsyncClient) -> None:
    got = await api.get("/oai", params=RECORDS)
    posted = await api.post("/oai", data=RECORDS)
    both = await api.post("/oai?verb=ListRecords", data={"metadataPrefix": "oai_dc"})
    error = await api.post("/oai")

    assert posted.content == both.content == got.content
    assert posted.headers["cache-control"] == "no-store"
    assert error_of(error)[0] == "badVerb"


@any_database
async def test_a_body_that_is_no_form_is_refused(api: httpx.AsyncClient) -> None:
    answers = [
        await api.post("/oai", json=RECORDS),
        await api.post("/oai", data={"verb": "Identify" + "x" * 8192}),
        await api.post("/oai?verb=Identify", data={"verb": "Identify"}),
    ]

    codes = [error_of(one)[0] for one in answers]
    assert codes == ["badArgument", "badArgument", "badVerb"]


@any_database
async def test_only_the_repository_takes_a_form(api: httpx.AsyncClient) -> None:
    options = await api.options("/oai")
    refused = [await api.post("/v1"), await api.put("/oai"), await api.post("/nosuch")]

    assert options.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert options.headers["access-control-allow-methods"] == "GET, HEAD, POST, OPTIONS"
    assert [one.status_code for one in refused] == [405, 405, 404]
    assert [one.headers.get("allow") for one in refused] == [
        "GET, HEAD, OPTIONS",
        "GET, HEAD, POST, OPTIONS",
        None,
    ]


async def test_an_answer_is_the_same_bytes_and_not_sent_twice(api: httpx.AsyncClient) -> None:
    first, second = [await api.get("/oai", params=RECORDS) for _ in range(2)]
    kept = await api.get("/oai", params=RECORDS, headers={"if-none-match": first.headers["etag"]})
    other = await api.get("/oai?verb=Identify", headers={"if-none-match": first.headers["etag"]})
    head = await api.head("/oai", params=RECORDS)

    assert first.content == second.content
    assert (kept.status_code, other.status_code) == (304, 200)
    assert (head.status_code, head.content) == (200, b"")
    assert "license" not in first.links


async def test_what_xml_can_not_hold_is_replaced(own: Settings, seed: Seed) -> None:
    await publish_rows(own, changed(make_edition(seed), O083, note_en="a\x0b\ufffe<&>"))
    async with serving(own) as api:
        said = await statements_of(api, f"observations/{O083}")

    assert ("description@en", "a\ufffd\ufffd<&>") in said

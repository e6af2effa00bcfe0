"""Pages that differ in a few texts share their frame, and nobody can tell."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from opendata_api.web import page_answers
from opendata_api.web.app import Application
from opendata_api.web.frames import Frame, slot

FAMILIES: Sequence[Sequence[str]] = [
    ["", "release=1", "lang=en", "lang=zh", "release=1&lang=en"],
    ["limit=3", "limit=7", "limit=3&sort=-value", "limit=3&sort=metric", "fields=id,value"],
    ["topic=legal_aid", "topic=enforcement", "topic=no_such_topic", "topic=法律", "topic=a%26b"],
    ["year=2023&topic=legal_aid", "topic=enforcement&year=2022", "topic=enforcement&year=2023"],
    [
        "topic=legal_aid&limit=2",
        "topic=enforcement&limit=2",
        "topic=enforcement&limit=2&sort=-year",
    ],
    ["sort=-value&topic=legal_aid&limit=3", "sort=-value&topic=enforcement&limit=3"],
    ["value__gte=3", "value__gte=300", "value__gte=2.5", "value__lt=1e3"],
    ["topic__in=legal_aid,enforcement", "topic__in=enforcement", "topic__in=a,b,c"],
    ["q=ab", "q=a+b", "q=2023", "q=法律援助", "quote__contains=法律", "quote__contains=a"],
    ["dim=service_scope:cross_province", "dim=service_scope:cross_province&dim=service_scope:x"],
    ["part_of__isnull=true", "part_of__isnull=false", "part_of__isnull=false&limit=2"],
    [
        "topic=%7E%7ETOTAL%7E%7E",
        "topic=~~TOTAL~~",
        "topic=~~year~~&year=2023",
        "topic=%25s",
    ],
]
"""Questions of one shape, or nearly so."""
PATHS = ("/v1/observations?", "/v1/observations.json?")


async def ask(client: httpx.AsyncClient, address: str) -> tuple[int, bytes, Sequence[object]]:
    answer = await client.get(address)
    told = [pair for pair in answer.headers.raw if pair[0] != b"x-request-id"]
    return answer.status_code, answer.content, told


async def ask_with_pages_beside(client: httpx.AsyncClient, address: str) -> list[object]:
    """The answers at the address, at the next page and at the page before that."""
    answers = [await ask(client, address)]
    for step in ("next", "prev"):
        links = (await client.get(address)).json()["links"]
        if links[step] is None:
            break
        address = links[step]
        answers.append(await ask(client, address))
    return list(answers)


@pytest.mark.parametrize("family", FAMILIES)
async def test_an_answer_in_a_shared_frame_is_the_one_that_is_made_for_it_alone(
    fresh_app: Application,
    fresh: httpx.AsyncClient,
    family: Sequence[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    addresses = [f"{path}{query}" for path in PATHS for query in family]
    addresses += ["/v1/passages?limit=3", "/v1/areas?limit=3"]
    with monkeypatch.context() as patch:
        patch.setattr(page_answers, "VALUES_LENGTH_MAX", -1)
        patch.setattr(fresh_app.site.frames, "most", 0)
        alone = [await ask_with_pages_beside(fresh, one) for one in addresses]
    shared = [await ask_with_pages_beside(fresh, one) for one in addresses * 2]

    assert shared == alone * 2


async def test_pages_asked_by_the_same_parameters_share_one_frame(
    fresh: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    make = page_answers.make_frame

    def noted(*asked: Any) -> Frame:
        made.append(asked)
        return make(*asked)

    monkeypatch.setattr(page_answers, "make_frame", noted)
    for topic in ("legal_aid", "enforcement", "mediation", "a.b~c"):
        await fresh.get(f"/v1/observations?topic={topic}&limit=1000")
    assert len(made) == 1

    for _ in range(2):
        await fresh.get("/v1/observations?topic=法律&limit=1000")
        await fresh.get(f"/v1/observations?topic={'a' * 1001}&limit=1000")
    assert len(made) == 5

    monkeypatch.setattr(page_answers, "FRAME_BYTES_MAX", 1_000)
    for _ in range(2):
        await fresh.get("/v1/observations?limit=7")
    assert len(made) == 7


def test_what_is_filled_in_is_not_filled_itself() -> None:
    a, b = slot("A"), slot("B")
    frame = Frame.of(f'"a":"%s {a}"}}'.encode(), {"link": f"100 % {a}{b}"}, ("A", "B"))
    answer = frame.fill([b"1", b"2"], {b"A": b"%(B)b", b"B": b"%(A)b", b"C": b""})

    assert answer.body == b'{"data":[1,2],"a":"%s %(B)b"}'
    assert answer.raw_headers == [(b"link", b"100 % %(B)b%(A)b"), (b"content-length", b"29")]


def test_nobody_knows_what_a_slot_is_taken_for() -> None:
    frame = Frame.of(b'"a":"~~A~~"', {}, ("A",))

    assert frame.fill([], {b"A": b"x"}).body == b'{"data":[],"a":"~~A~~"'

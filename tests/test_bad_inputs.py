"""Every row of bad_inputs.csv, as expected, on every dataset that it applies to."""

import csv
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from conftest import BASE

from opendata_api.datasets import DATASETS, OBSERVATIONS, PASSAGES
from opendata_api.describe import Dataset
from opendata_api.query import list_parameters
from opendata_api.settings import Settings
from opendata_api.web.app import create_app

PROBLEM_MEMBERS = ["type", "code", "title", "status", "detail", "instance", "errors"]
FAULT_MEMBERS = ["parameter", "message", "allowed", "did_you_mean", "try"]
CLOSED_S = 10.0

REPEATED = re.compile(r"\{(.)(,?)\*([0-9]+)\}")


@dataclass(frozen=True)
class Case:
    """A row of the table, for one dataset."""

    row: Mapping[str, str]
    dataset: Dataset

    @property
    def id(self) -> str:
        return f"{self.row['id']}-{self.dataset.name}"

    @property
    def statuses(self) -> set[int]:
        return {int(one) for one in self.row["expected_status"].split("|") if one != "closed"}

    def address(self, cursors: Mapping[str, str]) -> str:
        path = self.row["path"].replace("{dataset}", self.dataset.name)
        for name, value in cursors.items():
            path = path.replace(name, value)
        return BASE + expanded(path)


def expanded(text: str) -> str:
    """The text with `{A*3}` as AAA, `{a,*3}` as a,a,a and `1{0*3}` as 1000."""

    def repeat(found: re.Match[str]) -> str:
        return found[2].join([found[1]] * int(found[3]))

    return REPEATED.sub(repeat, text)


def table() -> list[dict[str, str]]:
    with (Path(__file__).parent / "bad_inputs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def applies(path: str, dataset: Dataset) -> bool:
    """Whether the dataset has the fields that a path for observations names."""
    if "{dataset}" not in path:
        return dataset is OBSERVATIONS
    names = {pair.partition("=")[0] for pair in urlsplit(path).query.split("&")}
    names |= {"year"} if "sort=year" in path else set()
    for name in names:
        stem, _, operator = name.partition("__")
        if stem in OBSERVATIONS.field and stem not in dataset.field:
            return False
        is_filter = name in list_parameters(OBSERVATIONS)
        if is_filter and operator != "regex" and name not in list_parameters(dataset):
            return False
    return True


def cases(send: str) -> list[Case]:
    rows = [row for row in table() if row["send"] == send and row["area"] != "availability"]
    return [Case(row, one) for row in rows for one in DATASETS if applies(row["path"], one)]


def one_row(row_id: str) -> Case:
    return next(Case(row, OBSERVATIONS) for row in table() if row["id"] == row_id)


def headers_of(row: Mapping[str, str]) -> list[tuple[str, str]]:
    whole = expanded(row["headers"])
    lines = [whole] if ";;" in whole else [line for line in whole.split("; ") if line]
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]


def assert_problem(answer: httpx.Response, code: str) -> None:
    """The answer has exactly the members that the contract promises."""
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert list(document) == PROBLEM_MEMBERS
    assert document["status"] == answer.status_code
    assert document["type"] == f"{BASE}/problems/{document['code']}"
    assert all(list(fault) == FAULT_MEMBERS for fault in document["errors"])
    if code:
        assert document["code"] == code


async def cursors_for(api: httpx.AsyncClient, dataset: Dataset) -> dict[str, str]:
    """A damaged cursor and one of another dataset."""
    foreign = PASSAGES if dataset is OBSERVATIONS else OBSERVATIONS
    other = cursor_of((await api.get(f"/v1/{foreign.name}?limit=1")).json())
    own = cursor_of((await api.get(f"/v1/{dataset.name}?limit=1")).json()) or other
    damaged = own[:-1] + ("A" if own[-1] != "A" else "B")
    return {
        "{valid,last char changed}": damaged,
        "{valid cursor of another dataset or filter}": other,
    }


def cursor_of(page: dict[str, dict[str, str | None]]) -> str:
    following = page["links"]["next"]
    return dict(httpx.QueryParams(urlsplit(following).query))["cursor"] if following else ""


@pytest.mark.untraced
@pytest.mark.parametrize("case", cases("http"), ids=lambda case: case.id)
async def test_a_bad_input_is_answered_as_the_table_says(
    api: httpx.AsyncClient, case: Case
) -> None:
    cursors = await cursors_for(api, case.dataset) if "{valid" in case.row["path"] else {}
    address = case.address(cursors)

    answer = await api.request(
        case.row["method"],
        address,
        headers=headers_of(case.row),
        content=case.row["body"].encode() or None,
    )

    assert answer.status_code in case.statuses
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert "location" not in answer.headers
    if answer.status_code >= 400:
        assert_problem(answer, case.row["problem_type"])


@pytest.mark.parametrize("row_id", ["B019", "B054", "B055"])
async def test_a_strange_value_of_a_text_field_finds_no_rows(
    api: httpx.AsyncClient, row_id: str
) -> None:
    answer = await api.get(one_row(row_id).address({}))

    assert answer.json()["data"] == []
    assert answer.json()["meta"]["total"] == 0


async def test_a_bidi_override_is_plain_text(api: httpx.AsyncClient) -> None:
    answer = await api.get(one_row("B018").address({}))

    assert answer.json()["data"] == []
    assert "\u202e" not in answer.text
    assert "%E2%80%AE" in answer.json()["links"]["self"]


async def test_there_is_no_offset_and_the_answer_names_the_cursor(api: httpx.AsyncClient) -> None:
    answer = await api.get(one_row("B046").address({}))

    assert [fault["did_you_mean"] for fault in answer.json()["errors"]] == ["cursor"]


@pytest.mark.parametrize("row_id", ["B069", "B070"])
async def test_headers_of_a_caller_change_no_byte_of_the_body(
    api: httpx.AsyncClient, row_id: str
) -> None:
    case = one_row(row_id)

    plain = await api.get(case.address({}))
    dressed = await api.get(case.address({}), headers=headers_of(case.row))

    assert dressed.content == plain.content
    assert dressed.headers["etag"] == plain.headers["etag"]
    assert dressed.headers["link"] == plain.headers["link"]


async def test_cells_of_the_plain_csv_are_verbatim(api: httpx.AsyncClient) -> None:
    answer = await api.get(one_row("B060").address({}) + "?fields=value&value__lt=0&sort=value")

    assert answer.text.splitlines()[:2] == ["value", "-94.1"]


async def test_without_a_release_the_answer_is_database_unavailable(empty: Settings) -> None:
    case = one_row("B099")
    app = create_app(empty, DATASETS)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    async with httpx.AsyncClient(transport=transport) as client:
        answer = await client.get(case.address({}))

    assert answer.status_code in case.statuses
    assert_problem(answer, case.row["problem_type"])
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.usefixtures("stuck")
async def test_a_statement_over_its_limit_is_stopped_and_answered_503(
    api: httpx.AsyncClient,
) -> None:
    case = one_row("B100")

    answer = await api.get(case.address({}))

    assert answer.status_code in case.statuses
    assert_problem(answer, case.row["problem_type"])
    assert answer.headers["retry-after"] == "5"


def raw_head(case: Case) -> bytes:
    target = case.address({}).removeprefix(BASE)
    lines = [f"{case.row['method']} {target} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers_of(case.row)]
    return "\r\n".join(lines).encode()


def exchange(server: str, sent: bytes) -> bytes:
    """All that the server answers to those bytes, until it closes the connection."""
    place = urlsplit(server)
    address = (place.hostname or "", place.port or 0)
    with socket.create_connection(address, timeout=CLOSED_S) as connection:
        received = b""
        try:
            connection.sendall(sent)
            while block := connection.recv(1 << 16):
                received += block
        except ConnectionError:
            pass
        return received


def status_of(received: bytes) -> int:
    return int(received.split(b" ", 2)[1])


def test_protocol_rows_are_refused_and_the_connection_is_closed(server: str) -> None:
    found = {}
    for row_id in ("B093", "B094", "B078"):
        case = one_row(row_id)
        answers = exchange(server, raw_head(case) + b"\r\n\r\n0\r\n\r\n")
        found[row_id] = status_of(answers) in case.statuses and answers.count(b"HTTP/1.1") == 1

    assert found == {"B093": True, "B094": True, "B078": True}


def test_a_body_of_10_mb_is_not_waited_for(server: str) -> None:
    case = one_row("B079")
    head = raw_head(case) + b"\r\nContent-Length: 10000000\r\n\r\n"

    received = exchange(server, head + b"x" * 65_536)

    assert status_of(received) in case.statuses


def test_every_row_of_the_table_is_tested() -> None:
    http = {case.row["id"] for send in ("http", "raw") for case in cases(send)}
    availability = {row["id"] for row in table() if row["area"] == "availability"}

    assert {row["id"] for row in table()} == http | availability
    assert availability == {"B099", "B100"}
    assert {case.row["id"] for case in cases("raw")} == {"B079", "B093", "B094"}

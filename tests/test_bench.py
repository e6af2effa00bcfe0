"""What `make bench` measures with: invented data, and how it asks, counts and tells."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from conftest import BASE, REPOSITORY
from pyarrow import parquet

from bench.downloads import Body, ReadyFile, find_parts, make_downloads
from bench.exporting import Program, run_export, run_program
from bench.failures import CannotMeasure
from bench.fetching import Answer, Call, fetch
from bench.invented.edition import PUBLISHED_AT, make_edition
from bench.load import Load, Tally, make_load, read_tally, write_calls
from bench.names import (
    DATASETTE,
    DEEP,
    HOT_ROW,
    HOT_ROWS,
    PAGE_JSON,
    PART_CSV,
    READY,
    ROAPI,
    SERVICE,
    STREAMED,
    WHOLE_CSV,
)
from bench.plain import make_parquet, make_table
from bench.processes import Server, free_port, running
from bench.questions import make_hot, make_questions
from bench.recording import (
    Recorder,
    count_datasette,
    count_list,
    count_members,
    look_at,
)
from bench.serve_ready import CHUNK_BYTES, ReadyAnswers
from opendata_api.datasets import DATASETS, DOCUMENTS, OBSERVATIONS, PASSAGES
from opendata_api.describe import Dataset
from opendata_api.formats import json
from opendata_api.settings import Settings
from opendata_api.store.manifest import digest_contents, fingerprint
from opendata_api.store.model import Edition
from opendata_api.store.place import write_release
from opendata_api.values import Row, to_row
from opendata_api.web.app import create_app

ROWS = 1_510
"""Eleven reports of two counties, the last of ten rows."""
DIGEST_IN_A_PROCESS = """
import sys
from pathlib import Path
from bench.invented.edition import make_edition
from opendata_api.datasets import DATASETS
from opendata_api.store.manifest import digest_contents, fingerprint
contents = fingerprint(DATASETS, make_edition(int(sys.argv[1]), Path(sys.argv[2])))
print(digest_contents(contents))
"""


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return make_edition(ROWS, tmp_path_factory.mktemp("lists"))


@pytest.fixture(scope="module")
def table(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("table") / "bench.db"
    make_table(path, edition.rows["observations"])
    return path


@pytest.fixture
def place(empty: Settings, edition: Edition) -> Settings:
    """Where the invented edition is published, in each database."""
    write_release(empty, DATASETS, edition, PUBLISHED_AT)
    return empty


@pytest.fixture
async def invented(place: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The service over the invented edition."""
    app = create_app(place, DATASETS)
    await app.site.store.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        yield client
    await app.site.store.close()


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Server]:
    """A server of a folder with a CSV of three rows and an answer of two."""
    (tmp_path / "rows.csv").write_bytes(b"id,value\r\n" + b"o001,1\r\n" * 3)
    (tmp_path / "rows.json").write_bytes(b'{"data": [{}, {}]}')
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    folder = ["--directory", str(tmp_path)]
    with running([*command, *folder], {}, port, tmp_path / "log") as server:
        yield server
    assert server.process.returncode is not None


def by_field(dataset: Dataset, row: Row) -> dict[str, Any]:
    return dict(zip((field.name for field in dataset.stored), row, strict=True))


def test_the_same_data_are_invented_in_every_process(edition: Edition, tmp_path: Path) -> None:
    command = [sys.executable, "-c", DIGEST_IN_A_PROCESS, str(ROWS), str(tmp_path)]
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, check=True, capture_output=True, text=True
    )

    assert done.stdout.strip() == digest_contents(fingerprint(DATASETS, edition))


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_each_invented_row_is_a_record_of_its_dataset(edition: Edition, dataset: Dataset) -> None:
    for row in edition.rows[dataset.name]:
        text = json.encode_row(dataset.stored, row)
        assert to_row(dataset, dataset.validator.model_validate_json(text)) == row


def test_there_are_as_many_observations_as_are_asked_for(edition: Edition) -> None:
    counts = {name: len(rows) for name, rows in edition.rows.items()}

    assert counts["observations"] == ROWS
    assert counts["reports"] == counts["documents"] == 11
    assert counts["areas"] == 2 + 1 + 1
    assert edition.rows["reports"][10][0] == "cn110102-2014-rol"


def test_the_rows_lie_in_the_order_of_their_ids(edition: Edition) -> None:
    for dataset in DATASETS:
        place = dataset.field_names.index("id")
        ids = [str(row[place]) for row in edition.rows[dataset.name]]
        assert ids == sorted(set(ids))


def test_invented_quotes_and_figures_stand_where_they_say(edition: Edition) -> None:
    texts = {one.id: one.body for one in edition.attachments if one.kind == "text"}
    for row in edition.rows["observations"]:
        one = by_field(OBSERVATIONS, row)
        text = texts[str(one["document_id"])]
        assert text[one["quote_start"] : one["quote_end"]] == one["quote"]
        assert text[one["value_start"] : one["value_end"]] == one["value_text"]
        assert str(one["quote"]).endswith(str(one["value_text"]))


def test_invented_passages_are_the_text_and_hold_the_quotes(edition: Edition) -> None:
    texts = {one.id: one.body for one in edition.attachments if one.kind == "text"}
    quotes = {str(row[0]): by_field(OBSERVATIONS, row) for row in edition.rows["observations"]}
    held = []
    for row in edition.rows["passages"]:
        passage = by_field(PASSAGES, row)
        text = texts[str(passage["document_id"])]
        assert text[passage["start"] : passage["end"]] == passage["text"]
        for name in orjson.loads(str(passage["observations"])):
            assert str(quotes[name]["quote"]) in str(passage["text"])
            assert quotes[name]["section"] == passage["section"]
            held.append(name)

    assert held == list(quotes)


def test_invented_documents_have_the_hash_of_their_text(edition: Edition) -> None:
    texts = {one.id: one.body for one in edition.attachments if one.kind == "text"}
    for row in edition.rows["documents"]:
        document = by_field(DOCUMENTS, row)
        text = texts[str(document["id"])]
        found = (sha256(text.encode()).hexdigest(), len(text))
        assert (document["sha256"], document["length"]) == found


def test_hardly_two_invented_sentences_are_the_same(edition: Edition) -> None:
    place = OBSERVATIONS.field_names.index("quote")
    quotes = [row[place] for row in edition.rows["observations"]]

    assert len(set(quotes)) > 0.95 * len(quotes)


def test_every_field_of_an_observation_is_filled_somewhere(
    edition: Edition,
) -> None:
    rows = [by_field(OBSERVATIONS, row) for row in edition.rows["observations"]]

    for name in rows[0]:
        assert any(row[name] not in (None, "[]", "{}") for row in rows), name


@pytest.mark.untraced
async def test_invented_data_are_served_on_both_databases(
    invented: httpx.AsyncClient, edition: Edition
) -> None:
    for dataset in DATASETS:
        page = (await invented.get(f"/v1/{dataset.name}?limit=1")).raise_for_status().json()
        assert page["meta"]["total"] == len(edition.rows[dataset.name])
        record = await invented.get(f"/v1/{dataset.name}/{page['data'][0]['id']}")
        assert record.status_code == HTTPStatus.OK
    text = next(one for one in edition.attachments if one.kind == "text")
    assert (await invented.get(f"/v1/documents/{text.id}/text")).text == text.body
    coverage = (await invented.get(f"/v1/documents/{text.id}/coverage")).json()
    assert coverage["data"]["numerals_published"] == 150


@pytest.mark.untraced
async def test_a_dimension_of_invented_data_is_filtered_by(
    invented: httpx.AsyncClient, edition: Edition
) -> None:
    place = OBSERVATIONS.field_names.index("dimensions")
    wanted = '{"service_scope":"cross_province"}'
    count = sum(row[place] == wanted for row in edition.rows["observations"])
    page = (await invented.get("/v1/observations?dim=service_scope:cross_province")).json()

    assert page["meta"]["total"] == count > 0


@pytest.mark.untraced
async def test_each_question_has_the_rows_that_the_plain_table_says(
    invented: httpx.AsyncClient, table: Path
) -> None:
    with closing(sqlite3.connect(table)) as connection:
        questions = make_questions(connection, ())
        downloads = make_downloads(connection, ())
    for question in questions:
        for variant in question.variants[:5]:
            answer = (await invented.get(variant.calls[SERVICE].address)).raise_for_status()
            assert count_members(answer.content) == variant.rows
    for download in [one for export in downloads for one in export.variants]:
        answer = (await invented.get(download.calls[SERVICE].address)).raise_for_status()
        if download.body.newlines is None:
            assert count_members(answer.content) == download.rows
        else:
            assert answer.content.count(b"\n") == download.body.newlines


def test_a_question_is_asked_in_many_variants_the_same_each_time(table: Path) -> None:
    with closing(sqlite3.connect(table)) as connection:
        asked, again = (make_questions(connection, [("c", "o1")]) for _ in range(2))
        names = [question.name for question in asked]

    assert asked == again
    assert names[-1] == DEEP
    assert [len(question.variants) for question in asked] == [200, 200, 11, 44, 200, 200, 1]
    assert asked[-1].variants[0].calls == {
        SERVICE: Call("/v1/observations?cursor=c&limit=100"),
        DATASETTE: Call("/bench/observation.json?_next=o1&_size=100&_shape=objects"),
        ROAPI: Call("/api/tables/observation?filter%5Bid%5Dgt=%27o1%27&sort=id&limit=100"),
    }


def test_a_hot_question_has_one_variant_with_the_most_rows(table: Path) -> None:
    with closing(sqlite3.connect(table)) as connection:
        questions = make_questions(connection, ())
    hot = make_hot(questions)
    [[row], [rows]] = [question.variants for question in hot]

    assert [question.name for question in hot] == [HOT_ROW, HOT_ROWS]
    assert row.rows == 1
    assert rows.rows == max(variant.rows for variant in questions[1].variants)
    assert rows.calls[SERVICE] == rows.calls[READY]


def test_exports_are_of_all_rows_and_of_nearly_as_many_as_are_wanted(table: Path) -> None:
    with closing(sqlite3.connect(table)) as connection:
        parts = find_parts(connection)
        exports = make_downloads(connection, [ReadyFile("all rows, ZIP", "zip", 7)])
    by_name = {one.name: one.variants for one in exports}

    assert [rows for _, rows in parts] == sorted((rows for _, rows in parts), reverse=True)
    assert ROWS > parts[0][1] > ROWS / 2
    assert by_name[WHOLE_CSV][0].calls == {
        SERVICE: Call("/v1/observations.csv"),
        STREAMED: Call("/v1/observations.csv"),
        DATASETTE: Call("/bench/observation.csv?_stream=on"),
        ROAPI: Call("/api/tables/observation", accept="application/csv"),
    }
    assert by_name["all rows, ZIP"][0].body == Body(length=7)
    assert by_name[PART_CSV][0].body == Body(newlines=parts[0][1] + 1)
    assert [one.rows for one in by_name[PAGE_JSON]] == [min(1_000, rows) for _, rows in parts]


def test_the_plain_table_has_every_observation_with_numbers(edition: Edition, table: Path) -> None:
    with closing(sqlite3.connect(table)) as connection:
        rows = connection.execute("select * from observation order by id").fetchall()
        indexes = connection.execute("select count(*) from pragma_index_list('observation')")
        [count] = indexes.fetchone()

    place = OBSERVATIONS.field_names.index("value")
    expected = [(row[0], int(str(row[place])) / 10**6) for row in edition.rows["observations"]]
    assert [(row[0], row[place]) for row in rows] == expected
    assert count == sum(field.is_queryable for field in OBSERVATIONS.fields)


def test_the_rows_are_the_same_as_parquet(table: Path, tmp_path: Path) -> None:
    make_parquet(tmp_path / "rows.parquet", table)
    read = parquet.read_table(tmp_path / "rows.parquet")
    with closing(sqlite3.connect(table)) as connection:
        rows = connection.execute("select * from observation order by id").fetchall()

    assert [tuple(row.values()) for row in read.to_pylist()] == rows


def test_what_is_posted_stands_behind_its_address(tmp_path: Path) -> None:
    write_calls(tmp_path / "calls.txt", [Call("/v1"), Call("/api/sql", "select 1")])

    assert (tmp_path / "calls.txt").read_text() == "/v1\n/api/sql\tselect 1\n"


PRINTED = """Running 3s test @ http://127.0.0.1:8000
  1 threads and 32 connections
Requests/sec:    100.00
{"sent": 332, "answered": 300, "duration_us": 3000000, "p50_us": 1500, "p99_us": 9000, \
"refused": 0, "broken": 0}
"""


def test_what_wrk_prints_is_read() -> None:
    tally = Tally(332, 300, 3_000_000, 1_500, 9_000, 0, 0)

    assert read_tally(PRINTED) == tally
    assert make_load(tally, cpu_s=0.332) == Load(100.0, 1_000.0, 1.5, 9.0)


@pytest.mark.parametrize("printed", ["", "unable to connect", '{"sent": 1}'])
def test_anything_else_that_wrk_prints_is_told(printed: str) -> None:
    with pytest.raises(CannotMeasure) as caught:
        read_tally(printed)

    assert str(caught.value) == f"wrk printed:\n{printed}"


def test_a_server_is_watched_while_it_answers(files: Server) -> None:
    answer = look_at(files.port, Call("/rows.json"), 2, count_members)
    export = run_export(files, Call("/rows.csv"), 3, Body(newlines=4))

    assert (answer.status, answer.body) == (200, b'{"data": [{}, {}]}')
    assert export.rows_per_second > 0
    assert export.first_byte_ms > 0
    assert files.cpu_s > 0
    assert files.own_bytes > 10**6


@pytest.mark.parametrize(
    ("address", "rows", "told"),
    [
        ("/nosuch", 2, "/nosuch: 404 instead of 200: "),
        ("/rows.json", 3, "/rows.json: 2 rows instead of 3"),
        ("/rows.csv", 3, "/rows.csv: an answer of another form"),
    ],
)
def test_a_wrong_answer_is_not_measured(files: Server, address: str, rows: int, told: str) -> None:
    with pytest.raises(CannotMeasure) as caught:
        look_at(files.port, Call(address), rows, count_members)

    assert str(caught.value).startswith(told)


@pytest.mark.parametrize(
    ("address", "body", "told"),
    [
        ("/nosuch", Body(), "/nosuch: 404"),
        ("/rows.csv", Body(newlines=5), "/rows.csv: 4 lines instead of 5"),
        ("/rows.csv", Body(length=35), "/rows.csv: 34 bytes instead of 35"),
    ],
)
def test_a_wrong_export_is_not_measured(files: Server, address: str, body: Body, told: str) -> None:
    with pytest.raises(CannotMeasure) as caught:
        run_export(files, Call(address), 3, body)

    assert str(caught.value) == told


def test_what_a_program_prints_is_measured(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", "print('id\\no1\\no2')"]
    export = run_program(Program(arguments, tmp_path / "log"), 2, Body(newlines=3))

    assert export.rows_per_second > 0
    assert export.growth_mb is None


@pytest.mark.parametrize(
    ("code", "told"),
    [("print()", " lines instead of 3"), ("raise SystemExit('no rows')", "ended with 1:\nno rows")],
)
def test_a_program_that_prints_something_else_is_told(tmp_path: Path, code: str, told: str) -> None:
    program = Program([sys.executable, "-c", code], tmp_path / "log")

    with pytest.raises(CannotMeasure, match=told):
        run_program(program, 2, Body(newlines=3))


def test_a_server_that_does_not_start_is_told_with_its_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no data')"]

    with (
        pytest.raises(CannotMeasure, match="does not listen:\nno data\n"),
        running(command, {}, free_port(), tmp_path / "log"),
    ):
        pass


def test_a_server_that_is_away_is_told() -> None:
    with pytest.raises(CannotMeasure, match="/v1: no whole answer: ConnectionRefusedError"):
        fetch(free_port(), Call("/v1"))


def test_the_rows_of_datasette_are_counted_or_the_values_of_its_facets() -> None:
    facets: dict[str, Any] = {"area_code": {"results": [{}, {}]}, "qualifier": {"results": [{}]}}

    assert count_datasette(b'{"rows": [[1], [2]], "facet_results": {}}') == 2
    assert count_datasette(b'{"rows": [[1], [2]]}') == 2
    assert count_datasette(orjson.dumps({"rows": [], "facet_results": facets})) == 3


def test_the_rows_of_roapi_are_counted() -> None:
    assert count_list(b'[{"id": "o1"}, {"id": "o2"}]') == 2


async def test_recorded_answers_are_given_again_to_the_byte(tmp_path: Path) -> None:
    body = b"x" * (2 * CHUNK_BYTES + 1)
    headers = [("content-type", "text/csv"), ("Date", "today"), ("Transfer-Encoding", "chunked")]
    recorder = Recorder(tmp_path)
    recorder.keep("/v1/observations.csv?q=%E6%B3%95", Answer(200, headers, body))
    recorder.keep("/v1", Answer(200, [("content-length", "0")], b""))
    transport = httpx.ASGITransport(ReadyAnswers(tmp_path))

    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        answer = await client.get("/v1/observations.csv?q=%E6%B3%95")
        empty = await client.get("/v1")

    assert answer.content == body
    assert answer.headers.multi_items() == [("content-type", "text/csv")]
    assert (empty.content, empty.headers.multi_items()) == (b"", [("content-length", "0")])


def test_an_answer_with_other_bytes_is_told(files: Server, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.keep("/rows.json", Answer(200, [], b'{"data": [{}, {}]}'))
    recorder.compare(files.port, ["/rows.json"])
    recorder.digests["/rows.csv"] = "0"

    with pytest.raises(CannotMeasure) as caught:
        recorder.compare(files.port, ["/rows.csv"])

    assert str(caught.value) == "/rows.csv: other bytes than those that were checked"

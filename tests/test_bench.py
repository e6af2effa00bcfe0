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

from bench.exporting import Export, run_export
from bench.failures import CannotMeasure
from bench.fetching import Answer, fetch
from bench.invented.edition import PUBLISHED_AT, make_edition
from bench.load import Load, Tally, make_load, read_tally
from bench.plain import make_table
from bench.processes import Server, free_port, running
from bench.questions import make_exports, make_questions
from bench.recording import Recorder, count_datasette, count_lines, count_members, look_at
from bench.serve_ready import CHUNK_BYTES, ReadyAnswers
from bench.table import DATASETTE, READY, SERVICE, Report, print_number, write_page
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
        assert to_row(dataset, dataset.model.model_validate_json(text)) == row


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


async def test_a_dimension_of_invented_data_is_filtered_by(
    invented: httpx.AsyncClient, edition: Edition
) -> None:
    place = OBSERVATIONS.field_names.index("dimensions")
    wanted = '{"service_scope":"cross_province"}'
    count = sum(row[place] == wanted for row in edition.rows["observations"])
    page = (await invented.get("/v1/observations?dim=service_scope:cross_province")).json()

    assert page["meta"]["total"] == count > 0


async def test_each_question_has_the_rows_that_the_plain_table_says(
    invented: httpx.AsyncClient, table: Path
) -> None:
    with closing(sqlite3.connect(table)) as connection:
        questions = make_questions(connection, ())
        exports = make_exports(connection)
    for question in questions:
        for variant in question.variants[:5]:
            answer = (await invented.get(variant.service)).raise_for_status()
            assert count_members(answer.content) == variant.rows
    for variant in [variant for export in exports for variant in export.variants]:
        answer = (await invented.get(variant.service)).raise_for_status()
        assert count_lines(answer.content) == variant.rows


def test_a_question_is_asked_in_many_variants_the_same_each_time(table: Path) -> None:
    with closing(sqlite3.connect(table)) as connection:
        asked, again = (make_questions(connection, [("c", "o1")]) for _ in range(2))
        names = [question.name for question in asked]

    assert asked == again
    assert names[-1] == "a page deep in the data, by cursor"
    assert [len(question.variants) for question in asked] == [200, 200, 11, 44, 200, 200, 1]
    assert asked[-1].variants[0].service == "/v1/observations?cursor=c&limit=100"


def test_the_plain_table_has_every_observation_with_numbers(edition: Edition, table: Path) -> None:
    with closing(sqlite3.connect(table)) as connection:
        rows = connection.execute("select * from observation order by id").fetchall()
        indexes = connection.execute("select count(*) from pragma_index_list('observation')")
        [count] = indexes.fetchone()

    place = OBSERVATIONS.field_names.index("value")
    expected = [(row[0], int(str(row[place])) / 10**6) for row in edition.rows["observations"]]
    assert [(row[0], row[place]) for row in rows] == expected
    assert count == sum(field.is_queryable for field in OBSERVATIONS.fields)


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


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0, "0.00"),
        (9.994, "9.99"),
        (9.996, "10.0"),
        (10, "10.0"),
        (99.96, "100"),
        (100, "100"),
        (1234567.8, "1,234,568"),
    ],
)
def test_numbers_have_three_digits_that_count(value: float, printed: str) -> None:
    assert print_number(value) == printed


def test_the_page_shows_medians_side_by_side_with_their_ratio() -> None:
    def load(per_second: float) -> Load:
        return Load(per_second, per_second / 2, 1.0, 2.0)

    def export(rows: float) -> Export:
        return Export(rows, 5.0, 0.0, rows / 100)

    loads = {
        SERVICE: [load(90), load(100), load(300)],
        READY: [load(200)] * 3,
        DATASETTE: [load(20), load(20), load(0)],
    }
    exports = {SERVICE: [export(300), export(100)], READY: [export(400)], DATASETTE: [export(0)]}
    page = write_page(Report({"cores": "2"}, 3, 3, {"one row": loads}, {"all rows": exports}))

    head = (
        "|  | this service | raw uvicorn | Datasette | this service ÷ raw uvicorn "
        "| this service ÷ Datasette |\n| --- | ---: | ---: | ---: | ---: | ---: |\n"
    )
    assert page.startswith("# Performance\n\nWritten whole by `make bench`")
    assert "\n\n|  |  |\n| --- | ---: |\n| cores | 2 |\n\n" in page
    assert f"## Requests per second\n\n{head}| one row | 100 | 200 | 20.0 | 0.50 | 5.00 |\n" in page
    assert f"## CSV: rows per second\n\n{head}| all rows | 200 | 400 | 0.00 | 0.50 | – |\n" in page
    assert page.endswith(f"(RssAnon)\n\n{head}| all rows | 3.00 | 4.00 | 0.00 | 0.75 | – |\n")


def test_a_server_is_watched_while_it_answers(files: Server) -> None:
    answer = look_at(files.port, "/rows.json", 2, count_members)
    export = run_export(files, "/rows.csv", 3)

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
        look_at(files.port, address, rows, count_members)

    assert str(caught.value).startswith(told)


@pytest.mark.parametrize(
    ("address", "told"),
    [("/nosuch", "/nosuch: 404"), ("/rows.csv", "/rows.csv: 3 rows instead of 4")],
)
def test_a_wrong_export_is_not_measured(files: Server, address: str, told: str) -> None:
    with pytest.raises(CannotMeasure) as caught:
        run_export(files, address, 4)

    assert str(caught.value) == told


def test_a_server_that_does_not_start_is_told_with_its_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no data')"]

    with (
        pytest.raises(CannotMeasure, match="does not listen:\nno data\n"),
        running(command, {}, free_port(), tmp_path / "log"),
    ):
        pass


def test_a_server_that_is_away_is_told() -> None:
    with pytest.raises(CannotMeasure, match="/v1: no whole answer: ConnectionRefusedError"):
        fetch(free_port(), "/v1")


def test_the_rows_of_datasette_are_counted_or_the_values_of_its_facets() -> None:
    facets: dict[str, Any] = {"area_code": {"results": [{}, {}]}, "qualifier": {"results": [{}]}}

    assert count_datasette(b'{"rows": [[1], [2]], "facet_results": {}}') == 2
    assert count_datasette(b'{"rows": [[1], [2]]}') == 2
    assert count_datasette(orjson.dumps({"rows": [], "facet_results": facets})) == 3


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

    assert str(caught.value) == "/rows.csv: raw uvicorn gives other bytes"

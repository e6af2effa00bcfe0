"""CKAN's own client, ckanapi, against the service as it is started."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from browsing import serving
from ckanapi import NotFound, RemoteCKAN, ValidationError
from ckanapi.errors import SearchQueryError
from test_ckan import NAMES, ORGANIZATION, names

from opendata_api.settings import Settings


@pytest.fixture(scope="module")
def base(places: Mapping[str, Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service, a process of its own on loopback."""
    with serving(places["sqlite"], tmp_path_factory.mktemp("ckan") / "log") as address:
        yield address


@pytest.fixture(params=[True, False], ids=["get", "post"])
def ckan(base: str, request: pytest.FixtureRequest) -> Iterator[RemoteCKAN]:
    """A client that asks by GET alone, or by POST."""
    with requests.Session() as session:
        session.trust_env = False
        yield RemoteCKAN(base, get_only=request.param, session=session)


def test_ckanapi_reads_the_whole_catalogue(ckan: RemoteCKAN) -> None:
    action = ckan.action
    listed = action.package_list()
    packages = [action.package_show(id=name) for name in listed]

    assert listed == NAMES
    assert action.package_search(rows=1000, sort="name asc")["results"] == packages
    assert action.current_package_list_with_resources() == packages
    assert [action.package_show(id=one["id"]) for one in packages] == packages
    assert names(action.organization_show(id=ORGANIZATION, include_datasets=True)["packages"]) == (
        NAMES
    )
    for name in ("status_show", "group_list", "tag_list", "license_list"):
        assert getattr(action, name)()


def test_ckanapi_finds_what_changed_since(ckan: RemoteCKAN) -> None:
    search = ckan.action.package_search

    assert search(fq="metadata_modified:[1999-01-01T00:00:00Z TO *]")["count"] == len(NAMES)
    assert search(fq="metadata_modified:[2999-01-01T00:00:00Z TO *]")["count"] == 0


def test_ckanapi_tells_errors_by_their_classes(ckan: RemoteCKAN) -> None:
    with pytest.raises(NotFound, match="there is no such dataset"):
        ckan.action.package_show(id="nosuch")
    with pytest.raises(ValidationError, match="must be a natural number"):
        ckan.action.package_list(limit=-1)
    with pytest.raises(SearchQueryError, match="there is no field “nosuch”"):
        ckan.action.package_search(fq="nosuch:1")


def test_ckanapi_reads_every_record_page_by_page(ckan: RemoteCKAN) -> None:
    def page(offset: int, **given: object) -> Any:
        result = ckan.action.datastore_search(
            resource_id="observations", offset=offset, limit=50, **given
        )
        return result["records"]

    records: list[Any] = []
    while found := page(len(records)):
        records += found
    total = ckan.action.datastore_search(resource_id="observations", limit=0)["total"]
    info = ckan.action.datastore_info(resource_id="observations")

    assert [one["_id"] for one in records] == list(range(1, total + 1))
    assert info["meta"]["count"] == total
    assert [one["id"] for one in info["fields"]] == list(records[0])[1:]
    wanted = json.dumps({"topic": "legal_aid"})
    assert [one["id"] for one in page(0, filters=wanted)] == [
        one["id"] for one in records if one["topic"] == "legal_aid"
    ]


def test_the_command_of_ckanapi_dumps_every_dataset(base: str) -> None:
    programs = Path(sys.executable).parent
    command = [str(programs / "ckanapi"), "dump", "datasets", "--all", "-r", base, "--processes=1"]
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}

    run = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert run.returncode == 0, run.stderr
    assert [json.loads(line)["name"] for line in run.stdout.splitlines()] == NAMES

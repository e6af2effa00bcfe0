"""`opendata-api verify`: whether releases are signed by who is trusted."""

import sys
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from editions import serving
from signed_releases import Publisher
from test_verify import execute
from typer.testing import CliRunner, Result

from opendata_api import cli
from opendata_api.datasets import DATASETS
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.signing_keys import NoCryptography
from opendata_api.store.place import make_store
from opendata_api.verify import CannotVerify, Finding, ServicePlace, StorePlace, verify

PARTS = ["manifest", "changes", *(one.name for one in DATASETS), "texts"]
SIGNED_PARTS = ["manifest", "signature", *PARTS[1:]]


@pytest.fixture
def publisher(own: Settings, seed: Seed, tmp_path: Path) -> Publisher:
    return Publisher(own, seed, tmp_path)


async def found_in(settings: Settings, *trusted: str) -> list[Finding]:
    store = make_store(settings)
    await store.open()
    try:
        return [one async for one in verify(StorePlace(store), trusted or None)]
    finally:
        await store.close()


def signatures(findings: list[Finding]) -> dict[int, str | None]:
    """What is wrong with each signature that was looked at."""
    return {one.release: one.fault for one in findings if one.part == "signature"}


async def test_the_signatures_that_there_are_are_checked(publisher: Publisher) -> None:
    await publisher.publish("first", None, "second")

    found = await found_in(publisher.settings)

    parts = {n: [one.part for one in found if one.release == n] for n in (1, 2, 3, 4)}
    assert parts == {1: PARTS, 2: SIGNED_PARTS, 3: PARTS, 4: SIGNED_PARTS}
    assert [one for one in found if one.fault is not None] == []


async def test_with_trusted_keys_each_release_is_signed_by_one_or_before_one_that_is(
    publisher: Publisher,
) -> None:
    await publisher.publish("first", "second", None)
    first, second = publisher.key("first"), publisher.key("second")

    by_first = signatures(await found_in(publisher.settings, first))
    by_either = signatures(await found_in(publisher.settings, first, second))
    by_none = signatures(await found_in(publisher.settings, publisher.key("third")))

    none = "there is none"
    assert by_first == {2: None, 3: f"it is by another key, {second}", 4: none}
    assert by_either == {2: None, 3: None, 4: none}
    assert by_none.keys() == {1, 2, 3, 4}
    assert None not in by_none.values()


async def test_another_manifest_under_the_same_signature_is_found(publisher: Publisher) -> None:
    await publisher.publish("first")
    sql = "update release set manifest = replace(manifest, '-03T', '-01T') where n = 2 and ? <> ''"
    await execute(publisher.settings, sql, "x")

    assert signatures(await found_in(publisher.settings)) == {2: "it is not of this manifest"}


async def test_the_signatures_of_a_running_service_are_checked(publisher: Publisher) -> None:
    await publisher.publish("first")
    first, other = publisher.key("first"), publisher.key("other")
    async with serving(publisher.settings) as api:
        found = [one async for one in verify(ServicePlace(api))]
        trusted = [one async for one in verify(ServicePlace(api), [first])]
        not_trusted = [one async for one in verify(ServicePlace(api), [other])]

    assert signatures(found) == {2: None}
    assert signatures(trusted) == {2: None}
    assert signatures(not_trusted) == {1: "there is none", 2: f"it is by another key, {first}"}


async def test_a_service_that_fails_to_give_a_signature_can_not_be_verified(
    publisher: Publisher,
) -> None:
    await publisher.publish("first")
    async with serving(publisher.settings) as api:

        async def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/signature"):
                return httpx.Response(503)
            given = await api.get(str(request.url))
            return httpx.Response(given.status_code, content=given.content)

        transport = httpx.MockTransport(answer)
        async with httpx.AsyncClient(transport=transport, base_url=api.base_url) as client:
            with pytest.raises(CannotVerify, match=r"/v1/releases/\d/signature: 503"):
                [one async for one in verify(ServicePlace(client))]


async def test_without_the_package_a_signed_release_can_not_be_verified(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert signatures(await found_in(publisher.settings)) == {}
    await publisher.publish("first")
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)

    with pytest.raises(NoCryptography, match="cryptography: 没有安装"):
        await found_in(publisher.settings)


def test_keys_that_are_trusted_are_given_as_files_or_as_themselves(
    pristine: Path, tmp_path: Path, seed: Seed
) -> None:
    publisher = Publisher(Settings(data_dir=pristine), seed, tmp_path)
    key, public = publisher.key("first"), tmp_path / "public.pem"
    private = load_pem_private_key((tmp_path / "first.pem").read_bytes(), None)
    public.write_bytes(
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )

    result = run("verify", str(pristine), "--key", str(public), "--key", key)

    assert result.exit_code == 1
    assert "第1版 / release 1 manifest: 一致 / as published\n" in result.output
    assert "第1版 / release 1 signature: 不符 / there is none\n" in result.output
    assert "共1处与发布时不符 / 1 not as published" in result.output


def test_a_key_that_can_not_be_used_is_told_before_anything_is_read(tmp_path: Path) -> None:
    missing = tmp_path / "none.pem"

    result = run("verify", "/nowhere/at/all", "--key", str(missing))

    assert result.exit_code == 1
    assert result.output.startswith(f"不能核验 / can't be verified: {missing}: 不是 PEM 格式的公钥")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, arguments)

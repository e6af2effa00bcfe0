"""The signatures of releases and the public keys, as they are served."""

from pathlib import Path

import httpx
import pytest
from conftest import BASE
from editions import serving
from signed_releases import Publisher
from test_openapi import complaints

from opendata_api.datasets import DATASETS
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.signing import check_signature
from opendata_api.signing_keys import NoKeyFile, thumbprint
from opendata_api.web.app import create_app

KEYS = "/.well-known/jwks.json"
FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture
def publisher(own: Settings, seed: Seed, tmp_path: Path) -> Publisher:
    return Publisher(own, seed, tmp_path)


def named(key: str) -> dict[str, str]:
    kid = thumbprint(key)
    return {"crv": "Ed25519", "kty": "OKP", "x": key, "kid": kid, "use": "sig", "alg": "EdDSA"}


async def test_a_signed_release_has_its_signature_for_ever(publisher: Publisher) -> None:
    await publisher.publish("first")
    async with serving(publisher.settings) as api:
        answer = await api.get("/v1/releases/2/signature")
        manifest = await api.get("/v1/releases/2/manifest")
        tag = {"if-none-match": answer.headers["etag"]}
        again = await api.get("/v1/releases/2/signature", headers=tag)

    key = publisher.key("first")
    assert answer.status_code == 200
    assert check_signature(manifest.text, answer.text, [key]) is None
    assert answer.headers["content-type"] == "application/jose+json"
    assert answer.headers["cache-control"] == FOR_EVER
    assert f'<{BASE}/v1/releases/2/manifest>; rel="describes"' in answer.headers["link"]
    assert complaints(answer, "Signature") == []
    assert (again.status_code, again.content) == (304, b"")


async def test_a_release_that_is_not_signed_or_not_there_has_no_signature(
    api: httpx.AsyncClient,
) -> None:
    for n in ("1", "2", "0", "x"):
        for headers in ({}, {"if-none-match": "*"}):
            answer = await api.get(f"/v1/releases/{n}/signature", headers=headers)

            assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_the_keys_are_those_that_sign_or_signed_the_newest_first(
    publisher: Publisher,
) -> None:
    await publisher.publish("first", None, "second", "first")
    first, second, next_one = (named(publisher.key(one)) for one in ("first", "second", "next"))
    async with serving(publisher.settings) as api:
        without = await api.get(KEYS)
    async with serving(publisher.with_key("next")) as api:
        told = await api.get(KEYS)
        tag = {"if-none-match": told.headers["etag"]}
        again = await api.get(KEYS, headers=tag)

    assert without.json() == {"keys": [first, second]}
    assert told.json() == {"keys": [next_one, first, second]}
    assert told.headers["content-type"] == "application/jwk-set+json"
    assert told.headers["etag"] != without.headers["etag"]
    assert complaints(told, "KeySet") == []
    assert again.status_code == 304


async def test_the_key_of_a_release_is_told_as_soon_as_the_release_is(
    publisher: Publisher,
) -> None:
    app = create_app(publisher.settings, DATASETS)
    await app.site.store.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as api:
        before = await api.get(KEYS)
        await publisher.publish("first")
        await app.site.store.refresh()
        after = await api.get(KEYS)
    await app.site.store.close()

    assert before.json() == {"keys": []}
    assert after.json() == {"keys": [named(publisher.key("first"))]}


def test_a_service_whose_key_is_not_there_does_not_start(own: Settings, tmp_path: Path) -> None:
    settings = own.model_copy(update={"signing_key": tmp_path / "none.pem"})

    with pytest.raises(NoKeyFile, match="there is no such file"):
        create_app(settings, DATASETS)

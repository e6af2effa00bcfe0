"""The signatures of the releases, and the public keys to check them by."""

from dataclasses import replace

import orjson
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.errors import NotFound
from opendata_api.query import PLAIN_PARAMETERS
from opendata_api.signing import MEDIA_TYPE, key_of
from opendata_api.signing_keys import jwks
from opendata_api.web import caching
from opendata_api.web.answers import Representation, read_choice
from opendata_api.web.links import Link
from opendata_api.web.releases import told_release
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site

KEYS = "/.well-known/jwks.json"
KEYS_TYPE = "application/jwk-set+json"


def signature_handler(site: Site) -> Handler:
    """`/v1/releases/{n}/signature`: the signature of a manifest, as it was made."""

    async def answer_signature(request: Request) -> Response:
        _, newest = await read_choice(site, request, PLAIN_PARAMETERS)
        n = await told_release(site, request)
        of = f"/v1/releases/{n}"
        place = Representation(
            site=site,
            release=replace(newest, n=n, published_at=site.store.published.time_of(n)),
            path=f"{of}/signature",
            canonical=(),
            content_type=MEDIA_TYPE,
            links=[
                Link("self", site.address(f"{of}/signature"), "self"),
                Link("describes", site.address(f"{of}/manifest"), "manifest"),
            ],
            caching=caching.FOR_EVER,
        )
        signature = await site.store.signature(n)
        if signature is None:
            raise NotFound
        if place.is_unchanged(request):
            return place.not_modified(request)
        return place.answer(signature.encode())

    return answer_signature


def keys_handler(site: Site) -> Handler:
    """`/.well-known/jwks.json`: the key that signs now, then those that signed, newest first."""
    known: dict[int, str | None] = {}

    async def answer_keys(request: Request) -> Response:
        await read_choice(site, request, PLAIN_PARAMETERS)
        for n in (*site.store.published.releases, *site.store.published.gone):
            signature = None if n in known else await site.store.signature(n)
            if signature is not None:
                known[n] = key_of(signature)
        keys = [site.key, *(known[n] for n in sorted(known, reverse=True))]
        body = orjson.dumps(jwks(key for key in keys if key is not None))
        return caching.answer_tagged(request, body, {"content-type": KEYS_TYPE})

    return answer_keys

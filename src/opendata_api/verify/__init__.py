"""Whether what is there is what was published: a store, a file or a running service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from opendata_api.settings import Settings
from opendata_api.verify.findings import CannotVerify, Finding, Place, verify
from opendata_api.verify.service_place import ServicePlace
from opendata_api.verify.store_place import StorePlace, open_store

WAIT_S = 30.0

__all__ = [
    "CannotVerify",
    "Finding",
    "ServicePlace",
    "StorePlace",
    "open_place",
    "verify",
]


@asynccontextmanager
async def open_place(place: str | None, settings: Settings) -> AsyncIterator[Place]:
    """A service's address, a folder or file of SQLite, or what the settings name.

    Raises CannotVerify and StoreError.
    """
    if place is not None and place.startswith(("http://", "https://")):
        async with httpx.AsyncClient(base_url=place, timeout=WAIT_S, trust_env=False) as client:
            yield ServicePlace(client)
    else:
        async with open_store(place, settings) as opened:
            yield opened

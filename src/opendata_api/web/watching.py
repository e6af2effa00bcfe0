"""While the service runs, the files of its newest release are held to their hashes.

What the first answers would load or work out is got ready beside its start.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.concurrency import run_in_threadpool

from opendata_api.errors import ApiError
from opendata_api.store import deadlines
from opendata_api.web.site import Site

LOG = logging.getLogger("opendata_api.files")

FIRST_BYTES = 1024 * 1024 * 1024
"""Files that are larger together are checked beside the first answers."""


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[None]:
    """Open the store, check the files now and from now on, and let go of all at the end."""
    ready = asyncio.create_task(asyncio.to_thread(_get_ready, site))
    await site.store.open()
    watcher = asyncio.create_task(_watch(site))
    try:
        with suppress(ApiError):  # a database that is away is waited for
            await _check_first(site)
        yield
    finally:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
        await ready
        await site.store.close()


def _get_ready(site: Site) -> None:
    """Work out what every tag is made of, and load what streams and files are sent by.

    The first answer and the first export would take so much longer.
    """
    site.answer_version  # noqa: B018 - it is kept
    asyncio.run(run_in_threadpool(int))  # Starlette loads anyio's backend when it is first used


async def _check_first(site: Site) -> None:
    files = (await site.listed(site.store.published.newest.n)).by_name.values()
    if sum(file.bytes for file in files) <= FIRST_BYTES:
        await check_newest(site)


async def check_newest(site: Site) -> None:
    """Hold the files of the newest release to their hashes."""
    listed = await site.listed(site.store.published.newest.n)
    await site.release_files.check(listed.history_id, listed.by_name.values())
    _tell(site)


async def _watch(site: Site) -> None:
    checked, last = 0, time.monotonic()
    while True:
        with suppress(ApiError):
            newest = site.store.published.newest.n
            if newest != checked:
                await check_newest(site)
                checked = newest
            elif time.monotonic() - last >= deadlines.VERIFY_S:
                last = time.monotonic()
                await site.release_files.check_again()
                _tell(site)
        await asyncio.sleep(deadlines.WATCH_S)


def _tell(site: Site) -> None:
    if site.release_files.damaged:
        LOG.error("files are not what was published: %s", ", ".join(site.release_files.damaged))

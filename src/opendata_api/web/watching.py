"""While the service runs, the files of its newest release are held to their hashes.

What the first export would load is got ready after the first answers.
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


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[None]:
    """Open the store, check the files from now on, beside the answers, and let go at the end."""
    await site.store.open()
    watcher = asyncio.create_task(_watch(site))
    try:
        yield
    finally:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
        await site.store.close()


async def check_newest(site: Site) -> None:
    """Hold the files of the newest release to their hashes."""
    listed = await site.listed(site.store.published.newest.n)
    await site.release_files.check(listed.history_id, listed.by_name.values())
    _tell(site)


async def _watch(site: Site) -> None:
    checked, last = 0, time.monotonic()
    await asyncio.sleep(deadlines.WATCH_S)  # the first answers come first
    with suppress(Exception):  # it spares time, nothing else
        await asyncio.to_thread(_load_streaming)
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


def _load_streaming() -> None:
    """Load what streams and files are sent by: the first of them would take so much longer."""
    asyncio.run(run_in_threadpool(int))  # Starlette loads anyio's backend when it is first used


def _tell(site: Site) -> None:
    if site.release_files.damaged:
        LOG.error("files are not what was published: %s", ", ".join(site.release_files.damaged))

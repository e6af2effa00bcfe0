"""A reader with a real browser before the service, a process of its own on loopback."""

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from chromium_binary import find_chromium
from conftest import environment_of
from page_addresses import PageAddress
from playwright.async_api import Browser, Page, async_playwright

from bench.processes import free_port, running
from opendata_api.settings import Settings
from opendata_api.words import Lang

LOOPBACK = "127.0.0.1"
APPLICATION = "opendata_api.web.app:create_from_environment"
HEIGHT = 800
NOT_LOADED = "Failed to load resource: the server responded with a status of "
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}",  # no name is looked up
)

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@contextmanager
def serving(published: Settings, log: Path) -> Iterator[str]:
    """The address of a service over what is published; its port is its public address too."""
    port = free_port()
    base = f"http://{LOOPBACK}:{port}"
    environment = environment_of(published) | {"OPENDATA_PUBLIC_URL": base}
    command = [sys.executable, "-m", "uvicorn", "--factory", APPLICATION]
    with running([*command, "--port", str(port)], environment, port, log):
        yield base


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A Chromium without a window, with a new folder for its user."""
    async with async_playwright() as playwright:
        program = find_chromium()
        async with await playwright.chromium.launch(executable_path=program, args=FLAGS) as browser:
            yield browser


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that was opened, and what the browser tells of it."""

    page: Page
    base: str
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """Errors on the console and of scripts."""

    def listen(self) -> None:
        """Keep what the page asks for and complains of from now on."""
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.on("websocket", lambda socket: self.requested.append(socket.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self._hear(said.type, said.text, said.location["url"]))

    def _hear(self, kind: str, text: str, url: str) -> None:
        # An error page has its own status; an icon is asked for by the browser itself.
        unasked = text.startswith(NOT_LOADED) and url in (
            self.requested[0],
            f"{self.base}/favicon.ico",
        )
        if kind == "error" and not unasked:
            self.complaints.append(f"{text} ({url})")


@dataclass(frozen=True, slots=True)
class Reader:
    """Opens pages, each with nothing kept from another."""

    browser: Browser
    base: str

    @asynccontextmanager
    async def visit(
        self,
        page: PageAddress,
        lang: Lang,
        *,
        width: int = 1280,
        scheme: Scheme = "light",
        runs_scripts: bool = True,
    ) -> AsyncIterator[Visit]:
        """A page, once all of it is there."""
        async with await self.browser.new_context(
            viewport={"width": width, "height": HEIGHT},
            color_scheme=scheme,
            reduced_motion="reduce",
            java_script_enabled=runs_scripts,
        ) as context:
            visit = Visit(await context.new_page(), self.base)
            visit.listen()
            answer = await visit.page.goto(f"{self.base}{page.in_language(lang)}")
            assert answer is not None
            assert answer.status == page.status
            await visit.page.locator(page.shows if runs_scripts else "h1").first.wait_for()
            yield visit

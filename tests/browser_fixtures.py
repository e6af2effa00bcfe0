"""One service and one browser for the tests of a process; every visit has a context of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from browsing import Reader, launched, serving
from conftest import at_folder


@pytest.fixture(scope="session")
def served(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service over the published seed, a process of its own."""
    with serving(at_folder(pristine), tmp_path_factory.mktemp("served") / "log") as base:
        yield base


@pytest.fixture(scope="session")
async def reader(served: str) -> AsyncIterator[Reader]:
    """Somebody with a browser before the service."""
    async with launched() as browser:
        yield Reader(browser, served)

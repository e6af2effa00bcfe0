"""Every page in pictures, to be looked at: var/screenshots/PAGE.LANGUAGE.SCHEME.WIDTH.png.

Run by `make screenshots`; names of pages as arguments choose among them.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from browsing import HEIGHT, SCHEMES, Reader, launched, serving
from conftest import PUBLISHED_AT, REPOSITORY, at_folder
from page_addresses import PAGES, PageAddress

from opendata_api.publish import publish
from opendata_api.words import LANGS

PICTURES = REPOSITORY / "var" / "screenshots"
WIDTHS = (1280, 768, 360)


def main(names: Sequence[str]) -> int:
    """Take the pictures of a service started for it; what lay there goes."""
    pages = [page for page in PAGES if not names or page.name in names]
    if not pages:
        print(f"There are: {', '.join(page.name for page in PAGES)}", file=sys.stderr)
        return 1
    shutil.rmtree(PICTURES, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        published = at_folder(Path(folder, "data"))
        publish(published, PUBLISHED_AT)
        with serving(published, Path(folder, "log")) as base:
            asyncio.run(picture_all(base, pages))
    print(f"{len(list(PICTURES.iterdir()))} pictures in {PICTURES.relative_to(REPOSITORY)}")
    return 0


async def picture_all(base: str, pages: Sequence[PageAddress]) -> None:
    """Each page in each language, light and dark, on each screen."""
    async with launched() as browser:
        for page in pages:
            await picture_page(Reader(browser, base), page)


async def picture_page(reader: Reader, page: PageAddress) -> None:
    """The whole of a page, however long."""
    for lang in LANGS:
        for scheme in SCHEMES:
            async with reader.visit(page, lang, scheme=scheme) as visit:
                for width in WIDTHS:
                    await visit.page.set_viewport_size({"width": width, "height": HEIGHT})
                    path = PICTURES / f"{page.name}.{lang}.{scheme}.{width}.png"
                    await visit.page.screenshot(path=path, full_page=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`/catalog/cn`: the Chinese catalogue, by suffix or by Accept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog.cn_files import (
    write_cn_csv,
    write_cn_items_csv,
    write_cn_json,
    write_cn_xlsx,
)
from opendata_api.catalog.overview import Overview
from opendata_api.formats import CSV, JSON, XLSX, Format
from opendata_api.query import PLAIN_PARAMETERS
from opendata_api.web.asked import read_form
from opendata_api.web.downloads import EDITION
from opendata_api.web.links import Link
from opendata_api.web.rows import Handler, varying
from opendata_api.web.site import Site
from opendata_api.web.tracking import lead_to_clean
from opendata_api.web.written import Document, in_thread
from opendata_api.words import Text

PATH = "/catalog/cn"
ITEMS_PATH = "/catalog/cn-items"
BOTH = "信息资源目录"


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """The catalogue, or a list of it, in one format."""

    path: str
    """Without the suffix."""
    format: Format
    title: str
    write: Callable[[Overview], bytes]

    @property
    def address(self) -> str:
        """Its path, with the suffix."""
        return f"{self.path}.{self.format.suffix}"

    def link(self, site: Site, rel: str) -> Link:
        """A link to it."""
        return Link(rel, site.address(self.address), type=self.format.media_type)


JSON_FILE = CatalogueFile(PATH, JSON, BOTH, write_cn_json)
CSV_FILE = CatalogueFile(PATH, CSV, "目录清单", write_cn_csv)
XLSX_FILE = CatalogueFile(PATH, XLSX, BOTH, write_cn_xlsx)
ITEMS_FILE = CatalogueFile(ITEMS_PATH, CSV, "信息项清单", write_cn_items_csv)
FILES = (JSON_FILE, CSV_FILE, XLSX_FILE)
FORMATS = tuple(file.format for file in FILES)
"""What can be asked for by Accept."""


def file_handler(site: Site, file: CatalogueFile) -> Handler:
    """The handler of the address that names the format."""
    document = Document(
        file.address,
        file.format.content_type,
        in_thread(file.write),
        links=[*_alternates(site, file), *_beside(site, file)],
    )

    async def answer_file(request: Request) -> Response:
        read_form(site, request, file.format, FORMATS)
        return await _answer(site, document, file, request)

    return answer_file


def negotiated_handler(site: Site) -> Handler:
    """`/catalog/cn`: the format that Accept asks for, JSON unless another."""
    by_format = {file.format: (file, _negotiated_document(site, file)) for file in FILES}

    async def answer_negotiated(request: Request) -> Response:
        form = read_form(site, request, None, FORMATS)
        file, document = by_format[form.format]
        return await _answer(site, document, file, request)

    return varying(answer_negotiated)


def _negotiated_document(site: Site, file: CatalogueFile) -> Document:
    return Document(
        PATH,
        file.format.content_type,
        in_thread(file.write),
        vary=("Accept",),
        links=[*_alternates(site, None), *_beside(site, file)],
    )


def _alternates(site: Site, own: CatalogueFile | None) -> Sequence[Link]:
    """The same in the other formats; the items alone have none."""
    others = () if own is ITEMS_FILE else FILES
    there = [one for one in others if one is not own and one.format in site.formats]
    return [one.link(site, "alternate") for one in there]


def _beside(site: Site, file: CatalogueFile) -> Sequence[Link]:
    """The list that a CSV has no place for."""
    others = {CSV_FILE: ITEMS_FILE, ITEMS_FILE: CSV_FILE}
    return [others[file].link(site, "related")] if file in others else []


async def _answer(
    site: Site, document: Document, file: CatalogueFile, request: Request
) -> Response:
    """The document; what is a file has a name that a browser saves it under (RFC 6266)."""
    if not file.format.is_file:
        return await document.answer(site, request)
    clean = lead_to_clean(site.base, request, PLAIN_PARAMETERS)
    if clean is not None:
        return clean
    response = await document.answer(site, request)
    if response.status_code == HTTPStatus.OK:
        edition = EDITION.format(n=site.store.published.newest.n)
        response.headers["content-disposition"] = _disposition(file, edition)
    return response


def _disposition(file: CatalogueFile, edition: Text) -> str:
    plain = f"catalog-{file.path.rpartition('/')[2]}-{edition.en}.{file.format.suffix}"
    named = quote(f"{file.title}-{edition.zh}.{file.format.suffix}", safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{named}"

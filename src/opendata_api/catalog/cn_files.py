"""The Chinese catalogue as files: JSON and a workbook have both lists, a CSV has one."""

from io import BytesIO

from opendata_api.catalog.cn import Listing, list_resources
from opendata_api.catalog.cn_items import list_items
from opendata_api.catalog.overview import Overview
from opendata_api.catalog.package import print_json
from opendata_api.formats.cells import write_line


def write_cn_json(overview: Overview) -> bytes:
    """Both lists by title, each line an object by column; null: not known."""
    listings = (list_resources(overview), list_items(overview))
    return print_json(
        {
            one.title: [
                {name: cell or None for name, cell in zip(one.columns, row, strict=True)}
                for row in one.rows
            ]
            for one in listings
        }
    )


def write_cn_csv(overview: Overview) -> bytes:
    """目录清单 by RFC 4180: UTF-8 without BOM, CRLF, cells verbatim."""
    return _print_csv(list_resources(overview))


def write_cn_items_csv(overview: Overview) -> bytes:
    """信息项清单, likewise."""
    return _print_csv(list_items(overview))


def write_cn_xlsx(overview: Overview) -> bytes:
    """Both lists, each on a sheet of its own; it needs the package that writes workbooks."""
    from opendata_api.catalog.cn_workbook import write_listings  # noqa: PLC0415 - an extra

    file = BytesIO()
    write_listings(file, (list_resources(overview), list_items(overview)), overview)
    return file.getvalue()


def _print_csv(listing: Listing) -> bytes:
    lines = [write_line(line) for line in (listing.columns, *listing.rows)]
    return "".join(lines).encode()

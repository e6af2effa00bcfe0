"""What describes a CSV, as CSV on the Web: at the address of the CSV with `-metadata.json`."""

from dataclasses import replace

from starlette.responses import Response

from opendata_api.catalog.csvw import describe_csv
from opendata_api.catalog.package import print_json
from opendata_api.formats import CSV
from opendata_api.formats.imprint import Imprint
from opendata_api.values import Row
from opendata_api.web.asked import Asked, Form
from opendata_api.web.links import Link
from opendata_api.web.works import cite_file


async def answer_metadata(asked: Asked, imprint: Imprint, record: Row | None) -> Response:
    """The metadata of the CSV with that imprint, which the same query asks for."""
    table = replace(asked, form=Form(CSV, by_suffix=True))
    cited = replace(
        imprint,
        address=table.fixed.address,
        citation=await cite_file(table, imprint.subject.title, record),
    )
    links = [Link("self", asked.address), Link("describes", table.address)]
    return asked.representation(links).answer(print_json(describe_csv(cited, _name(table))))


def _name(table: Asked) -> str:
    """Where the CSV lies beside its metadata, by the query as it was sent."""
    query = f"?{table.sent}" if table.sent else ""
    return f"{table.path.rpartition('/')[2]}.{CSV.suffix}{query}"

"""The call that gives what a page shows, as the programs that readers use write it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opendata_api.errors import Pairs
from opendata_api.query import join_query


@dataclass(frozen=True, slots=True)
class Snippet:
    """A few lines of one program."""

    program: str
    code: str


_TEMPLATES: Mapping[str, str] = {
    "curl": "curl '{json}'",
    "Python": (
        "import pandas\n\n"
        'table = pandas.read_csv(\n    "{csv}",\n    dtype={{"area_code": str}},\n)\n'
        "print(table.head())"
    ),
    "R": 'table <- read.csv("{csv}", encoding = "UTF-8",\n'
    '                  colClasses = c(area_code = "character"))\nhead(table)',
    "JavaScript": (
        'const answer = await fetch("{json}");\n'
        "if (!answer.ok) throw new Error((await answer.json()).detail);\n"
        "const {{ data, meta, links }} = await answer.json();\n"
        "console.log(meta.total, data[0]);"
    ),
    "Excel Power Query": (
        "let\n"
        '    Source = Csv.Document(Web.Contents("{csv}"), [Delimiter = ",", Encoding = 65001]),\n'
        "    Table = Table.PromoteHeaders(Source, [PromoteAllScalars = true])\n"
        "in\n    Table"
    ),
}


def snippets(
    base: str, path: str, page: Pairs, whole: Pairs, fields: Sequence[str]
) -> list[Snippet]:
    """The lines for each program: JSON has the page shown, files have the whole query."""
    query = join_query(page)
    json = f"{base}{path}?{query}" if query else f"{base}{path}"
    query = join_query(whole)
    csv = f"{base}{path}.csv?{query}" if query else f"{base}{path}.csv"
    return [
        Snippet(program, _lines(program, template, fields).format(json=json, csv=csv))
        for program, template in _TEMPLATES.items()
    ]


def _lines(program: str, template: str, fields: Sequence[str]) -> str:
    """The template, without the type of a column that the answer does not have."""
    if "area_code" in fields:
        return template
    if program == "Python":
        return template.replace('    dtype={{"area_code": str}},\n', "")
    return template.replace(',\n                  colClasses = c(area_code = "character")', "")

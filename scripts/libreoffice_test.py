"""Compares each workbook, as LibreOffice shows it, with the CSV for spreadsheets."""

import asyncio
import csv
import io
import re
import subprocess
import sys
from pathlib import Path

import httpx

from opendata_api.datasets import DATASETS
from opendata_api.settings import Settings
from opendata_api.web.app import create_app

EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
"""Commas, quotes, UTF-8, cells as they are shown, each sheet a file."""
BASE = "https://data.example.org"


def main(folder: Path) -> int:
    """Print every difference; the exit code says whether there is one."""
    tables = asyncio.run(fetch(folder))
    workbooks = [str(folder / f"{name}.xlsx") for name in tables]
    command = ["soffice", "--headless", "--convert-to", EVERY_SHEET, "--outdir", str(folder)]
    subprocess.run([*command, *workbooks], check=True, capture_output=True)
    faults = [fault for name, table in tables.items() for fault in compare(folder, name, table)]
    for fault in faults:
        print(fault)
    cells = sum(len(line) for table in tables.values() for line in read(table))
    print(f"{len(tables)} workbooks, {cells} cells, {len(faults)} differences")
    return bool(faults)


async def fetch(folder: Path) -> dict[str, str]:
    """Each workbook into the folder; the CSV for spreadsheets of each dataset."""
    app = create_app(Settings(), DATASETS)
    await app.site.store.open()
    tables = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        for dataset in DATASETS:
            workbook = (await client.get(f"/v1/{dataset.name}.xlsx")).raise_for_status()
            (folder / f"{dataset.name}.xlsx").write_bytes(workbook.content)
            table = (await client.get(f"/v1/{dataset.name}.excel.csv")).raise_for_status()
            tables[dataset.name] = table.content.decode("utf-8-sig")
    await app.site.store.close()
    return tables


def compare(folder: Path, name: str, table: str) -> list[str]:
    """What LibreOffice shows otherwise than the CSV has it."""
    shown = read((folder / f"{name}-数据.csv").read_text(encoding="utf-8"))
    expected = [[unguarded(cell) for cell in line] for line in read(table)]
    faults = [
        f"{name}: {cell!r} is shown as {seen!r}"
        for line, seen_line in zip(expected, shown, strict=True)
        for cell, seen in zip(line, seen_line, strict=True)
        if cell != seen
    ]
    sheets = [(folder / f"{name}-{sheet}.csv").read_text(encoding="utf-8") for sheet in SHEETS]
    return [*faults, *(f"{name}: a column is too narrow" for text in sheets if "###" in text)]


def unguarded(cell: str) -> str:
    """The cell without the apostrophe that a CSV needs before a formula."""
    return cell[1:] if re.match(r"'[=+\-@\t\r\n＝＋－＠]", cell) else cell


def read(text: str) -> list[list[str]]:
    """The lines of a CSV."""
    return list(csv.reader(io.StringIO(text, newline="")))


SHEETS = ("数据", "字段", "说明")

if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

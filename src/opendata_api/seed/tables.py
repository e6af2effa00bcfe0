"""Reading the files of a seed: strict in form, kind in what it says."""

import csv
import io
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from opendata_api.seed.faults import Faults, Line, SeedFault
from opendata_api.words import Text

UTF8 = Text(
    "UTF-8 编码（用 Excel 另存为“CSV UTF-8”；不收 GBK）",
    "UTF-8 (save as “CSV UTF-8” in Excel; GBK is not read)",
)


def read_text(folder: Path, name: str, faults: Faults) -> str | None:
    """A file's text, exactly as it is; None, with a fault, if it can't be had."""
    try:
        raw = (folder / name).read_bytes()
    except OSError:
        _note(faults, name, Text("文件存在", "a file"), "没有 / none")
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        _note(faults, name, UTF8, f"0x{raw[error.start]:02X} @ {error.start}")
        return None


def read_table(folder: Path, name: str, columns: Sequence[str], faults: Faults) -> list[Line]:
    """The lines of a CSV table with just these columns, in any order."""
    text = read_text(folder, name, faults)
    if text is None:
        return []
    if "\0" in text:
        _note(faults, name, Text("不含 NUL 字符", "no NUL character"), "NUL")
        return []
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        return _lines(reader, name, columns, faults)
    except csv.Error as error:
        expected = Text("合乎 RFC 4180 的 CSV", "CSV by RFC 4180")
        faults.found.append(SeedFault(name, reader.line_num, None, expected, str(error)))
        return []


def read_settings(folder: Path, name: str, faults: Faults) -> dict[str, Any] | None:
    """A TOML file; None, with a fault, if it can't be read."""
    text = read_text(folder, name, faults)
    if text is None:
        return None
    try:
        return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        _note(faults, name, Text("有效的 TOML", "valid TOML"), str(error))
        return None


def _lines(reader: Any, name: str, columns: Sequence[str], faults: Faults) -> list[Line]:
    header: list[str] = next(reader, [])
    if sorted(header) != sorted(columns):
        expected = Text(f"表头：{','.join(columns)}", f"the header {','.join(columns)}")
        faults.found.append(SeedFault(name, 1, None, expected, ",".join(header)))
        return []
    lines = []
    number = reader.line_num + 1
    for cells in reader:
        if len(cells) == len(header):
            values = {key: cell.strip() or None for key, cell in zip(header, cells, strict=True)}
            if any(values.values()):
                lines.append(Line(name, number, values, faults))
        elif cells:
            expected = Text(f"{len(header)}格", f"{len(header)} cells")
            faults.found.append(SeedFault(name, number, None, expected, str(len(cells))))
        number = reader.line_num + 1
    return lines


def _note(faults: Faults, name: str, expected: Text, found: str) -> None:
    faults.found.append(SeedFault(name, None, None, expected, found))

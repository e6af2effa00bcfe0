"""Why records were changed: `changes.csv`, one line for each change that was ever published."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from opendata_api.datasets import FIXED_CODES
from opendata_api.seed.faults import UNFILLED, Faults
from opendata_api.seed.tables import read_table
from opendata_api.words import Text

FILE = "changes.csv"
COLUMNS = ("id", "cause", "reason_zh", "reason_en")
CAUSES = tuple(code.value for code in FIXED_CODES["change_causes"])


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a record was corrected or withdrawn."""

    id: str
    cause: str
    reason_zh: str
    reason_en: str


def read_reasons(folder: Path, faults: Faults) -> Sequence[Explanation]:
    """The lines of the file, in their order."""
    found: list[Explanation] = []
    for line in read_table(folder, FILE, COLUMNS, faults):
        if not line.need(*COLUMNS):
            continue
        line.one_of("cause", CAUSES)
        for column in ("reason_zh", "reason_en"):
            if UNFILLED in line[column]:
                line.fault(column, Text("已填写", "filled in"), line[column])
        one = Explanation(*(line[column] for column in COLUMNS))
        if one in found:
            expected = Text("没有写过的缘由", "a reason that does not stand here yet")
            line.fault("reason_zh", expected, one.reason_zh)
        found.append(one)
    return found

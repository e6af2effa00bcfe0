"""The arithmetic that a report implies, re-computed exactly."""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, DecimalException

from opendata_api.seed.cells import read_boolean
from opendata_api.seed.faults import Line
from opendata_api.seed.model import ProvenFigure
from opendata_api.words import Text

OPERATIONS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
RELATIONS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "=": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}
DECIMALS = re.compile("[0-6]")
LENGTH_MAX = 200


class BadFormula(Exception):
    """A formula that is no arithmetic of observations and numbers."""


@dataclass(frozen=True, slots=True)
class Held:
    """How many checks hold, and how many do not and say why."""

    held: int
    noted: int


def check_arithmetic(lines: Sequence[Line], figures: Mapping[str, ProvenFigure]) -> Held:
    """Compute every check; one that is not as its line says is a fault."""
    held = noted = 0
    seen: set[str] = set()
    for line in lines:
        if not line.need("id", "left", "relation", "right", "decimals", "holds"):
            continue
        if line["id"] in seen:
            line.fault("id", Text("不重复的编号", "an id that stands once"), line["id"])
        seen.add(line["id"])
        line.one_of("relation", list(RELATIONS))
        claimed = read_boolean(line, "holds")
        holds = _compute(line, figures, claimed=claimed)
        if holds is None:
            continue
        held, noted = held + holds, noted + (not holds)
    return Held(held, noted)


def evaluate(formula: str, values: Mapping[str, Decimal]) -> Decimal:
    """The value of `o022/o021*100`. Raises BadFormula."""
    if len(formula) > LENGTH_MAX:
        raise BadFormula(formula[:LENGTH_MAX])
    try:
        return _evaluate(ast.parse(formula, mode="eval").body, values)
    except (SyntaxError, ValueError, DecimalException, RecursionError):
        raise BadFormula(formula) from None


def _compute(
    line: Line, figures: Mapping[str, ProvenFigure], *, claimed: bool | None
) -> bool | None:
    if not DECIMALS.fullmatch(line["decimals"]):
        line.fault("decimals", Text("0到6的数", "a number from 0 to 6"), line["decimals"])
        return None
    values = {name: one.figure.value for name, one in figures.items()}
    sides: list[Decimal] = []
    for column in ("left", "right"):
        try:
            sides.append(_rounded(evaluate(line[column], values), line["decimals"]))
        except BadFormula as bad:
            expected = Text("编号和数的四则运算", "arithmetic of ids and numbers")
            line.fault(column, expected, str(bad))
    if len(sides) < 2 or line["relation"] not in RELATIONS:  # noqa: PLR2004
        return None
    left, right = sides
    holds = RELATIONS[line["relation"]](left, right)
    if holds != claimed:
        word, found = str(holds).lower(), f"{left:f} {line['relation']} {right:f}"
        line.fault("holds", Text(f"{word}（{found}）", f"{word}: {found}"), line["holds"])
    if not holds:
        line.need("note_zh", "note_en")
    return holds


def _rounded(value: Decimal, decimals: str) -> Decimal:
    try:
        return value.quantize(Decimal(1).scaleb(-int(decimals)), ROUND_HALF_EVEN)
    except DecimalException:
        raise BadFormula(f"= {value}") from None


def _evaluate(node: ast.expr, values: Mapping[str, Decimal]) -> Decimal:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
            return OPERATIONS[type(op)](_evaluate(left, values), _evaluate(right, values))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand, values)
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.Constant(value=int() | float() as number):
            return Decimal(str(number))
    raise BadFormula(ast.unparse(node))

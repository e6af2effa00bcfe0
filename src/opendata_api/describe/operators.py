"""The operators that fields are compared by, as a list of values."""

from dataclasses import dataclass

from opendata_api.words import Text


@dataclass(frozen=True, slots=True)
class Operator:
    """One way to compare a field: its suffix, its words, its SQL."""

    key: str
    """What follows `field__`; empty for plain equality."""
    words: Text
    sql: str
    many: bool = False
    """The value is a list with commas."""


EQ = Operator("", Text("等于", "is"), "{column} = {value}")
NE = Operator("ne", Text("不等于", "is not"), "({column} <> {value} or {column} is null)")
IN = Operator("in", Text("是其中之一", "is one of"), "{column} in ({value})", many=True)
GT = Operator("gt", Text("大于", "is more than"), "{column} > {value}")
GTE = Operator("gte", Text("不小于", "is at least"), "{column} >= {value}")
LT = Operator("lt", Text("小于", "is less than"), "{column} < {value}")
LTE = Operator("lte", Text("不大于", "is at most"), "{column} <= {value}")
STARTSWITH = Operator("startswith", Text("开头为", "begins with"), "{column} begins with {value}")
CONTAINS = Operator("contains", Text("包含", "contains"), "")
"""Answered by the search index; its SQL differs between databases and is made by the store."""
ISNULL = Operator("isnull", Text("为空", "is null"), "({column} is null) = {value}")

NUMBER = (EQ, GT, GTE, LT, LTE, IN)
PERIOD = (EQ, GTE, LTE)
CODES = (EQ, NE, IN)
ONE_OF = (EQ, IN)

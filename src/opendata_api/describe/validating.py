"""Records are held to what their dataset declares by SQLModel.

It loads SQLAlchemy, which takes a quarter of a start: it is imported where records are made, and
never where rows are read alone.
"""

from types import new_class

from sqlmodel import SQLModel
from sqlmodel._compat import SQLModelConfig

from opendata_api.describe.fields import Record


class ValidRecord(SQLModel, Record):
    """What every record shares: no unknown fields, no change once validated."""

    model_config = SQLModelConfig(extra="forbid", frozen=True)


def validator_of(declared: type[Record]) -> type[ValidRecord]:
    """The SQLModel class with the fields that a class of records declares."""
    return new_class(declared.__name__, (ValidRecord, declared))

"""What can be wrong with a store, told to its operator."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:  # what they are, the modules above this one know
    from opendata_api.store.changes import Told
    from opendata_api.store.model import Reason


class StoreError(Exception):
    """A store can't be used; the message says what to do."""


class DamagedStore(StoreError):
    """Files are not what was published."""


class OtherLayout(StoreError):
    """The tables are those of another version of this program."""

    @classmethod
    def of(cls, place: str, layout: int, own: int) -> Self:
        """The error for tables of that layout, older or newer than this program's own."""
        todo = (
            "bring them up to date with: opendata-api migrate"
            if layout < own
            else "a newer program made them: use that one"
        )
        return cls(f"{place} has tables of layout {layout}, this program needs {own}; {todo}")


class NoTables(StoreError):
    """The database has none of the tables yet."""

    def __init__(self) -> None:
        super().__init__("the database has no tables yet; make them with: opendata-api migrate")


class DatabaseAway(StoreError):
    """The database server does not answer."""


class PublishingElsewhere(StoreError):
    """Another process is publishing into the same place."""


class BadPublication(StoreError):
    """What was to be published contradicts itself."""


class UnexplainedChanges(StoreError):
    """Records change without a reason, or reasons stand there that nothing needs."""

    def __init__(self, lacking: Sequence["Told"], idle: Sequence["Reason"]) -> None:
        told = [
            *(f"{one.id} ({one.dataset.name}) is {one.kind}: one new reason" for one in lacking),
            *(f"{one.id}: nothing changed that needs this reason: {one.zh}" for one in idle),
        ]
        super().__init__("; ".join(told))
        self.lacking = lacking
        self.idle = idle

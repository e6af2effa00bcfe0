"""What can be wrong with a store, told to its operator."""

from typing import Self


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

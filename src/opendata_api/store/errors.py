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


class NothingToErase(StoreError):
    """No release has what is to be erased, but the newest may have it in force."""

    def __init__(self, record_id: str) -> None:
        super().__init__(
            f"{record_id}: no older version; what is in force is corrected or withdrawn in the "
            "seed and published first / 没有旧版本；仍有效的内容请先在种子文件中更正或撤回并发布"
        )


class NoSpace(StoreError):
    """The disk has no room for what is to be published."""


class FilesNotWritten(StoreError):
    """The files of a release can't be written."""

    def __init__(self, error: OSError) -> None:
        where = "" if error.filename is None else f"{error.filename}: "
        super().__init__(
            f"{where}{error.strerror or error}: the files of the release can't be written / "
            "版本文件无法写入"
        )


class FilesLeft(StoreError):
    """What was erased lies in files that can't be removed."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"erased and served no more, but these files have it and can't be removed: "
            f"{', '.join(names)}; remove them by hand / 已清除并停止提供，但下列文件仍含该内容且"
            f"无法删除，请手工删除：{'、'.join(names)}"
        )


class UnpublishedSeed(StoreError):
    """The seed says something else than what is published."""

    def __init__(self) -> None:
        super().__init__(
            "the seed has changes that are not published: publish them first / "
            "种子文件有尚未发布的变更：请先发布"
        )


class CannotWithdraw(StoreError):
    """A release can't be withdrawn."""


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

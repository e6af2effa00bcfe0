"""Withdrawing a release by law, without a database: statements are given, their rows sent."""

from collections.abc import Sequence

from opendata_api.describe import Dataset
from opendata_api.store.clauses import Clause, Dialect, Steps
from opendata_api.store.erasing import delete_versions
from opendata_api.store.errors import CannotWithdraw
from opendata_api.store.schema import FOREVER, column_of
from opendata_api.values import Stored
from opendata_api.words import Text


def withdraw_steps(
    dialect: Dialect, datasets: Sequence[Dataset], release: int, why: Text
) -> Steps[None]:
    """Let a release be read no more, and delete what no other release has.

    Raises CannotWithdraw.
    """
    listed = yield Clause('select "n" from "release" where "state" = \'published\' order by "n"')
    numbers = [int(str(n)) for (n,) in listed]
    if release not in numbers:
        raise CannotWithdraw(f"there is no release {release} / 没有第{release}版")
    if release == numbers[-1]:
        raise CannotWithdraw(
            f"release {release} is the newest: publish the next one first / "
            f"第{release}版是最新版：请先发布下一版"
        )
    yield Clause(
        'update "release" set "state" = ?, "gone_zh" = ?, "gone_en" = ? where "n" = ?',
        ("gone", why.zh, why.en, release),
    )
    kept = [n for n in numbers if n != release]
    for dataset in datasets:
        yield from _delete_orphans(dialect, dataset, kept)
    yield from _delete_texts(kept)
    yield Clause('delete from "count" where "release" = ?', (release,))


def _delete_orphans(dialect: Dialect, dataset: Dataset, kept: Sequence[int]) -> Steps[None]:
    """Delete the versions of records that no release has which can be read."""
    columns = ", ".join(column_of(field) for field in dataset.stored)
    for area in (yield from _areas(dataset.table)):
        rows = yield Clause(
            f'select "n", "since" as begun, "until", {columns} from "{dataset.table}" '
            f'where "area_code" = ? and "until" < {FOREVER}',
            (area,),
        )
        versions = [(row[0], row[3:]) for row in rows if not _is_read(row[1], row[2], kept)]
        yield from delete_versions(dialect, dataset, versions, area)


def _delete_texts(kept: Sequence[int]) -> Steps[None]:
    for area in (yield from _areas("attachment")):
        rows = yield Clause(
            'select "kind", "id", "since", "until" from "attachment" '
            f'where "area_code" = ? and "until" < {FOREVER}',
            (area,),
        )
        for kind, name, since, until in rows:
            if not _is_read(since, until, kept):
                yield Clause(
                    'delete from "attachment" '
                    'where "area_code" = ? and "kind" = ? and "id" = ? and "since" = ?',
                    (area, kind, name, since),
                )


def _areas(table: str) -> Steps[Sequence[str]]:
    rows = yield Clause(f'select distinct "area_code" from "{table}"')
    return sorted(str(area) for (area,) in rows)


def _is_read(since: Stored, until: Stored, kept: Sequence[int]) -> bool:
    """Whether a release that can be read has what was in force between those."""
    return any(int(str(since)) <= n < int(str(until)) for n in kept)

"""Withdrawing a release by law, without a database: statements are given, their rows sent."""

from collections.abc import Sequence
from itertools import groupby

from opendata_api.describe import Dataset
from opendata_api.store.clauses import Clause, Dialect, Steps
from opendata_api.store.erasing import delete_versions
from opendata_api.store.errors import CannotWithdraw
from opendata_api.store.schema import FOREVER, column_of
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
    for dataset in datasets:
        yield from _delete_orphans(dialect, dataset)
    yield Clause(f'delete from "attachment" where {_is_orphan("attachment")}')
    yield Clause('delete from "count" where "release" = ?', (release,))


def _delete_orphans(dialect: Dialect, dataset: Dataset) -> Steps[None]:
    columns = ", ".join(f"t.{column_of(field)}" for field in dataset.stored)
    rows = yield Clause(
        f'select t."area_code" as area, t."n", {columns} from "{dataset.table}" t '
        f'where {_is_orphan("t")} order by t."area_code", t."n"'
    )
    for area, some in groupby(rows, key=lambda row: str(row[0])):
        versions = [(row[1], row[2:]) for row in some]
        yield from delete_versions(dialect, dataset, versions, area)


def _is_orphan(table: str) -> str:
    """That no release that can be read has a version."""
    return (
        f'{table}."until" < {FOREVER} and not exists (select 1 from "release" r where '
        f'r."state" = \'published\' and r."n" >= {table}."since" and r."n" < {table}."until")'
    )

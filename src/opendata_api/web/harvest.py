"""The items of OAI-PMH: the datasets and every record that ever was, as of a release.

They are listed in the order in which releases changed them last: a list is read from the changes
that are told, of which each item has one that is its last. So an item that was withdrawn or erased
stays listed, as deleted, for ever.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

import orjson

from opendata_api.catalog.oai import DATASETS, Header, Item, Part, identifier_of
from opendata_api.catalog.oai_dc import describe_dataset, describe_record
from opendata_api.catalog.oai_requests import OaiError
from opendata_api.catalog.oai_tokens import Token
from opendata_api.catalog.overview import Entry, Overview
from opendata_api.describe import Dataset
from opendata_api.store.changes import LABELS, Kind
from opendata_api.store.model import ChangeRecord, ChangesAsked
from opendata_api.values import Row
from opendata_api.web.site import Site
from opendata_api.web.told import Run, Told

ITEMS_MAX = 100
"""So many records come in a part of a list, the datasets beside."""
LOOKED_MAX = 2_000
"""No part looks at more changes than these: of those that a later one follows, nothing is told."""
READ = 100
"""So many changes are read at once."""
AWAY = (Kind.WITHDRAWN, Kind.ERASED)


@dataclass(frozen=True, slots=True)
class Harvest:
    """The items of one service, as of a release."""

    told: Told
    overview: Overview
    release: int

    @property
    def site(self) -> Site:
        """The service."""
        return self.told.site

    async def find(self, identifier: str) -> Item | None:
        """The item of that identifier; None if there never was one."""
        start = identifier_of(self.overview, "")
        name, _, written = identifier.removeprefix(start).partition("/")
        record_id = unquote(written)
        if not identifier.startswith(start) or quote(record_id, safe="") != written:
            return None
        if name == DATASETS:
            entry = self.overview.entry.get(record_id)
            return None if entry is None else self._of_dataset(entry)
        dataset = self.site.dataset.get(name)
        return None if dataset is None else await self._now(dataset, record_id)

    async def part(self, asked: Token) -> Part:
        """The part of a list that the token asks for. Raises OaiError where there is nothing."""
        begun = not asked.seq and not asked.given
        datasets = [self._of_dataset(one) for one in self._entries(asked)] if begun else []
        found: list[tuple[int, Item]] = []
        looked: list[ChangeRecord] = []
        is_cut = False
        async with aclosing(self._changes(asked)) as changes:
            async for change in changes:
                looked.append(change)
                if (item := await self._last(change)) is not None:
                    found.append((change.seq, item))
                if is_cut := len(found) > ITEMS_MAX or len(looked) >= LOOKED_MAX:
                    break
        if is_cut and len(found) > 1 and found[-1][0] == looked[-1].seq:
            found.pop()  # the next part begins with it, and so is not empty
        items = [*datasets, *(item for _, item in found)]
        if not items and begun and not is_cut:
            raise OaiError("noRecordsMatch", "there is no such set, or nothing changed last then")
        if not items:
            items = [await self._any(looked)]
        token = None
        if is_cut:
            seq, given = looked[-1].seq - 1, asked.given + len(items)
            token = replace(asked, seq=seq, given=given).encode()
        return Part(items, asked.given, self._size(asked), token)

    async def _any(self, looked: Sequence[ChangeRecord]) -> Item:
        """The last item looked at, as it is now, since no part may be empty. Raises OaiError."""
        if not looked:
            raise OaiError("badResumptionToken", "nothing follows it")
        change = looked[-1]
        dataset = self.site.dataset[change.dataset]
        now = await self._now(dataset, change.id)
        return now or self._deleted(dataset, change.id, change.release)

    def _entries(self, asked: Token) -> Sequence[Entry]:
        """The datasets that were changed last between the releases asked for."""
        if asked.set not in ("", DATASETS):
            return ()
        published = self.site.store.published
        first, last = (published.time_of(n) for n in (asked.first, asked.last))
        return [one for one in self.overview.entries if first <= one.modified <= last]

    async def _changes(self, asked: Token) -> AsyncGenerator[ChangeRecord, None]:
        """The changes of records that the list is read from, after those looked at before."""
        for n in range(asked.first, asked.last + 1):
            if asked.set == DATASETS or self.told.numbers(n).stop <= asked.seq + 1:
                continue
            for run in await self.told.runs(n):
                if run.dataset not in (None, asked.set or run.dataset) or run.dataset == LABELS:
                    continue
                async for change in self._of_run(run, asked.seq):
                    if asked.set in ("", change.dataset):
                        yield change

    async def _of_run(self, run: Run, seq: int) -> AsyncGenerator[ChangeRecord, None]:
        for start in range(max(run.first - 1, seq), run.last, READ):
            asked = ChangesAsked(since=start, limit=min(READ, run.last - start))
            page = await self.site.store.changes(asked, self.site.dataset, self.release)
            for change in page.changes:
                yield change

    async def _last(self, change: ChangeRecord) -> Item | None:
        """The item that a change is the last of; None where another follows."""
        dataset = self.site.dataset[change.dataset]
        if change.record is not None:
            is_last = change.kind != Kind.ERASED and (change.until or 0) > self.release
            return self._of_record(dataset, change.record) if is_last else None
        if change.kind not in AWAY:
            return None
        last = await self._last_change(dataset, change.id)
        is_last = last is not None and last.seq == change.seq
        return self._deleted(dataset, change.id, change.release) if is_last else None

    async def _now(self, dataset: Dataset, record_id: str) -> Item | None:
        """The item of a record, there or deleted; None if there never was one."""
        row = await self.site.store.record(dataset, record_id, self.release)
        if row is not None:
            return self._of_record(dataset, row)
        last = await self._last_change(dataset, record_id)
        return None if last is None else self._deleted(dataset, record_id, last.release)

    async def _last_change(self, dataset: Dataset, record_id: str) -> ChangeRecord | None:
        asked = ChangesAsked(limit=1, dataset=dataset.name, id=record_id, newest_first=True)
        page = await self.site.store.changes(asked, {}, self.release)
        return page.changes[0] if page.changes else None

    def _of_dataset(self, entry: Entry) -> Item:
        identifier = identifier_of(self.overview, f"{DATASETS}/{entry.dataset.name}")
        header = Header(identifier, entry.modified, DATASETS)
        return Item(header, describe_dataset(self.overview, entry))

    def _of_record(self, dataset: Dataset, row: Row) -> Item:
        by_name = dict(zip(dataset.field_names, row, strict=True))
        changed = int(str(by_name["release_changed"]))
        header = self._header(dataset, str(by_name["id"]), changed)
        return Item(header, describe_record(self.overview, dataset, row))

    def _deleted(self, dataset: Dataset, record_id: str, release: int) -> Item:
        return Item(replace(self._header(dataset, record_id, release), is_deleted=True))

    def _header(self, dataset: Dataset, record_id: str, release: int) -> Header:
        identifier = identifier_of(self.overview, f"{dataset.name}/{quote(record_id, safe='')}")
        return Header(identifier, self.site.store.published.time_of(release), dataset.name)

    def _size(self, asked: Token) -> int | None:
        """How many items the list has, where the counts of its releases tell it.

        All that there ever were are those that were added: one that came back counts twice. Of one
        release, the newest, each change is the last of its item.
        """
        published = self.site.store.published
        is_whole = asked.first == published.first and asked.last == asked.release
        if not is_whole and not asked.first == asked.last == asked.release:
            return None
        wanted = {asked.set} if asked.set else self.site.dataset.keys()
        size = len(self._entries(asked))
        for n in range(asked.first, asked.last + 1):
            for name, kinds in orjson.loads(published.changes_of(n))["counts"].items():
                if name in wanted:
                    size += kinds.get(Kind.ADDED, 0) if is_whole else sum(kinds.values())
        return size

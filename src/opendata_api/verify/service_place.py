"""Verifying a running service by its answers."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from json import loads as json_of
from typing import Any

import httpx

from opendata_api.datasets import DOCUMENTS
from opendata_api.describe import Dataset
from opendata_api.store.manifest import Content, leaf_of
from opendata_api.store.model import File, Hole
from opendata_api.values import Row, to_row
from opendata_api.verify.findings import CannotVerify, Told


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """A running service, read through its addresses."""

    client: httpx.AsyncClient

    async def manifests(self) -> Mapping[int, Told]:
        """The manifests by release, with the times and signatures that the service tells."""
        releases = _read_answer(await self._get("/v1/releases"))["data"]
        return {
            one["n"]: Told(
                (await self._get(f"/v1/releases/{one['n']}/manifest")).text,
                one["published_at"],
                signature=await self._signature(one["n"]),
                is_gone=one["withdrawn"] is not None,
            )
            for one in releases
        }

    async def changes(self, release: int, since: int) -> AsyncIterator[Sequence[object]]:
        """What is told of each change of a release."""
        async for one in self._pages(f"/v1/changes?limit=1000&since={since}"):
            if one["release"] > release:
                return
            reason = one["reason"] or {"zh": None, "en": None}
            told = (one["dataset"], one["id"], one["kind"], one["cause"])
            yield (one["seq"], *told, reason["zh"], reason["en"], one["changed"])

    async def leaves(self, dataset: Dataset, release: int) -> AsyncIterator[bytes]:
        """The hashes of the records, computed of what the service answers."""
        async for record in self._records(dataset, release):
            yield leaf_of(dataset, _row(dataset, record))

    async def holes(self, release: int) -> Sequence[Hole]:
        """What was erased of a release, as the service tells it."""
        told = _read_answer(await self._get(f"/v1/releases/{release}"))["data"]["erased"]
        return [
            Hole(one["dataset"], one["kind"] or "", one["id"], release, release + 1, one["leaf"])
            for one in told
        ]

    async def fault_of_texts(
        self, release: int, published: Content | None, erased: Sequence[bytes]
    ) -> str | None:
        """What is wrong with the documents; labels and reasons are not served as they lie."""
        del published, erased
        async for record in self._records(DOCUMENTS, release):
            address = f"/v1/documents/{record['id']}/text?release={release}"
            text = await self._get(address)
            if sha256(text.content).hexdigest() != record["sha256"]:
                return f"the text of {record['id']} is another"
        return None

    async def files(
        self, release: int, listed: Sequence[File]
    ) -> AsyncIterator[tuple[File, str | None]]:
        """The files that the service keeps, each read whole."""
        for file in listed:
            address = f"/v1/releases/{release}/files/{file.name}"
            async with self._stream(address) as answer:
                if answer.status_code == httpx.codes.GONE:
                    continue
                yield file, await _fault_of_file(answer, file)

    @asynccontextmanager
    async def _stream(self, address: str) -> AsyncIterator[httpx.Response]:
        try:
            async with self.client.stream("GET", address) as answer:
                yield answer
        except httpx.HTTPError as error:
            raise CannotVerify(f"{address}: {type(error).__name__}") from error

    def _records(self, dataset: Dataset, release: int) -> AsyncIterator[Mapping[str, Any]]:
        return self._pages(f"/v1/{dataset.name}?limit=1000&release={release}")

    async def _pages(self, address: str | None) -> AsyncIterator[Mapping[str, Any]]:
        """The items of all pages, each asked of the same service whatever its own address is."""
        while address is not None:
            page = _read_answer(await self._get(address))
            for item in page["data"]:
                yield item
            following = page["links"]["next"]
            address = None if following is None else httpx.URL(following).raw_path.decode()

    async def _signature(self, release: int) -> str | None:
        """The signature of a release; None for one that is not signed."""
        address = f"/v1/releases/{release}/signature"
        answer = await self._ask(address)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        return _require_found(address, answer).text

    async def _get(self, address: str) -> httpx.Response:
        return _require_found(address, await self._ask(address))

    async def _ask(self, address: str) -> httpx.Response:
        try:
            return await self.client.get(address)
        except httpx.HTTPError as error:
            raise CannotVerify(f"{address}: {type(error).__name__}") from error


def _require_found(address: str, answer: httpx.Response) -> httpx.Response:
    if answer.status_code != httpx.codes.OK:
        raise CannotVerify(f"{address}: {answer.status_code}")
    return answer


async def _fault_of_file(answer: httpx.Response, file: File) -> str | None:
    """What is wrong with a file as it is answered, if anything."""
    if answer.status_code != httpx.codes.OK:
        return f"it is not there: {answer.status_code}"
    digest = sha256()
    async for block in answer.aiter_bytes():
        digest.update(block)
    return None if digest.hexdigest() == file.sha256 else "it is not what was published"


def _read_answer(answer: httpx.Response) -> Mapping[str, Any]:
    """An answer with rows; decimals are read exactly."""
    try:
        read = json_of(answer.text, parse_float=Decimal)
    except ValueError:
        read = None
    if not isinstance(read, dict) or not {"data", "links"} <= read.keys():
        raise CannotVerify(f"{answer.url}: no answer of this service")
    return read


def _row(dataset: Dataset, record: Mapping[str, Any]) -> Row:
    """The stored fields of a record as a row keeps them."""
    own = {field.name: record[field.name] for field in dataset.stored}
    return to_row(dataset, dataset.validator.model_validate(own))

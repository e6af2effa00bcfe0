"""Making the files of a release, in one pass over its rows."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from opendata_api.catalog.csvw import describe_csv
from opendata_api.catalog.package import files_beside, print_json
from opendata_api.catalog.whole import WHOLE, files_beside_whole
from opendata_api.describe import Dataset
from opendata_api.files.folder import FilesFolder
from opendata_api.files.imprints import Imprints
from opendata_api.files.sources import Sources
from opendata_api.formats import (
    CSV,
    CSVM,
    NDJSON,
    PARQUET,
    SQLITE,
    ZIP,
    Format,
    archive,
    csv,
    ndjson,
    sqlite,
)
from opendata_api.formats.imprint import Imprint, Publisher, read_labels
from opendata_api.store.errors import FilesNotWritten
from opendata_api.store.model import Edition, File, Release
from opendata_api.store.space import SPARE_BYTES, Need
from opendata_api.values import Row

JSON_AT, CSV_AT, VALUES_AT = 0, 1, 2
"""Where a row as it is handed over has its encoded forms, and where its values begin."""

ROW_BYTES = 5_000
"""Of all files together for each record; measured were 4,100 of few records."""

Add = Callable[[Sequence[Row]], None]
Writing = AbstractContextManager[Add]


@dataclass(frozen=True, slots=True)
class FileMaker:
    """Makes the files of the release that has an edition, and keeps them in a folder."""

    folder: FilesFolder
    base: str
    """The public address of the service, without a slash at the end."""
    edition: Edition

    def need(self, rows: int) -> Need:
        """The room that the files of a release of so many rows may need."""
        return Need(self.folder.path, SPARE_BYTES + rows * ROW_BYTES)

    @contextmanager
    def making(self, release: Release, history_id: str) -> Iterator["Draft"]:
        """The files of a release that is about to be published; nothing stays of a failure."""
        labels = read_labels(self.edition.labels)
        publisher = Publisher(self.base, release.n, release.published_at, labels)
        imprints = Imprints(publisher, Sources(self.edition.rows))
        with ExitStack() as folders, ExitStack() as open_files:
            with _told_failures():
                path = folders.enter_context(self.folder.drafting(history_id))
                place = path / f"{WHOLE}.{SQLITE.suffix}"
                database = open_files.enter_context(sqlite.writing(place, imprints.whole(SQLITE)))
            yield Draft(self.folder, history_id, path, imprints, database, open_files)

    def drop(
        self, history_id: str, manifests: Mapping[int, str], erased: Mapping[int, Collection[str]]
    ) -> None:
        """Remove the files that have what was erased. Raises FilesLeft."""
        self.folder.drop(history_id, manifests, erased)

    def settle(
        self, history_id: str, manifests: Mapping[int, str], erased: Mapping[int, Collection[str]]
    ) -> None:
        """Keep the files that the manifests list, as far as they are to be kept, and no others."""
        self.folder.settle(history_id, manifests, erased)


@dataclass(frozen=True, slots=True)
class Draft:
    """The files of one release while they are made."""

    folder: FilesFolder
    history_id: str
    path: Path
    imprints: Imprints
    database: sqlite.Database
    open_files: ExitStack
    counts: dict[str, int] = field(default_factory=dict)
    """How many rows each dataset has."""

    @contextmanager
    def writing(self, dataset: Dataset, count: int) -> Iterator[Add]:
        """What takes all rows of a dataset, so many: JSON, CSV and the values of each."""
        self.counts[dataset.name] = count
        with ExitStack() as stack:
            with _told_failures():
                adds = [
                    stack.enter_context(self._begin(dataset, format_, count))
                    for format_ in FORMATS
                    if format_.is_installed
                ]
                table = stack.enter_context(self.database.table(self.imprints.of(dataset, CSV)))

            def add(rows: Sequence[Row]) -> None:
                with _told_failures():
                    for one in adds:
                        one(rows)
                    table([row[VALUES_AT:] for row in rows])

            yield add
            with _told_failures():
                stack.close()

    def finish(self) -> Sequence[File]:
        """The files, which lie where they stay."""
        with _told_failures():
            self.open_files.close()
            self._pack()
            paths = sorted(self.path.iterdir())
            made = [self.folder.keep(self.history_id, path) for path in paths]
            self.folder.sync(self.history_id)
        return made

    @contextmanager
    def _begin(self, dataset: Dataset, format_: Format, count: int) -> Iterator[Add]:
        path = self.path / f"{dataset.name}.{format_.suffix}"
        imprint = self.imprints.of(dataset, CSV if format_ is CSVM else format_)
        with path.open("wb") as file, FORMATS[format_](file, imprint, count) as add:
            yield add

    def _pack(self) -> None:
        """Put the CSVs of all datasets into one package."""
        whole = self.imprints.whole(ZIP)
        with (
            (self.path / f"{WHOLE}.{ZIP.suffix}").open("wb") as file,
            archive.packing(file, whole.moment) as package,
        ):
            names = [
                (part.subject.name, f"{part.subject.name}.{CSV.suffix}") for part in whole.parts
            ]
            tables = [
                package.copy(name, self.path / name, self.counts[dataset])
                for dataset, name in names
            ]
            for name, content in files_beside_whole(whole, tables).items():
                package.add(name, content)


@contextmanager
def _told_failures() -> Iterator[None]:
    """What fails on the disk is not taken for a failure of the database."""
    try:
        yield
    except OSError as error:
        raise FilesNotWritten(error) from error


@contextmanager
def _write_csv(file: IO[bytes], imprint: Imprint, _: int) -> Iterator[Add]:
    file.write(csv.header_line(imprint.fields).encode())
    yield lambda rows: file.writelines([_joined(rows, CSV_AT)])


@contextmanager
def _write_metadata(file: IO[bytes], imprint: Imprint, _: int) -> Iterator[Add]:
    name = f"{imprint.subject.name}.{CSV.suffix}"
    file.write(print_json(describe_csv(imprint, name)))
    yield lambda _: None


@contextmanager
def _write_ndjson(file: IO[bytes], _: Imprint, __: int) -> Iterator[Add]:
    yield lambda rows: file.writelines(
        [ndjson.encode_line(str(row[JSON_AT])).encode() for row in rows]
    )


@contextmanager
def _write_parquet(file: IO[bytes], imprint: Imprint, _: int) -> Iterator[Add]:
    from opendata_api.formats import parquet  # noqa: PLC0415 - an extra, loaded by its format alone

    with parquet.writing(file, imprint) as add:
        yield lambda rows: add([row[VALUES_AT:] for row in rows])


def _write_archive(file: IO[bytes], imprint: Imprint, count: int) -> Writing:
    table = archive.Table(
        f"{imprint.subject.name}.{CSV.suffix}",
        csv.header_line(imprint.fields).encode(),
        partial(_joined, place=CSV_AT),
        count,
    )
    return archive.writing(file, table, imprint.moment, partial(files_beside, imprint))


def _joined(rows: Sequence[Row], place: int) -> bytes:
    """The encoded form of all rows at that place, one after the other."""
    return "".join([str(row[place]) for row in rows]).encode()


def media_type_of(name: str) -> str:
    """The media type of a file with that name, with its parameters."""
    suffix = name.partition(".")[2]
    return next(one.content_type for one in (*FORMATS, SQLITE) if one.suffix == suffix)


FORMATS: Mapping[Format, Callable[[IO[bytes], Imprint, int], Writing]] = {
    CSV: _write_csv,
    CSVM: _write_metadata,
    NDJSON: _write_ndjson,
    PARQUET: _write_parquet,
    ZIP: _write_archive,
}
"""What each dataset is written in, and how."""

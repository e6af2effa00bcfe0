"""The commands: what is published, checked and served, and what an operator asks for."""

import asyncio
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from pydantic import ValidationError

from opendata_api.datasets import DATASETS
from opendata_api.errors import ApiError
from opendata_api.health import NotReady, check_ready
from opendata_api.proven import Proven, find_proven
from opendata_api.serving import CannotListen, bind, configure, run
from opendata_api.settings import Settings, settings_table
from opendata_api.signing_keys import UnusableKey, read_public_key
from opendata_api.store.errors import FilesLeft, StoreError, UnexplainedChanges
from opendata_api.store.place import migrate
from opendata_api.words import Lang, Text

if TYPE_CHECKING:  # `serve` needs none of what proves a seed where it was proven before
    from opendata_api.seed import Seed, SeedFaults

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Publishes what governments report about themselves as open data.",
)

Ids = Annotated[list[str], typer.Argument(help="The ids of the records.")]
Reason = Annotated[str, typer.Option(help="Why, in Chinese; it is public.")]
ReasonEn = Annotated[str, typer.Option(help="Why, in English; it is public.")]
Workers = Annotated[int | None, typer.Option(help="How many processes serve.")]
FAULT_LANGS: tuple[Lang, ...] = ("zh", "en")
UNPUBLISHED = Text("没有发布", "nothing was published")
UNERASED = Text("没有清除", "nothing was erased")
UNWITHDRAWN = Text("没有撤下", "nothing was withdrawn")


@app.command()
def serve(workers: Workers = None) -> None:
    """Check and publish the seed, then serve it."""
    settings = _settings()
    try:
        listener = bind(settings)
    except CannotListen as error:
        _fail(str(error))
    with listener:
        _publish_for(settings)
        run(configure(workers or settings.workers), listener)


@app.command("publish")
def publish_command(
    at: Annotated[
        datetime | None,
        typer.Option(help="The time of the release, UTC unless it says; now unless given."),
    ] = None,
    *,
    notes: Annotated[str | None, typer.Option(help="What is to be said of it, in Chinese.")] = None,
    notes_en: Annotated[str | None, typer.Option(help="The same in English.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would change and publish nothing.")
    ] = False,
) -> None:
    """Check the seed and publish it as the next release."""
    from opendata_api.publish import publish  # noqa: PLC0415 - `serve` may need none of it

    if (notes is None) != (notes_en is None):
        _fail("--notes 与 --notes-en 须同时给出 / --notes and --notes-en come together")
    if dry_run:
        _foresee(_settings())
        return
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    said = None if notes is None or notes_en is None else Text(notes, notes_en)
    with _told_failures(_settings()):
        publication = publish(_settings(), at, said)
    release = publication.release
    verb = "已发布 / published" if publication.is_new else "没有变化 / unchanged"
    typer.echo(f"第{release.n}版 / release {release.n} ({release.published_at}): {verb}")
    if said is not None and not publication.is_new:
        _fail("没有新版本，说明未记录 / there is no new release, so the notes were not kept")


@app.command("erase")
def erase_command(ids: Ids, reason: Reason, reason_en: ReasonEn) -> None:
    """Erase what must not stay public from every release, file and index; its hash remains.

    What an id still has is corrected or withdrawn in the seed and published first.
    """
    from opendata_api.publish import erase  # noqa: PLC0415 - the same

    settings = _settings()
    with _told_failures(settings, undone=UNERASED):
        try:
            release = erase(settings, ids, Text(reason, reason_en))
        except FilesLeft as error:
            _fail(str(error))
    typer.echo(f"已清除，见第{release.n}版 / erased, as release {release.n} tells")


@app.command("withdraw-release")
def withdraw_command(
    release: Annotated[int, typer.Argument(help="The number of the release.")],
    reason: Reason,
    reason_en: ReasonEn,
) -> None:
    """Let a release be read no more, where the law asks for it; its manifest remains."""
    from opendata_api.publish import withdraw_release  # noqa: PLC0415 - the same

    settings = _settings()
    with _told_failures(settings, undone=UNWITHDRAWN):
        withdraw_release(settings, release, Text(reason, reason_en))
    typer.echo(f"第{release}版已撤下 / release {release} is withdrawn")


@app.command("migrate")
def migrate_command() -> None:
    """Bring the tables of the database to what this program needs."""
    try:
        before, after = migrate(_settings(), DATASETS)
    except (StoreError, OSError) as error:
        _fail(f"没有更改 / nothing was changed: {error}")
    typer.echo(f"layout {after}: " + ("nothing to do" if before == after else f"was {before}"))


@app.command()
def check() -> None:
    """Prove the seed: every figure in its source, every numeral accounted for."""
    typer.echo(_tally(_read(_settings())))


@app.command("verify")
def verify_command(
    place: Annotated[
        str | None,
        typer.Argument(
            help="The address of a service, or a folder or file of SQLite; what the settings name "
            "unless given."
        ),
    ] = None,
    *,
    keys: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            help="A public key that is trusted, a PEM file or its x in /.well-known/jwks.json; "
            "each release must then be signed by one of them.",
        ),
    ] = None,
) -> None:
    """Check that every release is what was published, against its manifest and its signature."""
    from opendata_api.verify import CannotVerify  # noqa: PLC0415 - httpx comes with it

    try:
        trusted = {read_public_key(one) for one in keys} if keys else None
        asyncio.run(_verify(place, trusted))
    except (CannotVerify, StoreError, ApiError, UnusableKey) as error:
        _fail(f"不能核验 / can't be verified: {error}")


async def _verify(place: str | None, trusted: Collection[str] | None) -> None:
    """Tell of each part whether it is as it was published, and exit with 1 if one is not."""
    from opendata_api.verify import open_place, verify  # noqa: PLC0415 - the same

    faults = 0
    async with open_place(place, _settings()) as opened:
        async for finding in verify(opened, trusted):
            state = "一致 / as published" if finding.fault is None else f"不符 / {finding.fault}"
            typer.echo(f"第{finding.release}版 / release {finding.release} {finding.part}: {state}")
            faults += finding.fault is not None
        if faults:
            _fail(f"共{faults}处与发布时不符 / {faults} not as published")


@app.command()
def openapi() -> None:
    """Print the OpenAPI document, as openapi/v1.json keeps it."""
    from opendata_api.web.openapi import print_document  # noqa: PLC0415 - loaded by who asks

    sys.stdout.write(print_document(DATASETS))


@app.command("settings")
def settings_command() -> None:
    """Print every setting with its default and bounds, as docs/settings.md keeps them."""
    typer.echo(settings_table(), nl=False)


@app.command("new-report")
def new_report(
    report_id: Annotated[str, typer.Argument(help="Such as cn450203-2024-rol.")],
    text: Annotated[Path, typer.Argument(help="The report's text, UTF-8.")],
) -> None:
    """Make the folder of a further report, to be filled in by a curator."""
    from opendata_api.seed.new_report import (  # noqa: PLC0415 - the same
        CannotCreate,
        create_report,
    )

    try:
        folder = create_report(_settings().seed_folder, report_id, text)
    except CannotCreate as error:
        _fail(str(error))
    typer.echo(f"{folder}")


@app.command()
def health() -> None:
    """Exit 0 if the service on this machine is ready, else 1."""
    try:
        check_ready(_settings())
    except NotReady as error:
        _fail(str(error))
    typer.echo("ready")


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"OPENDATA_{'_'.join(map(str, fault['loc'])).upper()}: 取值无效 / bad value: "
            + fault["msg"].removeprefix("Value error, ")
            for fault in error.errors()
        ]
        _fail("\n".join([*lines, "各项设置见 / the settings are listed by: opendata-api settings"]))


def _read(settings: Settings) -> "Seed":
    from opendata_api.publish import prove  # noqa: PLC0415 - `serve` may need none of it
    from opendata_api.seed import SeedFaults  # noqa: PLC0415 - the same

    try:
        return prove(settings)[0]
    except SeedFaults as error:
        _fail_seed(error)


def _publish_for(settings: Settings) -> None:
    """Publish what is to be served; what lacks a reason waits, and what is published is served."""
    with _told_errors(settings):
        proven = find_proven(settings)
    if proven is None:
        _publish_seed(settings)
    else:
        _say_addresses(settings, proven)


def _publish_seed(settings: Settings) -> None:
    from opendata_api.foresight import tell_unexplained  # noqa: PLC0415 - `serve` may need none
    from opendata_api.publish import publish  # noqa: PLC0415 - the same

    try:
        with _told_failures(settings, but=UnexplainedChanges):
            _say_addresses(settings, publish(settings).proven)
    except UnexplainedChanges as error:
        lines = [*tell_unexplained(error), "照旧提供已发布的版本 / serving what is published"]
        typer.echo("\n".join(lines), err=True)


def _foresee(settings: Settings) -> None:
    from opendata_api.foresight import (  # noqa: PLC0415 - `serve` may need none
        find_unexplained,
        tell_foreseen,
    )
    from opendata_api.publish import foresee  # noqa: PLC0415 - the same

    with _told_failures(settings):
        foreseen = foresee(settings)
        typer.echo("\n".join(tell_foreseen(foreseen)))
    if foreseen is not None and find_unexplained(foreseen) is not None:
        raise typer.Exit(1)


@contextmanager
def _told_failures(
    settings: Settings, but: type[StoreError] | tuple[()] = (), undone: Text = UNPUBLISHED
) -> Iterator[None]:
    """Why nothing was done to a seed, told to whoever runs the command."""
    from opendata_api.foresight import tell_unexplained  # noqa: PLC0415 - `serve` may need none
    from opendata_api.seed import SeedFaults  # noqa: PLC0415 - the same

    with _told_errors(settings, but, undone):
        try:
            yield
        except but:
            raise
        except SeedFaults as error:
            _fail_seed(error)
        except UnexplainedChanges as error:
            _fail("\n".join([f"{undone.zh} / {undone.en}:", *tell_unexplained(error)]))


@contextmanager
def _told_errors(
    settings: Settings, but: type[StoreError] | tuple[()] = (), undone: Text = UNPUBLISHED
) -> Iterator[None]:
    """Why nothing was done, told to whoever runs the command."""
    told = f"{undone.zh} / {undone.en}"
    try:
        yield
    except but:
        raise
    except (StoreError, UnusableKey) as error:
        _fail(f"{told}: {error}")
    except OSError as error:
        where = error.filename or settings.data_dir
        _fail(f"{told}: {where}: 无法读写 / can't be read or written")


def _tally(seed: "Seed") -> str:
    tally = seed.tally
    lines = {
        "报告 reports": tally.reports,
        "数据 observations": tally.observations,
        "指标 metrics": tally.metrics,
        "承诺 commitments": tally.commitments,
        "数字 numerals": tally.numerals,
        "  已发布 published": tally.numerals_published,
        "  已排除 excluded": tally.numerals_excluded,
        "汉字数字与概括性表述 numeral words and claims": tally.words_published
        + tally.words_excluded,
        "  发布 published": tally.words_published,
        "  排除 excluded": tally.words_excluded,
        "核对成立 checks held": tally.checks_held,
        "核对不成立而有说明 checks not held, with a note": tally.checks_noted,
    }
    return "\n".join(f"{name}: {count}" for name, count in lines.items())


def _say_addresses(settings: Settings, proven: Proven) -> None:
    base = settings.base
    typer.echo(
        f"Release {proven.release}: {proven.observations} observations, "
        f"{proven.commitments} commitments, every figure proved in its source.\n"
        f"  {base}/  the home page\n"
        f"  {base}/docs  the API reference\n"
        f"  {base}/v1/service-counts.excel.csv  for Excel\n"
        f"  {base}/v1/observations  every figure, as JSON\n"
        f"  {base}/v1/commitments  what was promised for the next year"
    )


def _fail_seed(error: "SeedFaults") -> NoReturn:
    lines = [fault.sentence(lang) for fault in error.faults for lang in FAULT_LANGS]
    count = len(error.faults)
    some = "1 fault" if count == 1 else f"{count} faults"
    lines.append(f"共{count}处错误，不能发布 / {some}, nothing can be published")
    _fail("\n".join(lines))


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)

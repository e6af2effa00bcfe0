"""The settings: one class, read from OPENDATA_* variables when asked, never at import."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PACKAGE = Path(__file__).parent
POSTGRES = ("postgresql://", "postgres://")


class Settings(BaseSettings):
    """What an operator can set; each has a default that works."""

    model_config = SettingsConfigDict(env_prefix="OPENDATA_", extra="ignore", frozen=True)

    host: Annotated[str, Field(min_length=1, description="The address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="The port to listen on.")] = 8000
    public_url: Annotated[
        str | None,
        Field(
            description="The address that callers use, from which every link is made: scheme, "
            "host and, behind a proxy, a path. Unset: http://{host}:{port}.",
            examples=["https://data.example.org"],
        ),
    ] = None
    data_dir: Annotated[Path, Field(description="The folder of the published data.")] = Path("var")
    database_url: Annotated[
        str | None,
        Field(
            description="postgresql://USER:PASSWORD@HOST/DATABASE for PostgreSQL. Unset, or "
            "sqlite:///FOLDER, the same as data_dir: SQLite."
        ),
    ] = None
    database_connections: Annotated[
        int,
        Field(
            ge=1,
            le=1000,
            description="How many connections to PostgreSQL each process reads by; exports have "
            "theirs beside.",
        ),
    ] = 10
    files: Annotated[
        Path | None,
        Field(
            description="The folder of the files of releases; several nodes may share it. Unset: "
            "`files` in the folder of the published data."
        ),
    ] = None
    files_releases: Annotated[
        int | None,
        Field(
            ge=1,
            description="So many of the newest releases keep their files; the hashes of all stay "
            "in the manifests. Unset: all.",
        ),
    ] = None
    contact: Annotated[
        str | None,
        Field(
            description="Where the operator is reached: mailto:… or https://…; catalogues and "
            "/.well-known/security.txt tell it.",
            examples=["mailto:data@example.org"],
        ),
    ] = None
    operator_zh: Annotated[
        str, Field(description="Who runs the service, in Chinese. Unset: the service's name.")
    ] = ""
    operator_en: Annotated[str, Field(description="The same in English.")] = ""
    operator_code: Annotated[
        str, Field(description="The operator's unified social credit code (统一社会信用代码).")
    ] = ""
    resource_code: Annotated[
        str,
        Field(
            description="What the codes of information resources (信息资源代码) begin with in the "
            "Chinese catalogue. Unset: they stay empty."
        ),
    ] = ""
    websub_hub: Annotated[
        str | None, Field(description="The address of a WebSub hub that feeds name.")
    ] = None
    seed_dir: Annotated[
        Path | None, Field(description="The folder of the seed. Unset: the seed of the package.")
    ] = None
    workers: Annotated[int, Field(ge=1, le=64, description="How many processes serve.")] = 1
    exports_max: Annotated[
        int,
        Field(ge=1, le=1000, description="How many exports run at once in each process."),
    ] = 16
    answer_cache_mb: Annotated[
        int,
        Field(
            ge=0,
            le=65_536,
            description="So many megabytes of answers each process keeps ready. 0: none.",
        ),
    ] = 64
    signing_key: Annotated[
        Path | None,
        Field(
            description="The file of the private key (Ed25519, PEM) by which what is published is "
            "signed; needs the extra `sign`. Unset: nothing is signed."
        ),
    ] = None

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("must begin with http:// or https:// and name a host")
        if parts.query or parts.fragment or "@" in parts.netloc or not value.isascii():
            raise ValueError("must be ASCII, without user, query and fragment")
        return value.rstrip("/")

    @field_validator("contact")
    @classmethod
    def _check_contact(cls, value: str | None) -> str | None:
        if value is None or (value.startswith(("mailto:", "https://")) and _is_address(value)):
            return value
        raise ValueError("must begin with mailto: or https:// and have no blanks")

    @field_validator("websub_hub")
    @classmethod
    def _check_hub(cls, value: str | None) -> str | None:
        if value is None or (value.startswith(("https://", "http://")) and _is_address(value)):
            return value
        raise ValueError("must begin with https:// or http:// and have no blanks")

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str | None) -> str | None:
        if value is None or value.startswith(POSTGRES):
            return value
        if not value.startswith("sqlite:///"):
            raise ValueError("must begin with postgresql:// or sqlite:///")
        if not value.removeprefix("sqlite:///").strip():
            raise ValueError("names no folder")
        return value

    @property
    def base(self) -> str:
        """The public address, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def postgres_address(self) -> str | None:
        """The address of the PostgreSQL database, as its clients write it; None for SQLite."""
        is_postgres = self.database_url is not None and self.database_url.startswith(POSTGRES)
        return self.database_url if is_postgres else None

    @property
    def store_folder(self) -> Path:
        """The folder of the published SQLite files."""
        if self.database_url is None:
            return self.data_dir
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def files_folder(self) -> Path:
        """The folder of the files of releases."""
        beside = self.store_folder if self.postgres_address is None else self.data_dir
        return self.files or beside / "files"

    @property
    def seed_folder(self) -> Path:
        """The folder of the seed: as set, as installed, or of the checkout."""
        if self.seed_dir is not None:
            return self.seed_dir
        installed = PACKAGE / "seed_files"
        return installed if installed.is_dir() else PACKAGE.parents[1] / "seed"


def _is_address(value: str) -> bool:
    """Whether it is printable ASCII without what would end it in a document."""
    return value.isascii() and value.isprintable() and not set(value) & set(' "<>')


def settings_table() -> str:
    """Every setting with its default and bounds, as a Markdown table."""
    lines = ["| variable | default | bounds | |", "|---|---|---|---|"]
    for name, declared in Settings.model_fields.items():
        default = "" if declared.default is None else f"`{declared.default}`"
        bounds = " ".join(
            f"{sign} {getattr(rule, key)}"
            for rule in declared.metadata
            for key, sign in (("ge", "≥"), ("le", "≤"))
            if hasattr(rule, key)
        )
        lines.append(
            f"| `OPENDATA_{name.upper()}` | {default} | {bounds} | {declared.description} |"
        )
    return "\n".join(lines) + "\n"

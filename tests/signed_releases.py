"""Releases of the real seed, each with another note, signed by keys that are made for them."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from editions import O083, changed

from opendata_api.datasets import DATASETS
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.signing import load_signer
from opendata_api.store.place import write_release
from opendata_api.store.release_files import Beside

LATER = datetime(2026, 1, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Publisher:
    """Publishes what the seed has, with another note, signed or not."""

    settings: Settings
    seed: Seed
    folder: Path

    def with_key(self, name: str | None) -> Settings:
        """The settings with a key of that name, made where there is none yet."""
        if name is None:
            return self.settings
        path = self.folder / f"{name}.pem"
        if not path.exists():
            path.touch(mode=0o600)
            pem = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            path.write_bytes(Ed25519PrivateKey.generate().private_bytes(*pem))
        return self.settings.model_copy(update={"signing_key": path})

    def key(self, name: str) -> str:
        """The public key of that name."""
        path = self.with_key(name).signing_key
        assert path is not None
        return load_signer(path).key

    async def publish(self, *names: str | None) -> None:
        """A release by each of the keys."""
        for name in names:
            edition = changed(make_edition(self.seed), O083, note_en=f"By {name}.")
            path = self.with_key(name).signing_key
            beside = Beside(sign=None if path is None else load_signer(path).sign)
            await asyncio.to_thread(write_release, self.settings, DATASETS, edition, LATER, beside)

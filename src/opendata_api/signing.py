"""Signatures of manifests, so that whoever has the public key can tell whose data it is.

A signature is a JWS in the flattened JSON serialization (RFC 7515, 7.2.2) with its payload, the
bytes of the manifest, detached (appendix F): what is signed is `protected.BASE64URL(manifest)` in
ASCII, by Ed25519 (RFC 8032). Its header names the algorithm, the key's thumbprint (RFC 7638) and
the public key itself, so that old signatures can be checked when their key is used no more. That a
signature has a key in it says nothing of whose key that is.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from opendata_api.signing_keys import (
    ALGORITHM,
    decode,
    encode,
    is_public_key,
    jwk,
    needing_extra,
    read_private_key,
    thumbprint,
)

if TYPE_CHECKING:  # an extra, loaded by what needs it
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MEDIA_TYPE = "application/jose+json"
UNREADABLE = "it can't be read"
OF_ANOTHER = "it is not of this manifest"


@dataclass(frozen=True, slots=True)
class Signer:
    """What signs manifests by a private key."""

    key: str
    """The public key."""
    _private: "Ed25519PrivateKey" = field(repr=False)

    def sign(self, manifest: str) -> str:
        """The signature as JSON, the same to the byte whenever it is made."""
        protected = _write_header(self.key)
        return _write_signature(protected, self._private.sign(_join(protected, manifest)))


@dataclass(frozen=True, slots=True)
class _Signature:
    """A signature that was read, not checked yet."""

    protected: str
    key: str
    signed: bytes


def load_signer(path: Path) -> Signer:
    """What signs by the private key of a file. Raises UnusableKey."""
    private = read_private_key(path)
    return Signer(encode(private.public_key().public_bytes_raw()), private)


def check_signature(
    manifest: str, signature: str, trusted: Collection[str] | None = None
) -> str | None:
    """What is wrong with the signature of a manifest, if anything.

    With trusted keys given, one by another key is wrong. Raises NoCryptography.
    """
    read = _read(signature)
    if read is None:
        return UNREADABLE
    if trusted is not None and read.key not in trusted:
        return f"it is by another key, {read.key}"
    return None if _is_signed(read, manifest) else OF_ANOTHER


def key_of(signature: str) -> str | None:
    """The public key by which a signature says it is; None where it can't be read."""
    read = _read(signature)
    return None if read is None else read.key


def _read(text: str) -> _Signature | None:
    """The parts of a signature; None for whatever is not written, to the byte, as it is here."""
    try:
        told = orjson.loads(text)
        header = orjson.loads(decode(told["protected"]))
        key, signed = header["jwk"]["x"], decode(told["signature"])
        is_key = is_public_key(key)
    except (KeyError, TypeError, ValueError):
        return None
    if not is_key:
        return None
    read = _Signature(_write_header(key), key, signed)
    return read if _write_signature(read.protected, signed) == text else None


def _is_signed(read: _Signature, manifest: str) -> bool:
    with needing_extra():
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415
    key = ed25519.Ed25519PublicKey.from_public_bytes(decode(read.key))
    try:
        key.verify(read.signed, _join(read.protected, manifest))
    except InvalidSignature:
        return False
    return True


def _write_header(key: str) -> str:
    header = {"alg": ALGORITHM, "jwk": jwk(key), "kid": thumbprint(key)}
    return encode(orjson.dumps(header))


def _write_signature(protected: str, signed: bytes) -> str:
    return orjson.dumps({"protected": protected, "signature": encode(signed)}).decode()


def _join(protected: str, manifest: str) -> bytes:
    """What is signed (RFC 7515, 5.1)."""
    return f"{protected}.{encode(manifest.encode())}".encode()

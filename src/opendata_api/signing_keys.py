"""The keys that releases are signed by: Ed25519, in files of PEM, told as JWK (RFC 7517, 8037).

A public key is written as its `x`: the 32 bytes in base64url without padding, 43 characters.
"""

import os
import stat
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import orjson

from opendata_api.words import Text

if TYPE_CHECKING:  # an extra, loaded by what needs it
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ALGORITHM = "EdDSA"
"""As RFC 8037 (3.1) names it; what checks signatures knows it, of Ed25519 (RFC 9864) not all do."""
KEY_BYTES = 32
MAKE = "openssl genpkey -algorithm ed25519 -out key.pem"


class UnusableKey(Exception):
    """A key can't be used; the message says why and what to do, in both languages."""

    why: ClassVar[Text]

    def __init__(self, place: object) -> None:
        super().__init__(f"{place}: {self.why.zh} / {self.why.en}")


class NoCryptography(UnusableKey):
    """The package that signs and checks signatures is not installed."""

    why = Text(
        "没有安装，签名和验签需要它；请执行 pip install 'opendata-api[sign]'",
        "is not installed, and signatures need it; install it with: "
        "pip install 'opendata-api[sign]'",
    )

    def __init__(self) -> None:
        super().__init__("cryptography")


class NoKeyFile(UnusableKey):
    """There is no file of that name."""

    why = Text(
        f"没有这个文件；可用 {MAKE} 生成私钥",
        f"there is no such file; make a private key with: {MAKE}",
    )


class NotAFile(UnusableKey):
    """A folder, or what gives other bytes at each reading."""

    why = Text("不是普通文件；请指定密钥文件", "is no plain file; name the file that has the key")


class UnreadableKeyFile(UnusableKey):
    """The system refuses to read the file."""

    why = Text("无法读取；请检查路径和权限", "can't be read; check its path and who may read it")


class OpenKeyFile(UnusableKey):
    """Others than its owner may use the file of a private key."""

    why = Text(
        "私钥文件对组或其他用户开放；请对该文件执行 chmod 600",
        "the private key is open to its group or to others; close it with: chmod 600",
    )


class EncryptedKey(UnusableKey):
    """A passphrase is needed, which nobody is there to give."""

    why = Text(
        "私钥有口令保护，不能使用；可用 openssl pkey -in 原文件 -out key.pem 去掉口令",
        "the private key needs a passphrase, which can't be given; write it without one with: "
        "openssl pkey -in ENCRYPTED -out key.pem",
    )


class PublicKeyOnly(UnusableKey):
    """A public key stands where a private one is needed."""

    why = Text("这是公钥；签名需要私钥", "is a public key; what signs is the private one")


class PrivateKeyShown(UnusableKey):
    """A private key stands where a public one is enough."""

    why = Text(
        "这是私钥；验签只需公钥，可用 openssl pkey -in key.pem -pubout -out public.pem 取得",
        "is a private key; what checks is the public one, got with: "
        "openssl pkey -in key.pem -pubout -out public.pem",
    )


class OtherAlgorithm(UnusableKey):
    """A key of RSA, an elliptic curve of NIST or whatever else."""

    why = Text(
        f"不是 Ed25519 密钥；可用 {MAKE} 生成私钥",
        f"is no key of Ed25519; make a private key with: {MAKE}",
    )


class NoPrivateKey(UnusableKey):
    """The file has no private key in PEM."""

    why = Text(
        f"不是 PEM 格式（PKCS#8）的私钥；可用 {MAKE} 生成",
        f"is no private key in PEM (PKCS#8); make one with: {MAKE}",
    )


class NoPublicKey(UnusableKey):
    """Neither a file with a public key in PEM nor the key itself."""

    why = Text(
        "不是 PEM 格式的公钥文件，也不是公钥本身（43个字符，即 /.well-known/jwks.json 中的 x）",
        "is neither a file with a public key in PEM nor such a key itself: 43 characters, the x in "
        "/.well-known/jwks.json",
    )


def read_private_key(path: Path) -> "Ed25519PrivateKey":
    """The private key of a file: PEM, PKCS#8, not encrypted, for its owner alone.

    As ssh does, it is held against the owner only whose program it is: a secret that a container
    is given belongs to another. Raises UnusableKey.
    """
    with needing_extra():
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
            load_pem_private_key,
        )
    pem, state = _read_file(path)
    if state.st_uid == os.getuid() and state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise OpenKeyFile(path)
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise EncryptedKey(path) from None
    except UnsupportedAlgorithm:
        raise OtherAlgorithm(path) from None
    except ValueError:
        raise (PublicKeyOnly if b"PUBLIC KEY--" in pem else NoPrivateKey)(path) from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise OtherAlgorithm(path)
    return key


def read_public_key(given: str) -> str:
    """The public key, given as itself or as a file of PEM. Raises UnusableKey."""
    if is_public_key(given):
        return given
    with needing_extra():
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
            load_pem_public_key,
        )
    try:
        pem, _ = _read_file(Path(given))
    except NoKeyFile:
        raise NoPublicKey(given) from None
    try:
        key = load_pem_public_key(pem)
    except UnsupportedAlgorithm:
        raise OtherAlgorithm(given) from None
    except ValueError:
        raise (PrivateKeyShown if b"PRIVATE KEY--" in pem else NoPublicKey)(given) from None
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise OtherAlgorithm(given)
    return encode(key.public_bytes_raw())


def is_public_key(text: str) -> bool:
    """Whether it is a public key as it is written here."""
    try:
        return len(decode(text)) == KEY_BYTES
    except ValueError:
        return False


def jwk(key: str) -> Mapping[str, str]:
    """The members of a public key that make it what it is (RFC 8037, 2), in their order."""
    return {"crv": "Ed25519", "kty": "OKP", "x": key}


def thumbprint(key: str) -> str:
    """By which a key is named: the hash of its members (RFC 7638)."""
    return encode(sha256(orjson.dumps(jwk(key))).digest())


def jwks(keys: Iterable[str]) -> Mapping[str, object]:
    """The set of the public keys (RFC 7517, 5), each once, in their order."""
    told = {key: {"kid": thumbprint(key), "use": "sig", "alg": ALGORITHM} for key in keys}
    return {"keys": [{**jwk(key), **names} for key, names in told.items()]}


def encode(raw: bytes) -> str:
    """Bytes in base64url without padding (RFC 7515, 2)."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """What was encoded, where it was encoded so to the last bit. Raises ValueError."""
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(raw) != text:
        raise ValueError(text)
    return raw


@contextmanager
def needing_extra() -> Iterator[None]:
    """Around the imports of the package that an installation may be without."""
    try:
        yield
    except ImportError as error:
        raise NoCryptography from error


def _read_file(path: Path) -> tuple[bytes, os.stat_result]:
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            raise NotAFile(path)
        return path.read_bytes(), state
    except FileNotFoundError:
        raise NoKeyFile(path) from None
    except (OSError, ValueError) as error:
        raise UnreadableKeyFile(path) from error

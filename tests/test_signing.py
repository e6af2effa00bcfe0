"""Signatures of manifests: made by a key in a file, checked by whoever has its public key."""

import os
import subprocess
import sys
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from opendata_api.signing import Signer, check_signature, key_of, load_signer
from opendata_api.signing_keys import (
    EncryptedKey,
    NoCryptography,
    NoKeyFile,
    NoPrivateKey,
    NoPublicKey,
    NotAFile,
    OpenKeyFile,
    OtherAlgorithm,
    PrivateKeyShown,
    PublicKeyOnly,
    UnreadableKeyFile,
    UnusableKey,
    jwks,
    read_public_key,
    thumbprint,
)

# The first test vector of RFC 8032 (7.1), which is the key of RFC 8037 (appendix A).
SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
KEY = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
KID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
PKCS8 = "302e020100300506032b657004220420"
"""What stands before the secret (RFC 8410, 7)."""
X25519, UNKNOWN = "302e020100300506032b656e04220420", "302e020100300506032b657804220420"
SPKI_UNKNOWN = "302a300506032b6578032100"

MANIFEST = '{"release":1,"title":"报告"}'
# By `openssl pkeyutl -sign -rawin` over the text of RFC 7515 (5.1).
SIGNATURE = (
    '{"protected":"eyJhbGciOiJFZERTQSIsImp3ayI6eyJjcnYiOiJFZDI1NTE5Iiwia3R5IjoiT0tQIiwieCI6IjExcVlB'
    "WUt4Q3JmVlNfN1R5V1FIT2c3aGN2UGFwaU1scndJYWFQY0hVUm8ifSwia2lkIjoia1ByS19xbXhWV2FZVkE5d3dCRjZJdW"
    '8zdlZ6ejdUeEhDVHdYQnlnclM0ayJ9","signature":"xTmNLAwFRkHJnlSyTw_5c7hJdOF47o99wSezAyV-1XmsUCetth'
    'nDvCvskh7gNUVc0eXTJ3A76tjBZKcIVloxDA"}'
)


def write_pem(path: Path, body: bytes, label: str = "PRIVATE KEY", mode: int = 0o600) -> Path:
    lines = f"-----BEGIN {label}-----\n{b64encode(body).decode()}\n-----END {label}-----\n"
    path.write_text(lines)
    path.chmod(mode)
    return path


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return write_pem(tmp_path / "key.pem", bytes.fromhex(PKCS8) + SECRET)


@pytest.fixture
def signer(key_file: Path) -> Signer:
    return load_signer(key_file)


def private_pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey, passphrase: bytes = b""
) -> bytes:
    lock = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)


def public_pem(key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_a_signature_is_what_another_program_makes_by_the_key_of_the_standard(
    signer: Signer,
) -> None:
    assert (signer.key, thumbprint(signer.key)) == (KEY, KID)
    assert signer.sign(MANIFEST) == SIGNATURE
    assert key_of(SIGNATURE) == KEY
    assert check_signature(MANIFEST, SIGNATURE) is None
    assert check_signature(MANIFEST, SIGNATURE, [KEY]) is None


@given(manifest=st.text())
def test_whoever_knows_the_standards_can_check_it(manifest: str) -> None:
    own = Ed25519PrivateKey.from_private_bytes(SECRET)
    signature = orjson.loads(Signer(KEY, own).sign(manifest))
    header = orjson.loads(from_base64url(signature["protected"]))
    public = Ed25519PublicKey.from_public_bytes(from_base64url(header["jwk"]["x"]))

    assert header == {
        "alg": "EdDSA",
        "jwk": {"crv": "Ed25519", "kty": "OKP", "x": KEY},
        "kid": KID,
    }
    payload = urlsafe_b64encode(manifest.encode()).rstrip(b"=")
    signed = signature["protected"].encode() + b"." + payload
    public.verify(from_base64url(signature["signature"]), signed)  # raises InvalidSignature


def from_base64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_any_flipped_bit_of_a_manifest_or_its_signature_is_found() -> None:
    manifest, signature = MANIFEST.encode(), SIGNATURE.encode()

    for flipped in flips(manifest):
        assert check_signature(flipped, SIGNATURE) == "it is not of this manifest"
    faults = [check_signature(MANIFEST, flipped) for flipped in flips(signature)]
    assert set(faults) == {"it can't be read", "it is not of this manifest"}


def flips(body: bytes) -> list[str]:
    """The text with each of its bits flipped."""
    bits = [(place, bit) for place in range(len(body)) for bit in range(8)]
    made = [
        body[:place] + bytes([body[place] ^ (1 << bit)]) + body[place + 1 :] for place, bit in bits
    ]
    return [one.decode(errors="replace") for one in made]


def test_what_another_key_signed_is_told_where_keys_are_trusted(signer: Signer) -> None:
    other = Signer(*another_key())
    signature = other.sign(MANIFEST)

    assert check_signature(MANIFEST, signature) is None
    assert check_signature(MANIFEST, signature, [signer.key, other.key]) is None
    for trusted in ([signer.key], []):
        assert check_signature(MANIFEST, signature, trusted) == f"it is by another key, {other.key}"


def another_key() -> tuple[str, Ed25519PrivateKey]:
    private = Ed25519PrivateKey.generate()
    return urlsafe_b64encode(private.public_key().public_bytes_raw()).decode()[:-1], private


def test_a_signature_by_one_key_in_the_name_of_another_is_found() -> None:
    falsified = Signer(KEY, another_key()[1]).sign(MANIFEST)

    assert check_signature(MANIFEST, falsified, [KEY]) == "it is not of this manifest"


def with_header(**members: object) -> str:
    header = {"alg": "EdDSA", "jwk": {"crv": "Ed25519", "kty": "OKP", "x": KEY}, "kid": KID}
    protected = urlsafe_b64encode(orjson.dumps(header | members)).decode().rstrip("=")
    return orjson.dumps(orjson.loads(SIGNATURE) | {"protected": protected}).decode()


GARBAGE = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "a text": '"protected"',
    "null": "null",
    "an empty object": "{}",
    "no signature": '{"protected":"e30"}',
    "an empty header": '{"protected":"e30","signature":""}',
    "a header that is no text": '{"protected":{},"signature":""}',
    "a header that is no base64url": '{"protected":"%%%%","signature":""}',
    "a header of another alphabet": SIGNATURE.replace('protected":"', 'protected":"é'),
    "a header that is no JSON": '{"protected":"eA","signature":""}',
    "another algorithm": with_header(alg="none"),
    "another name of the key": with_header(kid="x"),
    "another kind of key": with_header(jwk={"crv": "Ed448", "kty": "OKP", "x": KEY}),
    "a key of another length": with_header(jwk={"crv": "Ed25519", "kty": "OKP", "x": "eA"}),
    "a key that is a number": with_header(jwk={"crv": "Ed25519", "kty": "OKP", "x": 1}),
    "a key in other bits": with_header(jwk={"crv": "Ed25519", "kty": "OKP", "x": KEY[:-1] + "p"}),
    "a critical extension": with_header(crit=["b64"], b64=False),
    "blanks": SIGNATURE + " ",
    "a payload": SIGNATURE.replace("{", '{"payload":"",', 1),
    "padding": SIGNATURE.replace('DA"}', 'DA=="}'),
    "other bits after the end": SIGNATURE.replace('DA"}', 'DB"}'),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_what_is_not_written_as_we_write_it_is_no_signature(name: str) -> None:
    assert GARBAGE[name] != SIGNATURE
    assert check_signature(MANIFEST, GARBAGE[name], [KEY]) == "it can't be read"
    assert key_of(GARBAGE[name]) is None


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["protected", "x"]), inner),
)


@given(text=st.text() | JSON_VALUES.map(lambda value: orjson.dumps(value).decode()))
def test_no_text_is_stumbled_over(text: str) -> None:
    assert check_signature(MANIFEST, text) == "it can't be read"


def test_the_private_key_is_not_shown(signer: Signer) -> None:
    assert repr(signer) == f"Signer(key='{KEY}')"


def test_the_public_keys_are_told_as_a_set_each_once() -> None:
    assert jwks([]) == {"keys": []}
    assert jwks([KEY, KEY]) == {
        "keys": [
            {
                "crv": "Ed25519",
                "kty": "OKP",
                "x": KEY,
                "kid": KID,
                "use": "sig",
                "alg": "EdDSA",
            }
        ]
    }


CURVE = ec.generate_private_key(ec.SECP256R1())
OWN = Ed25519PrivateKey.from_private_bytes(SECRET)
MAKE_ONE = "openssl genpkey -algorithm ed25519 -out key.pem"

BAD_PRIVATE: dict[str, tuple[Callable[[], bytes], type[UnusableKey], str]] = {
    "an RSA key": (
        lambda: private_pem(rsa.generate_private_key(65537, 2048)),
        OtherAlgorithm,
        f"is no key of Ed25519; make a private key with: {MAKE_ONE}",
    ),
    "a key of a curve": (lambda: private_pem(CURVE), OtherAlgorithm, "不是 Ed25519 密钥"),
    "an encrypted key": (
        lambda: private_pem(OWN, b"x"),
        EncryptedKey,
        "needs a passphrase, which can't be given; write it without one with: openssl pkey -in",
    ),
    "a public key": (
        lambda: public_pem(OWN),
        PublicKeyOnly,
        "这是公钥；签名需要私钥 / is a public key; what signs is the private one",
    ),
    "an empty file": (lambda: b"", NoPrivateKey, "is no private key in PEM (PKCS#8); make one"),
    "garbage": (lambda: bytes(range(256)), NoPrivateKey, f"可用 {MAKE_ONE} 生成"),
    "half a key": (lambda: private_pem(OWN)[:60], NoPrivateKey, "不是 PEM 格式"),
}


@pytest.mark.parametrize("name", BAD_PRIVATE)
def test_what_is_no_private_key_of_ed25519_is_refused_with_what_to_do(
    tmp_path: Path, name: str
) -> None:
    make, kind, told = BAD_PRIVATE[name]
    path = tmp_path / "key.pem"
    path.write_bytes(make())
    path.chmod(0o600)

    with pytest.raises(UnusableKey) as raised:
        load_signer(path)

    assert type(raised.value) is kind
    assert str(raised.value).startswith(f"{path}: ")
    assert told in str(raised.value)


@pytest.mark.parametrize("prefix", [X25519, UNKNOWN])
def test_a_private_key_of_an_algorithm_that_does_not_sign_is_refused(
    tmp_path: Path, prefix: str
) -> None:
    path = write_pem(tmp_path / "key.pem", bytes.fromhex(prefix) + SECRET)

    with pytest.raises(OtherAlgorithm, match="is no key of Ed25519"):
        load_signer(path)


def test_a_file_that_is_not_there_or_can_not_be_read_is_told(tmp_path: Path) -> None:
    loop = tmp_path / "loop.pem"
    loop.symlink_to(loop)

    with pytest.raises(NoKeyFile, match=f"no such file; make a private key with: {MAKE_ONE}"):
        load_signer(tmp_path / "none.pem")
    with pytest.raises(NotAFile, match="is no plain file; name the file that has the key"):
        load_signer(tmp_path)
    for path in (loop, Path("\0")):
        with pytest.raises(UnreadableKeyFile, match="check its path and who may read it"):
            load_signer(path)


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o777])
def test_a_private_key_that_others_may_use_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)

    with pytest.raises(OpenKeyFile, match="open to its group or to others; close it with: chmod"):
        load_signer(key_file)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_private_key_of_its_owner_alone_is_taken(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)

    assert load_signer(key_file).key == KEY


def test_a_private_key_that_another_user_hands_out_is_taken_as_it_is(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_file.chmod(0o444)
    user = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)

    assert load_signer(key_file).key == KEY


def test_a_public_key_is_given_as_itself_or_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "public.pem"
    path.write_bytes(public_pem(OWN))

    assert read_public_key(str(path)) == KEY
    assert read_public_key(KEY) == KEY


BAD_PUBLIC: dict[str, tuple[Callable[[], bytes], type[UnusableKey], str]] = {
    "a private key": (
        lambda: private_pem(OWN),
        PrivateKeyShown,
        "got with: openssl pkey -in key.pem -pubout -out public.pem",
    ),
    "a key of a curve": (lambda: public_pem(CURVE), OtherAlgorithm, "is no key of Ed25519"),
    "garbage": (lambda: b"x", NoPublicKey, "43 characters, the x in /.well-known/jwks.json"),
}


@pytest.mark.parametrize("name", BAD_PUBLIC)
def test_what_is_no_public_key_of_ed25519_is_refused_with_what_to_do(
    tmp_path: Path, name: str
) -> None:
    make, kind, told = BAD_PUBLIC[name]
    path = tmp_path / "public.pem"
    path.write_bytes(make())

    with pytest.raises(UnusableKey) as raised:
        read_public_key(str(path))

    assert type(raised.value) is kind
    assert told in str(raised.value)


def test_a_public_key_of_an_unknown_algorithm_is_refused(tmp_path: Path) -> None:
    body = bytes.fromhex(SPKI_UNKNOWN) + SECRET
    path = write_pem(tmp_path / "public.pem", body, "PUBLIC KEY")

    with pytest.raises(OtherAlgorithm, match="is no key of Ed25519"):
        read_public_key(str(path))


@pytest.mark.parametrize(
    "given", [KEY[:-1], KEY + "A", KEY[:-1] + "p", KEY + "=", "é" * 43, "none"]
)
def test_what_is_neither_a_public_key_nor_a_file_is_refused(given: str) -> None:
    with pytest.raises(NoPublicKey, match="is neither a file with a public key in PEM nor such"):
        read_public_key(given)


def test_without_the_package_it_is_told_how_to_install_it(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    told = r"install it with: pip install 'opendata-api\[sign\]'"

    with pytest.raises(NoCryptography, match=told):
        load_signer(key_file)
    with pytest.raises(NoCryptography, match=told):
        check_signature(MANIFEST, SIGNATURE)
    with pytest.raises(NoCryptography, match=told):
        read_public_key("public.pem")
    assert read_public_key(KEY) == key_of(SIGNATURE) == KEY


def test_the_package_is_loaded_by_what_signs_or_checks_alone() -> None:
    program = (
        "import sys; import opendata_api.cli, opendata_api.web.app; "
        "from opendata_api.signing import key_of; key_of('{}'); "
        "print('cryptography' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert found.stdout == "False\n"

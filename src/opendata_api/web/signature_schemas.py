"""JSON Schemas of signatures and of the keys that they are checked by."""

from opendata_api.signing_keys import ALGORITHM
from opendata_api.web.schemas import Schema

_KEY: Schema = {
    "type": "object",
    "properties": {
        "crv": {"const": "Ed25519"},
        "kty": {"const": "OKP"},
        "x": {"type": "string", "description": "The key: 32 bytes as base64url."},
        "kid": {"type": "string", "description": "The thumbprint of the key (RFC 7638)."},
        "use": {"const": "sig"},
        "alg": {"const": ALGORITHM},
    },
    "required": ["crv", "kty", "x", "kid", "use", "alg"],
}

SIGNATURE_SCHEMAS: Schema = {
    "Signature": {
        "type": "object",
        "properties": {
            "protected": {
                "type": "string",
                "description": "The header as base64url: `alg`, `kid` and, as `jwk`, the key.",
            },
            "signature": {"type": "string", "description": "64 bytes as base64url."},
        },
        "required": ["protected", "signature"],
    },
    "KeySet": {
        "type": "object",
        "properties": {"keys": {"type": "array", "items": _KEY}},
        "required": ["keys"],
    },
}

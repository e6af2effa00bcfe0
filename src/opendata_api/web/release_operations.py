"""The addresses of releases."""

from opendata_api.files.making import FORMATS
from opendata_api.formats import JSON, SQLITE
from opendata_api.query import PLAIN_PARAMETERS
from opendata_api.signing import MEDIA_TYPE
from opendata_api.web import releases, signatures
from opendata_api.web.operation import Operation

_RELEASE = ("n", "The number of the release.", "1")

RELEASES = (
    Operation(
        path="/v1/releases",
        id="list_releases",
        summary="The releases",
        description="The editions of the data, the newest first.\n\n数据版本。",
        tag="service",
        make=releases.releases_handler,
        parameters=PLAIN_PARAMETERS,
        content=[(JSON.media_type, "ArrayAnswer")],
    ),
    Operation(
        path="/v1/releases/{n}",
        id="get_release",
        summary="One release",
        description="When it was published and how much it holds.\n\n一个数据版本。",
        tag="service",
        make=releases.release_handler,
        parameters=PLAIN_PARAMETERS,
        path_parameters=[_RELEASE],
        content=[(JSON.media_type, "ObjectAnswer")],
    ),
    Operation(
        path="/v1/releases/{n}/manifest",
        id="get_release_manifest",
        summary="What a release consists of, by hashes",
        description="For each dataset the number of its records and the root of the tree of their "
        "hashes; the hash of the manifest before. The same bytes for ever.\n\n"
        "版本清单：各数据集的条数与哈希树根，及上一版清单的哈希。",
        tag="service",
        make=releases.manifest_handler,
        parameters=PLAIN_PARAMETERS,
        path_parameters=[_RELEASE],
        content=[(JSON.media_type, "Manifest")],
    ),
    Operation(
        path="/v1/releases/{n}/files/{file}",
        id="get_release_file",
        summary="A file of a release",
        description="Whole or in ranges; the same bytes for ever. `/v1/releases/{n}` lists the "
        "files with sizes and SHA-256.\n\n版本文件：内容永不改变，可按字节范围下载。",
        tag="service",
        make=releases.file_handler,
        parameters=PLAIN_PARAMETERS,
        path_parameters=[_RELEASE, ("file", "The name of the file.", "observations.csv")],
        content=[(one.media_type, None) for one in (*FORMATS, SQLITE)],
        has_ranges=True,
    ),
    Operation(
        path="/v1/releases/{n}/signature",
        id="get_release_signature",
        summary="The signature of a release",
        description="Of the bytes of its manifest: a JWS (RFC 7515) without the payload, by "
        "Ed25519, which stands between `protected` and `signature` as base64url. The same bytes "
        "for ever; 404 where the release is not signed.\n\n"
        "版本清单的签名（JWS，不含载荷，Ed25519）；未签名的版本回答404。",
        tag="service",
        make=signatures.signature_handler,
        parameters=PLAIN_PARAMETERS,
        path_parameters=[_RELEASE],
        content=[(MEDIA_TYPE, "Signature")],
    ),
    Operation(
        path=signatures.KEYS,
        id="list_keys",
        summary="The public keys of the signatures",
        description="As a JWK Set (RFC 7517): the key that signs now, then those that signed a "
        "release. Keep what you trust; whoever could put other releases here could put other "
        "keys here.\n\n"
        "验签公钥（JWK Set）：当前签名所用的公钥，以及曾用于各版本的公钥。请自行保存所信任的公钥。",
        tag="service",
        make=signatures.keys_handler,
        parameters=PLAIN_PARAMETERS,
        content=[(signatures.KEYS_TYPE, "KeySet")],
    ),
)

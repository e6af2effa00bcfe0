"""The addresses of the catalogue in RDF."""

from functools import partial

from opendata_api.catalog.dcat import PATH
from opendata_api.catalog.rdf import JSON_LD, SERIALIZATIONS, Serialization
from opendata_api.query import CATALOGUE_PARAMETERS
from opendata_api.web.dcat import catalogue_handler
from opendata_api.web.operation import Operation
from opendata_api.web.schemas import Schema


def _content(serialization: Serialization) -> tuple[str, str | None]:
    schema = "LinkedData" if serialization is JSON_LD else None
    return serialization.format.media_type, schema


def _in(serialization: Serialization) -> Operation:
    format_ = serialization.format
    return Operation(
        path=f"{PATH}.{format_.suffix}",
        id=f"get_catalogue_{format_.suffix}",
        summary=f"The catalogue as {format_.title.en}",
        description=f"DCAT-AP 3, by pages of 100 datasets.\n\nDCAT-AP 3 目录，{format_.title.zh}。",
        tag="service",
        make=partial(catalogue_handler, serialization=serialization),
        parameters=CATALOGUE_PARAMETERS,
        content=[_content(serialization)],
    )


DCAT = (
    Operation(
        path=PATH,
        id="get_catalogue",
        summary="The catalogue that other portals harvest",
        description="DCAT-AP 3 as the Accept header asks: Turtle unless it prefers JSON-LD or "
        "RDF/XML. Pages of 100 datasets, each of which says all that its parts need; Hydra and "
        "the Link header name the next one in the same serialization.\n\n"
        "DCAT-AP 3 目录，供其他数据门户采集；按 Accept 给出 Turtle、JSON-LD 或 RDF/XML，"
        "每页100个数据集。",
        tag="service",
        make=partial(catalogue_handler, serialization=None),
        parameters=CATALOGUE_PARAMETERS,
        content=[_content(one) for one in SERIALIZATIONS],
        is_negotiated=True,
    ),
    *(_in(one) for one in SERIALIZATIONS),
)

_ANYTHING: Schema = {"type": "object", "additionalProperties": True}

DCAT_SCHEMAS: Schema = {
    "LinkedData": {
        "type": "object",
        "description": "JSON-LD 1.1: the prefixes of names, then an object for each thing.",
        "properties": {
            "@context": {"type": "object", "additionalProperties": {"type": "string"}},
            "@graph": {"type": "array", "items": _ANYTHING},
        },
        "required": ["@context", "@graph"],
    }
}

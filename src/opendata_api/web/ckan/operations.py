"""The addresses of CKAN's Action API, and what OpenAPI says of them."""

from dataclasses import replace

from opendata_api.formats import JSON
from opendata_api.query import PLAIN_PARAMETERS, Control
from opendata_api.web.ckan.actions import ACTIONS
from opendata_api.web.ckan.handler import PATH, VERSION, action_handler, version_handler
from opendata_api.web.operation import Operation
from opendata_api.web.schemas import ADDRESS, Schema
from opendata_api.words import Text

STATUSES = ("400", "404", "408", "409", "413", "503")
"""Of errors that have CKAN's form."""

TEXT_SCHEMA = "ckan_text"
NUMBER_SCHEMA = "ckan_number"

_PARAMETERS = (
    Control(
        "id", Text("编号或名称。", "The id or name of what is shown."), None, schema=TEXT_SCHEMA
    ),
    Control("q", Text("检索词。", "Words to search for."), None, schema=TEXT_SCHEMA),
    Control(
        "fq", Text("筛选（Solr 语法）。", "Filters, as Solr has them."), None, schema=TEXT_SCHEMA
    ),
    Control("sort", Text("排序，如 id asc。", "The order: `id asc`."), None, schema=TEXT_SCHEMA),
    Control("rows", Text("数据集个数。", "How many datasets."), None, schema=NUMBER_SCHEMA),
    Control("start", Text("跳过几个数据集。", "Datasets to skip."), None, schema=NUMBER_SCHEMA),
    Control("resource_id", Text("资源编号。", "The id of a resource."), None, schema=TEXT_SCHEMA),
    Control("filters", Text("筛选（JSON）。", "Filters as JSON."), None, schema=TEXT_SCHEMA),
    Control("fields", Text("字段，逗号分隔。", "Fields, by commas."), None, schema=TEXT_SCHEMA),
    Control("limit", Text("条数。", "How many."), None, schema=NUMBER_SCHEMA),
    Control("offset", Text("跳过几条。", "How many to skip."), None, schema=NUMBER_SCHEMA),
)

_ACTION = Operation(
    path=f"{PATH}/{{action}}",
    id="call_ckan_action",
    summary="CKAN's Action API, as far as it reads",
    description="What CKAN's own clients and harvesters call, by GET with a query or by POST with "
    "a JSON object or a form. Each action takes some of these parameters and others, which "
    "`help_show` lists. Answers and errors have CKAN's envelope. `/api/action/{action}` is the "
    "same.\n\n"
    "CKAN 操作接口的只读部分，供 CKAN 的客户端和采集程序使用；各操作的参数见 help_show。",
    tag="service",
    make=action_handler,
    parameters={one.name: one for one in _PARAMETERS},
    path_parameters=[("action", "The name of an action.", "package_list")],
    path_values={"action": tuple(ACTIONS)},
    content=[(JSON.media_type, "CkanAnswer")],
    posts=(JSON.media_type, "application/x-www-form-urlencoded"),
    takes_more=True,
    errors=dict.fromkeys(STATUSES, "CkanError"),
)
_VERSION = Operation(
    path=f"/api/{VERSION}",
    id="get_ckan_version",
    summary="The version of CKAN's Action API",
    description="The version.\n\nCKAN 操作接口的版本。",
    tag="service",
    make=version_handler(f"/api/{VERSION}"),
    parameters=PLAIN_PARAMETERS,
    content=[(JSON.media_type, "CkanVersion")],
)

CKAN = (
    _ACTION,
    replace(_ACTION, path="/api/action/{action}", id="call_action", is_documented=False),
    _VERSION,
    replace(
        _VERSION,
        path="/api",
        id="get_api_version",
        make=version_handler("/api"),
        is_documented=False,
    ),
)

_ENVELOPE: dict[str, Schema] = {
    "help": {**ADDRESS, "description": "What tells of the action."},
    "success": {"type": "boolean"},
}
_FAULT: Schema = {
    "type": "object",
    "description": "Its kind, with a message or with the faults of each parameter.",
    "properties": {"__type": {"type": "string"}, "message": {"type": "string"}},
    "required": ["__type"],
}

CKAN_SCHEMAS: Schema = {
    "CkanAnswer": {
        "type": "object",
        "properties": {**_ENVELOPE, "result": {"description": "What the action gives."}},
        "required": ["help", "success", "result"],
    },
    "CkanFault": _FAULT,
    "CkanRefusal": {
        "type": "object",
        "properties": {**_ENVELOPE, "error": {"$ref": "#/components/schemas/CkanFault"}},
        "required": ["help", "success", "error"],
    },
    "CkanError": {
        "anyOf": [
            {"$ref": "#/components/schemas/CkanRefusal"},
            {"type": "string", "description": "What can't be read, or an unknown action."},
        ]
    },
    "CkanVersion": {
        "type": "object",
        "properties": {"version": {"const": VERSION}},
        "required": ["version"],
    },
}

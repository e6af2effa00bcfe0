"""Parameters that others hang on shared links; files and pages lead to the clean address."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.query import Parameters, join_query, split_query
from opendata_api.web import caching

PREFIXES = ("utm_",)
NAMES = frozenset(
    {
        *("from", "isappinstalled", "scene", "subscene", "clicktime", "enterid"),
        *("nsukey", "wxfrom", "weixin_share", "spm", "share_token", "share_source"),
        *("fbclid", "gclid", "gbraid", "wbraid", "msclkid", "dclid", "yclid", "twclid"),
        *("mc_cid", "mc_eid", "igshid", "_ga", "_gl", "ref", "ref_src", "hmsr", "bd_vid"),
    }
)
"""WeChat's, Weibo's, Taobao's, Baidu's, Facebook's, Google's and others'."""


def lead_to_clean(
    base: str, request: Request, parameters: Parameters, *, drops_empty: bool = False
) -> Response | None:
    """308 to the address without tracking parameters; None when there are none.

    Of a form, which sends what was left empty too, empty and blank parameters are dropped likewise.
    """
    pairs = split_query(request.scope["query_string"])
    kept = tuple(pair for pair in pairs if pair[0] in parameters or not _is_tracking(pair[0]))
    if drops_empty:
        kept = tuple(pair for pair in kept if pair[1].strip() or pair[0] not in parameters)
    if len(kept) == len(pairs):
        return None
    path = quote(request.url.path, safe="/:,-._~")
    query = f"?{join_query(kept)}" if kept else ""
    headers = {
        "location": f"{base}{path}{query}",
        "cache-control": caching.REFUSED,
        "vary": "Accept",
    }
    return Response(status_code=308, headers=headers)


def _is_tracking(name: str) -> bool:
    return name in NAMES or name.startswith(PREFIXES)

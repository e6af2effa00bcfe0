"""Parameters that others hang on shared links; a file's link leads to the clean address."""

from opendata_api.errors import Pairs
from opendata_api.query import Parameters

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


def clean_address(pairs: Pairs, parameters: Parameters) -> Pairs | None:
    """The pairs without tracking parameters; None when there are none."""
    kept = tuple(pair for pair in pairs if pair[0] in parameters or not _is_tracking(pair[0]))
    return kept if len(kept) < len(pairs) else None


def _is_tracking(name: str) -> bool:
    return name in NAMES or name.startswith(PREFIXES)

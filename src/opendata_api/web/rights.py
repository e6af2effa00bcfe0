"""Whose rows are: this project's own work, or the words of a government."""

from opendata_api.describe import Dataset
from opendata_api.formats.rights import UNLICENSED, Rights
from opendata_api.query import GroupQuery, Query
from opendata_api.web.site import ATTRIBUTION, LICENSE, LICENSE_URL, TITLE

OURS = Rights(LICENSE, LICENSE_URL, ATTRIBUTION)
"""What this project made; the words that it quotes are not under the licence."""

VERBATIM = Rights("", "", f"{TITLE.zh} ({TITLE.en}): {UNLICENSED.zh} ({UNLICENSED.en})")
"""The words of a government, which are nobody's to license here."""


def rights_in(dataset: Dataset) -> Rights:
    """The rights in a dataset's rows."""
    return VERBATIM if dataset.is_verbatim else OURS


def rights_of(query: Query) -> Rights:
    """The rights in an answer's rows; what is counted or computed of rows is ours."""
    return OURS if isinstance(query, GroupQuery) else rights_in(query.dataset)


def rights_members(rights: Rights) -> dict[str, str | None]:
    """The rights as members of an object; the licence is null where it is not ours to give."""
    return {"license": rights.licence or None, "attribution": rights.attribution}

"""Whose an answer is: this project's own work, or the words of a government."""

from opendata_api.formats.rights import OURS, Rights, rights_in
from opendata_api.query import GroupQuery, Query


def rights_of(query: Query) -> Rights:
    """The rights in an answer's rows; what is counted or computed of rows is ours."""
    return OURS if isinstance(query, GroupQuery) else rights_in(query.dataset)


def rights_members(rights: Rights) -> dict[str, str | None]:
    """The rights as members of an object; the licence is null where it is not ours to give."""
    return {"license": rights.licence or None, "attribution": rights.attribution}

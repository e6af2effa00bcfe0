"""What the actions that tell of the catalogue answer."""

from collections.abc import Sequence
from typing import TypeVar

from opendata_api.catalog.ckan import BadSearch, Listed, Node, Search, find_packages
from opendata_api.catalog.ckan.search import SORT
from opendata_api.folding import fold
from opendata_api.formats.rights import TITLE
from opendata_api.web.ckan.action import Call
from opendata_api.web.ckan.errors import NotFoundError, SearchQueryError, invalid
from opendata_api.words import Text

Item = TypeVar("Item")

CKAN_VERSION = "2.11.0"
"""The version whose answers ours are like."""
ROWS = 10
ROWS_MAX = 1_000
FACET_LIMIT = 50

NO_PACKAGE = Text("没有这个数据集", "there is no such dataset")
NO_RESOURCE = Text("没有这个资源", "there is no such resource")
NO_ORGANIZATION = Text("没有这个机构", "there is no such organization")
NO_GROUP = Text("没有这个分组", "there is no such group")
NO_TAG = Text("没有这个标签", "there is no such tag")
NO_VOCABULARY = Text("没有标签词表", "there are no vocabularies")
NO_ORDER = Text("只能为 {known}", "must be one of {known}")


def show_status(call: Call) -> Node:
    """The site and the version that it is like."""
    return {
        "ckan_version": CKAN_VERSION,
        "site_url": call.catalogue.base,
        "site_title": TITLE.zh,
        "site_description": TITLE.both,
        "error_emails_to": None,
        "locale_default": "zh_Hans_CN",
        "extensions": ["datastore"],
    }


def list_package_names(call: Call) -> Sequence[str]:
    """The names of the packages, or of a page of them."""
    return _page_of(call, [one.name for one in call.catalogue.packages])


def show_package(call: Call) -> Node:
    """A package, by id or name."""
    package = call.catalogue.package.get(call.text("id", "name_or_id"))
    if package is None:
        raise NotFoundError(NO_PACKAGE)
    return package.node


def list_packages(call: Call) -> Sequence[Node]:
    """All of them or a page; none was changed later than another: each release changes all."""
    limit = call.number("limit", 0)
    skipped = max(call.number("page", 1) - 1, 0) * limit
    offset = call.number("offset", skipped)
    return _page([one.node for one in call.catalogue.packages], offset, limit)


def search_packages(call: Call) -> Node:
    """The packages that are searched for."""
    facets = call.texts("facet.field") if call.is_set("facet", otherwise=True) else []
    most = call.number("facet.limit", FACET_LIMIT)
    given = [call.values.get("q"), call.values.get("fq"), *call.texts("fq_list")]
    search = Search(
        queries=[str(one) for one in given if one],
        sort=str(call.values.get("sort") or SORT),
        start=call.number("start", 0),
        rows=min(call.number("rows", ROWS), ROWS_MAX),
        facets=facets,
        facet_least=call.number("facet.mincount", 1),
        facet_most=None if most < 0 else most,
    )
    try:
        return find_packages(call.catalogue, search)
    except BadSearch as error:
        raise SearchQueryError(error.message) from None


def show_resource(call: Call) -> Node:
    """A resource, by id."""
    resource = call.catalogue.resource.get(call.text("id"))
    if resource is None:
        raise NotFoundError(NO_RESOURCE)
    return resource


def list_organizations(call: Call) -> object:
    """The names of the organizations, or all of them."""
    return _list(call, call.catalogue.organizations, "organizations")


def show_organization(call: Call) -> Node:
    """An organization, by id or name."""
    return _show(call, call.catalogue.organizations, NO_ORGANIZATION)


def list_groups(call: Call) -> object:
    """The names of the groups, or all of them."""
    return _list(call, call.catalogue.groups, "groups")


def show_group(call: Call) -> Node:
    """A group, by id or name."""
    return _show(call, call.catalogue.groups, NO_GROUP)


def list_packages_of_group(call: Call) -> Sequence[Node]:
    """The packages of a group."""
    group = _found(call.catalogue.groups, call.text("id"), NO_GROUP)
    return _page_of(call, [one.node for one in group.packages])


def list_tags(call: Call) -> object:
    """The names of the tags, or all of them."""
    if call.values.get("vocabulary_id"):
        raise NotFoundError(NO_VOCABULARY)
    words = fold(str(call.values.get("query") or call.values.get("q") or "").strip()).text
    tags = [one.node for one in call.catalogue.tags if words in fold(one.name).text]
    return tags if call.is_set("all_fields") else [one["name"] for one in tags]


def show_tag(call: Call) -> Node:
    """A tag with its packages."""
    if call.values.get("vocabulary_id"):
        raise NotFoundError(NO_VOCABULARY)
    tag = _found(call.catalogue.tags, call.text("id"), NO_TAG)
    return tag.node | _members(call, tag)


ORDERS = {"name": "name", "title": "title", "packages": "", "package_count": ""}
"""By which organizations and groups are sorted; by an empty name: their number of packages."""


def _list(call: Call, listed: Sequence[Listed], kind: str) -> object:
    wanted = call.texts(kind)
    found = [one for one in listed if not wanted or one.name in wanted]
    sort = call.values.get("sort") or call.values.get("order_by") or "title asc"
    key, _, direction = str(sort).strip().partition(" ")
    if key not in ORDERS or direction not in ("", "asc", "desc"):
        raise invalid("sort", NO_ORDER.format(known=", ".join(ORDERS)))
    by_count = not ORDERS[key]
    is_reversed = direction == "desc" or (by_count and not direction)
    found.sort(
        key=lambda one: (len(one.packages), "") if by_count else (0, str(one.node[key])),
        reverse=is_reversed,
    )
    page = _page_of(call, found)
    if not call.is_set("all_fields"):
        return [one.name for one in page]
    return [_counted(one) for one in page]


def _show(call: Call, listed: Sequence[Listed], missing: Text) -> Node:
    one = _found(listed, call.text("id"), missing)
    return _counted(one) | _members(call, one)


def _members(call: Call, one: Listed) -> Node:
    """The packages, where they are asked for."""
    if not call.is_set("include_datasets"):
        return {}
    return {"packages": [package.node for package in one.packages]}


def _counted(one: Listed) -> Node:
    return one.node | {"package_count": len(one.packages)}


def _found(listed: Sequence[Listed], key: str, missing: Text) -> Listed:
    for one in listed:
        if key in one.keys:
            return one
    raise NotFoundError(missing)


def _page_of(call: Call, listed: Sequence[Item]) -> Sequence[Item]:
    return _page(listed, call.number("offset", 0), call.number("limit", 0))


def _page(listed: Sequence[Item], offset: int, limit: int) -> Sequence[Item]:
    """Those from the offset on, up to the limit; 0 is no limit."""
    return listed[offset : offset + limit] if limit else listed[offset:]

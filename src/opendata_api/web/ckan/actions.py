"""The actions that tell of the catalogue; those that read records are beside."""

from collections.abc import Mapping

from opendata_api.web.ckan.action import Action, Call
from opendata_api.web.ckan.answers import (
    list_groups,
    list_organizations,
    list_package_names,
    list_packages,
    list_packages_of_group,
    list_tags,
    search_packages,
    show_group,
    show_organization,
    show_package,
    show_resource,
    show_status,
    show_tag,
)
from opendata_api.web.ckan.datastore import DATASTORE
from opendata_api.web.ckan.errors import NotFoundError
from opendata_api.web.ckan.reading import (
    as_boolean,
    as_integer,
    as_number,
    as_text,
    as_texts,
)
from opendata_api.words import Text

NO_ACTION = Text("没有这个操作", "there is no such action")


def _help(call: Call) -> str:
    name = call.text("name")
    if name not in ACTIONS:
        raise NotFoundError(NO_ACTION)
    return ACTIONS[name].help


PAGE = {"limit": as_number, "offset": as_number}
SCHEMA = ("use_default_schema",)

_LIST = {
    **PAGE,
    "sort": as_text,
    "order_by": as_text,
    "all_fields": as_boolean,
}
_SHOW = {"id": as_text, "include_datasets": as_boolean}

CATALOGUE = (
    Action(
        "status_show",
        Text("服务状态与版本。", "The site and its version."),
        show_status,
        {},
        is_choosy=False,
    ),
    Action(
        "site_read",
        Text("服务可读，恒为 true。", "Always true."),
        lambda _: True,
        {},
        is_choosy=False,
    ),
    Action(
        "help_show",
        Text("某一操作的说明。", "What an action does and takes."),
        _help,
        {"name": as_text},
        is_choosy=False,
    ),
    Action(
        "package_list",
        Text("各数据集的名称。", "The names of the datasets."),
        list_package_names,
        PAGE,
    ),
    Action(
        "package_show",
        Text("一个数据集及其资源。", "A dataset with its resources, by id or name."),
        show_package,
        {"id": as_text, "name_or_id": as_text},
        is_choosy=False,
    ),
    Action(
        "package_search",
        Text(
            "查找数据集：q 与 fq 支持 Solr 语法的一部分；不认识的条件报错，不忽略。",
            "Find datasets. `q` and `fq` take a part of Solr's syntax: words, phrases, "
            "field:value, ranges of metadata_modified and metadata_created, *, brackets, AND, OR, "
            "NOT, + and -. What is not known is refused, not ignored.",
        ),
        search_packages,
        {
            "q": as_text,
            "fq": as_text,
            "fq_list": as_texts,
            "start": as_number,
            "rows": as_number,
            "sort": as_text,
            "facet": as_boolean,
            "facet.field": as_texts,
            "facet.limit": as_integer,
            "facet.mincount": as_number,
        },
        SCHEMA,
    ),
    Action(
        "current_package_list_with_resources",
        Text("各数据集及其资源，最近变更的在前。", "The datasets, the one changed last first."),
        list_packages,
        {**PAGE, "page": as_number},
    ),
    Action(
        "resource_show",
        Text("一个资源。", "A resource."),
        show_resource,
        {"id": as_text},
        is_choosy=False,
    ),
    Action(
        "organization_list",
        Text("发布机构：运行本服务者。", "The organization: who runs the service."),
        list_organizations,
        {**_LIST, "organizations": as_texts},
    ),
    Action(
        "organization_show",
        Text("一个机构。", "An organization."),
        show_organization,
        _SHOW,
        is_choosy=False,
    ),
    Action(
        "group_list",
        Text("分组：各主题。", "The groups: one for each topic."),
        list_groups,
        {**_LIST, "groups": as_texts},
    ),
    Action("group_show", Text("一个分组。", "A group."), show_group, _SHOW, is_choosy=False),
    Action(
        "group_package_show",
        Text("一个分组的数据集。", "The datasets of a group."),
        list_packages_of_group,
        {"id": as_text, "limit": as_number},
    ),
    Action(
        "tag_list",
        Text("标签。", "The tags."),
        list_tags,
        {"query": as_text, "q": as_text, "vocabulary_id": as_text, "all_fields": as_boolean},
    ),
    Action(
        "tag_show",
        Text("一个标签。", "A tag."),
        show_tag,
        {**_SHOW, "vocabulary_id": as_text},
        is_choosy=False,
    ),
    Action(
        "license_list",
        Text("所用的许可。", "The licences in use."),
        lambda call: call.catalogue.licences,
        {},
        is_choosy=False,
    ),
)

ACTIONS: Mapping[str, Action] = {one.name: one for one in (*CATALOGUE, *DATASTORE)}
"""Every action by name."""

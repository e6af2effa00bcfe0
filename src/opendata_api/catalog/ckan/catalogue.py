"""The whole catalogue as of a release, made once for it, with what it is searched by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from opendata_api.catalog.ckan.groups import (
    describe_groups,
    describe_licences,
    describe_organization,
    groups_of,
)
from opendata_api.catalog.ckan.packages import describe_package
from opendata_api.catalog.ckan.parts import Node
from opendata_api.catalog.overview import Entry, Overview
from opendata_api.describe import Dataset
from opendata_api.folding import fold


@dataclass(frozen=True, slots=True)
class Package:
    """A package with the values of the fields that packages are searched by."""

    dataset: Dataset
    node: Node
    values: Mapping[str, tuple[str, ...]]
    text: str
    """All its words, folded."""

    @property
    def name(self) -> str:
        """Its name in addresses."""
        return self.dataset.name

    @property
    def id(self) -> str:
        """Its UUID."""
        return str(self.node["id"])


@dataclass(frozen=True, slots=True)
class Listed:
    """An organization, group or tag with its packages."""

    node: Node
    packages: Sequence[Package]

    @property
    def name(self) -> str:
        """Its name in addresses."""
        return str(self.node["name"])

    @property
    def keys(self) -> tuple[str, str]:
        """What it is asked for by."""
        return (str(self.node["id"]), self.name)


@dataclass(frozen=True)
class Catalogue:
    """What is offered as of a release."""

    base: str
    release: int
    packages: Sequence[Package]
    """By name."""
    organizations: Sequence[Listed]
    groups: Sequence[Listed]
    tags: Sequence[Listed]
    licences: Sequence[Node]

    @cached_property
    def package(self) -> Mapping[str, Package]:
        """The packages by id and by name."""
        return {key: one for one in self.packages for key in (one.id, one.name)}

    @cached_property
    def resource(self) -> Mapping[str, Node]:
        """The resources by id."""
        return {str(one["id"]): one for package in self.packages for one in resources_of(package)}

    @cached_property
    def table(self) -> Mapping[str, tuple[Node, Package]]:
        """The resources whose records can be searched, by id and by the name of their package."""
        return {
            key: (one, package)
            for package in self.packages
            for one in resources_of(package)
            if one["datastore_active"]
            for key in (str(one["id"]), package.name)
        }


def resources_of(package: Package) -> Sequence[Node]:
    """The resources of a package, in order."""
    return _nodes(package.node, "resources")


def make_catalogue(overview: Overview) -> Catalogue:
    """The catalogue of what is offered."""
    organization = describe_organization(overview)
    groups = describe_groups(overview)
    packages = [
        _package(overview, entry, organization, groups)
        for entry in sorted(overview.entries, key=lambda one: one.dataset.name)
    ]
    tags = {str(tag["name"]): tag for package in packages for tag in _nodes(package.node, "tags")}
    return Catalogue(
        base=overview.base,
        release=overview.release,
        packages=packages,
        organizations=[Listed(organization, packages)],
        groups=_list(groups, packages, "groups"),
        tags=_list(tags, packages, "tags"),
        licences=describe_licences([entry.rights for entry in overview.entries]),
    )


def _list(listed: Mapping[str, Node], packages: Sequence[Package], kind: str) -> Sequence[Listed]:
    """Each with the packages that have it, by name."""
    return [
        Listed(node, [one for one in packages if name in one.values[kind]])
        for name, node in sorted(listed.items())
    ]


def _package(
    overview: Overview, entry: Entry, organization: Node, groups: Mapping[str, Node]
) -> Package:
    own = [groups[name] for name in groups_of(entry, groups)]
    node = describe_package(overview, entry, organization, own)
    values = _values(node)
    words = ("name", "title", "notes", "extras", "tags", "groups_title", "res_name", "res_format")
    text = fold(" ".join(value for name in words for value in values[name])).text
    return Package(entry.dataset, node, values, text)


def _values(node: Node) -> dict[str, tuple[str, ...]]:
    """The values of each field that a search can name, as CKAN's index has them."""
    plain = ("id", "name", "title", "notes", "license_id", "owner_org", "state", "type", "version")
    times = ("metadata_created", "metadata_modified")
    own = {name: (str(node[name]),) for name in (*plain, *times)}
    organization = cast("Node", node["organization"])
    return own | {
        "capacity": ("public",),
        "dataset_type": own["type"],
        "extras": _each(node, "extras", "value"),
        "groups": _each(node, "groups", "name"),
        "groups_title": _each(node, "groups", "title"),
        "organization": (str(organization["name"]),),
        "private": ("false",),
        "res_format": tuple(dict.fromkeys(_each(node, "resources", "format"))),
        "res_name": _each(node, "resources", "name"),
        "tags": _each(node, "tags", "name"),
    }


def _each(node: Node, name: str, part: str) -> tuple[str, ...]:
    return tuple(str(one[part]) for one in _nodes(node, name))


def _nodes(node: Node, name: str) -> Sequence[Node]:
    return cast("Sequence[Node]", node[name])

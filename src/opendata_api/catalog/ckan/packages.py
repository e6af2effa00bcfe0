"""A dataset as a CKAN package, its formats as resources."""

from collections.abc import Sequence

from opendata_api.catalog.ckan.groups import describe_tags, licence_of
from opendata_api.catalog.ckan.parts import Node, make_id, naive_time, tell_extras, translated
from opendata_api.catalog.overview import Download, Entry, Overview
from opendata_api.catalog.scope import list_places
from opendata_api.catalog.vocabularies import ANNUAL
from opendata_api.describe import Dataset
from opendata_api.formats import CSV, JSON, Format
from opendata_api.words import Text


def describe_package(
    overview: Overview, entry: Entry, organization: Node, groups: Sequence[Node]
) -> Node:
    """The package of a dataset, as `package_show` gives it."""
    dataset = entry.dataset
    licence = licence_of(entry.rights)
    resources = _resources(overview, entry)
    tags = describe_tags(overview, entry)
    return {
        "author": overview.operator.name.zh,
        "author_email": None,
        "creator_user_id": None,
        "id": package_id(overview, dataset),
        "isopen": licence.is_open,
        "license_id": licence.id,
        "license_title": licence.title,
        **({"license_url": licence.url} if licence.url else {}),
        "maintainer": overview.operator.name.zh,
        "maintainer_email": overview.operator.email,
        "metadata_created": naive_time(entry.issued),
        "metadata_modified": naive_time(overview.modified),
        "name": dataset.name,
        "notes": dataset.description.zh,
        "notes_translated": translated(dataset.description),
        "num_resources": len(resources),
        "num_tags": len(tags),
        "organization": _brief(organization),
        "owner_org": organization["id"],
        "private": False,
        "state": "active",
        "title": dataset.title.zh,
        "title_translated": translated(dataset.title),
        "type": "dataset",
        "url": overview.address(f"/datasets/{dataset.name}"),
        "version": str(overview.release),
        "extras": tell_extras(_extras(overview, entry)),
        "groups": [_in_group(group) for group in groups],
        "resources": resources,
        "tags": tags,
        "relationships_as_object": [],
        "relationships_as_subject": [],
    }


def package_id(overview: Overview, dataset: Dataset) -> str:
    """The id of the package of a dataset."""
    return make_id(overview.base, "packages", dataset.name)


def _extras(overview: Overview, entry: Entry) -> dict[str, str | None]:
    """What CKAN has no field for; `temporal_start` and the like by the names that harvesters read.

    There is no `spatial`, which would have to be a geometry.
    """
    dataset = entry.dataset
    years, places = overview.years, list_places(overview, entry)
    return {
        "title_en": dataset.title.en,
        "notes_en": dataset.description.en,
        "identifier": overview.address(f"/v1/datasets/{dataset.name}"),
        "release": str(overview.release),
        "issued": entry.issued,
        "modified": entry.modified,
        "frequency": ANNUAL.address,
        "temporal_start": years and f"{years[0]}-01-01",
        "temporal_end": years and f"{years[1]}-12-31",
        "spatial-text": "、".join(name.zh for _, name in places),
        "area_codes": ",".join(code for code, _ in places),
        "publisher_name": overview.operator.name.zh,
        "publisher_name_en": overview.operator.name.en,
        "contact": overview.operator.contact,
        "record_count": str(entry.count),
        "attribution": entry.rights.attribution,
        "changes": overview.address("/v1/changes"),
    }


def _resources(overview: Overview, entry: Entry) -> list[Node]:
    """The files, then the address that is asked for records."""
    files = [_file(overview, entry, one) for one in entry.downloads]
    address = overview.address(f"/v1/{entry.dataset.name}")
    api = _resource(overview, entry, JSON, address) | {
        "description": API.both,
        "name": API.both,
        "resource_type": "api",
    }
    return [one | {"position": place} for place, one in enumerate([*files, api])]


def _file(overview: Overview, entry: Entry, download: Download) -> Node:
    format_ = download.format
    return _resource(overview, entry, format_, download.href) | {
        "datastore_active": format_ is CSV,
        "hash": download.sha256 or "",
        "last_modified": naive_time(overview.modified_of(entry, download)),
        "size": download.bytes,
    }


def _resource(overview: Overview, entry: Entry, format_: Format, address: str) -> Node:
    """A resource without what it has as a file."""
    dataset, title = entry.dataset, format_.title
    return {
        "cache_last_updated": None,
        "cache_url": None,
        "created": naive_time(entry.issued),
        "datastore_active": False,
        "description": Text(
            f"{dataset.title.zh}：{title.zh}", f"{dataset.title.en}: {title.en}"
        ).both,
        "format": format_.suffix.rpartition(".")[2].upper(),
        "hash": "",
        "id": make_id(overview.base, "resources", dataset.name, format_.key),
        "last_modified": naive_time(entry.modified),
        "metadata_modified": naive_time(overview.modified),
        "mimetype": format_.media_type,
        "mimetype_inner": None,
        "name": title.both,
        "package_id": package_id(overview, dataset),
        "resource_type": "file",
        "size": None,
        "state": "active",
        "url": address,
        "url_type": None,
    }


def _brief(organization: Node) -> Node:
    """The organization as its packages show it."""
    kept = ("extras", "groups", "tags", "users", "num_followers", "display_name")
    return {name: value for name, value in organization.items() if name not in kept}


def _in_group(group: Node) -> Node:
    kept = ("description", "display_name", "id", "image_display_url", "name", "title")
    return {name: group[name] for name in kept}


API = Text("按条件查询的地址", "address to query records at")

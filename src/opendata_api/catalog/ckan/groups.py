"""What packages are listed under: the organization, groups and tags; and their licences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opendata_api.catalog.ckan.parts import (
    Node,
    make_id,
    make_name,
    make_tag,
    naive_time,
    tell_extras,
    translated,
)
from opendata_api.catalog.keywords import keywords
from opendata_api.catalog.overview import Entry, Overview
from opendata_api.formats.rights import NOT_SPECIFIED, OURS, UNLICENSED, Rights
from opendata_api.words import Text

TOPICS = "topics"
"""The list of codes whose values are the groups."""


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence as CKAN's register of licences has it."""

    id: str
    title: str
    url: str
    is_open: bool


def licence_of(rights: Rights) -> Licence:
    """The licence by CKAN's name; its name for none where it is not ours to give."""
    if not rights.licence:
        return Licence(NOT_SPECIFIED, UNLICENSED.both, "", is_open=False)
    return Licence(rights.licence, "Creative Commons Attribution 4.0", rights.url, is_open=True)


def describe_licences(rights: Sequence[Rights]) -> list[Node]:
    """The licences that are given, ours first, each once."""
    return [_licence(licence_of(one)) for one in dict.fromkeys((OURS, *rights))]


def describe_organization(overview: Overview) -> Node:
    """The operator as the one organization."""
    name = overview.operator.name
    described = _group(overview, "organization", make_name(name.en, "operator"), name)
    return described | {
        "description": name.both,
        "is_organization": True,
        "type": "organization",
        "revision_id": described["id"],
        "revision_timestamp": naive_time(overview.issued),
    }


def describe_groups(overview: Overview) -> Mapping[str, Node]:
    """The topics as groups, by name, in the order of the list of topics."""
    return {
        code: _group(overview, "group", code, title)
        for code, title in overview.labels.get(TOPICS, {}).items()
    }


def groups_of(entry: Entry, groups: Mapping[str, Node]) -> Sequence[str]:
    """The names of the groups that a dataset is in: all where its records have a topic."""
    has_topics = any(field.about.codes == TOPICS for field in entry.dataset.fields)
    return tuple(groups) if has_topics else ()


def describe_tags(overview: Overview, entry: Entry) -> list[Node]:
    """The words that a dataset is found by, in both languages."""
    words = keywords(overview, entry)
    names = [make_tag(one) for text in words for one in (text.zh, text.en)]
    return [_tag(overview.base, name) for name in dict.fromkeys(names) if name]


def _tag(base: str, name: str) -> Node:
    return {
        "display_name": name,
        "id": make_id(base, "tags", name),
        "name": name,
        "state": "active",
        "vocabulary_id": None,
    }


def _group(overview: Overview, kind: str, name: str, title: Text) -> Node:
    """A group; the id of the organization stays when the operator takes another name."""
    own = (kind,) if kind == "organization" else (kind, name)
    return {
        "approval_status": "approved",
        "created": naive_time(overview.issued),
        "description": title.en,
        "display_name": title.zh,
        "id": make_id(overview.base, *own),
        "image_display_url": "",
        "image_url": "",
        "is_organization": False,
        "name": name,
        "state": "active",
        "title": title.zh,
        "title_translated": translated(title),
        "type": kind,
        "extras": tell_extras({"title_en": title.en}),
        "groups": [],
        "tags": [],
        "users": [],
        "num_followers": 0,
    }


def _licence(licence: Licence) -> Node:
    return {
        "domain_content": licence.is_open,
        "domain_data": licence.is_open,
        "domain_software": False,
        "family": "",
        "id": licence.id,
        "is_generic": False,
        "is_okd_compliant": licence.is_open,
        "is_osi_compliant": False,
        "maintainer": "Creative Commons" if licence.is_open else "",
        "od_conformance": "approved" if licence.is_open else "not reviewed",
        "osd_conformance": "not reviewed",
        "status": "active",
        "title": licence.title,
        "url": licence.url,
    }

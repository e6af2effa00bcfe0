"""The newest release as `data.json`: DCAT-US 1.1 (Project Open Data), as data.gov harvests it."""

import re

from opendata_api.catalog.keywords import keywords
from opendata_api.catalog.overview import Download, Entry, Operator, Overview
from opendata_api.catalog.scope import is_of_reports
from opendata_api.formats import CSV, CSVM, JSON
from opendata_api.words import Text

Node = dict[str, object]

PATH = "/data.json"
SCHEMA = "https://project-open-data.cio.gov/v1.1/schema"
NO_EMAIL = "[[REDACTED: no e-mail address is published]]"
"""The schema has no room for a contact without one, but for one that is withheld."""
YEARLY = "R/P1Y"
"""The reports are due once a year."""
AREAS_NAMED_MAX = 10
"""Of more areas only the number is told."""

_MAILBOX = re.compile(r"mailto:[\w~!$&'()*+,;=:.-]+@[\w.-]+\.[\w-]+", re.ASCII)


def describe_catalog(overview: Overview) -> Node:
    """The catalogue with every dataset."""
    return {
        "@context": f"{SCHEMA}/catalog.jsonld",
        "@id": overview.address(PATH),
        "@type": "dcat:Catalog",
        "conformsTo": SCHEMA,
        "describedBy": f"{SCHEMA}/catalog.json",
        "dataset": [_dataset(overview, entry) for entry in overview.entries],
    }


def _dataset(overview: Overview, entry: Entry) -> Node:
    dataset = entry.dataset
    words = keywords(overview, entry)
    dictionary = overview.address(f"/v1/datasets/{dataset.name}")
    return {
        "@type": "dcat:Dataset",
        "identifier": dictionary,
        "title": _both(dataset.title),
        "description": _both(dataset.description),
        "keyword": list(dict.fromkeys(one for word in words for one in (word.en, word.zh))),
        "issued": entry.issued,
        "modified": entry.modified,
        "accrualPeriodicity": YEARLY,
        "publisher": {"@type": "org:Organization", "name": _both(overview.operator.name)},
        "contactPoint": _contact(overview.operator),
        "accessLevel": "public",
        **_licence(entry),
        "language": ["zh-CN", "en"],
        **_coverage(overview, entry),
        "landingPage": overview.address(f"/datasets/{dataset.name}"),
        "describedBy": dictionary,
        "describedByType": JSON.media_type,
        "distribution": [
            _interface(overview, entry),
            *(_distribution(overview, entry, one) for one in entry.downloads),
        ],
    }


def _contact(operator: Operator) -> Node:
    mailbox = operator.mailbox or ""
    return {
        "@type": "vcard:Contact",
        "fn": _both(operator.name),
        "hasEmail": mailbox if _MAILBOX.fullmatch(mailbox) else NO_EMAIL,
    }


def _licence(entry: Entry) -> Node:
    rights = entry.rights
    told: Node = {"rights": _both(Text(rights.told("zh"), rights.told("en")))}
    return {"license": rights.url, **told} if rights.url else told


def _coverage(overview: Overview, entry: Entry) -> Node:
    """The years and the areas of the reports, where there are any."""
    years = overview.years
    if years is None:
        return {}
    first, last = years
    temporal: Node = {"temporal": f"{first}-01-01/{last}-12-31"}
    if not is_of_reports(entry):
        return temporal
    names = [name for _, name in overview.areas]
    if len(names) > AREAS_NAMED_MAX:
        names = [Text(f"{len(names)}个地区", f"{len(names)} areas")]
    return temporal | {"spatial": "; ".join(map(_both, names))}


def _interface(overview: Overview, entry: Entry) -> Node:
    """The address that is asked with filters."""
    return {
        "@type": "dcat:Distribution",
        "title": "API",
        "accessURL": overview.address(f"/v1/{entry.dataset.name}"),
        "format": "API",
        "describedBy": overview.address("/openapi.json"),
        "describedByType": JSON.media_type,
    }


def _distribution(overview: Overview, entry: Entry, download: Download) -> Node:
    format_ = download.format
    described: Node = {}
    if format_ is CSV:
        metadata = overview.address(f"/v1/{entry.dataset.name}.{CSVM.suffix}")
        described = {"describedBy": metadata, "describedByType": CSVM.media_type}
    return {
        "@type": "dcat:Distribution",
        "title": _both(format_.title),
        "downloadURL": download.href,
        "mediaType": format_.media_type,
        "format": format_.suffix,
        **described,
    }


def _both(text: Text) -> str:
    return text.en if text.zh == text.en else f"{text.en} / {text.zh}"

"""The datasets in the words of https://schema.org, as pages carry them for search engines."""

from collections.abc import Mapping

from opendata_api.catalog.keywords import keywords
from opendata_api.catalog.overview import Download, Entry, Overview
from opendata_api.catalog.scope import is_of_reports, list_kinds, list_places, list_sources
from opendata_api.formats import JSON
from opendata_api.formats.rights import TITLE, UNLICENSED
from opendata_api.words import Lang, Text

Node = Mapping[str, object]

LANGUAGES = ("zh-CN", "en")
ABOUT = Text(
    "“{service}”将政府在报告中自行公布的数字与承诺逐条整理为可引用的数据，每条附原文依据；"
    "数据由本项目整理，并非政府发布。",
    "{service} compiles what governments report of themselves, figure by figure and commitment by "
    "commitment, each with the words that state it; the compilation is ours, not a government's.",
)
"""What stands behind the description of each dataset, which alone may be too short."""
CONTEXT = "https://schema.org"


def describe_catalogue(overview: Overview, lang: Lang) -> Node:
    """The service as a DataCatalog, with the datasets by name and address."""
    return {
        "@context": CONTEXT,
        "@type": "DataCatalog",
        "@id": _home(overview),
        "name": TITLE.in_language(lang),
        "description": _about(lang),
        "url": _home(overview),
        "inLanguage": LANGUAGES,
        "datePublished": overview.issued,
        "dateModified": overview.modified,
        "version": str(overview.release),
        "isAccessibleForFree": True,
        "keywords": [kind.in_language(lang) for kind in list_kinds(overview)],
        "creator": _operator(overview, lang),
        "publisher": _operator(overview, lang),
        "dataset": [
            {"@type": "Dataset", "@id": page, "url": page, **_named(entry, lang)}
            for entry in overview.entries
            for page in [_page(overview, entry)]
        ],
    }


def describe_dataset(overview: Overview, entry: Entry, lang: Lang) -> Node:
    """One dataset, whole, as of the release."""
    page = _page(overview, entry)
    return {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": page,
        **_named(entry, lang),
        "url": page,
        "identifier": page,
        "inLanguage": LANGUAGES,
        "datePublished": entry.issued,
        "dateModified": entry.modified,
        "version": str(overview.release),
        "isAccessibleForFree": True,
        **_rights(entry, lang),
        "keywords": [word.in_language(lang) for word in keywords(overview, entry)],
        "creator": _operator(overview, lang),
        "publisher": _operator(overview, lang),
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "@id": _home(overview),
            "name": TITLE.in_language(lang),
            "url": _home(overview),
        },
        **_scope(overview, entry, lang),
        "variableMeasured": [
            {
                "@type": "PropertyValue",
                "name": column.title.in_language(lang),
                "propertyID": column.source(lang),
            }
            for column in entry.dataset.columns
        ],
        "distribution": [_api(overview, entry), *(_download(one, lang) for one in entry.downloads)],
    }


def _named(entry: Entry, lang: Lang) -> Node:
    dataset = entry.dataset
    gap = "" if lang == "zh" else " "
    return {
        "name": f"{dataset.title.in_language(lang)} · {TITLE.in_language(lang)}",
        "description": f"{dataset.description.in_language(lang)}{gap}{_about(lang)}",
    }


def _about(lang: Lang) -> str:
    return ABOUT.in_language(lang).format(service=TITLE.in_language(lang))


def _rights(entry: Entry, lang: Lang) -> Node:
    """The licence; of the words of others, that there is none of ours."""
    rights = entry.rights
    licence = {"license": rights.url} if rights.licence else {}
    terms = {} if rights.licence else {"conditionsOfAccess": UNLICENSED.in_language(lang)}
    return {**licence, **terms, "creditText": rights.attribution}


def _scope(overview: Overview, entry: Entry, lang: Lang) -> Node:
    """The years, the places and the newest reports that it was made from."""
    years = overview.years
    if years is None:
        return {}
    first, last = years
    covered: Node = {"temporalCoverage": str(first) if first == last else f"{first}/{last}"}
    if not is_of_reports(entry):
        return covered
    return {
        **covered,
        "spatialCoverage": [
            {
                "@type": "Place",
                "name": name.in_language(lang),
                "identifier": {
                    "@type": "PropertyValue",
                    "propertyID": "GB/T 2260",
                    "value": code,
                },
            }
            for code, name in list_places(overview, entry)
        ],
        "isBasedOn": [
            {
                "@type": "Report",
                "name": report[f"title_{lang}"],
                "url": report["source_url"],
            }
            for report in list_sources(overview, entry)
        ],
    }


def _operator(overview: Overview, lang: Lang) -> Node:
    """Who runs the service, with what is known of it."""
    operator = overview.operator
    email, contact = operator.email, operator.contact
    point = {"url": contact} if email is None else {"email": email}
    return {
        "@type": "Organization",
        "name": operator.name.in_language(lang),
        "url": _home(overview),
        **({"identifier": operator.code} if operator.code else {}),
        **(
            {"contactPoint": {"@type": "ContactPoint", "contactType": "data", **point}}
            if contact is not None
            else {}
        ),
    }


def _api(overview: Overview, entry: Entry) -> Node:
    """The pages of JSON."""
    return {
        "@type": "DataDownload",
        "name": "JSON",
        "contentUrl": overview.address(f"/v1/{entry.dataset.name}"),
        "encodingFormat": JSON.media_type,
    }


def _download(download: Download, lang: Lang) -> Node:
    format_ = download.format
    return {
        "@type": "DataDownload",
        "name": format_.title.in_language(lang),
        "contentUrl": download.href,
        "encodingFormat": format_.media_type,
        **({} if download.bytes is None else {"contentSize": f"{download.bytes} B"}),
        **({} if download.sha256 is None else {"sha256": download.sha256}),
    }


def _page(overview: Overview, entry: Entry) -> str:
    return overview.address(f"/datasets/{entry.dataset.name}")


def _home(overview: Overview) -> str:
    return overview.address("/")

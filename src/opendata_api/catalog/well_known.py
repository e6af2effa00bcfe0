"""The short documents that programs look for at addresses of their own (RFC 8615)."""

from collections.abc import Mapping
from datetime import date

import orjson

from opendata_api.catalog.overview import Overview

API_CATALOG = "/.well-known/api-catalog"
SECURITY_TXT = "/.well-known/security.txt"
LINKSET_TYPE = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
MONTHS = 3
"""In a quarter of a year."""


def print_robots(overview: Overview) -> bytes:
    """`/robots.txt` (RFC 9309): everything may be read; texts that are not to be found say so."""
    sitemap = overview.address("/sitemap.xml")
    return f"User-agent: *\nAllow: /\n\nSitemap: {sitemap}\n".encode()


def print_security(base: str, contact: str, today: date) -> bytes:
    """`security.txt` (RFC 9116), good until the end of the next quarter of a year.

    So that it is good for three months at least, and its bytes change four times a year only.
    """
    canonical = f"Canonical: {base}{SECURITY_TXT}\n" if base.startswith("https://") else ""
    return (
        f"Contact: {contact}\n"
        f"Expires: {_end_of_next_quarter(today).isoformat()}T00:00:00Z\n"
        f"Preferred-Languages: zh, en\n{canonical}"
    ).encode()


def print_api_catalog(overview: Overview) -> bytes:
    """`api-catalog` (RFC 9727): the APIs, each with its description, its guide and its state."""
    api = overview.address("/v1")
    catalogue = {
        "anchor": overview.address(API_CATALOG),
        "item": [
            _target(api, "application/json"),
            _target(overview.address("/api/3"), "application/json"),
            _target(overview.address("/oai?verb=Identify"), "text/xml"),
        ],
    }
    described = {
        "anchor": api,
        "service-desc": [_target(overview.address("/openapi.json"), "application/json")],
        "service-doc": [
            _target(overview.address("/docs"), "text/html"),
            _target(overview.address("/docs/reference"), "text/html"),
        ],
        "service-meta": [_target(overview.address("/v1/datasets"), "application/json")],
        "status": [_target(overview.address("/-/ready"), "application/json")],
    }
    return orjson.dumps({"linkset": [catalogue, described]}, option=orjson.OPT_INDENT_2)


def _end_of_next_quarter(today: date) -> date:
    months = today.month - 1
    quarters = today.year * 4 + months // MONTHS + 2
    return date(quarters // 4, quarters % 4 * MONTHS + 1, 1)


def _target(href: str, media_type: str) -> Mapping[str, str]:
    return {"href": href, "type": media_type}

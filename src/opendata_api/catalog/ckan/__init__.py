"""What is offered as CKAN tells it: packages, resources, organizations, groups, tags, licences."""

from opendata_api.catalog.ckan.catalogue import Catalogue, Listed, Package, make_catalogue
from opendata_api.catalog.ckan.parts import Node
from opendata_api.catalog.ckan.queries import BadSearch, parse_filter
from opendata_api.catalog.ckan.search import Search, find_packages

__all__ = [
    "BadSearch",
    "Catalogue",
    "Listed",
    "Node",
    "Package",
    "Search",
    "find_packages",
    "make_catalogue",
    "parse_filter",
]

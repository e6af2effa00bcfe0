"""The addresses by which programs find the service."""

from opendata_api.catalog.well_known import API_CATALOG, SECURITY_TXT
from opendata_api.query import PLAIN_PARAMETERS
from opendata_api.web import discovery, sitemap
from opendata_api.web.operation import TEXT, Operation

LINKSET = "application/linkset+json"

DISCOVERY = (
    Operation(
        path=sitemap.PATH,
        id="get_sitemap",
        summary="Every page for people",
        description="By sitemaps.org, with the addresses in both languages; the list of its parts "
        "where there are more than 10,000 pages.\n\n网站地图。",
        tag="service",
        make=sitemap.sitemap_handler,
        parameters=PLAIN_PARAMETERS,
        content=[(sitemap.XML, None)],
    ),
    Operation(
        path="/sitemap-{part}.xml",
        id="get_sitemap_part",
        summary="A part of the pages for people",
        description="`pages`, or a dataset and a number, as `/sitemap.xml` lists them.\n\n"
        "网站地图的一部分。",
        tag="service",
        make=sitemap.part_handler,
        parameters=PLAIN_PARAMETERS,
        path_parameters=[("part", "The name of the part.", "pages")],
        content=[(sitemap.XML, None)],
    ),
    Operation(
        path="/robots.txt",
        id="get_robots",
        summary="What robots may read",
        description="Everything (RFC 9309); names the sitemap.\n\n爬虫协议：全部可读。",
        tag="service",
        make=discovery.robots_handler,
        parameters=PLAIN_PARAMETERS,
        content=[(TEXT, None)],
    ),
    Operation(
        path="/llms.txt",
        id="get_llms",
        summary="What language models should know",
        description="By llmstxt.org, in Markdown: what there is, how to ask for it, how not to "
        "misread it.\n\n供大语言模型阅读的说明。",
        tag="service",
        make=discovery.llms_handler,
        parameters=PLAIN_PARAMETERS,
        content=[(TEXT, None)],
    ),
    Operation(
        path=API_CATALOG,
        id="get_api_catalog",
        summary="The APIs of this service",
        description="A linkset (RFC 9264) by RFC 9727: each API with its description, its guide "
        "and its state.\n\n接口清单（RFC 9727）。",
        tag="service",
        make=discovery.api_catalog_handler,
        parameters=PLAIN_PARAMETERS,
        content=[(LINKSET, "Linkset")],
    ),
    Operation(
        path=SECURITY_TXT,
        id="get_security_txt",
        summary="Where to tell of a weakness",
        description="RFC 9116; 404 where the operator has set no contact.\n\n"
        "安全问题的联系方式；运营者未设置时回答404。",
        tag="service",
        make=discovery.security_handler,
        parameters=PLAIN_PARAMETERS,
        content=[(TEXT, None)],
        may_be_unset=True,
    ),
)

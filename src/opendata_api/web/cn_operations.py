"""The addresses of the Chinese catalogue."""

from functools import partial

from opendata_api.formats import CSV, JSON, XLSX
from opendata_api.query import PLAIN_PARAMETERS
from opendata_api.web import cn_catalogue
from opendata_api.web.cn_catalogue import CatalogueFile
from opendata_api.web.operation import Operation


def _cn_file(file: CatalogueFile, name: str, summary: str, description: str) -> Operation:
    schema = "ChineseCatalogue" if file.format is JSON else None
    return Operation(
        path=file.address,
        id=name,
        summary=summary,
        description=description,
        tag="service",
        make=partial(cn_catalogue.file_handler, file=file),
        parameters=PLAIN_PARAMETERS,
        content=[(file.format.media_type, schema)],
        suffix=file.format,
    )


CN_CATALOGUE = (
    Operation(
        path=cn_catalogue.PATH,
        id="get_chinese_catalogue",
        summary="The catalogue in the words of Chinese officials",
        description="The datasets (目录清单) and their fields (信息项清单) as JSON or a workbook; "
        "the datasets alone as CSV.\n\n"
        "按《政务信息资源目录编制指南（试行）》编制的信息资源目录：目录清单和信息项清单。"
        "内容均为文字而非代码，不确知的为空。",
        tag="service",
        make=cn_catalogue.negotiated_handler,
        parameters=PLAIN_PARAMETERS,
        content=[
            (JSON.media_type, "ChineseCatalogue"),
            (CSV.media_type, None),
            (XLSX.media_type, None),
        ],
        is_negotiated=True,
    ),
    _cn_file(
        cn_catalogue.JSON_FILE,
        "get_chinese_catalogue_json",
        "The Chinese catalogue as JSON",
        "Both lists, each line an object by column; null: not known.\n\n"
        "目录清单和信息项清单；null 表示不确知。",
    ),
    _cn_file(
        cn_catalogue.CSV_FILE,
        "get_chinese_catalogue_csv",
        "目录清单 as CSV",
        "A line for each dataset; UTF-8 without BOM. `Link rel=related` leads to the fields.\n\n"
        "每个数据集一行；UTF-8，无BOM。信息项清单见 /catalog/cn-items.csv。",
    ),
    _cn_file(
        cn_catalogue.XLSX_FILE,
        "get_chinese_catalogue_xlsx",
        "The Chinese catalogue as a workbook",
        "Both lists, each on a sheet; every cell is a text.\n\n"
        "目录清单和信息项清单各一张工作表，单元格均为文本。",
    ),
    _cn_file(
        cn_catalogue.ITEMS_FILE,
        "get_chinese_catalogue_items_csv",
        "信息项清单 as CSV",
        "A line for each field of each dataset; UTF-8 without BOM.\n\n"
        "每个信息项一行；UTF-8，无BOM。",
    ),
)

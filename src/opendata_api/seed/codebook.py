"""The codebook: what the curators say of metrics, units, dimensions and the rest."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from opendata_api.datasets import FIXED_CODES
from opendata_api.datasets.codes import RATIO_KINDS, RATIO_UNITS
from opendata_api.describe import area_of
from opendata_api.seed.cells import read_date
from opendata_api.seed.faults import Faults, Line, codes_text
from opendata_api.seed.folders import note_unknown_files
from opendata_api.seed.tables import read_table
from opendata_api.words import Text

NAMES = ("id", "name_zh", "name_en")
TABLES: Mapping[str, Sequence[str]] = {
    "units": (*NAMES, "counters"),
    "topics": NAMES,
    "dimensions": ("dimension", "value", "name_zh", "name_en"),
    "bases": NAMES,
    "services": (*NAMES, "metrics"),
    "frameworks": ("id", "scheme", "name_zh", "name_en", "source"),
    "areas": (*NAMES, "level", "parent_id", "valid_from", "valid_to"),
    "bodies": (*NAMES, "area_code", "kind", "parent_id", "credit_code"),
    "exclusion_reasons": NAMES,
    "words": ("word", "reason", "note_zh", "note_en"),
    "metrics": (
        *NAMES,
        *("definition_zh", "definition_en", "unit", "kind", "topic", "change_of"),
        *("not_comparable_with", "frameworks", "alternative_names"),
    ),
}

CODE = (re.compile("[a-z][a-z0-9_.]*"), "legal_aid")
IDS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "metrics": (re.compile("(?!(?:facets|aggregate)$)[a-z][a-z0-9_]*"), "legal_aid_cases"),
    "areas": (re.compile("[0-9]{6}"), "450203"),
    "bodies": (re.compile("cn[0-9]{6}(?:-[a-z]+)?"), "cn450203-sfs"),
    "words": (re.compile(r"\S+"), "统一"),
}
"""What ids look like, with an example: they stand in public addresses for ever, where
`facets` and `aggregate` are taken."""


@dataclass(frozen=True, slots=True)
class Codebook:
    """The tables of the codebook, each by id, in the order of the file."""

    metrics: Mapping[str, Line]
    units: Mapping[str, Line]
    topics: Mapping[str, Line]
    bases: Mapping[str, Line]
    services: Mapping[str, Line]
    frameworks: Mapping[str, Line]
    areas: Mapping[str, Line]
    bodies: Mapping[str, Line]
    reasons: Mapping[str, Line]
    words: Mapping[str, Line]
    dimensions: Mapping[str, Text]
    dimension_values: Mapping[str, Mapping[str, Text]]

    def unit_of(self, metric: str) -> Line:
        """The unit of a metric."""
        return self.units[self.metrics[metric]["unit"]]

    def unit_id(self, metric: str) -> str | None:
        """The unit of a metric, if there is one of that name."""
        return self.metrics[metric]["unit"] if metric in self.metrics else None

    def service_of(self, metric: str) -> str | None:
        """The service that shows a metric."""
        found = (name for name, line in self.services.items() if metric in line.many("metrics"))
        return next(found, None)


def name_of(line: Line) -> Text:
    """The name of an entry."""
    return Text(line["name_zh"], line["name_en"])


def read_codebook(folder: Path, faults: Faults) -> Codebook:
    """The codebook of a seed; whatever is wrong with it is noted."""
    tables = {
        name: read_table(folder, f"codebook/{name}.csv", columns, faults)
        for name, columns in TABLES.items()
    }
    named = {
        name: _by_id(lines, "word" if name == "words" else "id", IDS.get(name, CODE))
        for name, lines in tables.items()
        if name != "dimensions"
    }
    dimensions, values = _dimensions(tables["dimensions"])
    codebook = Codebook(
        metrics=named["metrics"],
        units=named["units"],
        topics=named["topics"],
        bases=named["bases"],
        services=named["services"],
        frameworks=named["frameworks"],
        areas=named["areas"],
        bodies=named["bodies"],
        reasons=named["exclusion_reasons"],
        words=named["words"],
        dimensions=dimensions,
        dimension_values=values,
    )
    note_unknown_files(folder, "codebook", [f"{name}.csv" for name in TABLES], faults)
    _check(codebook)
    return codebook


def _by_id(lines: Sequence[Line], key: str, form: tuple[re.Pattern[str], str]) -> dict[str, Line]:
    pattern, example = form
    entries: dict[str, Line] = {}
    for line in lines:
        if not line.need(
            *(column for column in (key, "name_zh", "name_en") if column in line.cells)
        ):
            continue
        if not pattern.fullmatch(line[key]):
            expected = Text(f"编号，如 {example}", f"an id such as {example}")
            line.fault(key, expected, line[key])
        if line[key] in entries:
            line.fault(key, Text("不重复的编号", "an id that stands once"), line[key])
            continue
        entries[line[key]] = line
    return entries


def _dimensions(
    lines: Sequence[Line],
) -> tuple[dict[str, Text], dict[str, dict[str, Text]]]:
    names: dict[str, Text] = {}
    values: dict[str, dict[str, Text]] = {}
    for line in lines:
        if not line.need("dimension", "name_zh", "name_en"):
            continue
        name, value = line["dimension"], line["value"]
        place = values.setdefault(name, {}) if value else names
        if (value or name) in place:
            line.fault("value", Text("不重复的取值", "a value that stands once"), value or name)
        place[value or name] = name_of(line)
    for line in lines:
        if line["dimension"] not in names:
            expected = Text("维度另有一行写明名称", "a line that names the dimension")
            line.fault("dimension", expected, line["dimension"])
    return names, values


def _check(book: Codebook) -> None:
    for line in book.metrics.values():
        _check_metric(line, book)
    for line in book.services.values():
        line.need("metrics")
        _check_list(line, "metrics", book.metrics)
        for metric in line.many("metrics"):
            if (owner := book.service_of(metric)) != line["id"]:
                expected = Text("一个指标一个服务", "each metric in one service")
                line.fault("metrics", expected, f"{metric}: {owner}")
    for line in book.words.values():
        line.one_of("reason", list(book.reasons))
        line.both_languages("note")
    for line in book.areas.values():
        line.one_of("level", [code.value for code in FIXED_CODES["area_levels"]])
        read_date(line, "valid_from")
        read_date(line, "valid_to")
        _check_parents(line, book.areas)
    for line in book.bodies.values():
        line.one_of("kind", [code.value for code in FIXED_CODES["body_kinds"]])
        line.one_of("area_code", list(book.areas))
        if area_of(line["id"]) != line["area_code"]:
            expected = Text("cn 加本机关的地区代码", "cn and the body's area code")
            line.fault("id", expected, line["id"])
        _check_parents(line, book.bodies)


def _check_metric(line: Line, book: Codebook) -> None:
    line.need("definition_zh", "definition_en")
    line.one_of("unit", list(book.units))
    line.one_of("topic", list(book.topics))
    line.one_of("kind", [code.value for code in FIXED_CODES["metric_kinds"]])
    if (line["kind"] in RATIO_KINDS) != (line["unit"] in RATIO_UNITS):
        listed = " ".join(sorted(RATIO_UNITS))
        expected = Text(
            f"比率和增减幅度的单位为 {listed}，其他指标不用",
            f"{listed} for rates and changes, and for them alone",
        )
        line.fault("unit", expected, f"{line['kind']}: {line['unit']}")
    line.no_empty_entries("alternative_names")
    _check_list(line, "frameworks", book.frameworks)
    _check_list(line, "change_of", book.metrics)
    _check_list(line, "not_comparable_with", book.metrics)
    level = book.metrics.get(line["change_of"])
    if level is not None and (line["kind"] != "change" or level["kind"] == "change"):
        expected = Text("增减幅度所指的水平数", "the level of a change")
        line.fault("change_of", expected, level["id"])
    for other in line.many("not_comparable_with"):
        if other in book.metrics and line["id"] not in book.metrics[other].many(
            "not_comparable_with"
        ):
            expected = Text(f"{other} 也写明不可比", f"the same of {other}")
            line.fault("not_comparable_with", expected, line["id"])


def _check_parents(line: Line, known: Mapping[str, Line]) -> None:
    _check_list(line, "parent_id", known)
    above, seen = line, {line["id"]}
    while (parent := known.get(above["parent_id"])) is not None:
        if parent["id"] in seen:
            line.fault("parent_id", Text("上级不含本身", "no entry above itself"), parent["id"])
            return
        seen.add(parent["id"])
        above = parent


def _check_list(line: Line, column: str, known: Mapping[str, object]) -> None:
    for entry in line.many(column):
        if entry not in known:
            line.fault(column, codes_text(list(known), entry), entry or "空 / empty")

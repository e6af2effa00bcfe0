"""From a proven seed to the records of each dataset, in the order of their ids."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from opendata_api.datasets import DATASETS
from opendata_api.describe.validating import ValidRecord
from opendata_api.seed import figure_records, text_records
from opendata_api.seed.codebook import Codebook, name_of
from opendata_api.seed.model import Report, Seed

Draft = dict[str, Any]


def make_records(seed: Seed) -> dict[str, list[ValidRecord]]:
    """The records of every dataset, validated."""
    observations = [
        record for report in seed.reports for record in figure_records.observations(report, seed)
    ]
    made = {
        "observations": observations,
        "metrics": list(_metrics(seed.codebook, observations)),
        "service-counts": figure_records.service_counts(seed, observations),
        "commitments": [
            record for report in seed.reports for record in text_records.commitments(report, seed)
        ],
        "reports": [_report(report, seed.codebook) for report in seed.reports],
        "documents": [
            record for report in seed.reports for record in text_records.documents(report)
        ],
        "passages": [record for report in seed.reports for record in text_records.passages(report)],
        "areas": _entries(seed.codebook.areas),
        "bodies": _entries(seed.codebook.bodies),
    }
    return {
        dataset.name: [
            dataset.validator.model_validate(record)
            for record in sorted(made[dataset.name], key=lambda record: str(record["id"]))
        ]
        for dataset in DATASETS
    }


def make_attachments(seed: Seed) -> dict[tuple[str, str], str]:
    """What lies beside the records, by kind and id: texts, coverage, labels."""
    attachments = {
        ("text", report.full_id(document.id)): document.text
        for report in seed.reports
        for document in report.documents
    }
    for report in seed.reports:
        for document in report.documents:
            coverage = orjson.dumps(text_records.coverage(report, document, seed)).decode()
            attachments["coverage", report.full_id(document.id)] = coverage
    return attachments


def _metrics(book: Codebook, observations: Sequence[Draft]) -> list[Draft]:
    counts = Counter(record["metric"] for record in observations)
    latest = _latest(observations)
    return [
        {
            "id": name,
            "name_zh": line["name_zh"],
            "name_en": line["name_en"],
            "definition_zh": line["definition_zh"],
            "definition_en": line["definition_en"],
            "unit": line["unit"],
            "unit_zh": book.units[line["unit"]]["name_zh"],
            "unit_en": book.units[line["unit"]]["name_en"],
            "kind": line["kind"],
            "topic": line["topic"],
            "topic_zh": name_of(book.topics[line["topic"]]).zh,
            "topic_en": name_of(book.topics[line["topic"]]).en,
            "change_of": line.optional("change_of"),
            "not_comparable_with": line.many("not_comparable_with"),
            "frameworks": line.many("frameworks"),
            "alternative_names": line.many("alternative_names"),
            "observation_count": counts[name],
            "latest": latest[name],
        }
        for name, line in book.metrics.items()
    ]


LATEST_MAX = 20
"""`latest` shows no more figures than this; /v1/observations has all."""

LATEST_KEYS = ("id", "year", "area_code", "value", "value_text", "dimensions")


def _latest(observations: Sequence[Draft]) -> Mapping[str, list[Draft]]:
    newest: dict[str, int] = {}
    for record in observations:
        newest[record["metric"]] = max(record["year"], newest.get(record["metric"], 0))
    latest: dict[str, list[Draft]] = defaultdict(list)
    for record in observations:
        metric = record["metric"]
        if record["year"] == newest[metric] and len(latest[metric]) < LATEST_MAX:
            latest[metric].append({key: record[key] for key in LATEST_KEYS})
    return latest


def _report(report: Report, book: Codebook) -> Draft:
    return {
        "id": report.id,
        "body_id": report.body_id,
        "body_zh": book.bodies[report.body_id]["name_zh"],
        "area_code": report.area_code,
        "area_zh": book.areas[report.area_code]["name_zh"],
        "year": report.year,
        "kind": report.kind,
        "title_zh": report.title_zh,
        "title_en": report.title_en,
        "published_on": report.published_on,
        "addressee": report.addressee,
        "source_url": report.source_url,
        "source_rights": report.source_rights,
        "data_licence": report.data_licence,
        "document_id": report.full_id(report.document.id),
        "observation_count": len(report.figures),
        "commitment_count": len(report.commitments),
    }


def _entries(lines: Mapping[str, Any]) -> list[Draft]:
    return [dict(line.cells) for line in lines.values()]

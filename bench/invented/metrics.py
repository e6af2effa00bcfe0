"""The codebook's records: each metric with its count and its latest figures."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from bench.invented.codebook import FRAMEWORK, METRICS, Metric
from bench.invented.lines import Draft
from opendata_api.seed.records import LATEST_MAX
from opendata_api.values import print_decimal


@dataclass(slots=True)
class Tally:
    """What is counted of observations, one after the other."""

    _counts: Counter[str] = field(default_factory=Counter)
    _newest: dict[str, int] = field(default_factory=dict)
    _latest: defaultdict[str, list[Draft]] = field(default_factory=lambda: defaultdict(list))

    def count(self, draft: Draft) -> None:
        """Count an observation; the first of its metric's newest year are its latest figures."""
        metric, year = str(draft["metric"]), int(str(draft["year"]))
        self._counts[metric] += 1
        if year > self._newest.get(metric, 0):
            self._newest[metric] = year
            self._latest[metric].clear()
        if year == self._newest[metric] and len(self._latest[metric]) < LATEST_MAX:
            self._latest[metric].append(draft)

    def metric_drafts(self) -> Iterator[Draft]:
        """The metrics, in the order of their ids."""
        for metric in sorted(METRICS, key=lambda metric: metric.id):
            latest = [_latest_figure(draft) for draft in self._latest[metric.id]]
            yield {
                **_entry(metric),
                "observation_count": self._counts[metric.id],
                "latest": orjson.dumps(latest).decode(),
            }


def _entry(metric: Metric) -> Draft:
    return {
        "id": metric.id,
        "name_zh": metric.names.zh,
        "name_en": metric.names.en,
        "definition_zh": f"报告所述{metric.names.zh}，照原文所印。",
        "definition_en": f"As reports print them: {metric.names.en}.",
        "unit": metric.unit.id,
        "unit_zh": metric.unit.words.zh,
        "unit_en": metric.unit.words.en,
        "kind": metric.kind,
        "topic": metric.topic.id,
        "topic_zh": metric.topic.words.zh,
        "topic_en": metric.topic.words.en,
        "change_of": metric.change_of,
        "not_comparable_with": "[]",
        "frameworks": orjson.dumps([FRAMEWORK]).decode(),
        "alternative_names": orjson.dumps([metric.phrase]).decode(),
    }


def _latest_figure(draft: Draft) -> dict[str, object]:
    value = draft["value"]
    return {
        "id": draft["id"],
        "year": draft["year"],
        "area_code": draft["area_code"],
        "value": None if value is None else orjson.Fragment(print_decimal(int(value))),
        "value_text": draft["value_text"],
        "dimensions": orjson.loads(str(draft["dimensions"])),
    }

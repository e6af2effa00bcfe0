"""A whole seed: the codebook, then every report, then what was counted."""

from collections.abc import Sequence
from pathlib import Path

from opendata_api.seed.codebook import Codebook, name_of, read_codebook
from opendata_api.seed.faults import Faults, SeedFault
from opendata_api.seed.folders import note_unknown_files
from opendata_api.seed.model import Seed, Tally
from opendata_api.seed.reasons import FILE, read_reasons
from opendata_api.seed.report import ProvenReport, read_report
from opendata_api.words import Text


def read_seed(folder: Path) -> Seed:
    """The seed in a folder, proved. Raises SeedFaults with all that is wrong."""
    faults = Faults()
    book = read_codebook(folder, faults)
    names = _report_names(folder)
    if not names:
        expected = Text("至少一份报告", "at least one report")
        faults.found.append(SeedFault("reports", None, None, expected, "没有 / none"))
    proven = [one for name in names if (one := read_report(folder, name, book, faults))]
    explanations = read_reasons(folder, faults)
    note_unknown_files(folder, ".", ("codebook", "reports", FILE), faults)
    faults.raise_if_any()
    reports = [one.report for one in proven]
    return Seed(book, reports, _count(proven, book), _labels(book), explanations)


def _report_names(folder: Path) -> list[str]:
    reports = folder / "reports"
    return (
        sorted(path.name for path in reports.iterdir() if path.is_dir()) if reports.is_dir() else []
    )


def _count(proven: Sequence[ProvenReport], book: Codebook) -> Tally:
    reports = [one.report for one in proven]
    numerals = [one for report in reports for some in report.numerals.values() for one in some]
    digits = [one for one in numerals if one.is_digits]
    words = [one for one in numerals if not one.is_digits]
    return Tally(
        reports=len(reports),
        observations=sum(len(report.figures) for report in reports),
        commitments=sum(len(report.commitments) for report in reports),
        metrics=len(book.metrics),
        numerals=len(digits),
        numerals_published=sum(bool(one.observations) for one in digits),
        numerals_excluded=sum(not one.observations for one in digits),
        words_published=sum(bool(one.observations) for one in words),
        words_excluded=sum(not one.observations for one in words),
        checks_held=sum(one.held.held for one in proven),
        checks_noted=sum(one.held.noted for one in proven),
    )


def _labels(book: Codebook) -> dict[str, dict[str, tuple[str, str]]]:
    named = {
        "metrics": book.metrics,
        "units": book.units,
        "topics": book.topics,
        "bases": book.bases,
        "services": book.services,
        "frameworks": book.frameworks,
        "areas": book.areas,
        "bodies": book.bodies,
        "exclusion_reasons": book.reasons,
    }
    labels = {
        name: {code: (name_of(line).zh, name_of(line).en) for code, line in lines.items()}
        for name, lines in named.items()
    }
    labels["dimensions"] = {name: (text.zh, text.en) for name, text in book.dimensions.items()}
    for name, values in book.dimension_values.items():
        labels[f"dimensions.{name}"] = {code: (text.zh, text.en) for code, text in values.items()}
    return labels

"""The service keeps its own OpenAPI document, whatever is asked of it."""

import os
import re
import subprocess
import sys
from pathlib import Path

from conftest import IS_WHOLE

FOLDER = Path(__file__).parent / "schemathesis"
CASES_MIN = {"sqlite": 2_000, "postgres": 500 if IS_WHOLE else 250}
EXAMPLES = {"sqlite": 5, "postgres": 12 if IS_WHOLE else 5}
LEFT_OUT = (
    "^(facet|aggregate)_(?!observations|metrics)|^download_(?!observations_(csv|xlsx)$)|"
    "^list_(areas|bodies|documents|service_counts)$|^harvest"
)
"""Files and groups take the filters that their list takes; those of one dataset, or of two, stand
for all. The small lists, and the view of observations, have no kind of parameter that the larger
ones lack. OAI-PMH tells of errors with status 200."""
FUZZED_ALONE = "^((facet|aggregate)_observations|download_.*|list_(commitments|reports))$"
"""What the coverage phase takes to its bounds in `make torture` alone. Here it takes the filters in
the lists of observations and metrics, and the groups of metrics. Functions of values, groups by
dimensions and the limits of files have tests of their own, and the other phases ask them."""
CONFIGURED = FOLDER / "schemathesis.toml"
WORKERS = "1"
"""Python 3.11 can't parse in two threads at once, as the coverage phase does."""
PHASES = {
    "sqlite": ("examples", "coverage", "fuzzing", "stateful"),
    "postgres": ("examples", "fuzzing", "stateful"),
}
"""Coverage, the longest, takes each parameter to its bounds: it is refused or read before a
database is asked, and which rows two databases give for the same query has a test of its own."""
ENDED_S = 540
"""Several times as long as it takes."""


def configured(folder: Path) -> Path:
    """The configuration; what is only fuzzed is taken to its bounds where all is tried in full."""
    if IS_WHOLE:
        return CONFIGURED
    added = (
        f"[[operations]]\ninclude-operation-id-regex = '{FUZZED_ALONE}'\n"
        "phases.coverage.enabled = false\n"
    )
    path = folder / CONFIGURED.name
    path.write_text(f"{CONFIGURED.read_text(encoding='utf-8')}\n{added}", encoding="utf-8")
    return path


def test_no_generated_request_breaks_the_contract(
    server: str, database: str, tmp_path: Path
) -> None:
    command = [
        *(str(Path(sys.executable).parent / "schemathesis"), "--config-file"),
        str(configured(tmp_path)),
        *("run", f"{server}/openapi.json", "--checks", "all"),
        *("--max-examples", str(EXAMPLES[database])),
        *("--phases", ",".join(PHASES[database]), "--no-color", "--workers", WORKERS),
        *("--exclude-operation-id-regex", LEFT_OUT),
        *("--seed", os.environ.get("SCHEMATHESIS_SEED", "1"), "--generation-database", "none"),
    ]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "hooks"}

    run = subprocess.run(
        command,
        cwd=FOLDER,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=ENDED_S,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-5000:]
    assert all(f"✅ {phase.capitalize()}" in run.stdout for phase in PHASES[database]), run.stdout[
        -2000:
    ]
    generated = re.search(r"(\d+) generated", run.stdout)
    assert generated is not None
    assert int(generated[1]) >= CASES_MIN[database]

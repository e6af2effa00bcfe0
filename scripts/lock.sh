#!/usr/bin/env bash
# Writes the locks: hashes, every platform, no address of a registry. lock.sh BIN
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1
"$bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock.txt
compile() {
    "$bin/uv" --quiet pip compile --generate-hashes --no-header --universal --upgrade \
        --python-version 3.11 --no-emit-index-url --no-emit-find-links "$@" >/dev/null
}
compile pyproject.toml -o requirements/runtime.txt
compile requirements/extras.in -c requirements/runtime.txt -o requirements/extras.txt
compile requirements/build.in -o requirements/build.txt
compile requirements/test.in -c requirements/runtime.txt -c requirements/extras.txt \
    -o requirements/test.txt
compile requirements/bench.in -c requirements/runtime.txt -o requirements/bench.txt
compile requirements/bench-roapi.in -o requirements/bench-roapi.txt
compile requirements/lock.in -o requirements/lock.txt

#!/usr/bin/env bash
# Makes what `make bench` needs (the service as it is installed, its peers, wrk) and measures.
# bench.sh VENV one|full [OPTIONS OF bench]
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1
shift
place=var/bench

missing=()
command -v wrk >/dev/null || missing+=(wrk)
command -v sqlite3 >/dev/null || missing+=(sqlite3)
if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing ${missing[*]} with apt-get" >&2
        apt-get update -qq >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            "${missing[@]}" >&2
    else
        echo "Please install first:  sudo apt-get install ${missing[*]}" >&2
        exit 1
    fi
fi

# An environment is made anew where its locks or its place changed.
make_environment() {
    local environment=$place/$1
    shift
    local state
    state=$(pwd -P && sha256sum "$@")
    [ "$(cat "$environment/.state" 2>/dev/null)" = "$state" ] && return
    echo "Making $environment" >&2
    rm -rf "$environment"
    "$venv/bin/python" -m venv "$environment"
    for lock in "$@"; do
        "$environment/bin/python" -m pip --disable-pip-version-check --no-input \
            install --quiet --require-hashes --no-deps --only-binary roapi -r "$lock" || return
    done
    echo "$state" >"$environment/.state"
}

make_environment service requirements/runtime.txt requirements/extras.txt
make_environment datasette requirements/bench.txt
make_environment roapi requirements/bench-roapi.txt || echo "ROAPI is left out" >&2
rm -rf "$place/wheel"
"$venv/bin/python" -m build --wheel --no-isolation --outdir "$place/wheel" . >/dev/null
"$place/service/bin/python" -m pip --disable-pip-version-check --no-input \
    install --quiet --no-deps --no-index --force-reinstall "$place"/wheel/*.whl
PYTHONPATH=tests:. exec "$venv/bin/python" -m bench "$@"

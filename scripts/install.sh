#!/usr/bin/env bash
# Makes the environment: install.sh VENV BUILD_LOCK LOCK... ; every package is checked by its hash.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1
shift

find_python() {
    local name
    for name in python3.11 python3.12 python3.13 python3; do
        if command -v "$name" >/dev/null &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

need() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $* with apt-get" >&2
        apt-get update -qq >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
    else
        echo "Please install first:  sudo apt-get install $*" >&2
        exit 1
    fi
}

python=$(find_python)
if [ -z "$python" ]; then
    need python3 python3-venv ca-certificates
    python=$(find_python)
    [ -n "$python" ] || { echo "Python 3.11 or newer is needed" >&2; exit 1; }
fi
"$python" -c 'import ensurepip, venv' 2>/dev/null || need python3-venv ca-certificates

if [ "$(cat "$venv/.place" 2>/dev/null)" != "$(pwd -P)" ] ||
    ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    echo "Making $venv" >&2
    rm -rf "$venv"
    "$python" -m venv "$venv"
    pwd -P >"$venv/.place"
fi
pip=("$venv/bin/python" -m pip --disable-pip-version-check --no-input)
for lock in "$@"; do
    echo "Installing $lock" >&2
    "${pip[@]}" install --quiet --require-hashes --no-deps -r "$lock"
done
"${pip[@]}" install --quiet --no-deps --no-build-isolation --editable .

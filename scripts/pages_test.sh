#!/usr/bin/env bash
# Brings what the HTML checker and Lighthouse need (Java, Node, their locked packages), then has
# the pages looked at. pages_test.sh BIN
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1
place=tests/pages

missing=()
command -v java >/dev/null || missing+=(default-jre-headless)
command -v npm >/dev/null || missing+=(nodejs npm)
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

state=$(sha256sum "$place/package-lock.json")
if [ "$(cat "$place/node_modules/.state" 2>/dev/null)" != "$state" ]; then
    echo "Installing $place/package-lock.json" >&2
    (cd "$place" && npm ci --silent --no-progress)
    echo "$state" >"$place/node_modules/.state"
fi
exec "$bin/python" scripts/pages_test.py

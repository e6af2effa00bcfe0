#!/usr/bin/env bash
# Makes the environments of the checks in conformance/ and runs them: docs/conformance.md.
# What can't be installed is told, and its checks are not run. conformance.sh BIN
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1
place=var/conformance
mkdir -p "$place"

# An environment is made anew where what it is to hold or its place changed. One that can't be made
# leaves what was said in its .failed.
make_environment() {
    local environment=$place/$1 state
    shift
    state=$(pwd -P && printf '%s\n' "$@")
    [ "$(cat "$environment/.state" 2>/dev/null)" = "$state" ] && return
    echo "Making $environment" >&2
    rm -rf "$environment" "$environment.failed"
    if "$bin/python" -m venv "$environment" &&
        "$environment/bin/python" -m pip --disable-pip-version-check --no-input \
            install --quiet "$@" 2>"$environment.failed"; then
        echo "$state" >"$environment/.state"
        rm -f "$environment.failed"
    fi
}

make_node_environment() {
    local environment=$place/node state
    state=$(pwd -P && printf '%s\n' "$@")
    [ "$(cat "$environment/.state" 2>/dev/null)" = "$state" ] && return
    echo "Making $environment" >&2
    rm -rf "$environment" "$environment.failed"
    mkdir -p "$environment"
    if (cd "$environment" && npm init --yes >/dev/null &&
        npm install --silent --no-progress --no-audit --no-fund --no-package-lock "$@") \
        2>"$environment.failed"; then
        echo "$state" >"$environment/.state"
        rm -f "$environment.failed"
    fi
}

make_environment clients rdflib pyshacl frictionless csvw pyjstat requests CacheControl filelock \
    jsonschema referencing openapi-spec-validator openapi-python-client ruff
make_environment readers sickle oaipmh-scythe sectxt ultimate-sitemap-parser extruct requests
make_environment ckan 'ckan[requirements]' ckanext-dcat ckanext-harvest ckanapi requests
make_node_environment @stoplight/spectral-cli@6 @stoplight/spectral-owasp-ruleset @redocly/cli@2 \
    openapi-typescript@7 typescript@5 openapi-fetch
exec "$bin/python" scripts/conformance.py

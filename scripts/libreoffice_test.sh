#!/usr/bin/env bash
# Opens every workbook of the published seed in LibreOffice, without a screen, and looks whether
# codes, figures and texts are what the CSV for spreadsheets has. Needs libreoffice-calc, so it
# stands outside of `make test`.   make libreoffice
set -euo pipefail
cd "$(dirname "$0")/.."
command -v soffice >/dev/null || { echo "Please install libreoffice-calc first" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export OPENDATA_DATA_DIR=$folder/data OPENDATA_PUBLIC_URL=https://data.example.org HOME=$folder
.venv/bin/opendata-api publish >/dev/null
soffice --version | sed -n 1p
.venv/bin/python scripts/libreoffice_test.py "$folder"

#!/usr/bin/env bash
# Solves the dependencies again, for every supported Python, with hashes and without the address of any index.
set -euo pipefail
venv=$1
solver=$(mktemp -d)
trap 'rm -rf "$solver"' EXIT
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --target "$solver" uv
solve() { "$solver/bin/uv" pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header \
  --generate-hashes --no-emit-index-url "$@"; }
printf 'hatchling\neditables\n' > "$solver/build.in" # the project itself is built from what is locked
solve pyproject.toml "$solver/build.in" -o requirements.lock
solve --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

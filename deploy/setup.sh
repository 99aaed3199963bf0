#!/usr/bin/env bash
# Makes the virtual environment from a lock: deploy/setup.sh VENV LOCK
set -euo pipefail
venv=$1 lock=$2
python=${PYTHON:-python3}
stamp=$venv/.ready
[ "$lock" = requirements-dev.lock ] && stamp=$venv/.ready-dev

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
fail() { printf 'precomplaint: %s\n' "$*" >&2; exit 2; }

command -v "$python" >/dev/null || fail "$python is not on this machine; install Python 3.11 or newer"
"$python" - <<'EOF' || fail "$("$python" --version) is too old; Precomplaint needs Python 3.11 or newer (choose one with make PYTHON=python3.12)"
import sys
sys.exit(sys.version_info < (3, 11))
EOF

# Debian and Ubuntu split ensurepip from python3: without it `venv` makes an environment that cannot install anything.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null && [ ! -x "$venv/bin/pip" ]; then
  package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
    say "installing $package (this Python cannot make a virtual environment without it)"
    sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >/dev/null
  else
    fail "$python cannot make a virtual environment; run: sudo apt-get install -y $package"
  fi
fi

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
  say "making the virtual environment in $venv"
  rm -rf "$venv"
  "$python" -m venv "$venv"
fi
say "installing $(grep -c '^[a-z].*==' "$lock") packages from $lock"
"$venv/bin/python" -m pip install --disable-pip-version-check --progress-bar on --require-hashes -r "$lock" \
  | sed -u -n -E 's/^(Collecting|Installing collected packages:|Successfully installed) ?([^ ]*).*/    \1 \2/p'
"$venv/bin/python" -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
touch "$stamp"
say "ready"

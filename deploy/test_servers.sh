#!/usr/bin/env bash
# Installs the real servers the tests drive, where that is allowed; says so first.
set -euo pipefail
missing=()
has() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]; }
has mosquitto || missing+=(mosquitto)
has influxd || missing+=(influxdb)
has victoria-metrics || missing+=(victoria-metrics)
has chromium || has chromium-browser || missing+=(chromium)
fc-list 2>/dev/null | grep -qi 'cjk' || missing+=(fontconfig fonts-noto-cjk)
[ ${#missing[@]} -gt 0 ] || exit 0

command="apt-get install -y ${missing[*]}"
if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
  sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
  printf '==> the tests need %s: installing with %s\n' "${missing[*]}" "$command"
  $sudo apt-get update -qq
  # The packages would start their servers; the tests start their own.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
    $sudo chmod +x $policy
    trap '$sudo rm -f $policy' EXIT
  fi
  $sudo env DEBIAN_FRONTEND=noninteractive $command -qq >/dev/null
else
  printf '==> not installed here: %s\n    tests that need them will not run; to run them: sudo %s\n' "${missing[*]}" "$command"
fi

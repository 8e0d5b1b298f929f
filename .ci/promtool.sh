#!/usr/bin/env bash
# The alert rules by Prometheus' own tool: their form, and when each of them fires. Debian's package is unpacked, not installed.
set -eu
cd "$(dirname "$0")/.."
promtool=$(command -v promtool || true)
if [ -z "$promtool" ]; then
  folder=$PWD/.cache/promtool
  promtool=$folder/usr/bin/promtool
  if [ ! -x "$promtool" ]; then
    mkdir -p "$folder"
    apt-get update -qq
    (cd "$folder" && rm -f -- *.deb && apt-get download -qq prometheus && dpkg -x prometheus_*.deb . && rm -f -- *.deb)
  fi
fi
"$promtool" check config --syntax-only deploy/prometheus/prometheus.yml
"$promtool" check rules deploy/prometheus/livetap.rules.yml
"$promtool" test rules deploy/prometheus/livetap.rules.test.yml

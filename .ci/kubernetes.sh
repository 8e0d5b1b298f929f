#!/usr/bin/env bash
# The Kubernetes manifests against the API's own schemas, in several versions of it.
set -eu
cd "$(dirname "$0")/.."
environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check 'kubernetes-validate==1.34.1'
for version in 1.30 1.34; do
  "$environment/bin/kubernetes-validate" --strict --no-warn --kubernetes-version "$version" deploy/kubernetes/*.yaml
done

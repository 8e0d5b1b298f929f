#!/usr/bin/env bash
# Prints the folder of a Go that can build the example consumer; installs what is missing (Debian, by name). A Go before
# 1.21 does not fetch the version that go.mod asks for by itself, but it can fetch it as a module, checked by its sum.
set -eu
version=1.24.11

command -v go >/dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends golang-go ca-certificates
} >&2

[[ $(go env GOVERSION) =~ ^go1\.([0-9]+) ]]
if [ "${BASH_REMATCH[1]}" -ge 21 ]; then
  dirname "$(command -v go)"
  exit
fi
cd "$(mktemp -d)"
module="golang.org/toolchain@v0.0.1-go$version.$(go env GOOS)-$(go env GOARCH)"
folder=$(go mod download -json "$module" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
# Modules are unpacked without the right to run.
chmod +x "$folder"/bin/* "$folder"/pkg/tool/*/*
printf '%s\n' "$folder/bin"

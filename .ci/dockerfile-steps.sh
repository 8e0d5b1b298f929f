#!/usr/bin/env bash
# What the Dockerfile does, without a container engine: the same files copied, the same commands, as a user without
# rights; then the result answers /livez with a production install only.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
git archive HEAD | tar -x -C "$work"
user=nobody
as_user=(env HOME="$work/home")
[ "$(id -u)" = 0 ] && as_user=(setpriv --reuid="$user" --regid=nogroup --clear-groups "${as_user[@]}")
mkdir -p "$work/home"
[ "$(id -u)" = 0 ] && chown -R "$user" "$work"
# The package manager's settings of this account also hold where packages come from.
for name in registry; do value=$(npm config get "$name"); [ "$value" = undefined ] || export "npm_config_$name=$value"; done
cd "$work"
"${as_user[@]}" npm ci --no-audit --no-fund --loglevel=error
"${as_user[@]}" node scripts/build.mjs
"${as_user[@]}" npm prune --omit=dev --no-audit --no-fund --loglevel=error
"${as_user[@]}" NODE_ENV=production LIVETAP_DATA_DIR="$work/data" LIVETAP_HTTP_PORT=3918 node --v8-pool-size=1 apps/watcher/dist/main.js >"$work/log" 2>&1 &
pid=$!
ok=''
for _ in $(seq 60); do
  if curl -sf http://127.0.0.1:3918/readyz >/dev/null; then ok=yes; break; fi
  kill -0 "$pid" 2>/dev/null || break
  sleep 1
done
kill -TERM "$pid" 2>/dev/null || true
code=0
wait "$pid" || code=$?
if [ -z "$ok" ]; then cat "$work/log"; exit 1; fi
echo "built, pruned to production packages, ready as user $user, stopped with exit $code"
[ "$code" = 0 ]

#!/usr/bin/env bash
# As a new user: `npm run demo`, wait for the printed address, read typed events with curl, stop with Ctrl-C (SIGINT).
set -u
log=$(mktemp)
export LIVETAP_HTTP_PORT=3917 LIVETAP_DATA_DIR=$(mktemp -d)
chmod 755 "$LIVETAP_DATA_DIR"
# A process group of its own, as in a terminal: Ctrl-C reaches all of it.
setsid npm run demo >"$log" 2>&1 &
group=$!
address=''
for _ in $(seq 600); do
  address=$(grep -oE 'http://127\.0\.0\.1:3917/?' "$log" | head -n 1)
  [ -n "$address" ] && break
  kill -0 "$group" 2>/dev/null || break
  sleep 1
done
if [ -z "$address" ]; then
  echo 'the demo printed no address:'
  tail -n 40 "$log"
  exit 1
fi
events=$(curl -sN --max-time 10 "http://127.0.0.1:3917/v1/events" | grep -c '^event: livetap\.')
page=$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:3917/)
kill -INT -- "-$group"
for _ in $(seq 40); do kill -0 -- "-$group" 2>/dev/null || break; sleep 1; done
stopped=yes
kill -0 -- "-$group" 2>/dev/null && stopped=no && kill -KILL -- "-$group"
wait "$group" 2>/dev/null
rm -rf "$LIVETAP_DATA_DIR"
echo "address $address · page $page · $events typed events in 10 s · stopped: $stopped"
[ "$events" -gt 100 ] && [ "$page" = 200 ] && [ "$stopped" = yes ] || { tail -n 40 "$log"; exit 1; }

// What holds for all events, in plain words: a part of docs/events.md.
export const RULES = `## Ids and repeats

Delivery is at least once. The same message has the same \`source\` and \`id\` on every replica, retry and replay, so a repeat is
an event whose (\`source\`, \`id\`) you have seen: pass over it. **The first record counts**: fields that are computed from
history (\`count\`, \`diamonds\`, \`total\`) may differ in a repeat. Repeats come after a crash, a broker outage or a hand-over
between replicas; an orderly stop makes none.

The \`id\` of an event made of a message is TikTok's message id, or \`h-\` and a hash of its bytes where there is none. Those of
Livetap's own events are named after what they report: \`live.started-1\`, \`gift.completed-<streak>\`. When a streamer is watched
again within the same live, \`live.started\` comes again under its old id.

## Order

\`sequence\` is \`<epoch>-<n>\`: text order is the order of the events of a room. \`n\` counts 1, 2, 3 … within an epoch over
**all** topics of the room, so one topic alone shows holes, and the union of them none. The epoch rises by 1 whenever a
process takes the streamer, also at each start. The rest of a dead owner's journal may come late: an older epoch with new ids,
and still valid. All events of a room are in one partition of a topic: the key is the room id, hashed by Kafka's own murmur2.

## Time

\`time\` is when it happened, by TikTok's clock; \`timesource\` says when it is not the message's own. It is not monotone, and of
messages from history it is hours old. \`recordedtime\` is when the frame was received here, and the timestamp of the record.

## Gaps

TikTok's socket offers no dependable replay. Each interval of a joined session without a healthy socket is exactly one
\`room.gap\`, published right before the first event after it: what was sent meanwhile may be missing. Messages from TikTok's
history that fall into a gap still count. What passed before \`joinedAt\` of \`live.started\` is not a gap.

## Gift sums

A streak is sent as several messages, each with the number of gifts so far. \`count\` and \`diamonds\` of \`gift\` are what a message
adds, \`streak.count\` is the highest number so far. Two ways to the exact total:

- Sum \`diamonds\` of \`gift\` after removing repeats. Only where a replica crashed and another one took over, what streaks that
  were open at that moment gained in the last seconds may be counted twice.
- For each \`streak.id\` take the highest \`streak.count\` × \`diamondsEach\`, and sum those. It needs no removal of repeats and is
  always exact.

Never add \`gift.completed\`: it tells the same streak once more, when it is over. An example, a gift of 5 diamonds, with the
end lost and a reconnect in the middle:

| At   | What TikTok sent                                        | What is published                                                                    |
| ---- | ------------------------------------------------------- | ------------------------------------------------------------------------------------ |
| 0.1  | message 101, 1 gift                                     | \`gift\` 101: count 1, diamonds 5, streak.count 1                                      |
| 0.6  | message 102, 2 gifts                                    | \`gift\` 102: count 1, diamonds 5, streak.count 2                                      |
| 0.7  | the socket is cut; 103 never arrives, 102 comes again   | nothing: 102 is a repeat                                                             |
| 3.2  | message 105, 5 gifts                                    | \`room.gap\` from 0.6 to 3.0, then \`gift\` 105: count 3, diamonds 15, streak.count 5    |
| 3.3  | message 104, 4 gifts, late                              | \`gift\` 104: count 0, diamonds 0, streak.count 5                                      |
| 33.3 | nothing for 30 seconds                                  | \`gift.completed\`: count 5, diamonds 25, reason \`timeout\`                             |
| 40.0 | message 106, 5 gifts, end                               | \`gift\` 106: count 0, diamonds 0                                                      |

5 + 5 + 15 + 0 + 0 = 25 diamonds = 5 gifts of 5. Likes are different: TikTok sends samples, so the sum of \`count\` is not the
total; \`total\` is.

## What changes and what does not

A schema that was published never changes. A revision (\`dataschema\` \`…:1.1\`) only adds optional fields; anything else is a new
type (\`.v2\`), published beside the old one. So pass over fields, values and types that you do not know. There are no tombstones:
a record always has a value, and topics forget by their retention alone. When a viewer is erased,
\`viewer.erased\` tells you to delete what you keep.
`;

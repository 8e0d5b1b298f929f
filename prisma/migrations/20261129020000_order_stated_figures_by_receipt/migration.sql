-- What is stated last is told by the receipt of the event, then by its sequence: two owners of one streamer have two epochs. Older
-- rows hold sequences alone, which are less than any time as text.
COMMENT ON COLUMN "sessions"."followers_first_sequence" IS 'Receipt and sequence of the event that stated it.';
COMMENT ON COLUMN "sessions"."followers_last_sequence" IS 'Receipt and sequence of the event that stated it.';
COMMENT ON COLUMN "room_snapshots"."viewers_sequence" IS 'Receipt and sequence of the event that stated it.';
COMMENT ON COLUMN "room_snapshots"."followers_sequence" IS 'Receipt and sequence of the event that stated it.';
COMMENT ON COLUMN "room_snapshot_means"."followers_sequence" IS 'Receipt and sequence of the event that stated it.';

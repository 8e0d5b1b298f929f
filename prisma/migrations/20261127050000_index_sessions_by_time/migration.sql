-- Sessions of the last days, whosever they are, are what most questions begin with.
CREATE INDEX "sessions_joined_at_idx" ON "sessions" ("joined_at");

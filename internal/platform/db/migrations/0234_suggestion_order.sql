-- A suggestion of reviewers that is made behind the scenes because it takes long: what was asked for, and how far it is.
CREATE TABLE assignment_order (
  id TEXT PRIMARY KEY,
  call_id TEXT NOT NULL REFERENCES call (id),
  stage TEXT NOT NULL,
  settings TEXT NOT NULL,            -- JSON
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL,
  step TEXT NOT NULL,                -- waits, reads, fills, done, failed
  problem TEXT NOT NULL DEFAULT '{}' -- why it failed, JSON text
);
CREATE INDEX assignment_order_call ON assignment_order (call_id, stage, at);

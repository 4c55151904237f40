-- Many changes of pairs that were applied as one step, with what was before, so that they can be undone as one.
CREATE TABLE assignment_change (
  id TEXT PRIMARY KEY,
  call_id TEXT NOT NULL REFERENCES call (id),
  stage TEXT NOT NULL,
  changes TEXT NOT NULL,             -- JSON: pairs, what was done, and the wish before
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL,
  undone_at BIGINT
);
CREATE INDEX assignment_change_call ON assignment_change (call_id, stage, at);

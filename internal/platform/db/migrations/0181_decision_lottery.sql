-- A lottery from the band of a list. The record is what is published; once drawn it is never changed.
CREATE TABLE decision_lottery (
  id TEXT PRIMARY KEY,
  decision_id TEXT NOT NULL REFERENCES decision (id),
  proposals TEXT NOT NULL,           -- JSON: keys, in the order of the list
  record TEXT NOT NULL,              -- JSON: list, digest, seed, drawn, as docs/lottery.md describes
  entry_id TEXT NOT NULL,            -- ledger entry of the list
  by_name TEXT NOT NULL,
  source TEXT NOT NULL DEFAULT '',   -- where the seed was looked up
  drawn_by TEXT NOT NULL DEFAULT '', drawn_at BIGINT,
  at BIGINT NOT NULL
);
CREATE INDEX decision_lottery_decision ON decision_lottery (decision_id, at);

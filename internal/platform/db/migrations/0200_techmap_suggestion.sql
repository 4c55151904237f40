-- What somebody suggests to change on a technology map; who keeps it accepts or declines.
CREATE TABLE techmap_suggestion (
  id TEXT PRIMARY KEY,
  map_id TEXT NOT NULL REFERENCES techmap (id),
  changes TEXT NOT NULL,             -- JSON: each change, with the item as the writer saw it
  reason TEXT NOT NULL,
  from_kind TEXT NOT NULL DEFAULT '', -- the award that it comes from, '' where from none
  from_id TEXT NOT NULL DEFAULT '',
  person_id TEXT REFERENCES person (id),
  account_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  state TEXT NOT NULL,               -- open, accepted, declined, withdrawn
  answer TEXT NOT NULL DEFAULT '',
  answered_by TEXT REFERENCES person (id),
  answered_at BIGINT
);
CREATE INDEX techmap_suggestion_map ON techmap_suggestion (map_id, at);
CREATE INDEX techmap_suggestion_open ON techmap_suggestion (state, at);

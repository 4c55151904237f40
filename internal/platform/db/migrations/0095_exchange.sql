CREATE TABLE import_run (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  mapping TEXT NOT NULL,
  mapping_hash TEXT NOT NULL,
  files TEXT NOT NULL,               -- JSON: name, size, SHA-256
  counts TEXT NOT NULL DEFAULT '{}', -- JSON: read, new, changed, same, rejected
  by_account TEXT NOT NULL DEFAULT '',
  started_at BIGINT NOT NULL,
  finished_at BIGINT
);

-- What an imported row became, so that running twice changes nothing.
CREATE TABLE import_key (
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  record_id TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  run_id TEXT NOT NULL,
  PRIMARY KEY (kind, source, key)
);
CREATE INDEX import_key_record ON import_key (record_id);

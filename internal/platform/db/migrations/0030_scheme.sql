CREATE TABLE scheme_version (
  id TEXT PRIMARY KEY,
  scheme TEXT NOT NULL,              -- slug: open-call
  number BIGINT NOT NULL,            -- 0 for a draft
  agency_id TEXT REFERENCES agency (id), -- NULL: ships with Headwater
  state TEXT NOT NULL,               -- draft, published, retired
  title TEXT NOT NULL,
  source TEXT NOT NULL,              -- YAML as written
  forms TEXT NOT NULL,               -- JSON: file name → JSON Schema text
  hash TEXT NOT NULL DEFAULT '',     -- SHA-256 of the canonical form
  created_by TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  published_at BIGINT,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX scheme_version_scheme ON scheme_version (scheme, number);

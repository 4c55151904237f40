-- Technology maps. What a map says is kept as dated items (docs/decisions/0007): a map is always
-- read whole, as known on a date, and never queried by its parts.
CREATE TABLE techmap (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,              -- T-2027-0003
  agency_id TEXT NOT NULL REFERENCES agency (id), -- who keeps it
  title TEXT NOT NULL,               -- JSON text
  summary TEXT NOT NULL DEFAULT '{}',
  home TEXT NOT NULL,                -- country from whose side it is read, ISO 3166 alpha-2
  goal TEXT NOT NULL DEFAULT '',     -- the node that is asked about
  threshold DOUBLE PRECISION NOT NULL, -- share of supply below which an input fails
  state TEXT NOT NULL,               -- draft, internal, public
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX techmap_number ON techmap (number);

-- One node, gate, provider or share, as it was written from since until until.
CREATE TABLE techmap_item (
  map_id TEXT NOT NULL REFERENCES techmap (id),
  kind TEXT NOT NULL,                -- node, gate, provider, share
  id TEXT NOT NULL,                  -- key within the map
  version BIGINT NOT NULL,
  body TEXT NOT NULL,                -- JSON
  author_person TEXT REFERENCES person (id),
  since BIGINT NOT NULL,
  until BIGINT,                      -- NULL: it stands
  PRIMARY KEY (map_id, kind, id, version)
);
CREATE INDEX techmap_item_now ON techmap_item (map_id, until);

-- What is under way about a node: questions, calls, awards.
CREATE TABLE techmap_link (
  map_id TEXT NOT NULL REFERENCES techmap (id),
  node_id TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  finding TEXT NOT NULL DEFAULT '',  -- JSON: layer and members of the set that it was written from
  created_by TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  PRIMARY KEY (map_id, node_id, subject_kind, subject_id)
);
CREATE INDEX techmap_link_subject ON techmap_link (subject_kind, subject_id);

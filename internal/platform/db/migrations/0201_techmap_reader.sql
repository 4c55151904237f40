-- Who is let in by name: to a technology map, or to one of its sealed nodes.
CREATE TABLE techmap_reader (
  map_id TEXT NOT NULL REFERENCES techmap (id),
  node_id TEXT NOT NULL,             -- '' for the map without its sealed nodes
  person_id TEXT NOT NULL REFERENCES person (id),
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (map_id, node_id, person_id)
);
CREATE INDEX techmap_reader_person ON techmap_reader (person_id);

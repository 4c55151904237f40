-- goals → priority areas → tasks
CREATE TABLE priority (
  id TEXT PRIMARY KEY,
  parent_id TEXT REFERENCES priority (id),
  kind TEXT NOT NULL,                -- goal, area, task
  number TEXT NOT NULL,              -- 2.1.3
  agency_id TEXT REFERENCES agency (id), -- lead agency; NULL for what several share
  title TEXT NOT NULL,
  summary TEXT NOT NULL DEFAULT '{}',
  orientation TEXT NOT NULL DEFAULT '', -- frontier, economy, need, health
  owner_person TEXT REFERENCES person (id),
  metric TEXT NOT NULL DEFAULT '{}', -- what is measured, JSON text
  unit TEXT NOT NULL DEFAULT '',
  baseline DOUBLE PRECISION, target DOUBLE PRECISION, reached DOUBLE PRECISION,
  from_day TEXT, until_day TEXT,
  state TEXT NOT NULL DEFAULT 'active', -- draft, active, reached, dropped
  decided_in TEXT NOT NULL DEFAULT '',  -- the decision it comes from
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX priority_parent ON priority (parent_id);

CREATE TABLE priority_link (
  priority_id TEXT NOT NULL REFERENCES priority (id),
  subject_kind TEXT NOT NULL,        -- call, award, question
  subject_id TEXT NOT NULL,
  created_by TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  PRIMARY KEY (priority_id, subject_kind, subject_id)
);
CREATE INDEX priority_link_subject ON priority_link (subject_kind, subject_id);

CREATE TABLE need (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,
  title TEXT NOT NULL,               -- JSON text
  body TEXT NOT NULL,                -- JSON text
  measure TEXT NOT NULL DEFAULT '{}',-- how one would know that it is met
  organisation_id TEXT REFERENCES organisation (id),
  person_id TEXT REFERENCES person (id),
  agency_id TEXT REFERENCES agency (id),
  orientation TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'posted', -- draft, posted, taken up, met, closed
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX need_number ON need (number);

CREATE TABLE question (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,
  need_id TEXT REFERENCES need (id),
  agency_id TEXT REFERENCES agency (id),
  title TEXT NOT NULL,               -- JSON text
  body TEXT NOT NULL,
  orientation TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'open', -- draft, open, in a call, answered, closed
  created_by TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX question_number ON question (number);
CREATE INDEX question_need ON question (need_id);

INSERT INTO vocabulary_term (vocabulary, version, code, label, sort) VALUES
  ('orientation', '1', 'frontier', '{"en":"Scientific frontier","zh":"科学前沿","original":"en"}', 1),
  ('orientation', '1', 'economy', '{"en":"Economy","zh":"经济发展","original":"en"}', 2),
  ('orientation', '1', 'need', '{"en":"National need","zh":"国家需求","original":"en"}', 3),
  ('orientation', '1', 'health', '{"en":"Life and health","zh":"生命健康","original":"en"}', 4);

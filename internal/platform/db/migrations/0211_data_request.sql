-- A person asks for a copy of what is held of them, for a correction, or to be erased.
CREATE TABLE data_request (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,              -- R-2027-0001
  person_id TEXT NOT NULL REFERENCES person (id),
  kind TEXT NOT NULL,                -- copy, correction, erasure
  body TEXT NOT NULL DEFAULT '',     -- what they ask for
  state TEXT NOT NULL,               -- open, ready, over (copy); open, granted, refused (else)
  due_at BIGINT NOT NULL,            -- by when it must be answered
  created_at BIGINT NOT NULL,
  answer TEXT NOT NULL DEFAULT '',
  answered_by TEXT NOT NULL DEFAULT '', answered_at BIGINT,
  until_at BIGINT                    -- when the copy is removed
);
CREATE UNIQUE INDEX data_request_number ON data_request (number);
CREATE INDEX data_request_person ON data_request (person_id, created_at);
CREATE INDEX data_request_state ON data_request (state, due_at);

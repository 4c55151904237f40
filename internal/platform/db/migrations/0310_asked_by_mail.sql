-- Who has no account asks for their data too, under an address that a mailed link proves.
CREATE TABLE mailed_request (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,              -- R-2027-0001; the key until a link has proved the address
  person_id TEXT REFERENCES person (id), -- who they turn out to be; NULL: matched with nobody
  kind TEXT NOT NULL,                -- copy, correction, erasure
  name TEXT NOT NULL,                -- as they gave it
  email TEXT NOT NULL,
  locale TEXT NOT NULL,
  body TEXT NOT NULL DEFAULT '',     -- what they ask for
  state TEXT NOT NULL,               -- mailed, then as of a data_request
  due_at BIGINT NOT NULL,            -- by when it must be answered
  created_at BIGINT NOT NULL,
  answer TEXT NOT NULL DEFAULT '',
  identity TEXT NOT NULL DEFAULT '', -- how it was checked who they are, where the address does not say so
  answered_by TEXT NOT NULL DEFAULT '', answered_at BIGINT,
  until_at BIGINT                    -- when the copy is removed
);
CREATE UNIQUE INDEX mailed_request_number ON mailed_request (number);
CREATE INDEX mailed_request_person ON mailed_request (person_id);
CREATE INDEX mailed_request_email ON mailed_request (email);
CREATE INDEX mailed_request_state ON mailed_request (state, due_at);

-- Who has no account asks too, under an address that a mailed link proves. The person is who they turn out to be, if anybody:
-- the table is made anew, as the column could be empty in no other way on both databases.
CREATE TABLE data_request_new (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,              -- R-2027-0001; the key until a link has proved the address
  person_id TEXT REFERENCES person (id), -- NULL: asked by mail, and matched with nobody
  kind TEXT NOT NULL,                -- copy, correction, erasure
  body TEXT NOT NULL DEFAULT '',     -- what they ask for
  state TEXT NOT NULL,               -- mailed, then open, ready, over (copy); open, granted, refused (else)
  due_at BIGINT NOT NULL,            -- by when it must be answered
  created_at BIGINT NOT NULL,
  answer TEXT NOT NULL DEFAULT '',
  answered_by TEXT NOT NULL DEFAULT '', answered_at BIGINT,
  until_at BIGINT,                   -- when the copy is removed
  name TEXT NOT NULL DEFAULT '',     -- as they gave it, of who has no account
  email TEXT NOT NULL DEFAULT '',    -- '' of who has one
  locale TEXT NOT NULL DEFAULT 'en',
  identity TEXT NOT NULL DEFAULT ''  -- how it was checked who they are, where the address does not say so
);
INSERT INTO data_request_new (id, number, person_id, kind, body, state, due_at, created_at, answer, answered_by, answered_at, until_at)
  SELECT id, number, person_id, kind, body, state, due_at, created_at, answer, answered_by, answered_at, until_at FROM data_request;
DROP TABLE data_request;
ALTER TABLE data_request_new RENAME TO data_request;
CREATE UNIQUE INDEX data_request_number ON data_request (number);
CREATE INDEX data_request_person ON data_request (person_id, created_at);
CREATE INDEX data_request_state ON data_request (state, due_at);
CREATE INDEX data_request_email ON data_request (email);

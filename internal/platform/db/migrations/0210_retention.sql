-- An erasure: what was erased, why, and what of it is kept for a while. It names its subject by key only.
CREATE TABLE erasure (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,              -- E-2027-0001
  subject_kind TEXT NOT NULL,        -- person, proposal, award, mail
  subject_id TEXT NOT NULL,
  agency_id TEXT NOT NULL DEFAULT '', -- whose record it was, '' for people
  record_class TEXT NOT NULL DEFAULT '', -- rule by which it was due; '' where somebody asked
  reason TEXT NOT NULL,
  state TEXT NOT NULL,               -- waits, done, stopped
  result TEXT NOT NULL DEFAULT '{}', -- JSON: rows by table, files, what is kept and until when
  by_account TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  done_at BIGINT,
  entry_id TEXT NOT NULL DEFAULT ''  -- ledger entry, whose receipt is the certificate
);
CREATE UNIQUE INDEX erasure_number ON erasure (number);
CREATE INDEX erasure_subject ON erasure (subject_kind, subject_id);
CREATE INDEX erasure_state ON erasure (state, created_at);

ALTER TABLE retention_rule ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE retention_rule ADD COLUMN changed_at BIGINT;

INSERT INTO retention_rule (record_class, keep_days, starts) VALUES
  ('draft', 365, 'closed'),
  ('unfunded', 1826, 'decided'),
  ('award', 3653, 'ended'),
  ('person', 1096, 'seen'),
  ('mail', 365, 'sent');

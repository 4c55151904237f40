-- What touches several agencies goes to each of them for agreement.
CREATE TABLE agreement (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,              -- G-2027-0001
  agency_id TEXT NOT NULL REFERENCES agency (id), -- who asks
  subject_kind TEXT NOT NULL,        -- item, decision
  subject_id TEXT NOT NULL,
  title TEXT NOT NULL,               -- JSON text
  text TEXT NOT NULL,                -- JSON text: what they are asked to agree to
  refusal TEXT NOT NULL,             -- block, return: what one refusal does
  state TEXT NOT NULL,               -- open, agreed, blocked, returned, withdrawn
  round BIGINT NOT NULL DEFAULT 1,
  due_day TEXT NOT NULL,
  why TEXT NOT NULL DEFAULT '',      -- of withdrawing
  asked_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX agreement_number ON agreement (number);
CREATE INDEX agreement_subject ON agreement (subject_kind, subject_id);

-- What each agency answered to each text; an answer is never changed.
CREATE TABLE agreement_answer (
  agreement_id TEXT NOT NULL REFERENCES agreement (id),
  round BIGINT NOT NULL,
  agency_id TEXT NOT NULL REFERENCES agency (id),
  text TEXT NOT NULL,                -- JSON text that it was asked about
  answer TEXT NOT NULL DEFAULT '',   -- agree, conditions, refuse; '' while it is awaited
  words TEXT NOT NULL DEFAULT '',    -- its conditions or reasons
  by_name TEXT NOT NULL DEFAULT '',
  at BIGINT,
  PRIMARY KEY (agreement_id, round, agency_id)
);
CREATE INDEX agreement_answer_agency ON agreement_answer (agency_id, answer);

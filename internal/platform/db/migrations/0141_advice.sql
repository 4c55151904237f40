-- Advice on record: a question is put to named experts, who answer apart from each other.
CREATE TABLE advice (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,              -- A-2027-003
  agency_id TEXT NOT NULL REFERENCES agency (id),
  subject_kind TEXT NOT NULL,        -- priority, need, question, call
  subject_id TEXT NOT NULL,
  question TEXT NOT NULL,            -- JSON text
  background TEXT NOT NULL DEFAULT '{}',
  due_day TEXT NOT NULL,
  state TEXT NOT NULL,               -- open, closed
  synthesis TEXT NOT NULL DEFAULT '{}',
  minority TEXT NOT NULL DEFAULT '{}', -- what the synthesis did not follow
  became TEXT NOT NULL DEFAULT '{}', -- what was done with it
  asked_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  closed_at BIGINT,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX advice_number ON advice (number);
CREATE INDEX advice_subject ON advice (subject_kind, subject_id);
CREATE INDEX advice_agency ON advice (agency_id, state);

CREATE TABLE advice_answer (
  advice_id TEXT NOT NULL REFERENCES advice (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  state TEXT NOT NULL,               -- asked, answered, declined
  interests TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',
  evidence TEXT NOT NULL DEFAULT '',
  confidence TEXT NOT NULL DEFAULT '', -- low, medium, high
  reason TEXT NOT NULL DEFAULT '',   -- of declining
  asked_at BIGINT NOT NULL, answered_at BIGINT,
  PRIMARY KEY (advice_id, person_id)
);
CREATE INDEX advice_answer_person ON advice_answer (person_id, state);

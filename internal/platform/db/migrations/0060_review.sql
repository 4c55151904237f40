CREATE TABLE panel (
  id TEXT PRIMARY KEY,
  call_id TEXT NOT NULL REFERENCES call (id),
  name TEXT NOT NULL,
  meets_at BIGINT,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE panel_member (
  panel_id TEXT NOT NULL REFERENCES panel (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  role TEXT NOT NULL,                -- chair, member, rapporteur
  from_at BIGINT NOT NULL, until_at BIGINT,
  PRIMARY KEY (panel_id, person_id)
);

-- Who may be asked for a call, and how much.
CREATE TABLE reviewer_pool (
  call_id TEXT NOT NULL REFERENCES call (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  least BIGINT NOT NULL DEFAULT 0,
  most BIGINT NOT NULL DEFAULT 6,
  PRIMARY KEY (call_id, person_id)
);

CREATE TABLE review (
  id TEXT PRIMARY KEY,
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  call_id TEXT NOT NULL REFERENCES call (id),
  stage TEXT NOT NULL DEFAULT '',
  panel_id TEXT REFERENCES panel (id),
  reviewer_person TEXT REFERENCES person (id), -- NULL only on imported records
  state TEXT NOT NULL,               -- invited, accepted, declined, conflicted, submitted, cancelled
  alias TEXT NOT NULL DEFAULT '',    -- Reviewer A, B … as others see it
  invited_at BIGINT, answered_at BIGINT, due_at BIGINT, submitted_at BIGINT, reminded_at BIGINT,
  reason TEXT NOT NULL DEFAULT '',   -- of declining
  overall DOUBLE PRECISION,          -- weighted score once submitted
  minutes BIGINT,                    -- reviewer's own estimate of the time taken
  measured_seconds BIGINT NOT NULL DEFAULT 0,
  entry_id TEXT NOT NULL DEFAULT '',
  run_id TEXT NOT NULL DEFAULT '',   -- assignment run that proposed it
  why TEXT NOT NULL DEFAULT '{}',    -- JSON: score and terms that made it
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX review_proposal ON review (proposal_id, stage);
CREATE INDEX review_reviewer ON review (reviewer_person, state);
CREATE INDEX review_call ON review (call_id, state);
CREATE UNIQUE INDEX review_once ON review (proposal_id, stage, reviewer_person);

CREATE TABLE review_answer (
  review_id TEXT NOT NULL REFERENCES review (id),
  field TEXT NOT NULL,               -- criterion or text field of the review form
  value TEXT NOT NULL,               -- JSON
  score DOUBLE PRECISION,            -- where the field is a criterion's score
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (review_id, field)
);

-- A conflict is a period with rule and evidence.
CREATE TABLE conflict (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES person (id),
  subject_kind TEXT NOT NULL,        -- proposal, person, organisation
  subject_id TEXT NOT NULL,
  rule TEXT NOT NULL,                -- declared, same organisation, co-applicant, own proposal …
  hard BIGINT NOT NULL,
  state TEXT NOT NULL DEFAULT 'confirmed', -- possible, confirmed, cleared
  evidence TEXT NOT NULL DEFAULT '',
  from_at BIGINT, until_at BIGINT,
  declared_by TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL
);
CREATE INDEX conflict_person ON conflict (person_id);
CREATE INDEX conflict_subject ON conflict (subject_kind, subject_id);

CREATE TABLE assignment_run (
  id TEXT PRIMARY KEY,
  call_id TEXT NOT NULL REFERENCES call (id),
  stage TEXT NOT NULL DEFAULT '',
  settings TEXT NOT NULL,            -- JSON
  result TEXT NOT NULL,              -- JSON: pairs, totals
  certificate TEXT NOT NULL,         -- JSON: prices and bound
  applied_at BIGINT,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX assignment_run_call ON assignment_run (call_id, at);

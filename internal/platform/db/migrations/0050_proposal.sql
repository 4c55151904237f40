CREATE TABLE proposal (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,              -- P-2027-0311
  call_id TEXT NOT NULL REFERENCES call (id),
  agency_id TEXT NOT NULL REFERENCES agency (id),
  scheme_version_id TEXT REFERENCES scheme_version (id), -- pinned; NULL only on imported records
  stage TEXT NOT NULL DEFAULT '',    -- stage of the scheme
  state TEXT NOT NULL,               -- draft, submitted, withdrawn, ineligible, in review, decided, imported states
  outcome TEXT NOT NULL DEFAULT '',  -- funded, reserve, rejected once the letter is out
  title TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT 'en',
  summary TEXT NOT NULL DEFAULT '{}',
  lead_person TEXT REFERENCES person (id),
  holder_organisation TEXT REFERENCES organisation (id),
  currency TEXT NOT NULL DEFAULT '',
  requested_minor BIGINT,
  months BIGINT,
  team_size BIGINT,
  resubmission_of TEXT REFERENCES proposal (id),
  stage_of TEXT REFERENCES proposal (id),
  continues TEXT,                    -- award
  part_of TEXT REFERENCES proposal (id),
  created_by TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  submitted_at BIGINT,               -- of the version that counts
  decided_at BIGINT,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX proposal_number ON proposal (number);
CREATE INDEX proposal_call ON proposal (call_id, state, number);
CREATE INDEX proposal_lead ON proposal (lead_person);

-- One row per field, so that people who write different fields at once never meet.
CREATE TABLE proposal_answer (
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  form TEXT NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,               -- JSON
  version BIGINT NOT NULL,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (proposal_id, form, field)
);

-- What was submitted: whole, hashed, never edited.
CREATE TABLE proposal_submission (
  id TEXT PRIMARY KEY,
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  number BIGINT NOT NULL,
  form TEXT NOT NULL,
  content TEXT NOT NULL,             -- canonical JSON: answers, team, budget, file hashes
  hash TEXT NOT NULL,
  first_byte_at BIGINT NOT NULL,     -- in time means this one
  recorded_at BIGINT NOT NULL,
  by_account TEXT NOT NULL,
  entry_id TEXT NOT NULL,            -- ledger entry, receipt
  withdrawn_at BIGINT
);
CREATE UNIQUE INDEX proposal_submission_number ON proposal_submission (proposal_id, number);

CREATE TABLE proposal_member (
  id TEXT PRIMARY KEY,
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  person_id TEXT REFERENCES person (id),
  name TEXT NOT NULL,
  email TEXT NOT NULL DEFAULT '',
  role TEXT NOT NULL,                -- lead, co-lead, member
  organisation_id TEXT REFERENCES organisation (id),
  share_percent DOUBLE PRECISION,
  may_edit BIGINT NOT NULL DEFAULT 1,
  state TEXT NOT NULL,               -- invited, confirmed, declined, left
  from_day TEXT, until_day TEXT,
  invited_at BIGINT, answered_at BIGINT,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX proposal_member_proposal ON proposal_member (proposal_id);
CREATE INDEX proposal_member_person ON proposal_member (person_id);

CREATE TABLE proposal_approval (
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  state TEXT NOT NULL,               -- asked, approved, returned
  note TEXT NOT NULL DEFAULT '',
  by_account TEXT NOT NULL DEFAULT '',
  asked_at BIGINT NOT NULL, answered_at BIGINT,
  PRIMARY KEY (proposal_id, organisation_id)
);
CREATE INDEX proposal_approval_organisation ON proposal_approval (organisation_id, state);

CREATE TABLE proposal_budget (
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  line BIGINT NOT NULL,
  organisation_id TEXT REFERENCES organisation (id),
  category TEXT NOT NULL,
  year BIGINT NOT NULL DEFAULT 0,
  currency TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (proposal_id, line)
);

-- Hours measured: time with the form open and in use, by account and day.
CREATE TABLE proposal_effort (
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  account_id TEXT NOT NULL,
  day TEXT NOT NULL,
  seconds BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (proposal_id, account_id, day)
);

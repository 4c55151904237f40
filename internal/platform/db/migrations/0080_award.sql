CREATE TABLE award (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,              -- W-2027-0184
  proposal_id TEXT REFERENCES proposal (id),
  decision_item_id TEXT REFERENCES decision_item (id),
  call_id TEXT REFERENCES call (id),
  agency_id TEXT REFERENCES agency (id),
  funder_organisation TEXT REFERENCES organisation (id), -- of an imported award without an agency here
  programme_id TEXT REFERENCES programme (id),
  scheme_version_id TEXT REFERENCES scheme_version (id),
  kind TEXT NOT NULL DEFAULT '',     -- type as the funder names it
  title TEXT NOT NULL,               -- JSON text
  summary TEXT NOT NULL DEFAULT '{}',
  holder_organisation TEXT REFERENCES organisation (id),
  holder_name TEXT NOT NULL DEFAULT '', -- name and legal entity as at signing
  lead_person TEXT REFERENCES person (id),
  lead_name TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,               -- offered, running, suspended, ended, terminated, declined
  start_day TEXT, end_day TEXT,
  year BIGINT,
  currency TEXT NOT NULL DEFAULT '',
  amount_minor BIGINT,               -- sum of the lines in that currency, kept for sorting
  source TEXT NOT NULL DEFAULT '',   -- import source, '' for our own
  public_at BIGINT,                  -- embargo: not public before
  signed_at BIGINT,
  supersedes TEXT REFERENCES award (id),
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX award_number ON award (number);
CREATE INDEX award_public ON award (public_at, year);
CREATE INDEX award_holder ON award (holder_organisation);
CREATE INDEX award_lead ON award (lead_person);
CREATE INDEX award_agency ON award (agency_id, state);
CREATE INDEX award_proposal ON award (proposal_id);

CREATE TABLE award_line (
  id TEXT PRIMARY KEY,
  award_id TEXT NOT NULL REFERENCES award (id),
  agency_id TEXT REFERENCES agency (id),
  budget_line_id TEXT REFERENCES budget_line (id),
  year BIGINT NOT NULL DEFAULT 0,
  currency TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  condition TEXT NOT NULL DEFAULT ''
);
CREATE INDEX award_line_award ON award_line (award_id);

CREATE TABLE award_party (
  id TEXT PRIMARY KEY,
  award_id TEXT NOT NULL REFERENCES award (id),
  person_id TEXT REFERENCES person (id),
  organisation_id TEXT REFERENCES organisation (id),
  name TEXT NOT NULL DEFAULT '',     -- as at signing
  role TEXT NOT NULL,
  share_percent DOUBLE PRECISION,
  from_day TEXT, until_day TEXT
);
CREATE INDEX award_party_award ON award_party (award_id);
CREATE INDEX award_party_person ON award_party (person_id);

CREATE TABLE milestone (
  id TEXT PRIMARY KEY,
  award_id TEXT NOT NULL REFERENCES award (id),
  title TEXT NOT NULL,
  due_day TEXT NOT NULL,
  state TEXT NOT NULL,               -- planned, reached, missed, dropped
  reached_day TEXT, note TEXT NOT NULL DEFAULT '',
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX milestone_award ON milestone (award_id);

CREATE TABLE report (
  id TEXT PRIMARY KEY,
  award_id TEXT NOT NULL REFERENCES award (id),
  kind TEXT NOT NULL,                -- form of the scheme's reporting plan, or final, intermediate
  period_from TEXT, period_until TEXT,
  due_day TEXT NOT NULL,
  state TEXT NOT NULL,               -- due, draft, submitted, accepted, returned
  answers TEXT NOT NULL DEFAULT '{}',
  submitted_by TEXT NOT NULL DEFAULT '', submitted_at BIGINT,
  answered_by TEXT NOT NULL DEFAULT '', answered_at BIGINT, note TEXT NOT NULL DEFAULT '',
  measured_seconds BIGINT NOT NULL DEFAULT 0,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX report_award ON report (award_id);
CREATE INDEX report_due ON report (state, due_day);

CREATE TABLE award_change (
  id TEXT PRIMARY KEY,
  award_id TEXT NOT NULL REFERENCES award (id),
  kind TEXT NOT NULL,                -- budget, method, team, lead, end-date, holder
  mode TEXT NOT NULL,                -- notify, ask
  state TEXT NOT NULL,               -- recorded, asked, granted, refused
  before TEXT NOT NULL DEFAULT '{}', after TEXT NOT NULL DEFAULT '{}',
  reason TEXT NOT NULL,
  by_account TEXT NOT NULL, at BIGINT NOT NULL,
  answered_by TEXT NOT NULL DEFAULT '', answered_at BIGINT, answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX award_change_award ON award_change (award_id, at);

-- Commitments and payment requests; paying itself happens elsewhere.
CREATE TABLE payment (
  id TEXT PRIMARY KEY,
  award_id TEXT NOT NULL REFERENCES award (id),
  line_id TEXT REFERENCES award_line (id),
  due_day TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  state TEXT NOT NULL,               -- planned, requested, approved, exported, returned
  approved_by TEXT NOT NULL DEFAULT '', approved_at BIGINT,
  exported_at BIGINT,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX payment_award ON payment (award_id);

CREATE TABLE result (
  id TEXT PRIMARY KEY,
  award_id TEXT REFERENCES award (id),
  report_id TEXT REFERENCES report (id),
  kind TEXT NOT NULL,                -- publication, data, software, patent, standard, product, training, other
  title TEXT NOT NULL,               -- JSON text
  summary TEXT NOT NULL DEFAULT '{}',
  authors TEXT NOT NULL DEFAULT '',
  doi TEXT, url TEXT NOT NULL DEFAULT '',
  year BIGINT,
  quantity BIGINT NOT NULL DEFAULT 1,
  licence TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'reported', -- reported, public, withdrawn
  public_at BIGINT,
  source TEXT NOT NULL DEFAULT '',
  created_by TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX result_award ON result (award_id);
CREATE INDEX result_public ON result (public_at, year);

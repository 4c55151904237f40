CREATE TABLE call (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,              -- C-2027-012
  agency_id TEXT NOT NULL REFERENCES agency (id),
  programme_id TEXT REFERENCES programme (id),
  scheme_version_id TEXT REFERENCES scheme_version (id), -- NULL only on imported records
  title TEXT NOT NULL,
  summary TEXT NOT NULL DEFAULT '{}',
  guidance TEXT NOT NULL DEFAULT '{}',
  eligibility TEXT NOT NULL DEFAULT '{}',
  state TEXT NOT NULL,               -- draft, published, cancelled, closed (imported or finished); open or not follows from the dates
  zone TEXT NOT NULL,                -- IANA: a deadline is local time + zone + instant
  opens_at BIGINT, opens_local TEXT NOT NULL DEFAULT '',
  closes_at BIGINT, closes_local TEXT NOT NULL DEFAULT '',
  grace_seconds BIGINT NOT NULL DEFAULT 0,
  decide_by TEXT,                    -- plain day
  currency TEXT NOT NULL,
  amount_low_minor BIGINT, amount_high_minor BIGINT, total_minor BIGINT,
  awards_expected BIGINT,
  hours_low DOUBLE PRECISION, hours_high DOUBLE PRECISION, -- estimated hours to apply
  contact TEXT NOT NULL DEFAULT '',
  url TEXT NOT NULL DEFAULT '',      -- of an imported call
  anonymity_salt TEXT NOT NULL DEFAULT '', -- seeds the per-viewer pseudonyms of its reviewers
  created_by TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  published_at BIGINT,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX call_number ON call (number);
CREATE INDEX call_closes ON call (state, closes_at);
CREATE INDEX call_agency ON call (agency_id, state);

CREATE TABLE call_budget (
  call_id TEXT NOT NULL REFERENCES call (id),
  budget_line_id TEXT NOT NULL REFERENCES budget_line (id),
  amount_minor BIGINT NOT NULL,
  PRIMARY KEY (call_id, budget_line_id)
);

CREATE TABLE call_change (
  id TEXT PRIMARY KEY,
  call_id TEXT NOT NULL REFERENCES call (id),
  note TEXT NOT NULL,                -- public, JSON text
  before TEXT NOT NULL, after TEXT NOT NULL, -- JSON of the fields that changed
  changed_by TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX call_change_call ON call_change (call_id, at);

CREATE TABLE call_extension (
  id TEXT PRIMARY KEY,
  call_id TEXT NOT NULL REFERENCES call (id),
  proposal_id TEXT,                  -- NULL: for all
  old_at BIGINT NOT NULL, new_at BIGINT NOT NULL, new_local TEXT NOT NULL,
  reason TEXT NOT NULL,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX call_extension_call ON call_extension (call_id);

-- A mended scheme version of a running call, with how answers carry over.
CREATE TABLE call_scheme_change (
  id TEXT PRIMARY KEY,
  call_id TEXT NOT NULL REFERENCES call (id),
  from_version TEXT NOT NULL, to_version TEXT NOT NULL,
  answers TEXT NOT NULL,             -- JSON: old field → new field
  note TEXT NOT NULL,
  at BIGINT NOT NULL
);

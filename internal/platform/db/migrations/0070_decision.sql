-- A decision is superseded, never edited.
CREATE TABLE decision (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,              -- D-2027-041
  call_id TEXT NOT NULL REFERENCES call (id),
  agency_id TEXT NOT NULL REFERENCES agency (id),
  stage TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,               -- draft, proposed, signed, returned, superseded
  reasons TEXT NOT NULL DEFAULT '{}',-- JSON text: the ground for the list as a whole
  budget_minor BIGINT, currency TEXT NOT NULL DEFAULT '',
  needs_second BIGINT NOT NULL DEFAULT 1,
  proposed_by TEXT NOT NULL DEFAULT '', proposed_at BIGINT,
  signed_by TEXT NOT NULL DEFAULT '', signed_at BIGINT,
  supersedes TEXT REFERENCES decision (id),
  created_by TEXT NOT NULL, created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX decision_number ON decision (number);
CREATE INDEX decision_call ON decision (call_id, state);

CREATE TABLE decision_item (
  id TEXT PRIMARY KEY,
  decision_id TEXT NOT NULL REFERENCES decision (id),
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  outcome TEXT NOT NULL,             -- fund, reserve, reject, invite (to the next stage), open
  place BIGINT,                      -- rank, or place on the reserve list
  score DOUBLE PRECISION,
  reasons TEXT NOT NULL DEFAULT '{}',
  conditions TEXT NOT NULL DEFAULT '{}',
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX decision_item_proposal ON decision_item (decision_id, proposal_id);
CREATE INDEX decision_item_by_proposal ON decision_item (proposal_id);

-- Funding lines: never one amount.
CREATE TABLE decision_line (
  id TEXT PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES decision_item (id),
  agency_id TEXT NOT NULL REFERENCES agency (id),
  budget_line_id TEXT REFERENCES budget_line (id),
  year BIGINT NOT NULL,
  currency TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  condition TEXT NOT NULL DEFAULT ''
);
CREATE INDEX decision_line_item ON decision_line (item_id);

CREATE TABLE letter (
  id TEXT PRIMARY KEY,
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  item_id TEXT NOT NULL REFERENCES decision_item (id),
  locale TEXT NOT NULL,
  body TEXT NOT NULL,                -- JSON: the letter's parts as sent, reviews included
  hash TEXT NOT NULL,
  sent_at BIGINT NOT NULL,
  opened_at BIGINT,
  supersedes TEXT REFERENCES letter (id)
);
CREATE INDEX letter_proposal ON letter (proposal_id);

CREATE TABLE appeal (
  id TEXT PRIMARY KEY,
  decision_id TEXT NOT NULL REFERENCES decision (id),
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  grounds TEXT NOT NULL,
  state TEXT NOT NULL,               -- lodged, upheld, dismissed, withdrawn
  lodged_by TEXT NOT NULL, lodged_at BIGINT NOT NULL,
  answer TEXT NOT NULL DEFAULT '', answered_by TEXT NOT NULL DEFAULT '', answered_at BIGINT
);

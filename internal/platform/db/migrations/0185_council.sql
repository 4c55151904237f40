-- Councils and boards: who sits and by which rule; meetings, what they decided, and how.
CREATE TABLE council_body (
  id TEXT PRIMARY KEY,
  agency_id TEXT NOT NULL REFERENCES agency (id),
  name TEXT NOT NULL,                -- JSON text
  remit TEXT NOT NULL DEFAULT '{}',
  rule TEXT NOT NULL,                -- JSON: quorum, majority, casting vote, recusal
  priorities BIGINT NOT NULL DEFAULT 0, -- 1: the agency's priorities are decided here
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX council_body_agency ON council_body (agency_id);

-- A seat is held for a term. A substitute's names the person whose vote it takes over.
CREATE TABLE council_seat (
  id TEXT PRIMARY KEY,
  body_id TEXT NOT NULL REFERENCES council_body (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  role TEXT NOT NULL,                -- chair, secretary, member, substitute
  stands_for TEXT NOT NULL DEFAULT '',
  from_day TEXT NOT NULL,
  until_day TEXT NOT NULL DEFAULT '' -- last day; '' without end
);
CREATE INDEX council_seat_body ON council_seat (body_id);
CREATE INDEX council_seat_person ON council_seat (person_id);

-- What somebody who sits has to do with the body's matters. The newest counts, the others stay.
CREATE TABLE council_interest (
  id TEXT PRIMARY KEY,
  body_id TEXT NOT NULL REFERENCES council_body (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  text TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX council_interest_body ON council_interest (body_id, at);

CREATE TABLE council_meeting (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,              -- M-2027-0004
  body_id TEXT NOT NULL REFERENCES council_body (id),
  day TEXT NOT NULL,
  place TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,               -- planned, convened, open, closed, minuted
  correction TEXT NOT NULL DEFAULT '', -- why approved minutes are written anew
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX council_meeting_number ON council_meeting (number);
CREATE INDEX council_meeting_body ON council_meeting (body_id, day);

CREATE TABLE council_present (
  meeting_id TEXT NOT NULL REFERENCES council_meeting (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  PRIMARY KEY (meeting_id, person_id)
);

CREATE TABLE council_item (
  id TEXT PRIMARY KEY,
  meeting_id TEXT NOT NULL REFERENCES council_meeting (id),
  position BIGINT NOT NULL,
  title TEXT NOT NULL,               -- JSON text
  background TEXT NOT NULL DEFAULT '{}',
  motion TEXT NOT NULL DEFAULT '{}', -- what is voted on; {} for what is only discussed
  secret BIGINT NOT NULL DEFAULT 0,
  priority_id TEXT NOT NULL DEFAULT '', -- the priority that the motion decides
  priority_state TEXT NOT NULL DEFAULT '',
  touches TEXT NOT NULL DEFAULT '[]', -- JSON: keys of the agencies that must agree once it is carried
  refusal TEXT NOT NULL DEFAULT '',  -- block, return: what one refusal does
  days BIGINT NOT NULL DEFAULT 0,    -- they have so many to answer
  notes TEXT NOT NULL DEFAULT '{}',  -- of the minutes
  outcome TEXT NOT NULL DEFAULT '',  -- of the vote that counts: carried, rejected
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX council_item_meeting ON council_item (meeting_id, position);
CREATE INDEX council_item_priority ON council_item (priority_id);

-- A record in the dossier of an item, as it stood when it was laid before the members.
CREATE TABLE council_record (
  item_id TEXT NOT NULL REFERENCES council_item (id),
  kind TEXT NOT NULL,                -- need, question, priority, call, decision
  record_id TEXT NOT NULL,
  number TEXT NOT NULL,
  title TEXT NOT NULL,               -- JSON text
  text TEXT NOT NULL DEFAULT '{}',
  frozen_at BIGINT NOT NULL,
  ledger_size BIGINT NOT NULL,       -- the ledger's sealed head then
  ledger_root TEXT NOT NULL,
  PRIMARY KEY (item_id, kind, record_id)
);

CREATE TABLE council_recusal (
  item_id TEXT NOT NULL REFERENCES council_item (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  reason TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (item_id, person_id)
);

CREATE TABLE council_vote (
  id TEXT PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES council_item (id),
  round BIGINT NOT NULL,
  secret BIGINT NOT NULL,
  rule TEXT NOT NULL,                -- JSON: the body's rule when the vote was opened
  places TEXT NOT NULL,              -- JSON: whose votes there were, and who was there for them
  for_count BIGINT NOT NULL DEFAULT 0, -- of a secret vote, counted as they are cast
  against_count BIGINT NOT NULL DEFAULT 0,
  abstain_count BIGINT NOT NULL DEFAULT 0,
  result TEXT NOT NULL DEFAULT '',   -- JSON, once closed
  opened_at BIGINT NOT NULL,
  closed_at BIGINT
);
CREATE UNIQUE INDEX council_vote_round ON council_vote (item_id, round);

-- Who has voted; of a secret vote not how.
CREATE TABLE council_ballot (
  vote_id TEXT NOT NULL REFERENCES council_vote (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  choice TEXT NOT NULL,              -- for, against, abstain; '' of a secret vote
  PRIMARY KEY (vote_id, person_id)
);

-- Approved minutes are never changed: a later edition supersedes.
CREATE TABLE council_minutes (
  id TEXT PRIMARY KEY,
  meeting_id TEXT NOT NULL REFERENCES council_meeting (id),
  edition BIGINT NOT NULL,
  body TEXT NOT NULL,                -- JSON: the meeting as it was approved
  hash TEXT NOT NULL,
  correction TEXT NOT NULL DEFAULT '',
  approved_by TEXT NOT NULL REFERENCES person (id),
  approved_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX council_minutes_edition ON council_minutes (meeting_id, edition);

CREATE TABLE council_condition (
  id TEXT PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES council_item (id),
  text TEXT NOT NULL,                -- JSON text
  person_id TEXT NOT NULL REFERENCES person (id),
  due_day TEXT NOT NULL,
  state TEXT NOT NULL,               -- open, reported, met, waived
  report TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX council_condition_item ON council_condition (item_id);
CREATE INDEX council_condition_person ON council_condition (person_id, state);

-- A panel treats some of the proposals of one stage of a call.
ALTER TABLE panel ADD COLUMN stage TEXT NOT NULL DEFAULT '';
ALTER TABLE panel ADD COLUMN state TEXT NOT NULL DEFAULT 'planned'; -- planned, meeting, closed
ALTER TABLE panel ADD COLUMN topics TEXT NOT NULL DEFAULT '[]';     -- JSON: words that its proposals share
ALTER TABLE panel ADD COLUMN item_id TEXT NOT NULL DEFAULT '';      -- that the meeting treats now
CREATE INDEX panel_call ON panel (call_id, stage);
CREATE INDEX panel_member_person ON panel_member (person_id);

CREATE TABLE panel_item (
  id TEXT PRIMARY KEY,
  panel_id TEXT NOT NULL REFERENCES panel (id),
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  stage TEXT NOT NULL,
  place BIGINT NOT NULL,             -- in the order of the day
  rapporteur_person TEXT REFERENCES person (id),
  summary TEXT NOT NULL DEFAULT '',  -- what the panel says, for the decision and the letter
  closed_at BIGINT,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX panel_item_once ON panel_item (proposal_id, stage);
CREATE INDEX panel_item_panel ON panel_item (panel_id, place);

CREATE TABLE panel_score (
  item_id TEXT NOT NULL REFERENCES panel_item (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  kind TEXT NOT NULL,                -- before (the meeting), final
  score DOUBLE PRECISION NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  PRIMARY KEY (item_id, person_id, kind)
);

CREATE TABLE panel_comment (
  id TEXT PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES panel_item (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  text TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX panel_comment_item ON panel_comment (item_id, at);

-- Who promised to keep the texts of a call to themselves, before the first was opened.
CREATE TABLE review_confidentiality (
  person_id TEXT NOT NULL REFERENCES person (id),
  call_id TEXT NOT NULL REFERENCES call (id),
  terms TEXT NOT NULL,               -- version of the statement
  at BIGINT NOT NULL,
  PRIMARY KEY (person_id, call_id, terms)
);

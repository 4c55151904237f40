-- Who dissented from a decision, and until when an appeal is answered.
CREATE TABLE decision_dissent (
  id TEXT PRIMARY KEY,
  decision_id TEXT NOT NULL REFERENCES decision (id),
  proposal_id TEXT REFERENCES proposal (id), -- NULL: the list as a whole
  account_id TEXT NOT NULL,
  by_name TEXT NOT NULL,
  reasons TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX decision_dissent_decision ON decision_dissent (decision_id, at);

-- Until when the agency owes an answer to an appeal.
ALTER TABLE appeal ADD COLUMN answer_by BIGINT;

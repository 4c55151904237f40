-- The funding meeting: who sits in it, what it tried and saved, the risk that it sees.
CREATE TABLE decision_seat (
  decision_id TEXT NOT NULL REFERENCES decision (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (decision_id, person_id)
);
CREATE INDEX decision_seat_person ON decision_seat (person_id);

-- A scenario stands as it was saved; the answer is what was found then, under the key of what it was found from.
CREATE TABLE decision_scenario (
  id TEXT PRIMARY KEY,
  decision_id TEXT NOT NULL REFERENCES decision (id),
  name TEXT NOT NULL,
  why TEXT NOT NULL,
  rules TEXT NOT NULL,               -- JSON: budgets, limits, bar, what is in and out
  answer_key TEXT NOT NULL,
  answer TEXT NOT NULL,              -- JSON: value, bound, what is funded
  by_account TEXT NOT NULL,
  by_name TEXT NOT NULL,
  at BIGINT NOT NULL,
  applied_by TEXT NOT NULL DEFAULT '', applied_at BIGINT
);
CREATE INDEX decision_scenario_decision ON decision_scenario (decision_id, at);

-- The risk class of a proposal with its reason. A later row supersedes an earlier one.
CREATE TABLE proposal_risk (
  id TEXT PRIMARY KEY,
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  class TEXT NOT NULL,               -- low, medium, high
  reason TEXT NOT NULL,
  by_account TEXT NOT NULL,
  by_name TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX proposal_risk_proposal ON proposal_risk (proposal_id, at);

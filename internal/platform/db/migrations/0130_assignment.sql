-- A pair that an officer asks the next suggestion to keep, or to leave out.
CREATE TABLE assignment_wish (
  call_id TEXT NOT NULL REFERENCES call (id),
  stage TEXT NOT NULL,
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  kind TEXT NOT NULL,                -- lock, forbid; '' once taken back
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (call_id, stage, proposal_id, person_id)
);
-- When somebody came into a pool or their loads changed.
ALTER TABLE reviewer_pool ADD COLUMN at BIGINT NOT NULL DEFAULT 0;

-- What a person decided of two records that say the same. A later row supersedes an earlier one.
CREATE TABLE similar_verdict (
  id TEXT PRIMARY KEY,
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  other_kind TEXT NOT NULL,          -- proposal, award
  other_id TEXT NOT NULL,
  verdict TEXT NOT NULL,             -- same, different
  reason TEXT NOT NULL,
  by_account TEXT NOT NULL,
  by_name TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL
);
CREATE INDEX similar_verdict_proposal ON similar_verdict (proposal_id, at);
CREATE INDEX proposal_submission_recorded ON proposal_submission (recorded_at);

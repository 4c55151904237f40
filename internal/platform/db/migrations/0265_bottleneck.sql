-- Which node of a technology map a proposal covers, as people said; what the record says of its call stands without a row.
-- A later row supersedes an earlier one.
CREATE TABLE proposal_bottleneck (
  id TEXT PRIMARY KEY,
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  map_id TEXT NOT NULL REFERENCES techmap (id),
  node_id TEXT NOT NULL,
  covers BIGINT NOT NULL,            -- 1: it does, 0: it does not
  reason TEXT NOT NULL,
  by_account TEXT NOT NULL,
  by_name TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX proposal_bottleneck_proposal ON proposal_bottleneck (proposal_id, at);

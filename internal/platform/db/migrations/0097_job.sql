-- Jobs: what has to happen after a commit, written in the same transaction.

CREATE TABLE job (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  args TEXT NOT NULL,                -- JSON
  unique_key TEXT,                   -- one waiting job per kind and key; NULL once it was taken
  due_at BIGINT NOT NULL,            -- while it runs: when its lease ends and another may take it
  lease TEXT,                        -- of who runs it
  attempts BIGINT NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  failed_at BIGINT                   -- given up; kept until somebody retries or drops it
);
CREATE UNIQUE INDEX job_unique ON job (kind, unique_key);
CREATE INDEX job_due ON job (due_at) WHERE failed_at IS NULL;

CREATE TABLE job_period (
  kind TEXT PRIMARY KEY,
  next_at BIGINT NOT NULL
);

-- Whether somebody should look through what a run rejected and suspected, and who did.
ALTER TABLE import_run ADD COLUMN waits BIGINT NOT NULL DEFAULT 0;
ALTER TABLE import_run ADD COLUMN checked_at BIGINT;
ALTER TABLE import_run ADD COLUMN checked_by TEXT NOT NULL DEFAULT '';

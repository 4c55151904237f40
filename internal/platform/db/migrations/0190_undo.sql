-- When the invitations of a suggestion were taken back as one step.
ALTER TABLE assignment_run ADD COLUMN undone_at BIGINT;

-- When a need was last said to stand still, and a priority last measured.
ALTER TABLE need ADD COLUMN confirmed_at BIGINT;
ALTER TABLE priority ADD COLUMN measured_at BIGINT;
UPDATE priority SET measured_at = created_at WHERE reached IS NOT NULL;

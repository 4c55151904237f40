-- How many days after the signature of its lists what a call gives is public, where a list says no day of its own; 0: at once.
ALTER TABLE call ADD COLUMN embargo_days BIGINT NOT NULL DEFAULT 0;

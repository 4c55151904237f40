-- Whether a list says that its awards are public at once, whatever its call says.
ALTER TABLE decision ADD COLUMN at_once BIGINT NOT NULL DEFAULT 0;

-- From which instant the awards of a list are public; NULL: at once. One for a list and all that correct it.
ALTER TABLE decision ADD COLUMN public_at BIGINT;

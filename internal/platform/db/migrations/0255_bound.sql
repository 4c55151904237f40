-- A pseudonym is the hash of this salt and of who it stands for, so that nobody can be put in another's place unnoticed.
-- Pseudonyms of before have none.
ALTER TABLE ledger_pseudonym ADD COLUMN salt TEXT NOT NULL DEFAULT '';

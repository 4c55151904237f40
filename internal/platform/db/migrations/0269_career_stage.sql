-- What somebody says of how far their research career is; '' where they do not.
ALTER TABLE person ADD COLUMN career_stage TEXT NOT NULL DEFAULT '';

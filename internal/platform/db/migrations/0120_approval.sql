-- Whether an organisation's research office agrees to proposals: '' (does not ask), holder (where it holds the money), every (where it takes part).
ALTER TABLE organisation ADD COLUMN approval TEXT NOT NULL DEFAULT '';
-- SHA-256 of the money and the team that an office agreed to: the agreement lapses when they change.
ALTER TABLE proposal_approval ADD COLUMN covers TEXT NOT NULL DEFAULT '';

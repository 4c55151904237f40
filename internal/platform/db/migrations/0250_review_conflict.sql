-- By which rule an open review has a conflict that came to light after the invitation, as the officers were told; '' for none.
ALTER TABLE review ADD COLUMN conflict_rule TEXT NOT NULL DEFAULT '';

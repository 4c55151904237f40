-- Which advice a decision had: a list of proposals, or an item of a council.
CREATE TABLE advice_use (
  advice_id TEXT NOT NULL REFERENCES advice (id),
  subject_kind TEXT NOT NULL,        -- decision, item
  subject_id TEXT NOT NULL,
  followed TEXT NOT NULL,            -- yes, partly, no
  why TEXT NOT NULL,
  by_name TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  PRIMARY KEY (advice_id, subject_kind, subject_id)
);
CREATE INDEX advice_use_subject ON advice_use (subject_kind, subject_id);
-- An adviser may be asked as one who sits in a body; how the synthesis takes each answer.
ALTER TABLE advice_answer ADD COLUMN body_id TEXT NOT NULL DEFAULT '';
ALTER TABLE advice_answer ADD COLUMN followed TEXT NOT NULL DEFAULT '';

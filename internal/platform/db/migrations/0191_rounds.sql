-- How the invitations of a stage go on: how many reviews a proposal is to get, how many
-- more people may be asked for it, how long people have to answer, and whether the next one is asked without an officer.
CREATE TABLE invitation_plan (
  call_id TEXT NOT NULL REFERENCES call (id),
  stage TEXT NOT NULL,
  target BIGINT NOT NULL,
  reserve BIGINT NOT NULL,
  answer_days BIGINT NOT NULL,
  automatic BIGINT NOT NULL,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (call_id, stage)
);

-- By when an invited person is asked to answer, and when they were reminded of it. A review
-- that nobody answered in time is "lapsed".
ALTER TABLE review ADD COLUMN answer_by BIGINT;
ALTER TABLE review ADD COLUMN nudged_at BIGINT;
CREATE INDEX review_answer_by ON review (answer_by) WHERE state = 'invited';

-- Whom somebody who declined would ask instead.
CREATE TABLE reviewer_suggestion (
  review_id TEXT PRIMARY KEY REFERENCES review (id),
  name TEXT NOT NULL,
  email TEXT NOT NULL DEFAULT '',
  person_id TEXT REFERENCES person (id), -- where the register has exactly one who fits
  at BIGINT NOT NULL
);

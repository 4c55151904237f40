-- The research questions that a call asks.
CREATE TABLE call_question (
  call_id TEXT NOT NULL REFERENCES call (id),
  question_id TEXT NOT NULL REFERENCES question (id),
  created_by TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  PRIMARY KEY (call_id, question_id)
);
CREATE INDEX call_question_question ON call_question (question_id);

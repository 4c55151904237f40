-- A message that holds a secret keeps its text only until it is sent.
ALTER TABLE mail_message ADD COLUMN once BIGINT NOT NULL DEFAULT 0;

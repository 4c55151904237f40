-- When those who sit in a meeting were last written to about when it is: convened, told of a change, or reminded.
ALTER TABLE council_meeting ADD COLUMN told_at BIGINT;

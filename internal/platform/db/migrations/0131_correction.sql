-- Why a decision supersedes another: an appeal, or an error, in words.
ALTER TABLE decision ADD COLUMN correction TEXT NOT NULL DEFAULT '';
ALTER TABLE decision ADD COLUMN correction_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX appeal_decision ON appeal (decision_id, proposal_id);
-- When people were last reminded of what is due.
ALTER TABLE report ADD COLUMN reminded_at BIGINT;
ALTER TABLE proposal ADD COLUMN reminded_at BIGINT;

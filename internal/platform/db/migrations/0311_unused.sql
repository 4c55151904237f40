-- Accounts that stand for no person, and people without an account, come due as well.
INSERT INTO retention_rule (record_class, keep_days, starts) VALUES
  ('account', 1096, 'seen'),
  ('contact', 1096, 'used');

-- Why a payment is held back, and the list that finance works through.
ALTER TABLE payment ADD COLUMN note TEXT NOT NULL DEFAULT '';
CREATE INDEX payment_due ON payment (state, due_day);

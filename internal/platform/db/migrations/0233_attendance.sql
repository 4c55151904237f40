-- Who is there while a panel meets, and how many must be there for what it says to count.
ALTER TABLE panel ADD COLUMN quorum BIGINT NOT NULL DEFAULT 0; -- members without a conflict when an item is closed; 0: none is asked for
ALTER TABLE panel ADD COLUMN began_at BIGINT;
ALTER TABLE panel ADD COLUMN ended_at BIGINT;
ALTER TABLE panel_member ADD COLUMN present BIGINT NOT NULL DEFAULT 0;
ALTER TABLE panel_item ADD COLUMN attended BIGINT NOT NULL DEFAULT 0; -- members without a conflict who were there when it was closed

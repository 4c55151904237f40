-- A meeting has hours: instants with the zone in which people say them, and a link where it is held at a distance. NULL: only the day is known.
ALTER TABLE council_meeting ADD COLUMN starts_at BIGINT;
ALTER TABLE council_meeting ADD COLUMN ends_at BIGINT;
ALTER TABLE council_meeting ADD COLUMN zone TEXT NOT NULL DEFAULT '';
ALTER TABLE council_meeting ADD COLUMN link TEXT NOT NULL DEFAULT '';
-- When day, hours or place were set last, and how often they were changed.
ALTER TABLE council_meeting ADD COLUMN set_at BIGINT;
ALTER TABLE council_meeting ADD COLUMN moves BIGINT NOT NULL DEFAULT 0;

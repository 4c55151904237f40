CREATE TABLE organisation (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,                -- JSON text by language
  sort_name TEXT NOT NULL,
  legal_name TEXT NOT NULL DEFAULT '',
  acronym TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT 'other', -- university, institute, company, government, nonprofit, funder, facility, other
  country TEXT NOT NULL DEFAULT '',  -- ISO 3166-1 alpha-2
  place TEXT NOT NULL DEFAULT '',
  region TEXT NOT NULL DEFAULT '',
  website TEXT NOT NULL DEFAULT '',
  established BIGINT,
  parent_id TEXT REFERENCES organisation (id),
  state TEXT NOT NULL DEFAULT 'active', -- active, inactive, merged
  redirect_to TEXT REFERENCES organisation (id), -- merged into; keys are never rewritten
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX organisation_sort ON organisation (sort_name, id);
CREATE INDEX organisation_parent ON organisation (parent_id);

-- Names over time and in other languages, so that an old award can be found under its old name.
CREATE TABLE organisation_name (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  name TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL,                -- label, alias, acronym, former
  from_day TEXT, until_day TEXT
);
CREATE INDEX organisation_name_organisation ON organisation_name (organisation_id);

CREATE TABLE organisation_succession (
  id TEXT PRIMARY KEY,
  from_id TEXT NOT NULL REFERENCES organisation (id),
  to_id TEXT NOT NULL REFERENCES organisation (id),
  kind TEXT NOT NULL,                -- merged, split, renamed, succeeded
  day TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX organisation_succession_from ON organisation_succession (from_id);
CREATE INDEX organisation_succession_to ON organisation_succession (to_id);

CREATE TABLE person (
  id TEXT PRIMARY KEY,
  given_name TEXT NOT NULL,
  family_name TEXT NOT NULL,
  name TEXT NOT NULL,                -- as the person writes it
  sort_name TEXT NOT NULL,
  orcid TEXT,                        -- 0000-0000-0000-0000
  email TEXT NOT NULL DEFAULT '',    -- contact address, never public
  country TEXT NOT NULL DEFAULT '',
  first_degree_year BIGINT,
  about TEXT NOT NULL DEFAULT '{}',  -- narrative CV, JSON text by language
  keywords TEXT NOT NULL DEFAULT '[]',
  languages TEXT NOT NULL DEFAULT '[]',
  shown TEXT NOT NULL DEFAULT '{}',  -- what the person allows to be shown, by field
  review_limit BIGINT,               -- reviews a year the person agreed to
  state TEXT NOT NULL DEFAULT 'active', -- active, merged, erased
  redirect_to TEXT REFERENCES person (id),
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX person_orcid ON person (orcid);
CREATE INDEX person_sort ON person (sort_name, id);

CREATE TABLE affiliation (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES person (id),
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  department TEXT NOT NULL DEFAULT '',
  position TEXT NOT NULL DEFAULT '',
  from_day TEXT, until_day TEXT
);
CREATE INDEX affiliation_person ON affiliation (person_id);
CREATE INDEX affiliation_organisation ON affiliation (organisation_id);

CREATE TABLE work (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  abstract TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT 'en',
  kind TEXT NOT NULL DEFAULT 'publication', -- publication, data, software, patent, other
  year BIGINT,
  doi TEXT,
  journal TEXT NOT NULL DEFAULT '',  -- never shown to who judges where the scheme hides it
  url TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX work_doi ON work (doi);

CREATE TABLE work_author (
  work_id TEXT NOT NULL REFERENCES work (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  place BIGINT NOT NULL,
  representative BIGINT NOT NULL DEFAULT 0, -- one of the person's five chosen works
  PRIMARY KEY (work_id, person_id)
);
CREATE INDEX work_author_person ON work_author (person_id);

CREATE TABLE facility (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  name TEXT NOT NULL,                -- JSON text
  kind TEXT NOT NULL DEFAULT '',
  place TEXT NOT NULL DEFAULT '',
  summary TEXT NOT NULL DEFAULT '{}',
  website TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE agency (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  slug TEXT NOT NULL,
  name TEXT NOT NULL,                -- JSON text
  short TEXT NOT NULL DEFAULT '',
  currency TEXT NOT NULL,
  zone TEXT NOT NULL,                -- IANA
  mission TEXT NOT NULL DEFAULT '{}',
  redirect_to TEXT REFERENCES agency (id),
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX agency_slug ON agency (slug);

-- What one agency sees of another's proposals and reviewers: none without a row here.
CREATE TABLE sharing_agreement (
  id TEXT PRIMARY KEY,
  from_agency TEXT NOT NULL REFERENCES agency (id),
  to_agency TEXT NOT NULL REFERENCES agency (id),
  what TEXT NOT NULL,                -- proposals, reviewers
  from_at BIGINT NOT NULL, until_at BIGINT
);

CREATE TABLE programme (
  id TEXT PRIMARY KEY,
  agency_id TEXT NOT NULL REFERENCES agency (id),
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  summary TEXT NOT NULL DEFAULT '{}',
  from_day TEXT, until_day TEXT,
  state TEXT NOT NULL DEFAULT 'active',
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX programme_slug ON programme (agency_id, slug);

CREATE TABLE budget_line (
  id TEXT PRIMARY KEY,
  agency_id TEXT NOT NULL REFERENCES agency (id),
  programme_id TEXT REFERENCES programme (id),
  name TEXT NOT NULL,                -- JSON text
  year BIGINT NOT NULL,
  currency TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX budget_line_agency ON budget_line (agency_id, year);

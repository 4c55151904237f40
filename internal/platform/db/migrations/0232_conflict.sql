-- What a person says they are to another: adviser (who advised them), advisee, family. Nobody else but those who assign
-- reviewers learns of it.
CREATE TABLE person_relation (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES person (id), -- who says it
  other_id TEXT NOT NULL REFERENCES person (id),
  kind TEXT NOT NULL,
  from_day TEXT, until_day TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX person_relation_person ON person_relation (person_id);
CREATE INDEX person_relation_other ON person_relation (other_id);

-- Who, as the applicants say, should not review a proposal: a person, or everybody of an organisation.
CREATE TABLE proposal_competitor (
  id TEXT PRIMARY KEY,
  proposal_id TEXT NOT NULL REFERENCES proposal (id),
  person_id TEXT REFERENCES person (id),
  organisation_id TEXT REFERENCES organisation (id),
  reason TEXT NOT NULL,
  by_account TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX proposal_competitor_proposal ON proposal_competitor (proposal_id);
CREATE INDEX proposal_competitor_person ON proposal_competitor (person_id);

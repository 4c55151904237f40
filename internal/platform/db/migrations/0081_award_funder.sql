-- The register's list of funders steps over this index.
CREATE INDEX award_funder ON award (funder_organisation);

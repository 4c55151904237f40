-- Whose a proposal is, found without reading them all.
CREATE INDEX proposal_created_by ON proposal (created_by);
CREATE INDEX proposal_agency ON proposal (agency_id, state);
CREATE INDEX proposal_member_organisation ON proposal_member (organisation_id);

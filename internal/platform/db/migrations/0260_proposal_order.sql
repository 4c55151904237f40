-- The lists of a call in the orders that are asked for most: a page is read, not the whole call.
-- State and agency are carried along, so that who may see a row is decided without opening it.
CREATE INDEX proposal_call_number ON proposal (call_id, number, state, agency_id);
CREATE INDEX proposal_call_title ON proposal (call_id, lower(title), number, state, agency_id);

-- The keys of a call's list are read from its order alone: rows are opened for the page that is shown, not for those before it.
DROP INDEX proposal_call_number;
CREATE INDEX proposal_call_number ON proposal (call_id, number, state, agency_id, id);
DROP INDEX proposal_call_words;
CREATE INDEX proposal_call_words ON proposal (call_id, lower(title), number, state, agency_id, lead_person, id);

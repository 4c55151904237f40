-- A search of a call's titles also asks for who leads: found without opening the rows.
CREATE INDEX proposal_call_words ON proposal (call_id, lower(title), number, state, agency_id, lead_person);
DROP INDEX proposal_call_title;

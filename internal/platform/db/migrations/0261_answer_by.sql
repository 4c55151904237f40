-- Who else wrote is asked with every saving: found without opening the answers, which are long.
CREATE INDEX proposal_answer_by ON proposal_answer (proposal_id, form, by_account);

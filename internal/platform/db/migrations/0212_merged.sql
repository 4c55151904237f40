-- What was merged into an organisation is asked for whenever its people, conflicts and offices are.
CREATE INDEX organisation_redirect ON organisation (redirect_to);

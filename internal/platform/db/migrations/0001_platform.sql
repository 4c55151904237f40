-- Accounts, roles, ledger, files, mail: what every room stands on.
-- An account is what signs in; a person (register) is who it is; a role is a row.

CREATE TABLE account (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL,               -- lower case
  email_verified_at BIGINT,
  password_hash TEXT,                -- argon2id, PHC string; NULL where only OIDC signs in
  person_id TEXT,                    -- register.person
  locale TEXT NOT NULL DEFAULT 'en',
  zone TEXT NOT NULL DEFAULT 'UTC',
  agency_id TEXT,                    -- the agency chosen in the menu
  created_at BIGINT NOT NULL,
  seen_at BIGINT,
  disabled_at BIGINT,
  version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX account_email ON account (email);
CREATE UNIQUE INDEX account_person ON account (person_id);

CREATE TABLE account_identity (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX account_identity_subject ON account_identity (issuer, subject);

CREATE TABLE session (
  id TEXT PRIMARY KEY,               -- shown in the list of sessions
  hash TEXT NOT NULL,                -- SHA-256 of the cookie's secret
  account_id TEXT NOT NULL REFERENCES account (id),
  delegation_id TEXT,                -- acting for another
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  elevated_until BIGINT,             -- signed in again recently enough for sealed texts
  agent TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX session_hash ON session (hash);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expires ON session (expires_at);

-- Single-use links: recovery, invitation, verification.
CREATE TABLE link_token (
  hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  account_id TEXT,
  email TEXT,
  data TEXT NOT NULL DEFAULT '{}',
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX link_token_account ON link_token (account_id);
CREATE INDEX link_token_expires ON link_token (expires_at);

CREATE TABLE api_token (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  scope TEXT NOT NULL DEFAULT 'read',  -- read, write
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  revoked_at BIGINT
);
CREATE UNIQUE INDEX api_token_hash ON api_token (hash);

CREATE TABLE throttle (
  key TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (key)
);

CREATE TABLE idempotency (
  account_id TEXT NOT NULL,
  key TEXT NOT NULL,
  request TEXT NOT NULL,             -- hash of method, path and body
  status BIGINT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, key)
);

CREATE TABLE role_grant (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  role TEXT NOT NULL,
  scope_kind TEXT NOT NULL,          -- platform, agency, organisation, programme, call, panel, proposal
  scope_id TEXT NOT NULL DEFAULT '',
  from_at BIGINT NOT NULL,
  until_at BIGINT,
  granted_by TEXT NOT NULL DEFAULT '', -- account
  created_at BIGINT NOT NULL,
  ended_by TEXT NOT NULL DEFAULT ''  -- account that ended it before its time
);
CREATE INDEX role_grant_account ON role_grant (account_id);
CREATE INDEX role_grant_scope ON role_grant (scope_kind, scope_id, role);

-- A person lets somebody else act for them. It is offered to an address, so that
-- offering does not tell whether the address has an account, and holds once accepted.
CREATE TABLE delegation (
  id TEXT PRIMARY KEY,
  from_person TEXT NOT NULL,
  to_email TEXT NOT NULL,            -- lower case
  to_account TEXT REFERENCES account (id), -- who accepted it
  scope TEXT NOT NULL,               -- all, proposals, reviews, awards
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  accepted_at BIGINT,
  revoked_at BIGINT
);
CREATE INDEX delegation_to ON delegation (to_account);
CREATE INDEX delegation_offer ON delegation (to_email);
CREATE INDEX delegation_from ON delegation (from_person);

CREATE TABLE consent (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,
  purpose TEXT NOT NULL,
  terms_version TEXT NOT NULL,
  given_at BIGINT NOT NULL,
  withdrawn_at BIGINT
);
CREATE INDEX consent_person ON consent (person_id, purpose);

-- The ledger. A leaf commits to a salted hash of its payload and names people by
-- pseudonym, so that payload, salt and pseudonym can be erased without breaking the tree.
CREATE TABLE ledger_entry (
  id TEXT PRIMARY KEY,
  position BIGINT,                   -- leaf index; NULL until a batch has placed it
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,               -- pseudonym, '' for the system
  behalf TEXT NOT NULL DEFAULT '',   -- pseudonym of the person acted for
  delegation_id TEXT NOT NULL DEFAULT '',
  act TEXT NOT NULL,                 -- proposal.submit
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  agency_id TEXT NOT NULL DEFAULT '',
  payload_hash TEXT NOT NULL,        -- hex SHA-256(salt || payload)
  leaf TEXT NOT NULL                 -- hex RFC 6962 leaf hash
);
CREATE UNIQUE INDEX ledger_entry_position ON ledger_entry (position);
CREATE INDEX ledger_entry_open ON ledger_entry (id) WHERE position IS NULL;
CREATE INDEX ledger_entry_subject ON ledger_entry (subject_kind, subject_id, at);

CREATE TABLE ledger_payload (
  entry_id TEXT PRIMARY KEY REFERENCES ledger_entry (id),
  salt TEXT NOT NULL,
  body TEXT NOT NULL,                -- canonical JSON; includes the reason given
  erased_at BIGINT
);

CREATE TABLE ledger_pseudonym (
  person_id TEXT PRIMARY KEY,        -- account or person; row deleted on erasure
  pseudonym TEXT NOT NULL
);
CREATE UNIQUE INDEX ledger_pseudonym_pseudonym ON ledger_pseudonym (pseudonym);

CREATE TABLE ledger_head (
  id BIGINT PRIMARY KEY,             -- always 1: compare-and-set on this row orders the batches
  size BIGINT NOT NULL,
  root TEXT NOT NULL,
  compact TEXT NOT NULL,             -- JSON: hashes of the compact range, so that a batch costs O(batch + log size)
  note TEXT NOT NULL,                -- signed note
  at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

CREATE TABLE ledger_batch (
  size BIGINT PRIMARY KEY,           -- tree size after it
  first BIGINT NOT NULL,
  root TEXT NOT NULL,
  note TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE ledger_key (
  id TEXT PRIMARY KEY,               -- note key name + hash
  public TEXT NOT NULL,              -- verifier key of a signed note
  private TEXT,                      -- NULL where the key comes from the configuration
  from_at BIGINT NOT NULL,
  until_at BIGINT
);

CREATE TABLE receipt (
  entry_id TEXT PRIMARY KEY REFERENCES ledger_entry (id),
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  note TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX receipt_subject ON receipt (subject_kind, subject_id);

CREATE TABLE file_blob (
  hash TEXT PRIMARY KEY,             -- SHA-256 of the content
  size BIGINT NOT NULL,
  refs BIGINT NOT NULL,              -- rows in file_ref; the content goes when none is left
  created_at BIGINT NOT NULL
);

CREATE TABLE file_ref (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL REFERENCES file_blob (hash),
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size BIGINT NOT NULL,
  pages BIGINT,
  owner_kind TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  field TEXT NOT NULL DEFAULT '',
  record_class TEXT NOT NULL DEFAULT 'working',
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX file_ref_owner ON file_ref (owner_kind, owner_id);
CREATE INDEX file_ref_hash ON file_ref (hash);

CREATE TABLE mail_message (
  id TEXT PRIMARY KEY,
  to_account TEXT,
  to_email TEXT NOT NULL,
  kind TEXT NOT NULL,                -- catalogue key of its text
  locale TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,                -- plain text
  about_kind TEXT NOT NULL DEFAULT '',
  about_id TEXT NOT NULL DEFAULT '',
  digest TEXT NOT NULL DEFAULT '',   -- messages of one digest key to one person go out as one
  due_at BIGINT NOT NULL,
  sent_at BIGINT,
  attempts BIGINT NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL
);
CREATE INDEX mail_message_due ON mail_message (due_at) WHERE sent_at IS NULL;
CREATE INDEX mail_message_about ON mail_message (about_kind, about_id);
CREATE INDEX mail_message_account ON mail_message (to_account, created_at);

-- Identifiers of other systems, for any record.
CREATE TABLE external_id (
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  scheme TEXT NOT NULL,              -- ror, orcid, doi, swecris …
  value TEXT NOT NULL,
  source TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  PRIMARY KEY (subject_kind, scheme, value)
);
CREATE INDEX external_id_subject ON external_id (subject_kind, subject_id);

-- Classifications are versioned vocabularies with crosswalks; the four
-- orientations are the vocabulary 'orientation'.
CREATE TABLE vocabulary_term (
  vocabulary TEXT NOT NULL,
  version TEXT NOT NULL,
  code TEXT NOT NULL,
  parent TEXT,
  label TEXT NOT NULL,               -- JSON text by language
  sort BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (vocabulary, version, code)
);

CREATE TABLE vocabulary_crosswalk (
  from_vocabulary TEXT NOT NULL, from_version TEXT NOT NULL, from_code TEXT NOT NULL,
  to_vocabulary TEXT NOT NULL, to_version TEXT NOT NULL, to_code TEXT NOT NULL,
  relation TEXT NOT NULL,            -- exact, broader, narrower, related
  PRIMARY KEY (from_vocabulary, from_version, from_code, to_vocabulary, to_version, to_code)
);

CREATE TABLE classification (
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  vocabulary TEXT NOT NULL,
  version TEXT NOT NULL,
  code TEXT NOT NULL,
  weight DOUBLE PRECISION NOT NULL DEFAULT 1,
  source TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (subject_kind, subject_id, vocabulary, version, code)
);
CREATE INDEX classification_code ON classification (vocabulary, code, subject_kind);

CREATE TABLE exchange_rate (
  from_currency TEXT NOT NULL,
  to_currency TEXT NOT NULL,
  day TEXT NOT NULL,                 -- 2027-04-15
  rate TEXT NOT NULL,                -- decimal text
  source TEXT NOT NULL,
  PRIMARY KEY (from_currency, to_currency, day)
);

-- Retention: a class of records, its rule; a hold stops erasure.
CREATE TABLE retention_rule (
  record_class TEXT PRIMARY KEY,
  keep_days BIGINT,                  -- NULL: kept for good
  starts TEXT NOT NULL,              -- created, closed, superseded
  note TEXT NOT NULL DEFAULT ''
);

CREATE TABLE legal_hold (
  id TEXT PRIMARY KEY,
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  placed_by TEXT NOT NULL,
  from_at BIGINT NOT NULL,
  until_at BIGINT
);
CREATE INDEX legal_hold_subject ON legal_hold (subject_kind, subject_id);

CREATE TABLE number_series (
  series TEXT PRIMARY KEY,           -- P-2027
  last BIGINT NOT NULL
);

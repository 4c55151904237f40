-- The second factor of signing in (TOTP, RFC 6238), codes for the day on which it is lost,
-- and passkeys (WebAuthn).

CREATE TABLE account_totp (
  account_id TEXT PRIMARY KEY REFERENCES account (id),
  secret TEXT NOT NULL,              -- base32; the program that makes codes has the same
  step BIGINT NOT NULL,              -- time step of the last code that was taken: each works once
  created_at BIGINT NOT NULL,
  used_at BIGINT
);

CREATE TABLE account_recovery (
  hash TEXT PRIMARY KEY,             -- SHA-256 of a code; the row goes when it is used
  account_id TEXT NOT NULL REFERENCES account (id)
);
CREATE INDEX account_recovery_account ON account_recovery (account_id);

CREATE TABLE account_passkey (
  id TEXT PRIMARY KEY,               -- shown in the list of passkeys
  account_id TEXT NOT NULL REFERENCES account (id),
  credential_id TEXT NOT NULL,       -- base64url, as the authenticator made it
  name TEXT NOT NULL,
  credential TEXT NOT NULL,          -- JSON: public key, flags, counter
  created_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE UNIQUE INDEX account_passkey_credential ON account_passkey (credential_id);
CREATE INDEX account_passkey_account ON account_passkey (account_id);

ALTER TABLE session ADD COLUMN second_at BIGINT; -- when a second factor was shown
ALTER TABLE api_token ADD COLUMN second BIGINT NOT NULL DEFAULT 0; -- made in a session with a second factor

package app_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pquerna/otp/totp"

	imports "github.com/headwater-platform/headwater/internal/exchange"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/retention"
)

// holds notes a form that is sent with a secret that no page shows, by a script, or from a page that draws it only once something
// was picked, or what it shows has grown old.
func (s *swapped) holds(pattern, path string, form url.Values) {
	s.held[pattern] = append(s.held[pattern], request{http.MethodPost, path, form.Encode(), "application/x-www-form-urlencoded"})
}

// owned is what the clerk has besides: codes, a passkey, an identity elsewhere and a token; and somebody who was kept out.
func (s *swapped) owned() {
	s.t.Helper()
	clerk := s.actor["clerk"]
	setup, err := s.Accounts.SetUpTOTP(s.ctx, clerk)
	s.must(err)
	code, err := totp.GenerateCode(setup.Secret, s.now.Source().Now())
	s.must(err)
	session, err := s.Accounts.Resolve(s.ctx, s.enter("clerk"))
	s.must(err)
	_, err = s.Accounts.AddTOTP(s.ctx, clerk, session.ID, setup.Token, code)
	s.must(err)
	_, _, err = s.Accounts.NewToken(s.ctx, clerk, "Script", account.ReadToken, 30*24*time.Hour)
	s.must(err)
	s.must(work.Do(s.ctx, s.DB, func(ctx context.Context) error { // what only an authenticator and another provider can bring
		for _, q := range []string{`INSERT INTO account_passkey (id, account_id, credential_id, name, credential, created_at) VALUES ($1, $2, 'key', 'Key', '{}', 1)`,
			`INSERT INTO account_identity (id, account_id, issuer, subject, created_at) VALUES ($1, $2, 'https://orcid.org', '0000-0002-0000-0001', 1)`} {
			if _, err := s.DB.Q(ctx).ExecContext(ctx, q, clock.ID(ctx), clerk.Account); err != nil {
				return err
			}
		}
		return nil
	}))
	s.account("gone", "")
	s.must(s.Accounts.Disable(s.ctx, access.System, s.actor["gone"].Account, "left"))
}

// doors are the ways in that begin with a letter or with a script, and what has no page of its own.
func (s *swapped) doors() {
	s.t.Helper()
	s.must(s.Accounts.Recover(s.ctx, "visitor@example.org", "192.0.2.1"))
	s.must(s.Retention.AskByMail(s.ctx, retention.Outsider{Name: "Zephyrine Q.", Email: "z@elsewhere.example", Kind: retention.ForCopy}))
	for _, link := range s.mailedTo("z@elsewhere.example") {
		s.holds("POST /data-requests/{secret}", link, nil)
	}
	setup, err := s.Accounts.SetUpTOTP(s.ctx, s.actor["scribe"])
	s.must(err)
	s.holds("POST /account/second/codes/add", "/account/second/codes/add", values("setup", setup.Token, "code", "000000"))
	s.holds("POST /account/passkeys/begin", "/account/passkeys/begin", nil)
	s.holds("POST /sign-in/passkey/begin", "/sign-in/passkey/begin", nil)
	s.holds("POST /sign-in/passkey", "/sign-in/passkey", values("state", "0", "response", "{}"))
	s.holds("POST /needs/{id}/confirm", "/needs/"+s.keys()["need"][0]+"/confirm", nil)
	s.holds("POST /organisations/{id}/merge", "/organisations/0-crag/merge", values("into", "tarn", "why", "They are one."))
	s.holds("POST /retention/erase", "/retention/erase", values("kind", "person", "ref", "ravi", "reason", "A wish."))
}

// troubled is what waits for those who run the installation: a run that rejected a row, a mail that was given up, and drafts that are due.
func (s *swapped) troubled() {
	s.t.Helper()
	m, err := imports.ReadMapping("brook.yaml", []byte("kind: awards\nsource: brook\nkey: number\nfields:\n  number: number\n  title: title\n  start: start\n  funder: {fields: {key: funder, name: funder}}\n"))
	s.must(err)
	file := filepath.Join(s.t.TempDir(), "awards.csv")
	s.must(os.WriteFile(file, []byte("number,title,start,funder\n4,Silt,2026-02-30,Moor Fund\n"), 0o600))
	_, err = s.Exchange.Run(s.ctx, access.System, m, []string{file}, imports.Options{})
	s.must(err)
	_, err = s.DB.SQL().ExecContext(s.ctx, `INSERT INTO job (id, kind, args, due_at, attempts, error, created_at, failed_at)
		SELECT 'given-up', 'mail.deliver', '{"id":"' || MIN(id) || '"}', 1, 9, 'nobody answered', 1, 1 FROM mail_message WHERE to_email = 'visitor@example.org'`)
	s.must(err)
	rules, err := s.Retention.Rules(s.ctx, access.System)
	s.must(err)
	for _, r := range rules {
		if r.Class == retention.Draft {
			r.Days, r.Note = 1, "Drafts are soon forgotten."
			s.must(s.Retention.SetRule(s.ctx, access.System, r))
		}
	}
}

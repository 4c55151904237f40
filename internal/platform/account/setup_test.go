package account_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/seal"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

const password = "tall grass and rain"

// house is a service with a fixed clock whose mails are kept.
type house struct {
	*account.Service
	t     testing.TB
	ctx   context.Context
	now   *clock.Fixed
	mails []account.Letter
}

func each(t *testing.T, test func(h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(newHouse(t, d)) })
}

func newHouse(t testing.TB, d *db.DB) *house {
	t.Helper()
	h := &house{t: t, now: clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 1)}
	h.ctx = clock.With(t.Context(), h.now.Source())
	l, err := ledger.Open(h.ctx, d, "test")
	h.must(err)
	keys, err := seal.Read(strings.NewReader(base64.StdEncoding.EncodeToString(make([]byte, 32))))
	h.must(err)
	h.Service = &account.Service{DB: d, Ledger: l, Base: "https://science.example.org", People: register{d}, Keys: keys}
	h.Mail = func(_ context.Context, l account.Letter) error { h.mails = append(h.mails, l); return nil }
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) refused(err error, kind fault.Kind, what string) {
	h.t.Helper()
	if !fault.Is(err, kind) {
		h.t.Errorf("%s: %v, want a fault of status %d", what, err, kind.Status())
	}
}

// link is the secret of the link in the mail sent last.
func (h *house) link() string {
	h.t.Helper()
	if len(h.mails) == 0 {
		h.t.Fatal("no mail was sent")
	}
	for _, a := range h.mails[len(h.mails)-1].Args {
		if s, ok := a.(string); ok && strings.Contains(s, "/links/") {
			return s[strings.LastIndex(s, "/")+1:]
		}
	}
	h.t.Fatalf("no link in %+v", h.mails[len(h.mails)-1])
	return ""
}

// person makes somebody of the register with an account, and returns its actor.
func (h *house) person(name string, grants ...access.Grant) access.Actor {
	h.t.Helper()
	return h.account(name, password, grants...)
}

// account is person with a password of its own; without one there is less work to do.
func (h *house) account(name, password string, grants ...access.Grant) access.Actor {
	h.t.Helper()
	email := name + "@example.org"
	id := h.makePerson(name, email)
	accountID, err := h.Create(h.ctx, access.System, account.New{Email: email, Password: password, Person: id})
	h.must(err)
	for _, g := range grants {
		h.must(h.Grant(h.ctx, access.System, accountID, g, time.Time{}))
	}
	return h.actor(accountID)
}

func (h *house) makePerson(name, email string) (id string) {
	h.t.Helper()
	h.must(work.Do(h.ctx, h.DB, func(ctx context.Context) (err error) {
		id, err = h.People.Make(ctx, name, "Alder", email, "")
		return err
	}))
	return id
}

func (h *house) actor(accountID string) access.Actor {
	h.t.Helper()
	a, err := h.ActorOf(h.ctx, accountID)
	h.must(err)
	return a
}

// prove confirms the address of an account.
func (h *house) prove(a access.Actor, email string) {
	h.t.Helper()
	h.must(h.VerifyEmail(h.ctx, a, email))
	h.must(h.ConfirmEmail(h.ctx, h.link()))
}

func (h *house) signIn(email string) string {
	h.t.Helper()
	secret, err := h.SignIn(h.ctx, account.Try{Email: email, Password: password})
	h.must(err)
	return secret
}

func (h *house) resolve(secret string) account.Session {
	h.t.Helper()
	s, err := h.Resolve(h.ctx, secret)
	h.must(err)
	return s
}

// register is the part of the register that accounts need, on the same tables.
type register struct{ d *db.DB }

func (r register) Make(ctx context.Context, given, family, email, orcid string) (string, error) {
	id := clock.ID(ctx)
	_, err := r.d.Q(ctx).ExecContext(ctx, `INSERT INTO person (id, given_name, family_name, name, sort_name, orcid, email, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)`,
		id, given, family, given+" "+family, strings.ToLower(family+", "+given), db.Str(orcid), email)
	return id, err
}

func (r register) ByORCID(ctx context.Context, orcid string) (id string, err error) {
	err = r.d.Q(ctx).QueryRowContext(ctx, `SELECT id FROM person WHERE orcid = $1`, orcid).Scan(&id)
	if db.IsNone(err) {
		return "", nil
	}
	return id, err
}

func (r register) ProveORCID(ctx context.Context, person, orcid string) error {
	holder, err := r.ByORCID(ctx, orcid)
	if err == nil && holder != "" && holder != person {
		return fault.New(fault.Conflict, "register.orcid.taken", orcid)
	}
	if err != nil {
		return err
	}
	_, err = r.d.Q(ctx).ExecContext(ctx, `UPDATE person SET orcid = $2 WHERE id = $1`, person, orcid)
	return err
}

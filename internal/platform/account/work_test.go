package account_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/mail"
)

// statements is what a database was told, in order.
type statements struct {
	mu   sync.Mutex
	list []string
}

func (s *statements) told(statement string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, statement)
}

// of are the statements that f runs.
func (s *statements) of(f func() error) ([]string, error) {
	s.mu.Lock()
	s.list = nil
	s.mu.Unlock()
	err := f()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list, err
}

// mailed is a house whose mails are written and queued as in an installation, and what its database is told.
func mailed(t *testing.T) (*house, *statements) {
	t.Helper()
	s := &statements{}
	d, err := db.Open(t.Context(), dbtest.SQLitePath(t), db.Options{Relaxed: true, Told: s.told})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	h := newHouse(t, d)
	m, err := mail.New(d, job.New(d), mail.Settings{SMTP: "smtp://mail.example:25", From: "office@science.example", Base: h.Base})
	h.must(err)
	h.Mail = func(ctx context.Context, l account.Letter) error {
		return m.Send(ctx, mail.Message{Account: l.Account, Email: l.Email, Locale: l.Locale, Kind: l.Kind, Args: l.Args, Once: true})
	}
	return h, s
}

// TestKnownAndUnknownTakeTheSameWork: whatever is asked about an address, the database is told
// the same statements in the same order whether it has an account or not, so that no clock tells.
func TestKnownAndUnknownTakeTheSameWork(t *testing.T) {
	t.Parallel()
	h, s := mailed(t)
	asker := h.person("asker")
	h.person("known")
	asks := map[string]func(email string) error{
		"sign in": func(email string) error {
			_, err := h.SignIn(h.ctx, account.Try{Email: email, Password: "not the password", Address: "192.0.2.7"})
			return err
		},
		"recover": func(email string) error { return h.Recover(h.ctx, email, "192.0.2.7") },
		"register": func(email string) error {
			return h.Register(h.ctx, account.SignUp{Email: email, Given: "A", Family: "B", From: "192.0.2.7"})
		},
		"move": func(email string) error { return h.VerifyEmail(h.ctx, asker, email) },
		"delegate": func(email string) error {
			_, err := h.Delegate(h.ctx, asker, account.Offer{Email: email, Scope: "all", Until: h.now.Source().Now().Add(72 * time.Hour)})
			return err
		},
		"invite": func(email string) error {
			_, err := h.Invite(h.ctx, asker, account.Invitation{Email: email, Next: "/home", Kind: "account.mail.invited"})
			return err
		},
	}
	for name, ask := range asks {
		known, err := s.of(func() error { return ask("known@example.org") })
		unknown, other := s.of(func() error { return ask("other@example.org") })
		if (err == nil) != (other == nil) {
			t.Errorf("%s: %v and %v", name, err, other)
		}
		if diff := cmp.Diff(known, unknown); diff != "" || len(known) < 4 {
			t.Errorf("%s: of %d statements these differ for a known (-) and an unknown (+) address:\n%s", name, len(known), diff)
		}
		if err := errors.Join(err, other); name != "sign in" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

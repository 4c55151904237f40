package mail

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Message is something to be told to one person.
type Message struct {
	Account string      // whom: address, language and zone are the account's
	Email   string      // whom, where there is no account; with one, an address in place of the account's
	Locale  lang.Locale // "": the account's, else English
	Kind    string      // catalogue prefix: Kind+".subject" and Kind+".body" exist
	Args    []any       // for both; a time is written in the person's zone
	About   About       // the record that it tells of
	Digest  string      // "": at once; else it goes out with others of the same digest
	Once    bool        // it holds a secret (a link that signs in): forgotten here once it is sent
}

// Notice is a message to a person of the register: rooms know people, not accounts.
// Who runs the installation finds the address (internal/app).
type Notice struct {
	Person string
	Kind   string
	Args   []any
	About  About
	Digest string
	Once   bool   // as of Message
	Join   string // it asks for something that takes an account: who has none gets a link to make one, which leads to this path
}

// Path is an address within the installation ("/reviews/…"), as an argument: it
// is written with the public address before it.
type Path string

// Lines are messages as one argument, each on a line of its own.
type Lines []lang.Msg

// About is a record: its room's name for it and its key.
type About struct{ Kind, ID string }

// Settings are the installation's. The zero Settings keep everything in the outbox.
type Settings struct {
	SMTP string        // smtp://user:password@host:port, smtp+starttls:// where nothing goes without TLS, smtps:// for TLS from the first byte; "": nothing is sent
	From string        // sender's address
	Name string        // the installation's name: sender's name, and foot of each mail
	Base string        // its public address
	Wait time.Duration // how long a digest waits for more; 0: 15 minutes
}

// Service writes and sends messages. Made by New; safe for concurrent use.
type Service struct {
	Ledger *ledger.Ledger // where it is noted who had what sent again

	db   *db.DB
	jobs *job.Queue
	set  Settings
	smtp *url.URL // nil: outbox only
}

const deliver = "mail.deliver"

// persist is how long a mail is tried before it is given up: at least four to five days, so that a server that is away
// over a long weekend loses none (RFC 5321, section 4.5.4.1). The waits grow to two hours, as that section has it.
const persist = 5 * 24 * time.Hour

// lines is how many mails one process hands over at once: a server that hangs holds so many of its workers, and no more.
const lines = 2

// startTLS is how the address of a server begins to which nothing is sent without TLS, whatever it offers.
const startTLS = "smtp+starttls"

// New makes the service and registers its job with q.
func New(d *db.DB, q *job.Queue, set Settings) (*Service, error) {
	s := &Service{db: d, jobs: q, set: set}
	if s.set.Wait == 0 {
		s.set.Wait = 15 * time.Minute
	}
	if set.SMTP != "" {
		u, err := url.Parse(set.SMTP)
		if err != nil || u.Hostname() == "" || !slices.Contains([]string{"smtp", startTLS, "smtps"}, u.Scheme) {
			return nil, errors.New("the mail server is written smtp://user:password@host:port, smtp+starttls://… or smtps://…") // the address may hold a password: it is not repeated
		}
		if _, err := netmail.ParseAddress(set.From); err != nil {
			return nil, fmt.Errorf("the sender's address %q: %w", set.From, err)
		}
		s.smtp = u
	}
	job.Handle(q, deliver, s.deliver)
	q.Persist(deliver, persist)
	q.AtMost(deliver, lines)
	return s, nil
}

// Sends reports whether mails leave the house; if not, they stay in the outbox.
func (s *Service) Sends() bool { return s.smtp != nil }

// parcel is the job of one mail: the messages of one digest to one address that
// are due by then, or the one message.
type parcel struct {
	ID     string `json:"id,omitempty"`
	Email  string `json:"email,omitempty"`
	Digest string `json:"digest,omitempty"`
}

// Send writes m in the unit of work of ctx, or in one of its own; it is sent
// after the commit. An account that is closed is told nothing, without an error.
func (s *Service) Send(ctx context.Context, m Message) error {
	if !lang.Has(m.Kind+".subject") || !lang.Has(m.Kind+".body") {
		return fmt.Errorf("mail: the catalogue has no text for %q", m.Kind)
	}
	return work.Do(ctx, s.db, func(ctx context.Context) error {
		to, err := s.reader(ctx, m)
		to.base = s.set.Base
		if err != nil || to.email == "" {
			return err
		}
		l := Letter{ID: clock.ID(ctx), Account: m.Account, Email: to.email, Kind: m.Kind, Locale: to.locale, About: m.About, Digest: m.Digest, Once: m.Once,
			Subject: oneLine(lang.T(to.locale, m.Kind+".subject", to.local(m.Args)...)), Body: strings.TrimSpace(lang.T(to.locale, m.Kind+".body", to.local(m.Args)...)),
			Created: clock.Now(ctx)}
		l.Due = l.Created
		p, key := parcel{ID: l.ID}, l.ID
		if m.Digest != "" {
			if l.Due, err = s.digestDue(ctx, l); err != nil {
				return err
			}
			p, key = parcel{Email: l.Email, Digest: l.Digest}, l.Email+"\n"+l.Digest
		}
		if err := s.insert(ctx, l); err != nil || s.smtp == nil {
			return err
		}
		return s.jobs.Enqueue(ctx, deliver, p, job.At(l.Due), job.Unique(key))
	})
}

// reader is who reads a message.
type reader struct {
	email  string
	locale lang.Locale
	zone   *time.Location
	base   string
}

// local writes what depends on the reader or the installation.
func (r reader) local(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case time.Time:
			a = lang.DateTime(r.locale, v.In(r.zone)) + " (" + r.zone.String() + ")"
		case Path:
			a = r.base + string(v)
		case lang.Msg:
			v.Args = r.local(v.Args)
			a = v
		case Lines:
			lines := make([]string, len(v))
			for k, m := range v {
				m.Args = r.local(m.Args)
				lines[k] = m.In(r.locale)
			}
			a = strings.Join(lines, "\n")
		}
		out[i] = a
	}
	return out
}

func (s *Service) reader(ctx context.Context, m Message) (reader, error) {
	r := reader{email: m.Email, locale: m.Locale, zone: time.UTC}
	// Without an account it is asked for, too: who waits for the answer must not learn by the work whether there is one.
	email, locale, zone, err := s.account(ctx, m.Account)
	switch {
	case db.IsNone(err) && m.Account != "":
		return reader{}, nil
	case err == nil:
		r.of(email, locale, zone)
	case !db.IsNone(err):
		return r, err
	}
	if r.locale == "" {
		r.locale = lang.English
	}
	if r.email == "" {
		return r, errors.New("mail: a message to nobody")
	}
	return r, nil
}

// of fills in what an account says and the message does not.
func (r *reader) of(email, locale, zone string) {
	if r.email == "" {
		r.email = email
	}
	if r.locale == "" {
		r.locale, _ = lang.ParseLocale(locale)
	}
	if z, err := time.LoadLocation(zone); err == nil {
		r.zone = z
	}
}

// oneLine keeps a subject from becoming more than one header.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

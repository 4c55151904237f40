package mail

import (
	"context"
	"database/sql"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Letter is a message as it stands in the outbox.
type Letter struct {
	ID, Account, Email string
	Kind               string
	Locale             lang.Locale
	Subject, Body      string
	About              About
	Digest             string
	Due, Created       time.Time
	Sent               time.Time // zero: not yet
	Attempts           int64
	Error              string // of the last attempt
	Once               bool
}

const columns = `id, COALESCE(to_account, ''), to_email, kind, locale, subject, body, about_kind, about_id, digest, due_at, sent_at, attempts, error, created_at, once`

func scan(r *sql.Rows) (l Letter, err error) {
	return l, r.Scan(&l.ID, &l.Account, &l.Email, &l.Kind, &l.Locale, &l.Subject, &l.Body, &l.About.Kind, &l.About.ID, &l.Digest,
		db.Time(&l.Due), db.Time(&l.Sent), &l.Attempts, &l.Error, db.Time(&l.Created), &l.Once)
}

// account is where an account is mailed. On PostgreSQL nobody erases it until the message is committed, which then goes with it.
func (s *Service) account(ctx context.Context, id string) (email, locale, zone string, err error) {
	err = s.db.Q(ctx).QueryRowContext(ctx, `SELECT email, locale, zone FROM account WHERE id = $1 AND disabled_at IS NULL`+s.db.Pick("", " FOR KEY SHARE"), id).Scan(&email, &locale, &zone)
	return email, locale, zone, err
}

// digestDue is when the digest of l goes out: with the first message that waits in it.
func (s *Service) digestDue(ctx context.Context, l Letter) (time.Time, error) {
	var due time.Time
	err := s.db.Q(ctx).QueryRowContext(ctx, `SELECT MIN(due_at) FROM mail_message WHERE sent_at IS NULL AND attempts = 0 AND to_email = $1 AND digest = $2 AND due_at > $3`,
		l.Email, l.Digest, db.At(l.Created)).Scan(db.Time(&due))
	if due.IsZero() {
		due = l.Created.Add(s.set.Wait)
	}
	return due, err
}

func (s *Service) insert(ctx context.Context, l Letter) error {
	_, err := s.db.Q(ctx).ExecContext(ctx, `INSERT INTO mail_message (id, to_account, to_email, kind, locale, subject, body, about_kind, about_id, digest, due_at, created_at, once)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, l.ID, db.Str(l.Account), l.Email, l.Kind, string(l.Locale), l.Subject, l.Body,
		l.About.Kind, l.About.ID, l.Digest, db.At(l.Due), db.At(l.Created), db.Bool(l.Once))
	return err
}

// contents are the messages of a parcel that are not sent yet, the oldest first: of
// a digest all, also one that another unit of work added with a later time.
func (s *Service) contents(ctx context.Context, p parcel) ([]Letter, error) {
	if p.ID != "" {
		return db.Rows(ctx, s.db.Q(ctx), scan, `SELECT `+columns+` FROM mail_message WHERE id = $1 AND sent_at IS NULL`, p.ID)
	}
	return db.Rows(ctx, s.db.Q(ctx), scan, `SELECT `+columns+` FROM mail_message WHERE to_email = $1 AND digest = $2 AND sent_at IS NULL ORDER BY created_at, id`, p.Email, p.Digest)
}

// note records how sending went: sent where cause is nil.
func (s *Service) note(ctx context.Context, list []Letter, cause error) error {
	var ids []string
	for _, l := range list {
		ids = append(ids, l.ID)
	}
	in, args := db.In(3, ids)
	return work.Do(ctx, s.db, func(ctx context.Context) error {
		var sent any
		why := ""
		if cause == nil {
			sent = db.At(clock.Now(ctx))
		} else {
			why = cause.Error()
		}
		_, err := s.db.Q(ctx).ExecContext(ctx, `UPDATE mail_message SET attempts = attempts + 1, sent_at = $1, error = $2 WHERE id IN `+in, append([]any{sent, why}, args...)...)
		if err != nil || cause != nil {
			return err
		}
		in, args := db.In(1, ids)
		_, err = s.db.Q(ctx).ExecContext(ctx, `UPDATE mail_message SET body = '' WHERE once = 1 AND id IN `+in, args...)
		return err
	})
}

// Sent reports whether a message about a record was sent, or sending it was tried.
func (s *Service) Sent(ctx context.Context, about About) (bool, error) {
	var n int
	err := s.db.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM mail_message WHERE about_kind = $1 AND about_id = $2 AND (sent_at IS NOT NULL OR attempts > 0)`, about.Kind, about.ID).Scan(&n)
	return n > 0, err
}

// Recall forgets the messages about a record that nobody has tried to send: they
// are never sent, but for one that is being sent this moment. Inside a unit of work.
func (s *Service) Recall(ctx context.Context, about About) error {
	_, err := s.db.Q(ctx).ExecContext(ctx, `DELETE FROM mail_message WHERE about_kind = $1 AND about_id = $2 AND sent_at IS NULL AND attempts = 0`, about.Kind, about.ID)
	return err
}

// Filter narrows the outbox; zero fields do not.
type Filter struct {
	Account string
	About   About
	Unsent  bool
	Before  string // key of the last letter of the page before
}

// Outbox lists messages, the newest first. Who may see whose is the caller's to say.
func (s *Service) Outbox(ctx context.Context, f Filter, limit int) ([]Letter, error) {
	return db.Rows(ctx, s.db.Q(ctx), scan, `SELECT `+columns+` FROM mail_message
		WHERE (CAST($1 AS TEXT) = '' OR to_account = $1) AND (CAST($2 AS TEXT) = '' OR about_kind = $2 AND about_id = $3) AND ($4 = 0 OR sent_at IS NULL) AND (CAST($5 AS TEXT) = '' OR id < $5)
		ORDER BY id DESC LIMIT $6`, f.Account, f.About.Kind, f.About.ID, db.Bool(f.Unsent), f.Before, limit)
}

// Get is one message. Errors: NotFound.
func (s *Service) Get(ctx context.Context, id string) (Letter, error) {
	list, err := db.Rows(ctx, s.db.Q(ctx), scan, `SELECT `+columns+` FROM mail_message WHERE id = $1`, id)
	if err != nil || len(list) == 1 {
		return append(list, Letter{})[0], err
	}
	return Letter{}, fault.Missing()
}

// Unsent counts messages that are due and not sent.
func (s *Service) Unsent(ctx context.Context) (n int64, err error) {
	err = s.db.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM mail_message WHERE sent_at IS NULL AND due_at <= $1`, db.At(clock.Now(ctx))).Scan(&n)
	return n, err
}

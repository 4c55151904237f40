package retention

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// What a person can ask for.
const (
	ForCopy       = "copy"
	ForCorrection = "correction"
	ForErasure    = "erasure"
)

// Wishes lists what a person can ask for, in the order of the page.
var Wishes = []string{ForCopy, ForCorrection, ForErasure}

// The states of a request, besides "over" of a copy that was removed.
const (
	Open    = "open"
	Ready   = "ready"
	Granted = "granted"
	Refused = "refused"
	over    = "over"
)

const (
	copyFor      = 14 * 24 * time.Hour // how long a copy can be fetched
	grace        = 10 * time.Minute    // between the answer to who asked to be erased and the erasing: the mail goes out first
	largestCopy  = 4 << 30             // bytes
	longestWords = 4000                // runes of what is asked and answered
)

// The kinds of the jobs that make a copy and remove old ones.
const (
	Copy      = "retention.copy"
	EndCopies = "retention.copies.end"
)

// answerBy is when a request must be answered: a month after it came (GDPR, article 12(3)).
func answerBy(asked time.Time) time.Time { return asked.AddDate(0, 1, 0) }

// Request is what somebody asked for about their own data.
type Request struct {
	ID, Number      string
	Person, Name    string
	Kind, Body      string
	State, Answer   string
	Due, Created    time.Time
	Answered, Until time.Time
	File            string // of a copy that is ready
	Size            int64
	Email           string // of who asked by mail; Person is "" until somebody has matched them
	Locale          lang.Locale
	Identity        string // how it was checked who they are, where the address does not say so
}

// Reply is the answer to a request: granted or refused, with the words that who asked gets. Person and Identity are of one
// that was asked by mail and is granted (see match).
type Reply struct {
	Grant            bool
	Words            string
	Person, Identity string
}

// Notify tells people by mail, in the unit of work of ctx.
type Notify interface {
	Tell(ctx context.Context, n mail.Notice) error
}

// Ask records a request of a's own; a copy is made by a job, the others are cases for those who run the installation. Nobody can ask
// for the person they act for. Errors: NotAllowed for an account without a person; Invalid; Conflict where one of the kind waits already.
func (s *Service) Ask(ctx context.Context, a access.Actor, kind, body string) (id string, err error) {
	if err := own(a); err != nil {
		return "", err
	}
	if err := fault.Join(checkWish(kind, body)); err != nil {
		return "", err
	}
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		waits, err := s.requests(ctx, `r.person_id = $1 AND r.kind = $2 AND r.state = 'open'`, a.Person, kind)
		if err != nil {
			return err
		}
		if len(waits) > 0 {
			return fault.New(fault.Conflict, "retention.ask.waits", waits[0].Number)
		}
		no, err := number.Next(ctx, s.DB, "R")
		if err != nil {
			return err
		}
		id = clock.ID(ctx)
		now := clock.Now(ctx)
		if err := s.exec(ctx, `INSERT INTO data_request (id, number, person_id, kind, body, state, due_at, created_at) VALUES ($1, $2, $3, $4, $5, 'open', $6, $7)`,
			id, no, a.Person, kind, body, db.At(answerBy(now)), db.At(now)); err != nil {
			return err
		}
		if kind == ForCopy {
			if err := s.Jobs.Enqueue(ctx, Copy, Ordered{id}, job.Unique(id)); err != nil {
				return err
			}
		}
		return s.note(ctx, a, "retention.ask", "request", id, "", "", map[string]string{"number": no, "kind": kind})
	})
	return id, err
}

// checkWish refuses what cannot be asked; nil for what can.
func checkWish(kind, body string) *fault.Error {
	switch {
	case !slices.Contains(Wishes, kind):
		return fault.Field("kind", "fault.choice")
	case len([]rune(body)) > longestWords:
		return fault.Field("body", "retention.long", longestWords)
	case kind == ForCorrection && body == "":
		return fault.Field("body", "retention.ask.what")
	}
	return nil
}

// own allows what only the person themself may do.
func own(a access.Actor) error {
	have := access.Public
	if a.Account != "" {
		have |= access.Member
		if a.Person != "" {
			have |= access.Self
		}
	}
	return rules.Check(a, "retention.request", have, access.Public)
}

// Mine lists a's own requests, the newest first.
func (s *Service) Mine(ctx context.Context, a access.Actor) ([]Request, error) {
	if err := own(a); err != nil {
		return nil, err
	}
	return s.requests(ctx, `r.person_id = $1`, a.Person)
}

// Cases lists the requests that wait for an answer, the one that is due first on top. Admins.
func (s *Service) Cases(ctx context.Context, a access.Actor) ([]Request, error) {
	if err := rules.Check(a, "retention.answer", anywhere(a), access.Public); err != nil {
		return nil, err
	}
	list, err := s.requests(ctx, `r.state = 'open' AND (r.kind <> 'copy' OR r.person_id IS NULL)`)
	slices.Reverse(list)
	return list, err
}

// Case is one request with its answer, if any. Errors: NotFound.
func (s *Service) Case(ctx context.Context, a access.Actor, id string) (Request, error) {
	if err := rules.Check(a, "retention.answer", anywhere(a), access.Public); err != nil {
		return Request{}, err
	}
	return db.One(s.requests(ctx, `r.id = $1`, id))
}

// AnswerCase grants or refuses a request and tells who asked. An erasure that is granted is carried out ten minutes
// later; rules keep what they keep. A copy that was asked for by mail is made, and its link mailed. Admins.
// Errors: Invalid without words, or for a person whom the request cannot be of; Conflict for one that was answered, or whose record is held.
func (s *Service) AnswerCase(ctx context.Context, a access.Actor, id string, reply Reply) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		r, err := s.Case(ctx, a, id)
		if err != nil {
			return err
		}
		if reply.Words == "" || len([]rune(reply.Words)) > longestWords {
			return fault.Field("answer", "retention.answer.what", longestWords)
		}
		if !r.Waits() {
			return fault.New(fault.Conflict, "retention.answered")
		}
		if r.Email != "" && reply.Grant {
			if r, err = s.match(ctx, a, r, reply); err != nil {
				return err
			}
		}
		return s.settle(ctx, a, r, reply)
	})
}

// Waits reports whether a request waits for somebody's answer. Copies are made without one, but for who asks by mail.
func (r Request) Waits() bool { return r.State == Open && (r.Kind != ForCopy || r.Person == "") }

// settle writes an answer down and does what was granted.
func (s *Service) settle(ctx context.Context, a access.Actor, r Request, reply Reply) error {
	verdict := Refused
	if reply.Grant {
		verdict = Granted
	}
	state := verdict
	if r.Kind == ForCopy && reply.Grant {
		state = Open // until it is made
	}
	if err := s.exec(ctx, `UPDATE `+r.table()+` SET state = $2, answer = $3, answered_by = $4, answered_at = $5, person_id = $6 WHERE id = $1`,
		r.ID, state, reply.Words, a.Account, db.At(clock.Now(ctx)), db.Str(r.Person)); err != nil {
		return err
	}
	if r.Email != "" {
		if err := s.exec(ctx, `UPDATE mailed_request SET identity = $2 WHERE id = $1`, r.ID, reply.Identity); err != nil {
			return err
		}
	}
	if err := s.tell(ctx, r, "retention.mail."+verdict, r.Number, reply.Words, mail.Path("/my-data")); err != nil {
		return err
	}
	if err := s.note(ctx, a, "retention.answer", "request", r.ID, "", "", map[string]string{"number": r.Number, "answer": verdict}); err != nil || !reply.Grant {
		return err
	}
	switch r.Kind {
	case ForCopy:
		return s.Jobs.Enqueue(ctx, Copy, Ordered{r.ID}, job.Unique(r.ID))
	case ForErasure:
		_, err := s.Order(ctx, a, Wish{Kind: "person", Ref: r.Person, Reason: "request " + r.Number, After: grace})
		return err
	}
	return nil
}

// MakeCopy writes the archive of a request: the job. It may run twice. One that may tell of who was erased meanwhile is not given.
func (s *Service) MakeCopy(ctx context.Context, o Ordered) error {
	list, err := s.requests(ctx, `r.id = $1 AND r.kind = 'copy' AND r.state = 'open' AND p.state <> 'erased'`, o.ID)
	if err != nil || len(list) == 0 {
		return err
	}
	r := list[0]
	erasures, err := s.erasuresDone(ctx)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp("", "headwater-copy-")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := errors.Join(s.archive(ctx, tmp, r), tmp.Sync()); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if _, err := tmp.Seek(0, io.SeekStart); err != nil {
		return errors.Join(err, tmp.Close())
	}
	ref, err := s.Files.Receive(ctx, tmp, file.Meta{Name: r.Number + ".zip", OwnerKind: "request", OwnerID: r.ID, MaxBytes: largestCopy})
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.besideErasures(ctx); err != nil {
			return err
		}
		if n, err := s.erasuresDone(ctx); err != nil || n != erasures {
			return errors.Join(err, errors.New("retention: somebody was erased while a copy was made; it is made anew"))
		}
		now := clock.Now(ctx)
		n, err := s.change(ctx, `UPDATE `+r.table()+` SET state = 'ready', answered_at = $2, until_at = $3 WHERE id = $1 AND state = 'open'`, r.ID, db.At(now), db.At(now.Add(copyFor)))
		if err != nil || n == 0 {
			return err
		}
		if err := s.Files.Keep(ctx, ref, ""); err != nil {
			return err
		}
		at := mail.Path("/my-data")
		if r.Email != "" {
			if at, err = s.link(ctx, r.ID, now.Add(copyFor)); err != nil {
				return err
			}
		}
		return s.tell(ctx, r, "retention.mail.ready", r.Number, now.Add(copyFor), at)
	})
}

// erasuresDone counts the erasures that were carried out.
func (s *Service) erasuresDone(ctx context.Context) (n int64, err error) {
	return n, s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM erasure WHERE state = 'done'`).Scan(&n)
}

// renewCopies has the copies that others can fetch made anew, a little later, as they may tell of who is erased: as one of a team, say.
func (s *Service) renewCopies(ctx context.Context, w whole) error {
	if len(w.records)+len(w.forget) == 0 { // old mails
		return nil
	}
	list, err := s.requests(ctx, `r.kind = 'copy' AND r.state = 'ready'`)
	for _, r := range list {
		if err != nil || slices.Contains(w.files, key{"request", r.ID}) { // their own, which is gone
			continue
		}
		if r.File != "" {
			err = s.Files.Delete(ctx, r.File)
		}
		err = errors.Join(err, s.exec(ctx, `UPDATE `+r.table()+` SET state = 'open', until_at = NULL WHERE id = $1`, r.ID),
			s.Jobs.Enqueue(ctx, Copy, Ordered{r.ID}, job.Unique(r.ID), job.At(clock.Now(ctx).Add(grace))))
	}
	return err
}

// Fetch opens the archive of a's own request. Errors: NotFound where there is none (any more).
func (s *Service) Fetch(ctx context.Context, a access.Actor, id string) (file.Ref, io.ReadSeekCloser, error) {
	list, err := s.Mine(ctx, a)
	if err != nil {
		return file.Ref{}, nil, err
	}
	i := slices.IndexFunc(list, func(r Request) bool { return r.ID == id && r.File != "" })
	if i < 0 {
		return file.Ref{}, nil, fault.Missing()
	}
	return s.open(ctx, a, list[i])
}

// open opens the archive of a request, and notes who fetched it.
func (s *Service) open(ctx context.Context, a access.Actor, r Request) (file.Ref, io.ReadSeekCloser, error) {
	ref, err := s.Files.Info(ctx, r.File)
	if err != nil {
		return ref, nil, err
	}
	if err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		return s.note(ctx, a, "retention.fetch", "request", r.ID, "", "", nil)
	}); err != nil {
		return ref, nil, err
	}
	content, err := s.Files.Open(ctx, ref)
	return ref, content, err
}

// EndOldCopies removes archives whose time is over, and requests whose address nobody proved: a periodic job.
func (s *Service) EndOldCopies(ctx context.Context) error {
	if err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		return s.exec(ctx, `DELETE FROM mailed_request WHERE state = '`+mailed+`' AND created_at <= $1`, db.At(clock.Now(ctx).Add(-proveFor)))
	}); err != nil {
		return err
	}
	list, err := s.requests(ctx, `r.state = 'ready' AND r.until_at <= $1`, db.At(clock.Now(ctx)))
	for _, r := range list {
		if err != nil {
			break
		}
		err = work.Do(ctx, s.DB, func(ctx context.Context) error {
			if r.File != "" {
				if err := s.Files.Delete(ctx, r.File); err != nil {
					return err
				}
			}
			return s.exec(ctx, `UPDATE `+r.table()+` SET state = '`+over+`' WHERE id = $1`, r.ID)
		})
	}
	return err
}

// asked are the requests of people with an account and of people without one.
const asked = `SELECT id, number, person_id, kind, body, state, answer, due_at, created_at, answered_at, until_at, '' AS name, '' AS email, 'en' AS locale, '' AS identity FROM data_request
	UNION ALL SELECT id, number, person_id, kind, body, state, answer, due_at, created_at, answered_at, until_at, name, email, locale, identity FROM mailed_request`

// table is where a request stands.
func (r Request) table() string {
	if r.Email != "" {
		return "mailed_request"
	}
	return "data_request"
}

func (s *Service) requests(ctx context.Context, where string, args ...any) ([]Request, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v Request, err error) {
		return v, r.Scan(&v.ID, &v.Number, &v.Person, &v.Name, &v.Kind, &v.Body, &v.State, &v.Answer, db.Time(&v.Due), db.Time(&v.Created), db.Time(&v.Answered), db.Time(&v.Until), &v.File, &v.Size, &v.Email, &v.Locale, &v.Identity)
	}, `SELECT r.id, r.number, COALESCE(r.person_id, ''), COALESCE(p.name, r.name), r.kind, r.body, r.state, r.answer, r.due_at, r.created_at, r.answered_at, r.until_at, COALESCE(f.id, ''), COALESCE(f.size, 0), r.email, r.locale, r.identity
		FROM (`+asked+`) r LEFT JOIN person p ON p.id = r.person_id LEFT JOIN file_ref f ON f.owner_kind = 'request' AND f.owner_id = r.id WHERE `+where+` ORDER BY r.created_at DESC, r.id DESC`, args...)
}

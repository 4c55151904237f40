package account

import (
	"context"
	"database/sql"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/line"
)

// On PostgreSQL each request's first question, whose session it is, costs about as much as what many
// requests are for. Those that come at the same moment are asked together there.

// Sessions asked for together at most, questions that run at once, and how many wait for a second one to begin.
const (
	mostAsked   = 64
	askingLanes = 2
	enoughAsked = 16
)

// asked is one session that is looked up by its hash.
type asked struct {
	hash  string
	at    time.Time
	found loaded
	err   error
	done  chan struct{}
}

// fromSessions is fromSession for several at once, each as it stands at its own time.
var fromSessions = source{"k.place, " + sessionColumns,
	"unnest(CAST($1 AS TEXT[]), CAST($2 AS BIGINT[])) WITH ORDINALITY AS k (hash, at, place) JOIN session s ON s.hash = k.hash JOIN account a ON a.id = s.account_id",
	"s.delegation_id", "s.expires_at > k.at", "k.at", "k.place, "}.query()

// session reads who a session's hash stands for; sql.ErrNoRows if nobody.
func (s *Service) session(ctx context.Context, hash string) (loaded, error) {
	if s.DB.Dialect != db.Postgres || s.DB.Tx(ctx) != nil {
		return s.load(ctx, fromSession, hash, "")
	}
	one := &asked{hash: hash, at: clock.Now(ctx), done: make(chan struct{})}
	s.DB.Beside(askedKey{}, func() any {
		return &line.Line[*asked]{Lanes: askingLanes, Most: mostAsked, Enough: enoughAsked, Carry: s.lookUp}
	}).(*line.Line[*asked]).Add(one)
	select {
	case <-one.done:
		return one.found, one.err
	case <-ctx.Done():
		return loaded{}, ctx.Err()
	}
}

type askedKey struct{}

// lookUp looks up some sessions with one question.
func (s *Service) lookUp(some []*asked) {
	err := s.lookUpAll(some)
	for _, one := range some {
		switch {
		case err != nil:
			one.err = err
		case one.found.key == "":
			one.err = sql.ErrNoRows
		}
		close(one.done)
	}
}

func (s *Service) lookUpAll(some []*asked) error {
	hashes, times := make([]string, len(some)), make([]int64, len(some))
	for i, one := range some {
		hashes[i], times[i] = one.hash, one.at.UnixMicro()
	}
	ctx := context.Background() // whose request it is is nobody's alone
	rows, err := s.DB.Q(ctx).QueryContext(ctx, fromSessions, hashes, times)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var place int
		var l loaded
		if err := l.scan(rows, &place); err != nil {
			return err
		}
		one := &some[place-1].found
		l.actor.Grants = append(one.actor.Grants, l.actor.Grants...)
		*one = l
	}
	return rows.Err()
}

package mail

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// rules says who may do what with mails that are not their own.
var rules = access.Rules{
	"mail.again": access.Of(access.Operator),
}

// operate allows what only admins of the installation do.
func operate(a access.Actor) error {
	have := access.Public
	if a.System || a.Has(access.Admin) {
		have |= access.Operator
	}
	return rules.Check(a, "mail.again", have, access.Public)
}

// GivenUp is a mail that is tried no more: one message, or those of a digest.
type GivenUp struct {
	ID       string // of the mail, not of its messages
	Email    string
	Letters  []Letter // the oldest first
	Why      string   // what the mail server said, or that it said nothing
	Attempts int64
	At       time.Time
}

// mostGivenUp is how many are read at once: the newest.
const mostGivenUp = 200

// GivenUp lists mails that are tried no more, the newest first, and at most 200. Admins of the installation only.
func (s *Service) GivenUp(ctx context.Context, a access.Actor) ([]GivenUp, error) {
	if err := operate(a); err != nil {
		return nil, err
	}
	jobs, err := s.jobs.Failed(ctx, deliver, mostGivenUp)
	if err != nil {
		return nil, err
	}
	var out []GivenUp
	for _, j := range jobs {
		var p parcel
		if err := json.Unmarshal(j.Args, &p); err != nil {
			return nil, fmt.Errorf("job %s: %w", j.ID, err)
		}
		letters, err := s.contents(ctx, p)
		if err != nil {
			return nil, err
		}
		if len(letters) > 0 { // else it went out with a later mail, or was erased
			out = append(out, GivenUp{j.ID, letters[0].Email, letters, j.Error, j.Attempts, j.At})
		}
	}
	return out, nil
}

// SendAgain has mails that were given up tried anew for as long as new ones: those named, or without a name all that
// GivenUp lists. It returns how many. Admins of the installation only. Errors: NotFound for one that is not given up.
func (s *Service) SendAgain(ctx context.Context, a access.Actor, ids ...string) (n int, err error) {
	if err := operate(a); err != nil {
		return 0, err
	}
	err = work.Do(ctx, s.db, func(ctx context.Context) error {
		list, err := s.GivenUp(ctx, a)
		if err != nil {
			return err
		}
		if list, err = named(list, ids); err != nil {
			return err
		}
		for _, g := range list {
			if err := s.sendAgain(ctx, a, g); err != nil {
				return err
			}
		}
		n = len(list)
		return nil
	})
	return n, err
}

// sendAgain is noted without the address: a message's key leads to it as long as it is kept.
func (s *Service) sendAgain(ctx context.Context, a access.Actor, g GivenUp) error {
	if err := s.jobs.Retry(ctx, g.ID); err != nil {
		return err
	}
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "mail.again", Kind: "mail", ID: g.Letters[0].ID, Payload: map[string]int{"messages": len(g.Letters)}})
	return err
}

// named are those of a list with some keys, in their order; all without keys.
func named(list []GivenUp, ids []string) ([]GivenUp, error) {
	if len(ids) == 0 {
		return list, nil
	}
	by := map[string]GivenUp{}
	for _, g := range list {
		by[g.ID] = g
	}
	var out []GivenUp
	for _, id := range ids {
		g, ok := by[id]
		if !ok {
			return nil, fault.New(fault.NotFound, "outbox.given_up.none", id)
		}
		delete(by, id)
		out = append(out, g)
	}
	return out, nil
}

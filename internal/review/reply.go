package review

import (
	"context"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Reply is what somebody answers to an invitation.
type Reply struct {
	Answer   string // accept, decline, conflict
	Reason   string
	Conflict string // one of ConflictKinds, for a conflict; "": of another kind
	Instead  Suggestion
}

// Suggestion is somebody whom a person who declines would ask instead.
type Suggestion struct {
	Name, Email string
	Person      string // who it is in the register; "" where nobody or several fit
}

// ConflictKinds are what a declared conflict can be.
var ConflictKinds = []string{"organisation", "co-author", "adviser", "family", "competitor"}

// check refuses what cannot be kept.
func (r *Reply) check() error {
	var faults []*fault.Error
	if r.Conflict != "" && !slices.Contains(ConflictKinds, r.Conflict) {
		faults = append(faults, fault.Field("conflict", "fault.choice"))
	}
	r.Instead.Name, r.Instead.Email = strings.TrimSpace(r.Instead.Name), strings.TrimSpace(r.Instead.Email)
	if r.Instead.Email != "" && r.Instead.Name == "" {
		faults = append(faults, fault.Field("instead_name", "fault.required"))
	}
	if r.Instead.Email != "" && !strings.Contains(r.Instead.Email, "@") {
		faults = append(faults, fault.Field("instead_email", "account.email"))
	}
	return fault.Join(faults...)
}

// rule is by which a declared conflict keeps people apart.
func (r *Reply) rule() string {
	if r.Conflict == "" {
		return "declared"
	}
	return "declared-" + r.Conflict
}

// Answer is the invited person's: accept, decline with a reason, or declare a conflict.
func (s *Service) Answer(ctx context.Context, a access.Actor, id, answer, reason string) error {
	return s.Reply(ctx, a, id, Reply{Answer: answer, Reason: reason})
}

// Reply is Answer with all that can be said.
func (s *Service) Reply(ctx context.Context, a access.Actor, id string, reply Reply) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		r, err := s.own(ctx, a, id)
		if err != nil {
			return err
		}
		return s.answer(ctx, a, r, reply, nil)
	})
}

// answer writes what the invited person said; payload is what the ledger should know beyond it.
func (s *Service) answer(ctx context.Context, a access.Actor, r Review, reply Reply, payload any) error {
	if r.State != Invited && !(r.State == Accepted && reply.Answer == "conflict") {
		return fault.New(fault.Conflict, "review.answered")
	}
	state, ok := map[string]string{"accept": Accepted, "decline": Declined, "conflict": Conflicted}[reply.Answer]
	if !ok {
		return fault.Field("answer", "fault.choice")
	}
	if err := reply.check(); err != nil {
		return err
	}
	if state == Accepted {
		if err := s.open(ctx, r); err != nil {
			return err
		}
	}
	if state == Conflicted {
		if reply.Reason == "" {
			return fault.Field("reason", "review.conflict.say")
		}
		if err := s.declare(ctx, a, r, reply.rule(), reply.Reason); err != nil {
			return err
		}
	}
	if state != Accepted && reply.Instead.Name != "" {
		if err := s.suggestInstead(ctx, r, reply.Instead); err != nil {
			return err
		}
	}
	if err := s.setState(ctx, r, state, reply.Reason); err != nil {
		return err
	}
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review." + reply.Answer, Kind: "review", ID: r.ID, Why: reply.Reason, Payload: payload})
	return err
}

// suggestInstead keeps whom somebody would ask instead, and finds them in the register where
// exactly one person has the address or, without one, the name. Who suggests does not learn of it.
func (s *Service) suggestInstead(ctx context.Context, r Review, whom Suggestion) error {
	var err error
	if whom.Person, err = s.personLike(ctx, whom); err != nil {
		return err
	}
	return s.putSuggestion(ctx, r.ID, whom)
}

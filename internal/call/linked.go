package call

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// Links is what a call serves: the questions that it asks and its priorities.
type Links struct {
	Questions  []strategy.Question
	Priorities []strategy.Priority
}

// link ties a new call to its question and its priorities. An open question is in a call from then on.
func (s *Service) link(ctx context.Context, a access.Actor, callID string, in Input) error {
	if in.QuestionID != "" {
		if _, err := s.Strategy.Question(ctx, a, in.QuestionID); fault.Is(err, fault.NotFound) {
			return fault.Field("question", "fault.choice")
		} else if err != nil {
			return err
		}
		if err := s.insertQuestion(ctx, a, callID, in.QuestionID); err != nil {
			return err
		}
		// Only officers of the question's agency move it on; another agency's call asks it too.
		if err := s.Strategy.InCall(ctx, a, in.QuestionID); err != nil && !fault.Is(err, fault.NotAllowed) {
			return err
		}
	}
	for _, id := range in.priorities() {
		if err := s.Strategy.Serve(ctx, a, id, "call", callID); err != nil {
			return err
		}
	}
	return nil
}

// Ask ties a question to a call that is there already, for an import or a demonstration.
// Officers of the call's agency.
func (s *Service) Ask(ctx context.Context, a access.Actor, callID, questionID string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		c, err := s.load(ctx, a, callID, "call.edit")
		if err != nil {
			return err
		}
		if err := s.link(ctx, a, callID, Input{QuestionID: questionID}); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "call.ask", Kind: "call", ID: callID, Agency: c.AgencyID, Payload: map[string]string{"question": questionID}})
		return err
	})
}

func (in Input) priorities() []string {
	if in.PriorityID == "" {
		return in.Priorities
	}
	return append([]string{in.PriorityID}, in.Priorities...)
}

// Links is what the call id serves, as far as a may see it.
func (s *Service) Links(ctx context.Context, a access.Actor, id string) (Links, error) {
	var l Links
	c, err := s.byID(ctx, id)
	if err != nil {
		return l, err
	}
	if !c.visible(a) {
		return l, fault.Missing()
	}
	ids, err := s.questions(ctx, id)
	if err != nil {
		return l, err
	}
	for _, q := range ids {
		v, err := s.Strategy.Question(ctx, a, q)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return l, err
		}
		l.Questions = append(l.Questions, v.Question)
	}
	l.Priorities, err = s.Strategy.LinksOf(ctx, a, "call", id)
	return l, err
}

// Asking is the calls that ask a question, as far as a may see them, the newest first.
func (s *Service) Asking(ctx context.Context, a access.Actor, questionID string) ([]Call, error) {
	all, err := db.Rows(ctx, s.DB.Q(ctx), scanRow, `SELECT `+columns+` FROM call c JOIN call_question q ON q.call_id = c.id WHERE q.question_id = $1 ORDER BY c.created_at DESC, c.number DESC`, questionID)
	var out []Call
	for _, c := range all {
		if c.visible(a) {
			out = append(out, c)
		}
	}
	return out, err
}

func (s *Service) insertQuestion(ctx context.Context, a access.Actor, callID, questionID string) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO call_question (call_id, question_id, created_by, created_at) VALUES ($1, $2, $3, $4)`, callID, questionID, a.Account, db.At(clock.Now(ctx)))
	return err
}

func (s *Service) questions(ctx context.Context, callID string) ([]string, error) {
	return db.Strings(ctx, s.DB.Q(ctx),
		`SELECT question_id FROM call_question WHERE call_id = $1 ORDER BY created_at, question_id`, callID)
}

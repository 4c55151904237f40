package review

import (
	"context"
	"fmt"
	"net/http"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Rounds is GET /calls/{id}/assignment/rounds: how the invitations stand, and who is next.
func (p *Pages) Rounds(w http.ResponseWriter, r *http.Request) error {
	return p.rounds(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) rounds(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form) error {
	v, err := p.Reviews.RoundsOf(r.Context(), shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, roundsPage(v, refusal, typed))
}

// PlanRounds is POST /calls/{id}/assignment/rounds: how they go on, or with "ask" the next invitations.
func (p *Pages) PlanRounds(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	call, stage, done := r.PathValue("id"), r.URL.Query().Get("stage"), "review.rounds.done.plan"
	if f.Has("ask") {
		done = "review.rounds.done.asked"
		_, err = p.Reviews.AskNext(r.Context(), shell.Actor(r), call, stage, f.Text("ask"))
	} else {
		plan := review.InvitationPlan{Target: int(f.Int("target")), Reserve: int(f.Int("reserve")), AnswerDays: int(f.Int("answer_days")), Automatic: f.On("automatic")}
		if err = f.Err(); err == nil {
			err = p.Reviews.SetPlan(r.Context(), shell.Actor(r), call, stage, plan)
		}
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.rounds(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, r.URL.RequestURI(), done)
}

// replyOf reads an answer to an invitation.
func replyOf(f *shell.Form) review.Reply {
	return review.Reply{Answer: f.Get("answer"), Reason: f.Text("reason"), Conflict: f.Text("conflict"), Instead: review.Suggestion{Name: f.Text("instead_name"), Email: f.Text("instead_email")}}
}

// conflictKinds are what a declared conflict can be.
func conflictKinds(ctx context.Context) []shell.Option {
	out := []shell.Option{{Value: "", Label: shell.T(ctx, "review.conflict.kind.other")}}
	for _, kind := range review.ConflictKinds {
		out = append(out, shell.Option{Value: kind, Label: shell.T(ctx, "review.conflict.kind."+kind)})
	}
	return out
}

// planValue is what stands in a field of the plan.
func planValue(v review.Rounds, typed *shell.Form, name string) string {
	if typed != nil && !typed.Has("ask") {
		return typed.Get(name)
	}
	return fmt.Sprint(map[string]int{"target": v.Target, "reserve": v.Reserve, "answer_days": v.AnswerDays}[name])
}

// nextTasks are the calls in which a conflict came to light, and those in which somebody turned an invitation down and the
// officer asks the next.
func (p *Pages) nextTasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	late, err := p.Reviews.LateCalls(ctx, a)
	if err != nil {
		return nil, err
	}
	var out []shell.Task
	for _, t := range late {
		out = append(out, shell.Task{Title: shell.T(ctx, "review.task.late", t.N, t.Number), Href: "/calls/" + t.CallID + "/assignment/rounds?stage=" + t.Stage,
			What: shell.T(ctx, "review.task.late.what", t.Title), Button: shell.T(ctx, "review.task.late.go")})
	}
	list, err := p.Reviews.ToAsk(ctx, a)
	for _, t := range list {
		out = append(out, shell.Task{Title: shell.T(ctx, "review.task.next", t.N, t.Number), Href: "/calls/" + t.CallID + "/assignment/rounds?stage=" + t.Stage,
			What: shell.T(ctx, "review.task.next.what", t.Title), Button: shell.T(ctx, "review.task.next.go")})
	}
	return out, err
}

// Package review is the pages on which people judge proposals, and on which
// officers ask them to.
package review

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Pages are the reviews' pages.
type Pages struct {
	Reviews   *review.Service
	Panels    *panel.Service
	Proposals *proposal.Service
	Register  *register.Service
}

// Mine is GET /reviews.
func (p *Pages) Mine(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Reviews.Mine(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	panels, err := p.Panels.Mine(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	credits, err := p.Reviews.Credits(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, minePage(list, panels, len(credits)))
}

// Credit is GET /reviews/credit.json: one's reviews as records for ORCID.
func (p *Pages) Credit(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Reviews.Credits(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	if list == nil {
		list = []review.Credit{}
	}
	shell.Attachment(w, "orcid-peer-reviews.json", "application/json")
	return json.NewEncoder(w).Encode(list)
}

// Show is GET /reviews/{id}.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Reviews.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, showPage(v, shell.Refusal{}))
}

// Answer is POST /reviews/{id}/answer.
func (p *Pages) Answer(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, answer := r.PathValue("id"), f.Get("answer")
	err = p.Reviews.Reply(r.Context(), shell.Actor(r), id, replyOf(f))
	if refusal, ok := shell.Refused(err); ok {
		return p.again(w, r, refusal)
	}
	if err != nil {
		return err
	}
	if answer != "accept" {
		return shell.Go(w, r, "/reviews", "review.done."+answer)
	}
	return shell.Go(w, r, "/reviews/"+id, "review.done.accept")
}

// Promise is POST /reviews/{id}/promise.
func (p *Pages) Promise(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	if !f.On("promise") {
		f.Refuse("promise", "review.promise.tick")
		refusal, _ := shell.Refused(f.Err())
		return p.again(w, r, refusal)
	}
	if err := p.Reviews.PromiseFor(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return shell.Go(w, r, "/reviews/"+r.PathValue("id"), "review.done.promised")
}

func (p *Pages) again(w http.ResponseWriter, r *http.Request, refusal shell.Refusal) error {
	v, err := p.Reviews.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusUnprocessableEntity, showPage(v, refusal))
}

// Save is POST /reviews/{id}: the draft, or with "submit" the review; or what
// changed in it, by the page's script (which asks for JSON).
func (p *Pages) Save(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, a := r.PathValue("id"), shell.Actor(r)
	v, err := p.Reviews.Get(r.Context(), a, id)
	if err != nil {
		return err
	}
	answers, minutes := typed(f, v)
	saved, err := p.Reviews.Save(r.Context(), a, id, answers, minutes)
	if shell.FromScript(r) {
		return answerJSON(w, r, saved, err)
	}
	if v.State == review.Accepted && fault.Is(err, fault.Conflict) {
		return p.over(w, r, answers, err)
	}
	if err != nil {
		return err
	}
	if len(saved.Kept) > 0 {
		return p.kept(w, r, answers, saved)
	}
	if !f.Has("submit") {
		return shell.Go(w, r, "/reviews/"+id, "review.done.saved")
	}
	err = p.Reviews.Submit(r.Context(), a, id)
	if refusal, ok := shell.Refused(err); ok {
		return p.again(w, r, refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/reviews/"+id, "review.done.submitted")
}

// typed reads the fields that were sent, each with the version that it was written on.
func typed(f *shell.Form, v review.View) (answers map[string]review.Answer, minutes int) {
	answers, minutes = map[string]review.Answer{}, -1
	for _, c := range v.Criteria {
		if !f.Has(c.ID) && !f.Has(c.ID+"_text") {
			continue
		}
		score, _ := strconv.ParseFloat(f.Get(c.ID), 64) // none chosen counts as not scored yet
		a := review.Answer{Score: score, Text: f.Text(c.ID + "_text"), Version: review.Anyway}
		if version, err := strconv.ParseInt(f.Get("v_"+c.ID), 10, 64); err == nil {
			a.Version = version
		}
		answers[c.ID] = a
	}
	if f.Has("minutes") {
		minutes = int(f.Int("minutes"))
	}
	return answers, minutes
}

// kept shows the form again with what was typed, where another window had written
// meanwhile; saving once more writes over it.
func (p *Pages) kept(w http.ResponseWriter, r *http.Request, answers map[string]review.Answer, saved review.Saved) error {
	v, err := p.Reviews.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	var faults []*fault.Error
	for _, c := range v.Criteria {
		if there, kept := saved.Kept[c.ID]; kept {
			faults = append(faults, fault.Field(c.ID+"_text", "review.kept.there", there.Score, there.Text))
			v.Answers[c.ID] = review.Answer{Score: answers[c.ID].Score, Text: answers[c.ID].Text, Version: there.Version}
		}
	}
	refusal, _ := shell.Refused(fault.Join(faults...))
	return shell.Render(w, r, http.StatusUnprocessableEntity, showPage(v, refusal))
}

// over shows a review that is no longer needed, with what was typed.
func (p *Pages) over(w http.ResponseWriter, r *http.Request, answers map[string]review.Answer, err error) error {
	v, failed := p.Reviews.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if failed != nil {
		return failed
	}
	maps.Copy(v.Answers, answers)
	refusal, _ := shell.Refused(err)
	return shell.Render(w, r, http.StatusUnprocessableEntity, showPage(v, refusal))
}

// answerJSON tells the page's script what was stored.
func answerJSON(w http.ResponseWriter, r *http.Request, saved review.Saved, err error) error {
	status := http.StatusOK
	answer := map[string]any{"versions": saved.Versions, "at": saved.At.In(shell.Of(r.Context()).Zone).Format("15:04:05")}
	var kept []map[string]string
	for field, there := range saved.Kept {
		kept = append(kept, map[string]string{"field": field, "there": there.Text, "version": strconv.FormatInt(there.Version, 10)})
	}
	answer["kept"] = kept
	if err != nil {
		f := db.Fault(err)
		status = f.Kind.Status()
		answer = map[string]any{"error": f.Msg.In(shell.Of(r.Context()).Locale), "field": f.Field}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(answer)
}

// File is GET /reviews/{id}/files/{ref}.
func (p *Pages) File(w http.ResponseWriter, r *http.Request) error {
	ref, content, err := p.Reviews.File(r.Context(), shell.Actor(r), r.PathValue("id"), r.PathValue("ref"))
	if err != nil {
		return err
	}
	return shell.File(w, r, ref, content)
}

// OfProposal is GET /proposals/{id}/reviews, for staff.
func (p *Pages) OfProposal(w http.ResponseWriter, r *http.Request) error {
	return p.ofProposal(w, r, http.StatusOK, shell.PickField{}, shell.Refusal{})
}

func (p *Pages) ofProposal(w http.ResponseWriter, r *http.Request, status int, pick shell.PickField, refusal shell.Refusal) error {
	list, err := p.Reviews.OfProposal(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := p.Proposals.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	invite, err := p.Reviews.MayInvite(r.Context(), v)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, ofProposalPage(v, list, invite, pick, refusal))
}

// Invite is POST /proposals/{id}/reviews.
func (p *Pages) Invite(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	pick := shell.PickField{Typed: f.Text("person_text")}
	person, err := shell.Picked(r.Context(), f, "person", &pick, p.Register.FindPeople)
	if err == nil {
		_, err = p.Reviews.Invite(r.Context(), shell.Actor(r), r.PathValue("id"), person)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.ofProposal(w, r, http.StatusUnprocessableEntity, pick, refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+r.PathValue("id")+"/reviews", "review.done.invited")
}

// overFor is how long a reviewer is told on their home page that a review is no longer needed.
const overFor = 30 * 24 * time.Hour

// Tasks is what waits for a reviewer, and for the officer whose proposals have none.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	list, err := p.Reviews.Mine(ctx, a)
	var out []shell.Task
	for _, v := range list {
		t := shell.Task{Due: v.DueAt, Href: "/reviews/" + v.ID}
		switch {
		case v.Over() && shell.Of(ctx).Now.Sub(v.Closed) > overFor:
			continue
		case v.Over():
			t.Due, t.Title, t.What, t.Button = time.Time{}, shell.T(ctx, "review.task.over", v.Number), shell.T(ctx, "review.over", shell.Instant(ctx, v.Closed)), shell.T(ctx, "review.task.over.go")
		case v.State == review.Invited:
			if !v.AnswerBy.IsZero() {
				t.Due = v.AnswerBy
			}
			t.Title, t.What, t.Button = shell.T(ctx, "review.task.answer"), shell.T(ctx, "review.task.answer.what", v.Title), shell.T(ctx, "review.task.answer.go")
		case v.State == review.Accepted:
			t.Title, t.What, t.Button = shell.T(ctx, "review.task.write", v.Number), shell.T(ctx, "review.task.write.what", v.Title), shell.T(ctx, "proposal.goon")
		default:
			continue
		}
		out = append(out, t)
	}
	if err != nil {
		return out, err
	}
	calls, err := p.Reviews.Unassigned(ctx, a)
	for _, u := range calls {
		out = append(out, shell.Task{Title: shell.T(ctx, "review.task.assign", u.N, u.Number), Href: "/calls/" + u.CallID + "/assignment", What: shell.T(ctx, "review.task.assign.what", u.Title), Button: shell.T(ctx, "review.task.assign.go")})
	}
	if err != nil {
		return out, err
	}
	next, err := p.nextTasks(ctx, a)
	return append(out, next...), err
}

// Package panel is the pages on which people judge together: panels for officers, the
// order of the day and its items for members, and the meeting.
package panel

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Pages are the panels' pages.
type Pages struct {
	Panels   *panel.Service
	Register *register.Service
}

// Board is GET /calls/{id}/panels.
func (p *Pages) Board(w http.ResponseWriter, r *http.Request) error {
	return p.board(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) board(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form) error {
	b, err := p.Panels.Board(r.Context(), shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, boardPage(b, refusal, typed))
}

// boardAt is the address of the panels of a call's stage.
func boardAt(call, stage string) string {
	return "/calls/" + call + "/panels?stage=" + url.QueryEscape(stage)
}

// Form is POST /calls/{id}/panels.
func (p *Pages) Form(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, stage := r.PathValue("id"), r.URL.Query().Get("stage")
	plan := panel.Plan{Groups: int(f.Int("groups")), Most: int(f.Int("most"))}
	if err = f.Err(); err == nil {
		_, err = p.Panels.Form(r.Context(), shell.Actor(r), id, stage, plan)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.board(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, boardAt(id, stage), "panel.done.formed")
}

// Show is GET /panels/{id}.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, http.StatusOK, shell.PickField{}, shell.Refusal{}, nil)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, pick shell.PickField, refusal shell.Refusal, typed *shell.Form) error {
	v, err := p.Panels.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	var others []panel.View
	var fitting []panel.Fitting
	if v.MayForm() && r.URL.Query().Has("suggest") {
		if fitting, err = p.Panels.Fitting(r.Context(), shell.Actor(r), v.ID); err != nil {
			return err
		}
	}
	if v.MayForm() {
		b, err := p.Panels.Board(r.Context(), shell.Actor(r), v.CallID, v.Stage)
		if err != nil {
			return err
		}
		others = b.Panels
	}
	return shell.Render(w, r, status, showPage(v, others, fitting, pick, refusal, typed))
}

// act runs what a form of a panel's page asks for, and leads back to it.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, to, done string, do func(ctx context.Context, a access.Actor, f *shell.Form) error) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	err = do(r.Context(), shell.Actor(r), f)
	if refusal, ok := shell.Refused(err); ok {
		return p.again(w, r, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, to, done)
}

// again draws the page from which a refused form came.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, refusal shell.Refusal, typed *shell.Form) error {
	switch {
	case r.PathValue("item") != "" && typed.Has("live"), strings.HasSuffix(r.URL.Path, "/meeting"), strings.HasSuffix(r.URL.Path, "/attendance"):
		return p.meeting(w, r, http.StatusUnprocessableEntity, refusal)
	case r.PathValue("item") != "":
		return p.item(w, r, http.StatusUnprocessableEntity, refusal, typed)
	}
	return p.show(w, r, http.StatusUnprocessableEntity, shell.PickField{}, refusal, typed)
}

func at(r *http.Request) string { return "/panels/" + r.PathValue("id") }

func itemAt(r *http.Request) string { return at(r) + "/items/" + r.PathValue("item") }

// Settle is POST /panels/{id}.
func (p *Pages) Settle(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, at(r), "panel.done.settled", func(ctx context.Context, a access.Actor, f *shell.Form) error {
		meets, quorum := local(ctx, f, "meets"), int(f.Int("quorum"))
		if err := f.Err(); err != nil {
			return err
		}
		return p.Panels.Settle(ctx, a, r.PathValue("id"), f.Text("name"), meets, quorum)
	})
}

// local is a date with its time in the viewer's zone; the zero time if the field is empty.
func local(ctx context.Context, f *shell.Form, name string) time.Time {
	s := f.Text(name)
	if s == "" {
		return time.Time{}
	}
	t, err := time.ParseInLocation(clockForm, s, shell.Of(ctx).Zone)
	if err != nil {
		f.Refuse(name, "fault.date")
	}
	return t
}

// clockForm is how a browser writes a date with its time.
const clockForm = "2006-01-02T15:04"

// Seat is POST /panels/{id}/members.
func (p *Pages) Seat(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	pick := shell.PickField{Typed: f.Text("person_text")}
	person, err := shell.Picked(r.Context(), f, "person", &pick, p.Register.FindPeople)
	if err == nil {
		err = p.Panels.Seat(r.Context(), shell.Actor(r), r.PathValue("id"), person, f.Get("role"))
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.show(w, r, http.StatusUnprocessableEntity, pick, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, at(r)+"#members", "panel.done.seated")
}

// Change is POST /panels/{id}/members/{person}: another role, or out.
func (p *Pages) Change(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, at(r)+"#members", "panel.done.members", func(ctx context.Context, a access.Actor, f *shell.Form) error {
		if f.Has("leave") {
			return p.Panels.Unseat(ctx, a, r.PathValue("id"), r.PathValue("person"))
		}
		return p.Panels.Seat(ctx, a, r.PathValue("id"), r.PathValue("person"), f.Get("role"))
	})
}

// Arrange is POST /panels/{id}/order: places and rapporteurs; or with "suggest" the
// rapporteurs that know most.
func (p *Pages) Arrange(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, at(r)+"#order", "panel.done.arranged", func(ctx context.Context, a access.Actor, f *shell.Form) error {
		id := r.PathValue("id")
		if f.Has("suggest") {
			return p.Panels.Rapporteurs(ctx, a, id)
		}
		var list []panel.Order
		for name := range f.Values {
			if item, ok := strings.CutPrefix(name, "place_"); ok {
				list = append(list, panel.Order{Item: item, Place: int(f.Int(name)), Rapporteur: f.Get("rapporteur_" + item)})
			}
		}
		if err := f.Err(); err != nil {
			return err
		}
		return p.Panels.Arrange(ctx, a, id, list)
	})
}

// Announce is POST /panels/{id}/announce.
func (p *Pages) Announce(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, at(r), "panel.done.announced", func(ctx context.Context, a access.Actor, _ *shell.Form) error {
		return p.Panels.Announce(ctx, a, r.PathValue("id"))
	})
}

// Dissolve is POST /panels/{id}/dissolve.
func (p *Pages) Dissolve(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Panels.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.act(w, r, boardAt(v.CallID, v.Stage), "panel.done.dissolved", func(ctx context.Context, a access.Actor, _ *shell.Form) error {
		return p.Panels.Dissolve(ctx, a, v.ID)
	})
}

// Promise is POST /panels/{id}/promise.
func (p *Pages) Promise(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, at(r), "review.done.promised", func(ctx context.Context, a access.Actor, f *shell.Form) error {
		if !f.On("promise") {
			return fault.Field("promise", "review.promise.tick")
		}
		return p.Panels.Promise(ctx, a, r.PathValue("id"))
	})
}

// Item is GET /panels/{id}/items/{item}.
func (p *Pages) Item(w http.ResponseWriter, r *http.Request) error {
	return p.item(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) item(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form) error {
	d, err := p.Panels.Item(r.Context(), shell.Actor(r), r.PathValue("id"), r.PathValue("item"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, itemPage(d, refusal, typed))
}

// Score is POST /panels/{id}/items/{item}/score: what a member thinks before the meeting.
func (p *Pages) Score(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, itemAt(r), "panel.done.said", func(ctx context.Context, a access.Actor, f *shell.Form) error {
		score := f.Float("score")
		if err := f.Err(); err != nil {
			return err
		}
		return p.Panels.Say(ctx, a, r.PathValue("id"), r.PathValue("item"), score, f.Text("note"))
	})
}

// Comment is POST /panels/{id}/items/{item}/comments.
func (p *Pages) Comment(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, itemAt(r)+"#discussion", "panel.done.comment", func(ctx context.Context, a access.Actor, f *shell.Form) error {
		return p.Panels.Comment(ctx, a, r.PathValue("id"), r.PathValue("item"), f.Get("text"))
	})
}

// Conflict is POST /panels/{id}/items/{item}/conflict.
func (p *Pages) Conflict(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, at(r), "review.done.conflict", func(ctx context.Context, a access.Actor, f *shell.Form) error {
		return p.Panels.Declare(ctx, a, r.PathValue("id"), r.PathValue("item"), f.Text("reason"))
	})
}

// Move is POST /panels/{id}/items/{item}/move.
func (p *Pages) Move(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, at(r)+"#order", "panel.done.moved", func(ctx context.Context, a access.Actor, f *shell.Form) error {
		return p.Panels.Move(ctx, a, r.PathValue("id"), r.PathValue("item"), f.Get("to"))
	})
}

// File is GET /panels/{id}/items/{item}/files/{ref}.
func (p *Pages) File(w http.ResponseWriter, r *http.Request) error {
	ref, content, err := p.Panels.File(r.Context(), shell.Actor(r), r.PathValue("id"), r.PathValue("item"), r.PathValue("ref"))
	if err != nil {
		return err
	}
	return shell.File(w, r, ref, content)
}

// Meeting is GET /panels/{id}/meeting.
func (p *Pages) Meeting(w http.ResponseWriter, r *http.Request) error {
	return p.meeting(w, r, http.StatusOK, shell.Refusal{})
}

func (p *Pages) meeting(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal) error {
	v, d, err := p.now(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, meetingPage(v, d, refusal))
}

// now is the meeting as a sees it, with the item that it treats, if a may know of it.
func (p *Pages) now(ctx context.Context, a access.Actor, id string) (panel.View, *panel.Detail, error) {
	v, err := p.Panels.Get(ctx, a, id)
	if err != nil || v.Open == nil {
		return v, nil, err
	}
	d, err := p.Panels.Item(ctx, a, id, v.Open.ID)
	if fault.Is(err, fault.NotFound) { // moved away in between
		return v, nil, nil
	}
	return v, &d, err
}

// Follow is GET /panels/{id}/meeting/live: the live part of the meeting's page.
func (p *Pages) Follow(w http.ResponseWriter, r *http.Request) error {
	id, a := r.PathValue("id"), shell.Actor(r)
	if _, err := p.Panels.Get(r.Context(), a, id); err != nil { // who may not see the panel does not learn that it is there
		return err
	}
	return shell.Live{
		Stamp: p.Panels.Watch(a, id).Stamp,
		Part: func(ctx context.Context) (templ.Component, error) {
			v, d, err := p.now(ctx, a, id)
			return meetingPart(v, d), err
		},
	}.Serve(w, r)
}

// Attend is POST /panels/{id}/attendance: with "here" or "gone" the member who came, or left.
func (p *Pages) Attend(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, at(r)+"/meeting", "", func(ctx context.Context, a access.Actor, f *shell.Form) error {
		if f.Has("gone") {
			return p.Panels.Attend(ctx, a, r.PathValue("id"), f.Get("gone"), false)
		}
		return p.Panels.Attend(ctx, a, r.PathValue("id"), f.Get("here"), true)
	})
}

// Minutes is GET /panels/{id}/minutes: what the meeting said, of what the viewer may know of.
func (p *Pages) Minutes(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Panels.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, minutesPage(v))
}

// Run is POST /panels/{id}/meeting: begins or ends it.
func (p *Pages) Run(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, at(r)+"/meeting", "", func(ctx context.Context, a access.Actor, f *shell.Form) error {
		if f.Get("do") == "end" {
			return p.Panels.End(ctx, a, r.PathValue("id"))
		}
		return p.Panels.Begin(ctx, a, r.PathValue("id"))
	})
}

// Call is POST /panels/{id}/items/{item}/call.
func (p *Pages) Call(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, at(r)+"/meeting", "", func(ctx context.Context, a access.Actor, _ *shell.Form) error {
		return p.Panels.Call(ctx, a, r.PathValue("id"), r.PathValue("item"))
	})
}

// Close is POST /panels/{id}/items/{item}/close.
func (p *Pages) Close(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, at(r)+"/meeting", "", func(ctx context.Context, a access.Actor, _ *shell.Form) error {
		return p.Panels.Close(ctx, a, r.PathValue("id"), r.PathValue("item"))
	})
}

// Vote is POST /panels/{id}/items/{item}/vote.
func (p *Pages) Vote(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, at(r)+"/meeting", "panel.done.voted", func(ctx context.Context, a access.Actor, f *shell.Form) error {
		score := f.Float("score")
		if err := f.Err(); err != nil {
			return err
		}
		return p.Panels.Vote(ctx, a, r.PathValue("id"), r.PathValue("item"), score)
	})
}

// Summarise is POST /panels/{id}/items/{item}/summary.
func (p *Pages) Summarise(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	to := itemAt(r) + "#summary"
	if f.Has("live") {
		to = at(r) + "/meeting"
	}
	return p.act(w, r, to, "panel.done.summary", func(ctx context.Context, a access.Actor, f *shell.Form) error {
		return p.Panels.Summarise(ctx, a, r.PathValue("id"), r.PathValue("item"), f.Get("summary"))
	})
}

// Tasks is what waits for a member of a panel.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	list, err := p.Panels.Mine(ctx, a)
	var out []shell.Task
	for _, v := range list {
		t := shell.Task{Due: v.MeetsAt, Href: "/panels/" + v.ID, What: shell.T(ctx, "panel.task.what", v.Call)}
		switch n := v.Unsaid(); {
		case v.State == panel.Meeting:
			t.Title, t.Href, t.Button = shell.T(ctx, "panel.task.meeting", v.Name), t.Href+"/meeting", shell.T(ctx, "panel.task.meeting.go")
		case n > 0:
			t.Title, t.Button = shell.T(ctx, "panel.task.say", n, v.Name), shell.T(ctx, "panel.task.say.go")
		default:
			continue
		}
		out = append(out, t)
	}
	return out, err
}

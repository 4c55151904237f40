package council

import (
	"context"
	"net/http"
	"strings"

	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ical"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Meeting is GET /council-meetings/{id}.
func (p *Pages) Meeting(w http.ResponseWriter, r *http.Request) error {
	return p.meeting(w, r, http.StatusOK, redraw{})
}

func (p *Pages) meeting(w http.ResponseWriter, r *http.Request, status int, g redraw) error {
	v, err := p.Council.Meeting(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	may, err := p.Council.MayApprove(r.Context(), shell.Actor(r), v)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, meetingPage(v, may, g))
}

// Move is POST /council-meetings/{id}/state.
func (p *Pages) Move(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return post(w, r, "/council-meetings/"+id, "council.done.moved", func(ctx context.Context, a access.Actor, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Move(ctx, a, id, f.Text("to"))
	}, p.meeting)
}

func readMeeting(f *shell.Form) council.MeetingInput {
	return council.MeetingInput{Day: f.Text("day"), From: f.Text("from"), Until: f.Text("until"), Zone: f.Text("zone"), Place: f.Text("place"), Link: f.Text("link")}
}

// zoneOf is the zone in which the visitor reads hours.
func zoneOf(ctx context.Context) string {
	if z := shell.Of(ctx).Zone; z != nil {
		return z.String()
	}
	return "UTC"
}

// Set is POST /council-meetings/{id}/time.
func (p *Pages) Set(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return post(w, r, "/council-meetings/"+id, "council.done.set", func(ctx context.Context, a access.Actor, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Set(ctx, a, id, f.Int("version"), readMeeting(f))
	}, p.meeting)
}

// Calendar is GET /council-meetings/{id}/calendar: the meeting for the visitor's own calendar, with the agenda
// that the visitor may know of.
func (p *Pages) Calendar(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := p.Council.Meeting(ctx, shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	e := ical.Event{UID: v.ID + "-meets", Stamp: v.SetAt, Sequence: v.Moves, Start: v.Starts, End: v.Ends, Summary: shell.T(ctx, "council.meeting.called", v.Body.Name, v.Number), Place: v.Place, URL: v.Link, Text: agendaText(ctx, v)}
	if v.Starts.IsZero() {
		e.Day = v.Day
	}
	if v.SetAt.IsZero() { // of a time when that was not kept
		e.Stamp = shell.Of(ctx).Now
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+v.Number+`.ics"`)
	_, err = w.Write([]byte(ical.Write("Council", []ical.Event{e})))
	return err
}

// agendaText is the agenda in lines.
func agendaText(ctx context.Context, v council.MeetingView) string {
	var lines []string
	for _, i := range v.Items {
		lines = append(lines, shell.T(ctx, "council.mail.line", i.Number, i.Title))
	}
	return strings.Join(lines, "\n")
}

// Attend is POST /council-meetings/{id}/present.
func (p *Pages) Attend(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return post(w, r, "/council-meetings/"+id, "council.done.attended", func(ctx context.Context, a access.Actor, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Attend(ctx, a, id, f.Values["present"])
	}, p.meeting)
}

// Minutes is GET /council-meetings/{id}/minutes: the draft, or with ?edition= one that was approved.
func (p *Pages) Minutes(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Council.Meeting(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	for _, e := range v.Editions {
		if e.ID == r.URL.Query().Get("edition") {
			return shell.Render(w, r, http.StatusOK, minutesPage(v, e.Minutes, &e))
		}
	}
	return shell.Render(w, r, http.StatusOK, minutesPage(v, council.Draft(v), nil))
}

// Approve is POST /council-meetings/{id}/minutes.
func (p *Pages) Approve(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return post(w, r, "/council-meetings/"+id, "council.done.approved", func(ctx context.Context, a access.Actor, _ *shell.Form, _ *shell.PickField) error {
		return p.Council.Approve(ctx, a, id)
	}, p.meeting)
}

// Correct is POST /council-meetings/{id}/minutes/correct.
func (p *Pages) Correct(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return post(w, r, "/council-meetings/"+id, "council.done.correct", func(ctx context.Context, a access.Actor, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Correct(ctx, a, id, f.Text("why"))
	}, p.meeting)
}

// itemForm is what the form of an item holds.
type itemForm struct {
	in         council.ItemInput
	meeting    council.MeetingView
	id         string // "" of a new one
	version    int64
	agencies   []shell.Option // others than the body's
	priorities []shell.Option // that the body may decide
	refusal    shell.Refusal
}

// NewItem is GET /council-meetings/{id}/items/new.
func (p *Pages) NewItem(w http.ResponseWriter, r *http.Request) error {
	return p.itemForm(w, r, http.StatusOK, r.PathValue("id"), itemForm{in: council.ItemInput{Refusal: council.Return, Days: 14}})
}

func (p *Pages) itemForm(w http.ResponseWriter, r *http.Request, status int, meeting string, d itemForm) error {
	ctx := r.Context()
	var err error
	if d.meeting, err = p.Council.Meeting(ctx, shell.Actor(r), meeting); err != nil {
		return err
	}
	if !d.meeting.MayRun {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	all, err := p.Register.Agencies(ctx)
	if err != nil {
		return err
	}
	for _, g := range all {
		if g.ID == d.meeting.Body.AgencyID {
			continue
		}
		o := shell.Option{Value: g.ID, Label: shell.Say(ctx, g.Name)}
		for _, t := range d.in.Touches {
			o.Chosen = o.Chosen || t == g.ID
		}
		d.agencies = append(d.agencies, o)
	}
	if d.priorities, err = p.decidable(r, d.meeting.Body); err != nil {
		return err
	}
	return shell.Render(w, r, status, itemFormPage(d))
}

// decidable are the priorities that a body may put in force or drop.
func (p *Pages) decidable(r *http.Request, b council.Body) ([]shell.Option, error) {
	if !b.Priorities {
		return nil, nil
	}
	tree, err := p.Council.Strategy.Tree(r.Context(), shell.Actor(r))
	out := []shell.Option{{Label: shell.T(r.Context(), "council.item.priority.none")}}
	for _, n := range strategy.Flat(tree) {
		if n.AgencyID == b.AgencyID && (n.State == "draft" || n.State == "active") {
			out = append(out, shell.Option{Value: n.ID, Label: n.Number + " " + shell.Say(r.Context(), n.Title) + " (" + shell.T(r.Context(), "strategy.state."+n.State) + ")"})
		}
	}
	return out, err
}

func readItem(f *shell.Form) itemForm {
	return itemForm{version: f.Int("version"), in: council.ItemInput{Title: f.Texts("title"), Background: f.Texts("background"), Motion: f.Texts("motion"), Secret: f.On("secret"),
		PriorityID: f.Text("priority"), PriorityState: f.Text("priority_state"), Touches: f.Values["touches"], Refusal: f.Text("refusal"), Days: int(f.Int("days"))}}
}

// AddItem is POST /council-meetings/{id}/items.
func (p *Pages) AddItem(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d, made := readItem(f), council.Item{}
	if err = f.Err(); err == nil {
		made, err = p.Council.AddItem(r.Context(), shell.Actor(r), r.PathValue("id"), d.in)
	}
	var refused bool
	if d.refusal, refused = shell.Refused(err); refused {
		return p.itemForm(w, r, http.StatusUnprocessableEntity, r.PathValue("id"), d)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/council-items/"+made.ID, "council.done.item")
}

// EditItem is GET /council-items/{id}/edit.
func (p *Pages) EditItem(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Council.Item(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.itemForm(w, r, http.StatusOK, v.MeetingID, itemForm{id: v.ID, version: v.Item.Version, in: council.ItemInput{Title: v.Title, Background: v.Background, Motion: v.Motion, Secret: v.Secret,
		PriorityID: v.PriorityID, PriorityState: v.PriorityState, Touches: v.Touches, Refusal: v.Refusal, Days: v.Days}})
}

// MendItem is POST /council-items/{id}/edit.
func (p *Pages) MendItem(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Council.Item(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d := readItem(f)
	d.id = v.ID
	if err = f.Err(); err == nil {
		err = p.Council.EditItem(r.Context(), shell.Actor(r), v.ID, d.version, d.in)
	}
	var refused bool
	if d.refusal, refused = shell.Refused(err); refused {
		return p.itemForm(w, r, http.StatusUnprocessableEntity, v.MeetingID, d)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/council-items/"+v.ID, "council.done.item")
}

// DropItem is POST /council-items/{id}/drop.
func (p *Pages) DropItem(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	v, err := p.Council.Item(r.Context(), shell.Actor(r), id)
	if err != nil {
		return err
	}
	return post(w, r, "/council-meetings/"+v.MeetingID, "council.done.dropped", func(ctx context.Context, a access.Actor, f *shell.Form, _ *shell.PickField) error {
		return p.Council.DropItem(ctx, a, id, f.Text("drop"))
	}, p.item)
}

// Item is GET /council-items/{id}.
func (p *Pages) Item(w http.ResponseWriter, r *http.Request) error {
	return p.item(w, r, http.StatusOK, redraw{})
}

func (p *Pages) item(w http.ResponseWriter, r *http.Request, status int, g redraw) error {
	ctx, a := r.Context(), shell.Actor(r)
	v, err := p.Council.Item(ctx, a, r.PathValue("id"))
	if err != nil {
		return err
	}
	cases, err := p.Council.AgreementsOn(ctx, a, council.OfItem, v.ID)
	if err != nil {
		return err
	}
	var about []council.About
	for _, x := range v.Records {
		about = append(about, council.About{Kind: x.Kind, ID: x.ID})
	}
	had, err := p.Council.Advised(ctx, a, council.OfItem, v.ID, about)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, itemPage(v, a.Person, cases, had, g))
}

// onItem does one thing with an item and shows it again.
func (p *Pages) onItem(w http.ResponseWriter, r *http.Request, done string, act func(ctx context.Context, a access.Actor, id string, f *shell.Form, pick *shell.PickField) error) error {
	id := r.PathValue("id")
	return post(w, r, "/council-items/"+id, done, func(ctx context.Context, a access.Actor, f *shell.Form, pick *shell.PickField) error {
		return act(ctx, a, id, f, pick)
	}, p.item)
}

// Lay is POST /council-items/{id}/records.
func (p *Pages) Lay(w http.ResponseWriter, r *http.Request) error {
	return p.onItem(w, r, "council.done.laid", func(ctx context.Context, a access.Actor, id string, f *shell.Form, _ *shell.PickField) error {
		kind, record := recordAt(f.Text("address"))
		return p.Council.Lay(ctx, a, id, kind, record)
	})
}

// kinds are the rooms of the addresses of records that a dossier holds.
var kinds = map[string]string{"needs": "need", "questions": "question", "priorities": "priority", "calls": "call", "decisions": "decision"}

// recordAt is the record at an address of ours, whole or from the first stroke; empty where there is none.
func recordAt(address string) (kind, id string) {
	address, _, _ = strings.Cut(address, "?")
	parts := strings.Split(strings.Trim(address, "/"), "/")
	for i := 0; i+1 < len(parts); i++ {
		if kind, ok := kinds[parts[i]]; ok {
			return kind, parts[i+1]
		}
	}
	return "", ""
}

// Recuse is POST /council-items/{id}/recusals.
func (p *Pages) Recuse(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	v, err := p.Council.Item(r.Context(), shell.Actor(r), id)
	if err != nil {
		return err
	}
	page := "/council-items/" + id
	if f, err := shell.Parse(w, r); err != nil {
		return err
	} else if f.Text("person") == shell.Actor(r).Person {
		page = "/council-meetings/" + v.MeetingID // the item is gone for who is recused
	}
	return post(w, r, page, "council.done.recused", func(ctx context.Context, a access.Actor, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Recuse(ctx, a, id, f.Text("person"), f.Text("reason"))
	}, p.item)
}

// Vote is POST /council-items/{id}/vote: opens the vote, or with "close" counts it.
func (p *Pages) Vote(w http.ResponseWriter, r *http.Request) error {
	return p.onItem(w, r, "council.done.vote", func(ctx context.Context, a access.Actor, id string, f *shell.Form, _ *shell.PickField) error {
		if f.Has("close") {
			return p.Council.CloseVote(ctx, a, id)
		}
		return p.Council.OpenVote(ctx, a, id)
	})
}

// Cast is POST /council-items/{id}/ballot.
func (p *Pages) Cast(w http.ResponseWriter, r *http.Request) error {
	return p.onItem(w, r, "council.done.cast", func(ctx context.Context, a access.Actor, id string, f *shell.Form, _ *shell.PickField) error {
		return p.Council.CastVote(ctx, a, id, f.Text("choice"))
	})
}

// Note is POST /council-items/{id}/notes.
func (p *Pages) Note(w http.ResponseWriter, r *http.Request) error {
	return p.onItem(w, r, "council.done.noted", func(ctx context.Context, a access.Actor, id string, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Note(ctx, a, id, f.Int("version"), f.Texts("notes"))
	})
}

// Require is POST /council-items/{id}/conditions.
func (p *Pages) Require(w http.ResponseWriter, r *http.Request) error {
	return p.onItem(w, r, "council.done.required", func(ctx context.Context, a access.Actor, id string, f *shell.Form, pick *shell.PickField) error {
		person, err := shell.Picked(ctx, f, "person", pick, p.Register.FindPeople)
		if err != nil {
			return err
		}
		return p.Council.Require(ctx, a, id, council.ConditionInput{Text: f.Texts("condition"), Person: person, Due: f.Text("due")})
	})
}

// CiteOnItem is POST /council-items/{id}/advice.
func (p *Pages) CiteOnItem(w http.ResponseWriter, r *http.Request) error {
	return p.onItem(w, r, "council.done.cited", func(ctx context.Context, a access.Actor, id string, f *shell.Form, _ *shell.PickField) error {
		return p.Council.Cite(ctx, a, council.OfItem, id, f.Text("advice"), f.Text("followed"), f.Text("why"))
	})
}

// Condition is GET /council-conditions/{id}.
func (p *Pages) Condition(w http.ResponseWriter, r *http.Request) error {
	return p.condition(w, r, http.StatusOK, redraw{})
}

func (p *Pages) condition(w http.ResponseWriter, r *http.Request, status int, g redraw) error {
	c, may, err := p.Council.Condition(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, conditionPage(c, c.Person == shell.Actor(r).Person, may, g))
}

// Settle is POST /council-conditions/{id}: what the person reports, or with "state" how it is settled.
func (p *Pages) Settle(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	return post(w, r, "/council-conditions/"+id, "council.done.settled", func(ctx context.Context, a access.Actor, f *shell.Form, _ *shell.PickField) error {
		if f.Has("state") {
			return p.Council.Settle(ctx, a, id, f.Int("version"), f.Text("state"), f.Text("answer"))
		}
		return p.Council.Report(ctx, a, id, f.Int("version"), f.Text("report"))
	}, p.condition)
}

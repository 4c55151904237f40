// Package strategy is the pages of priorities, needs and research questions.
package strategy

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/council"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// pageSize is how many needs or questions a page of a list shows.
const pageSize = 50

// Pages are the pages of the strategy room.
type Pages struct {
	Strategy *strategy.Service
	Register *register.Service
	Council  *council.Service
	Calls    *call.Service
	Maps     *techmap.Service
}

// shownAdvice is how many requests for advice a record's page shows.
const shownAdvice = 20

// advice is the advice on a record, as far as the viewer may see it.
func (p *Pages) advice(r *http.Request, kind string) ([]council.Advice, error) {
	list, _, err := p.Council.List(r.Context(), shell.Actor(r), council.Filter{Kind: kind, Subject: r.PathValue("id"), Size: shownAdvice})
	return list, err
}

// Tree is GET /priorities.
func (p *Pages) Tree(w http.ResponseWriter, r *http.Request) error {
	tree, err := p.Strategy.Tree(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, treePage(tree))
}

// Show is GET /priorities/{id}.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form) error {
	v, err := p.Strategy.Priority(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	advice, err := p.advice(r, "priority")
	if err != nil {
		return err
	}
	sources, err := p.Council.Sources(r.Context(), shell.Actor(r), v.ID)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, priorityPage(v, sources, advice, refusal, typed))
}

// priorityForm is what the form of a priority holds.
type priorityForm struct {
	in                        strategy.PriorityInput
	id                        string
	version                   int64
	owner                     string // as typed or named
	pick                      shell.PickField
	baseline, target, reached string
	refusal                   shell.Refusal
	agencies                  []register.Agency
	parent                    string // title of the parent
}

// New is GET /priorities/new?parent=….
func (p *Pages) New(w http.ResponseWriter, r *http.Request) error {
	f := priorityForm{in: strategy.PriorityInput{ParentID: r.URL.Query().Get("parent"), State: "active"}}
	return p.form(w, r, http.StatusOK, f)
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request, status int, f priorityForm) error {
	var err error
	if f.agencies, err = p.own(r); err != nil {
		return err
	}
	if len(f.agencies) == 0 { // only officers and who runs the installation write priorities
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	if f.in.ParentID != "" {
		v, err := p.Strategy.Priority(r.Context(), shell.Actor(r), f.in.ParentID)
		if err != nil {
			return err
		}
		f.parent = shell.T(r.Context(), "strategy.numbered", v.Number, v.Title)
		if f.in.AgencyID == "" {
			f.in.AgencyID = v.AgencyID
		}
	}
	return shell.Render(w, r, status, priorityFormPage(f))
}

// own is the agencies whose officer the viewer is.
func (p *Pages) own(r *http.Request) ([]register.Agency, error) {
	all, err := p.Register.Agencies(r.Context())
	var own []register.Agency
	for _, g := range all {
		if shell.Actor(r).Has(access.Officer, access.Agency(g.ID)) || shell.Actor(r).HasAny(access.Admin) {
			own = append(own, g)
		}
	}
	return own, err
}

func measure(f *shell.Form, name string) *float64 {
	if f.Text(name) == "" {
		return nil
	}
	n := f.Float(name)
	return &n
}

func (p *Pages) readPriority(ctx context.Context, f *shell.Form) (priorityForm, error) {
	d := priorityForm{version: f.Int("version"), owner: f.Text("owner_text"), baseline: f.Text("baseline"), target: f.Text("target"), reached: f.Text("reached")}
	d.in = strategy.PriorityInput{ParentID: f.Text("parent"), AgencyID: f.Text("agency"), Title: f.Texts("title"), Summary: f.Texts("summary"), Orientation: f.Text("orientation"),
		Metric: f.Texts("metric"), Unit: f.Text("unit"), Baseline: measure(f, "baseline"), Target: measure(f, "target"), Reached: measure(f, "reached"),
		From: f.Day("from"), Until: f.Day("until"), State: f.Text("state"), DecidedIn: f.Text("decided_in")}
	if d.owner == "" {
		return d, nil
	}
	var err error
	d.in.OwnerID, err = shell.Picked(ctx, f, "owner", &d.pick, p.Register.FindPeople)
	return d, err
}

// Create is POST /priorities.
func (p *Pages) Create(w http.ResponseWriter, r *http.Request) error {
	return p.save(w, r, func(d priorityForm) (strategy.Priority, error) {
		return p.Strategy.CreatePriority(r.Context(), shell.Actor(r), d.in)
	})
}

// Update is POST /priorities/{id}/edit.
func (p *Pages) Update(w http.ResponseWriter, r *http.Request) error {
	return p.save(w, r, func(d priorityForm) (strategy.Priority, error) {
		return p.Strategy.UpdatePriority(r.Context(), shell.Actor(r), r.PathValue("id"), d.version, d.in)
	})
}

func (p *Pages) save(w http.ResponseWriter, r *http.Request, do func(priorityForm) (strategy.Priority, error)) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	d, err := p.readPriority(r.Context(), f)
	d.id = r.PathValue("id")
	var saved strategy.Priority
	if err == nil {
		err = f.Err()
	}
	if err == nil {
		saved, err = do(d)
	}
	if refusal, ok := shell.Refused(err); ok {
		d.refusal = refusal
		return p.form(w, r, http.StatusUnprocessableEntity, d)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/priorities/"+saved.ID, "strategy.done.saved")
}

// Edit is GET /priorities/{id}/edit.
func (p *Pages) Edit(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Strategy.Priority(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !v.MayEdit {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	q := v.Priority
	return p.form(w, r, http.StatusOK, priorityForm{id: q.ID, version: q.Version, owner: v.Owner, baseline: decimal(q.Baseline), target: decimal(q.Target), reached: decimal(q.Reached),
		in: strategy.PriorityInput{ParentID: q.ParentID, AgencyID: q.AgencyID, Number: q.Number, Title: q.Title, Summary: q.Summary, Orientation: q.Orientation, OwnerID: q.OwnerID, Metric: q.Metric,
			Unit: q.Unit, Baseline: q.Baseline, Target: q.Target, Reached: q.Reached, From: q.From, Until: q.Until, State: q.State, DecidedIn: q.DecidedIn}})
}

// decimal writes a measure, nothing where there is none.
func decimal(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

// Link is POST /priorities/{id}/links: the address of a call, an award or a
// question is what people can copy.
func (p *Pages) Link(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, address := r.PathValue("id"), f.Required("address")
	if err = f.Err(); err == nil {
		kind, subject := pointed(address)
		if kind == "" {
			err = fault.Field("address", "strategy.link.none")
		} else {
			err = p.Strategy.Link(r.Context(), shell.Actor(r), id, kind, subject)
		}
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.show(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/priorities/"+id, "strategy.done.linked")
}

// pointed is what an address of ours points to: ("call", key) for …/calls/key.
func pointed(address string) (kind, id string) {
	address, _, _ = strings.Cut(address, "?")
	parts := strings.Split(strings.Trim(address, "/"), "/")
	for i, part := range parts[:len(parts)-1] {
		if kind := map[string]string{"calls": "call", "awards": "award", "questions": "question"}[part]; kind != "" {
			return kind, parts[i+1]
		}
	}
	return "", ""
}

// Unlink is POST /priorities/{id}/links/{kind}/{subject}/end.
func (p *Pages) Unlink(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.Strategy.Unlink(r.Context(), shell.Actor(r), id, r.PathValue("kind"), r.PathValue("subject")); err != nil {
		return err
	}
	return shell.Go(w, r, "/priorities/"+id, "strategy.done.unlinked")
}

package review

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/chart"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// asked is the question that a page of an assignment was sent with, and its answer.
type asked struct {
	typed   *shell.Form // nil: the rules of the newest suggestion
	pick    shell.PickField
	refusal shell.Refusal
	answer  *review.WhatIf
}

// whatIf answers the question in the page's address, if there is one.
func (p *Pages) whatIf(r *http.Request) (asked, error) {
	q := r.URL.Query()
	if !q.Has("aim") {
		return asked{}, nil
	}
	out := asked{typed: &shell.Form{Values: q}}
	set, err := p.rules(r, out.typed, &out.pick)
	var answer review.WhatIf
	if err == nil {
		answer, err = p.Reviews.WhatIf(r.Context(), shell.Actor(r), r.PathValue("id"), q.Get("stage"), set)
	}
	if refusal, ok := shell.Refused(err); ok {
		out.refusal = refusal
		return out, nil
	}
	out.answer = &answer
	return out, err
}

// rules reads the rules of a suggestion, with the pairs to lock or to forbid: those that were tried before and are still
// ticked, and one more.
func (p *Pages) rules(r *http.Request, f *shell.Form, pick *shell.PickField) (review.Settings, error) {
	set := review.Settings{Each: int(f.Int("each")), Most: int(f.Int("most")), Aim: f.Text("aim"), Limit: int(f.Int("limit")),
		Caps: review.Caps{Organisation: int(f.Int(capField(review.ByOrganisation))), Country: int(f.Int(capField(review.ByCountry))), CareerStage: int(f.Int(capField(review.ByCareerStage)))}}
	for _, one := range triedBefore(f) {
		set.Pairs = append(set.Pairs, one.Wish)
	}
	kind := f.Text("kind")
	if kind == "" {
		return set, f.Err()
	}
	pick.Typed = f.Text("person_text")
	person, err := shell.Picked(r.Context(), f, "person", pick, p.inPool(r))
	set.Pairs = append(set.Pairs, review.Wish{Proposal: f.Required("proposal"), Person: person, Kind: kind})
	return set, errors.Join(f.Err(), err)
}

// tried is a pair of a question, with the name of its person for the page.
type tried struct {
	review.Wish
	Name string
}

// value is what a form keeps of it: "lock P-2027-0001 key Name".
func (t tried) value() string {
	return strings.Join([]string{t.Kind, t.Proposal, t.Person, t.Name}, " ")
}

// triedBefore are the pairs that a form kept.
func triedBefore(f *shell.Form) (out []tried) {
	for _, value := range f.Values["pair"] {
		if part := strings.SplitN(value, " ", 4); len(part) == 4 && (part[0] == review.Lock || part[0] == review.Forbid) {
			out = append(out, tried{review.Wish{Kind: part[0], Proposal: part[1], Person: part[2]}, part[3]})
		}
	}
	return out
}

// pairs are those of the question: as answered, else as they were sent.
func (a asked) pairs() (out []tried) {
	switch {
	case a.answer != nil:
		for _, w := range a.answer.Pairs {
			names := a.answer.Named
			out = append(out, tried{review.Wish{Kind: w.Kind, Proposal: names[w.Proposal], Person: w.Person}, names[w.Person]})
		}
	case a.typed != nil:
		out = triedBefore(a.typed)
	}
	return out
}

// pairOptions are the pairs of a question; one that is no longer ticked is not tried again.
func pairOptions(ctx context.Context, list []tried) (out []shell.Option) {
	for _, t := range list {
		out = append(out, shell.Option{Value: t.value(), Label: shell.T(ctx, "review.whatif.pairs."+t.Kind, t.Proposal, t.Name), Chosen: true})
	}
	return out
}

// next is the field for the person of the pair to be tried next.
func (a asked) next() shell.PickField {
	if a.answer != nil {
		return shell.PickField{}
	}
	return a.pick
}

// pairWord asks for the first pair, or for another.
func pairWord(a asked) string {
	if len(a.pairs()) > 0 {
		return "review.whatif.pair.another"
	}
	return "review.whatif.pair"
}

// another is what stands in a field of the pair to be tried next: what was typed, if it was refused.
func (a asked) another(name string) string {
	if a.typed == nil || a.answer != nil {
		return ""
	}
	return a.typed.Get(name)
}

// inPool finds people of the call's pool by name.
func (p *Pages) inPool(r *http.Request) func(context.Context, string, int) ([]register.Found, error) {
	return func(ctx context.Context, text string, limit int) ([]register.Found, error) {
		_, list, _, err := p.Reviews.Pool(ctx, shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"), text, 1, limit)
		out := make([]register.Found, len(list))
		for i, m := range list {
			out[i] = register.Found{ID: m.Person, Name: m.Name, Note: m.Organisation}
		}
		return out, err
	}
}

// viewsFor are the ways to look at the assignment of a stage, by the end of their address.
func viewsFor(d review.Desk) []string {
	if d.MayAssign() {
		return []string{"", "/people", "/rounds", "/changes"}
	}
	return []string{"", "/people"}
}

func viewAt(d review.Desk, view string) string {
	return "/calls/" + d.CallID + "/assignment" + view + "?stage=" + d.Stage()
}

func viewWord(view string) string {
	if view == "" {
		return "review.assign.view.proposals"
	}
	return "review.assign.view." + strings.TrimPrefix(view, "/")
}

// People is GET /calls/{id}/assignment/people: the newest suggestion by reviewer.
func (p *Pages) People(w http.ResponseWriter, r *http.Request) error {
	page := shell.PageOf(r.URL.Query().Get("page"))
	b, list, err := p.Reviews.LoadsOf(r.Context(), shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"), page, peopleSize)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, peoplePage(b, list, page))
}

// peopleSize is how many people one chart shows.
const peopleSize = 25

// loadBars is how much each person gets, beside how much they take at most.
func loadBars(ctx context.Context, list []review.Load) chart.Bars {
	c := chart.Bars{Across: true, Head: chart.Head{Rows: shell.T(ctx, "review.reviewer"), Unit: shell.T(ctx, "review.assign.loads.rows")}}
	given, most := make([]float64, len(list)), make([]float64, len(list))
	full := 0
	for i, l := range list {
		c.Labels = append(c.Labels, l.Name)
		given[i], most[i] = float64(l.Given), float64(l.Most)
		if l.Given >= l.Most {
			full++
		}
	}
	c.Finding = shell.T(ctx, "review.people.finding", len(list), full)
	c.Series = []chart.Series{{Name: shell.T(ctx, "review.people.given"), Values: chart.Of(given...)}, {Name: shell.T(ctx, "review.people.most"), Values: chart.Of(most...)}}
	return c
}

// AskUndo is GET /calls/{id}/assignment/undo: what would be taken back.
func (p *Pages) AskUndo(w http.ResponseWriter, r *http.Request) error {
	return p.askUndo(w, r, http.StatusOK, r.URL.Query().Get("run"), shell.Refusal{})
}

func (p *Pages) askUndo(w http.ResponseWriter, r *http.Request, status int, run string, refusal shell.Refusal) error {
	d, u, err := p.Reviews.AskUndo(r.Context(), shell.Actor(r), r.PathValue("id"), run)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, undoPage(d, run, u, refusal))
}

// Undo is POST /calls/{id}/assignment/undo.
func (p *Pages) Undo(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	run := f.Text("run")
	_, err = p.Reviews.Undo(r.Context(), shell.Actor(r), r.PathValue("id"), run, f.Text("why"))
	if refusal, ok := shell.Refused(err); ok {
		return p.askUndo(w, r, http.StatusUnprocessableEntity, run, refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, assignAt(r.PathValue("id"), r.URL.Query().Get("stage")), "review.undo.done")
}

// undoAt is the address that asks before the newest suggestion is undone.
func undoAt(b review.Board) string {
	return "/calls/" + b.CallID + "/assignment/undo?run=" + b.Run.ID
}

// value is what stands in a field of the rules: what was typed, else the newest suggestion's.
func (a asked) value(b review.Board, name string) string {
	switch {
	case a.typed != nil:
		return a.typed.Get(name)
	case name == "each" && b.Run == nil:
		return fmt.Sprint(b.Plan.Each)
	case name == "aim" && b.Run == nil:
		return review.Total
	case b.Run == nil:
		return ""
	}
	set := b.Run.Settings
	if kind, is := strings.CutPrefix(name, capField("")); is {
		return orEmpty(set.Caps.Of(kind))
	}
	return map[string]string{"each": fmt.Sprint(set.Each), "most": orEmpty(set.Most), "aim": aimOf(set), "limit": orEmpty(set.Limit)}[name]
}

// capField is the name of the field for the cap of a kind.
func capField(kind string) string { return "cap_" + kind }

// capped reports whether any cap is set, or was typed.
func (a asked) capped(b review.Board) bool {
	return slices.ContainsFunc(review.CapKinds, func(kind string) bool { return a.value(b, capField(kind)) != "" })
}

// capOf names who a cap speaks of.
func capOf(ctx context.Context, c review.Cap) string {
	switch c.Kind {
	case review.ByOrganisation:
		return c.Name
	case review.ByCountry:
		return shell.Country(ctx, c.Key)
	}
	return shell.T(ctx, "register.stage."+c.Key)
}

// capsOf names the people of some caps, the first few.
func capsOf(ctx context.Context, list []review.Cap) string {
	var names []string
	for _, c := range list {
		names = append(names, capOf(ctx, c))
	}
	return some(ctx, names)
}

// raiseWord says what one place more for a person, or under a cap, would do.
func raiseWord(ctx context.Context, x review.Raise) string {
	if x.Cap != nil {
		return shell.T(ctx, "review.assign.why.cap", capOf(ctx, *x.Cap), signed(x.Gain))
	}
	return shell.T(ctx, "review.assign.why.place", x.Person, signed(x.Gain))
}

// aimOf is what a suggestion aimed at; the first ones do not say it.
func aimOf(set review.Settings) string { return cmp.Or(set.Aim, review.Total) }

// aims are the choices of what a suggestion aims at.
func aims(ctx context.Context, chosen string) []shell.Option {
	var out []shell.Option
	for _, aim := range review.Aims {
		out = append(out, shell.Option{Value: aim, Label: shell.T(ctx, "review.aim."+aim), Note: shell.T(ctx, "review.aim."+aim+".note"), Chosen: aim == chosen})
	}
	return out
}

// wishKinds are what can be tried with a pair.
func wishKinds(ctx context.Context, chosen string) []shell.Option {
	var out []shell.Option
	for _, kind := range []string{"", review.Lock, review.Forbid} {
		out = append(out, shell.Option{Value: kind, Label: shell.T(ctx, "review.whatif.pair."+map[string]string{"": "none"}[kind]+kind), Chosen: kind == chosen})
	}
	return out
}

// row is a figure before and after; better is 1 where after is, −1 where it is worse.
type row struct {
	Name, Now, Then string
	better          int
}

// delta is the class of what a figure would become.
func (r row) delta() string { return map[int]string{1: "delta up", -1: "delta down"}[r.better] }

// rows are the figures of an answer beside those of the newest suggestion.
func rows(ctx context.Context, w review.WhatIf) []row {
	out := []row{
		{shell.T(ctx, "review.whatif.empty"), fmt.Sprint(w.Now.Empty()), fmt.Sprint(w.Then.Empty()), sign(float64(w.Now.Empty() - w.Then.Empty()))},
		{shell.T(ctx, "review.assign.mean"), three(w.Now.Mean()), three(w.Then.Mean()), sign(w.Then.Mean() - w.Now.Mean())},
		{shell.T(ctx, "review.assign.total"), total(w.Now.Total), total(w.Then.Total), sign(w.Then.Total - w.Now.Total)},
		{shell.T(ctx, "review.whatif.least"), three(w.Now.Least), three(w.Then.Least), sign(w.Then.Least - w.Now.Least)},
		{shell.T(ctx, "review.whatif.full"), fmt.Sprint(w.Now.Full), fmt.Sprint(w.Then.Full), 0},
		{shell.T(ctx, "review.whatif.changed"), "", fmt.Sprint(w.Changed), 0},
	}
	if !w.Compared {
		out = out[:len(out)-1]
		for i := range out {
			out[i].Now, out[i].better = "", 0
		}
	}
	return out
}

// sign is that of a change which is worth a colour.
func sign(by float64) int {
	switch {
	case by > 1e-4:
		return 1
	case by < -1e-4:
		return -1
	}
	return 0
}

func three(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }

// moved writes how much something changes, with its sign.
func moved(s review.Shift) string { return signed(s.By()) }

// proven says in words what an answer's certificate proves; "" where it is withheld.
func proven(ctx context.Context, set review.Settings, c review.Certificate) string {
	if c.Withheld() {
		return ""
	}
	if set.Mend != "" {
		return shell.T(ctx, "review.repair.is."+set.Mend)
	}
	switch set.Aim {
	case review.Fair:
		if c.Optimal() {
			return shell.T(ctx, "review.whatif.proven.fair", millionths(c.Least))
		}
		return shell.T(ctx, "review.whatif.bound.fair", millionths(c.Least), millionths(c.LeastBound))
	case review.Random:
		return shell.T(ctx, "review.whatif.proven.random", set.Limit)
	}
	return shell.T(ctx, "review.assign.proven")
}

func millionths(n int64) string { return three(float64(n) / 1e6) }

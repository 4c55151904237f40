package review

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/headwater-platform/headwater/internal/platform/chart"
	"github.com/headwater-platform/headwater/internal/platform/spreadsheet"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

const pageSize = 50

// boardSize is how many proposals a page of the board has: each takes many lines.
const boardSize = 25

func assignFilter(r *http.Request) review.AssignFilter {
	q := r.URL.Query()
	return review.AssignFilter{Text: q.Get("q"), Only: q.Get("only"), Sort: q.Get("sort"), Page: shell.PageOf(q.Get("page")), Size: boardSize}
}

// Assign is GET /calls/{id}/assignment; with "aim" in its address it answers what other rules would give.
func (p *Pages) Assign(w http.ResponseWriter, r *http.Request) error {
	q, err := p.whatIf(r)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if q.refusal.Any() {
		status = http.StatusUnprocessableEntity
	}
	return p.assign(w, r, status, q)
}

func (p *Pages) assign(w http.ResponseWriter, r *http.Request, status int, q asked) error {
	f := assignFilter(r)
	b, err := p.Reviews.Board(r.Context(), shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"), f)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, assignPage(b, f, q))
}

// Suggest is POST /calls/{id}/assignment.
func (p *Pages) Suggest(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	q := asked{typed: f}
	set, err := p.rules(r, f, &q.pick)
	stage := r.URL.Query().Get("stage")
	done := "review.assign.done.made"
	if err == nil {
		var later bool
		if later, err = p.Reviews.Order(r.Context(), shell.Actor(r), r.PathValue("id"), stage, set); later {
			done = "review.order.done"
		}
	}
	if refusal, ok := shell.Refused(err); ok {
		q.refusal = refusal
		return p.assign(w, r, http.StatusUnprocessableEntity, q)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, assignAt(r.PathValue("id"), stage), done)
}

// assignAt is the address of a stage's assignment.
func assignAt(call, stage string) string {
	if stage == "" {
		return "/calls/" + call + "/assignment"
	}
	return "/calls/" + call + "/assignment?stage=" + url.QueryEscape(stage)
}

// Follow is GET /calls/{id}/assignment/live: how far the suggestion is that is being made.
func (p *Pages) Follow(w http.ResponseWriter, r *http.Request) error {
	order := func(ctx context.Context) (review.Desk, *review.Order, error) {
		return p.Reviews.OrderOf(ctx, shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"))
	}
	return shell.Live{
		Every: time.Second,
		Stamp: func(ctx context.Context) (string, error) {
			_, o, err := order(ctx)
			if o == nil {
				return "", err
			}
			return o.ID + o.Step, err
		},
		Part: func(ctx context.Context) (templ.Component, error) {
			d, o, err := order(ctx)
			return orderPart(d, o), err
		},
	}.Serve(w, r)
}

// AskApply is GET /calls/{id}/assignment/apply: what would be done.
func (p *Pages) AskApply(w http.ResponseWriter, r *http.Request) error {
	b, err := p.Reviews.Board(r.Context(), shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"), review.AssignFilter{Page: 1, Size: 1})
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, applyPage(b, shell.Refusal{}))
}

// Apply is POST /calls/{id}/assignment/apply.
func (p *Pages) Apply(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	stage := r.URL.Query().Get("stage")
	_, err = p.Reviews.Apply(r.Context(), shell.Actor(r), r.PathValue("id"), f.Text("run"))
	if refusal, ok := shell.Refused(err); ok {
		return p.assign(w, r, http.StatusUnprocessableEntity, asked{refusal: refusal})
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, assignAt(r.PathValue("id"), stage), "review.assign.done.applied")
}

// AssignCSV is GET /calls/{id}/assignment.csv: every pair of the newest suggestion.
func (p *Pages) AssignCSV(w http.ResponseWriter, r *http.Request) error {
	f := assignFilter(r)
	f.Page, f.Size = 1, 1_000_000
	b, err := p.Reviews.Board(r.Context(), shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"), f)
	if err != nil {
		return err
	}
	shell.Attachment(w, "assignment-"+b.Number+".csv", "text/csv; charset=utf-8")
	out := spreadsheet.NewWriter(w)
	err = out.Write([]string{"proposal", "title", "reviewer", "score", "shared_words", "asked", "locked"})
	for _, row := range b.Rows {
		for _, pair := range row.Pairs {
			err = errors.Join(err, out.Write([]string{row.Number, row.Title, pair.Name, strconv.FormatFloat(pair.Score, 'f', 3, 64), strings.Join(pair.Words, " "), fmt.Sprint(pair.Asked), fmt.Sprint(pair.Locked)}))
		}
	}
	return errors.Join(err, out.Flush())
}

// Candidates is GET /calls/{id}/assignment/{proposal}.
func (p *Pages) Candidates(w http.ResponseWriter, r *http.Request) error {
	return p.candidates(w, r, http.StatusOK, shell.Refusal{})
}

func (p *Pages) candidates(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal) error {
	q := r.URL.Query()
	page := shell.PageOf(q.Get("page"))
	c, err := p.Reviews.CandidatesOf(r.Context(), shell.Actor(r), r.PathValue("id"), r.PathValue("proposal"), q.Get("q"), page, pageSize)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, candidatesPage(c, q.Get("q"), page, refusal))
}

// Wish is POST /calls/{id}/assignment/{proposal}: lock, forbid or free a pair, or ask the person now.
func (p *Pages) Wish(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	call, proposal, a := r.PathValue("id"), r.PathValue("proposal"), shell.Actor(r)
	// The button's value is act and person: a table of buttons is one form.
	act, person, _ := strings.Cut(f.Get("act"), " ")
	done := "review.assign.done." + act
	switch act {
	case "ask":
		_, err = p.Reviews.Invite(r.Context(), a, proposal, person)
		done = "review.done.invited"
	case "same", "other":
		err = p.Reviews.Settle(r.Context(), a, call, proposal, person, act == "same")
	case "free":
		err = p.Reviews.Wish(r.Context(), a, call, proposal, person, "")
	default:
		err = p.Reviews.Wish(r.Context(), a, call, proposal, person, act)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.candidates(w, r, http.StatusUnprocessableEntity, refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, r.URL.RequestURI(), done)
}

// Pool is GET /calls/{id}/pool.
func (p *Pages) Pool(w http.ResponseWriter, r *http.Request) error {
	return p.pool(w, r, http.StatusOK, shell.PickField{}, shell.Refusal{}, nil)
}

func (p *Pages) pool(w http.ResponseWriter, r *http.Request, status int, pick shell.PickField, refusal shell.Refusal, typed *shell.Form) error {
	q := r.URL.Query()
	page := shell.PageOf(q.Get("page"))
	d, list, total, err := p.Reviews.Pool(r.Context(), shell.Actor(r), r.PathValue("id"), q.Get("stage"), q.Get("q"), page, pageSize)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, poolPage(d, list, q.Get("q"), shell.Paging{Page: page, Size: pageSize, Total: total}, pick, refusal, typed))
}

// AddToPool is POST /calls/{id}/pool: somebody new, or other loads for somebody who is in it.
func (p *Pages) AddToPool(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	pick := shell.PickField{Typed: f.Text("person_text")}
	person, err := shell.Picked(r.Context(), f, "person", &pick, p.Register.FindPeople)
	if least, most := int(f.Int("least")), int(f.Int("most")); err == nil {
		if err = f.Err(); err == nil {
			err = p.Reviews.SetPool(r.Context(), shell.Actor(r), r.PathValue("id"), person, least, most)
		}
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.pool(w, r, http.StatusUnprocessableEntity, pick, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/calls/"+r.PathValue("id")+"/pool", "review.pool.done")
}

// ChangePool is POST /calls/{id}/pool/{person}: loads, or with "leave" out of the pool.
func (p *Pages) ChangePool(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	call, person, done := r.PathValue("id"), r.PathValue("person"), "review.pool.done"
	if f.Has("leave") {
		done, err = "review.pool.done.left", p.Reviews.LeavePool(r.Context(), shell.Actor(r), call, person)
	} else if least, most := int(f.Int("least")), int(f.Int("most")); f.Err() == nil {
		err = p.Reviews.SetPool(r.Context(), shell.Actor(r), call, person, least, most)
	} else {
		err = f.Err()
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.pool(w, r, http.StatusUnprocessableEntity, shell.PickField{}, refusal, nil)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/calls/"+call+"/pool", done)
}

// Cancel is POST /reviews/{id}/cancel.
func (p *Pages) Cancel(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	err = p.Reviews.Cancel(r.Context(), shell.Actor(r), r.PathValue("id"), f.Text("why"))
	if refusal, ok := shell.Refused(err); ok {
		return p.again(w, r, refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/reviews/"+r.PathValue("id"), "review.done.cancelled")
}

// loads is how many people of the pool get how many reviews; the last class is who is at the own cap.
func loads(ctx context.Context, b review.Board) chart.Bars {
	most, full := 0, 0
	for _, l := range b.Loads {
		most = max(most, l.Given)
		if l.Given >= l.Most {
			full++
		}
	}
	counts := make([]float64, most+1)
	labels := make([]string, most+1)
	for i := range labels {
		labels[i] = strconv.Itoa(i)
	}
	for _, l := range b.Loads {
		counts[l.Given]++
	}
	return chart.Bars{Head: chart.Head{Finding: shell.T(ctx, "review.assign.loads.finding", len(b.Loads), full), Rows: shell.T(ctx, "review.assign.loads.rows"), Unit: shell.T(ctx, "review.assign.loads.people")},
		Labels: labels, Series: []chart.Series{{Name: shell.T(ctx, "review.assign.loads.people"), Values: chart.Of(counts...)}}}
}

func headOf(c chart.Bars) []string   { head, _ := c.Table(); return head }
func rowsOf(c chart.Bars) [][]string { _, rows := c.Table(); return rows }
func score(v float64) string         { return strconv.FormatFloat(v, 'f', 2, 64) }
func total(v float64) string         { return strconv.FormatFloat(v, 'f', 1, 64) }
func width(v float64, of int) string { return strconv.FormatFloat(v*float64(of), 'f', 1, 64) }

// signed writes a change of a sum of scores.
func signed(v float64) string {
	if v > 0 {
		return "+" + score(v)
	}
	return strings.Replace(score(v), "-", "−", 1)
}

func orEmpty(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// barred is how many pairs a suggestion kept apart, by rule.
func barred(by map[string]int) (all int, rules []string) {
	for rule, n := range by {
		all += n
		rules = append(rules, rule)
	}
	slices.Sort(rules)
	return all, rules
}

// some writes at most five of a list, and how many more there are.
func some(ctx context.Context, list []string) string {
	const shown = 5
	if len(list) <= shown {
		return strings.Join(list, ", ")
	}
	return shell.T(ctx, "review.assign.more", strings.Join(list[:shown], ", "), len(list)-shown)
}

// fresh reports whether the board has a suggestion that can still be applied.
func fresh(b review.Board) bool {
	return b.Run != nil && b.Run.AppliedAt.IsZero() && slices.ContainsFunc(b.Run.Result.Pairs, func(p review.Pair) bool { return !p.Asked })
}

// against says what speaks against a pair.
func against(ctx context.Context, p review.Suggested) string {
	return shell.T(ctx, "shell.of", p.Name, Conflict(ctx, *p.Conflict))
}

// Conflict is a conflict in words: its rule with the evidence, since and until when it holds where that is known, how sure a possible one
// is, and whether it is only shown.
func Conflict(ctx context.Context, c review.Conflict) string {
	why := shell.T(ctx, "review.conflict."+c.Rule, c.Evidence)
	switch {
	case c.Since != "" && c.Until != "":
		why = shell.T(ctx, "review.conflict.between", why, shell.PlainDay(ctx, c.Since), shell.PlainDay(ctx, c.Until))
	case c.Since != "":
		why = shell.T(ctx, "review.conflict.since", why, shell.PlainDay(ctx, c.Since))
	case c.Until != "":
		why = shell.T(ctx, "review.conflict.until", why, shell.PlainDay(ctx, c.Until))
	}
	if c.Confidence > 0 {
		why = shell.T(ctx, "review.conflict.sure", why, int(math.Round(100*c.Confidence)))
	}
	if c.Soft {
		why = shell.T(ctx, "review.conflict.soft", why)
	}
	return why
}

// passedOver says why the suggestion passes over somebody.
func passedOver(ctx context.Context, p review.Passed) string {
	why := shell.T(ctx, "review.passed."+p.Kind, p.Given, p.Most)
	if p.Loss < 0.001 { // it would be told as 0
		return why
	}
	return shell.Sentences(why, shell.T(ctx, "review.passed.loss", proved(p.Loss)))
}

// proved is a loss, rounded down, so that no more is claimed than is proven.
func proved(loss float64) string { return fmt.Sprintf("%.3f", math.Floor(1000*loss+1e-6)/1000) }

// news is how many pairs of the suggestion are to be asked, and how many people.
func news(b review.Board) (pairs, people int) {
	seen := map[string]bool{}
	for _, p := range b.Run.Result.Pairs {
		if !p.Asked {
			pairs++
			seen[p.Person] = true
		}
	}
	return pairs, len(seen)
}

// states counts the invitations of a stage by what became of them; "" where nobody was asked.
func states(ctx context.Context, by map[string]int) string {
	var list []string
	for _, state := range []string{review.Invited, review.Accepted, review.Submitted, review.Declined, review.Conflicted, review.Lapsed, review.Cancelled} {
		if n := by[state]; n > 0 {
			list = append(list, shell.T(ctx, "shell.of", shell.T(ctx, "review.state."+state), n))
		}
	}
	return strings.Join(list, " · ")
}

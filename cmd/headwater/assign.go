package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/engine/assign/table"
	"github.com/headwater-platform/headwater/engine/expertise"
)

type assignCommand struct {
	Solve assignSolve `cmd:"" help:"Assign reviewers to proposals, with a proof of how good that is."`
}

type assignSolve struct {
	Scores    string  `help:"CSV: proposal (or text), person, score from 0 to 1; only pairs that may be used." type:"existingfile" required:""`
	Demand    int     `help:"Reviews that each proposal needs." required:""`
	LoadMax   int     `help:"Reviews that each person takes at most." required:""`
	LoadMin   int     `help:"Reviews that each person takes at least." default:"0"`
	Loads     string  `help:"CSV: person, min, max, for those who differ." type:"existingfile"`
	Conflicts string  `help:"CSV: proposal, person, pairs that may not be used." type:"existingfile"`
	Groups    string  `help:"CSV: person, group, a row for each group that a person is in; goes with --caps." type:"existingfile"`
	Caps      string  `help:"CSV: group, max: reviews that the people of a group take together at most; of two groups that share people one holds all of the other." type:"existingfile"`
	Objective string  `help:"total: greatest sum of scores; fair: greatest sum of the worst served proposal, then the next; random: greatest expected sum when no pair is surer than q." enum:"total,fair,random" default:"total"`
	Q         string  `help:"Most probability of a pair, with random: a decimal or a fraction." default:"0.5"`
	Seed      uint64  `help:"Equal seeds draw equally, with random." default:"1"`
	Unfilled  string  `help:"What an empty place costs, in scores; without it as many as possible are filled." name:"unfilled-cost"`
	Gap       float64 `help:"With total: stop when proven to be this near to the best: (cost − bound) / cost." default:"0"`
	Declined  string  `help:"With total: CSV: proposal, person, pairs that fell away after the assignment: it is solved again from its prices." type:"existingfile"`

	MaxChanges int `help:"With --declined and one pair: the best repair found with at most so many new pairs, and how far it is from the new optimum; -1: the optimum." default:"-1"`

	People   string  `help:"With total: JSON lines of people and works as for expertise score, beside --texts: the scores are only the start, and every other pair is taken in that could be worth it, so that bound and gap hold over all pairs." type:"existingfile"`
	Texts    string  `help:"JSON lines of texts as for expertise score." type:"existingfile"`
	FullText bool    `help:"With --people: compare full texts too, as the scores did."`
	HalfLife float64 `help:"With --people: years in which a work comes to count half, as in the scores." default:"0"`

	Out    string `help:"CSV to write: proposal, person, score." required:""`
	Report string `help:"JSON to write: cost, bound, gap, reasons." required:""`

	index *expertise.Index // with People
}

// report is what solve tells of an assignment. Scores are sums over the pairs of
// a proposal; min and mean are taken over proposals.
type report struct {
	Cost     int64    `json:"cost"`
	Bound    float64  `json:"bound"` // on cost, a whole number; with fair on min; with random on the expected cost
	Gap      float64  `json:"gap"`
	Total    float64  `json:"total"`
	Min      float64  `json:"min"`
	Mean     float64  `json:"mean"`
	Unfilled int      `json:"unfilled"`
	Optimal  bool     `json:"optimal"`
	Seconds  float64  `json:"solve_seconds"`
	Peak     int64    `json:"peak_bytes"`
	Reasons  []reason `json:"reasons"`
	Caps     []capped `json:"caps,omitempty"` // that are used up, the dearest first

	ExpectedCost  *float64 `json:"expected_cost,omitempty"` // with random: over all draws
	ExpectedTotal *float64 `json:"expected_total,omitempty"`

	Mending *mending `json:"mending,omitempty"`   // with --declined
	Widened *widened `json:"all_pairs,omitempty"` // with --people
}

// capped is a cap that is used up. Price is what one review more under it would gain in score, as long as nothing else changes; with fair, where caps
// hold back the weighted total of a proof, it is not told.
type capped struct {
	Group string   `json:"group"`
	Max   int      `json:"max"`
	Price *float64 `json:"price,omitempty"`
}

// reason is why places stay empty, in words and with the names behind them.
type reason struct {
	Text      string   `json:"text"`
	Proposals []string `json:"proposals"`
	People    []string `json:"people"`
	Need      int      `json:"need"`
	Have      int      `json:"have"`

	Relaxations []string `json:"relaxations,omitempty"` // the cheapest ways to fill one place more
}

func (c *assignSolve) Run(ctx context.Context) error {
	debug.SetGCPercent(25) // millions of pairs live long: waste little room for speed
	t, err := c.read(ctx)
	if err != nil {
		return err
	}
	answer, err := c.solve(ctx, t)
	var bad *assign.ProblemError
	if errors.As(err, &bad) {
		return named(t, bad)
	}
	if err != nil {
		return err
	}
	if err := create(c.Out, func(w io.Writer) error { return t.Write(w, answer.chosen) }); err != nil {
		return err
	}
	r := answer.report
	r.Peak = peak()
	return create(c.Report, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	})
}

// read takes in the tables and settles what the flags say.
func (c *assignSolve) read(ctx context.Context) (*table.Table, error) {
	switch {
	case c.Demand < 0:
		return nil, fmt.Errorf("--demand %d: a whole number from 0 is expected", c.Demand)
	case c.LoadMin < 0 || c.LoadMax < c.LoadMin:
		return nil, fmt.Errorf("--load-min %d --load-max %d: 0 ≤ min ≤ max is expected", c.LoadMin, c.LoadMax)
	case c.Gap > 0 && c.Objective != "total":
		return nil, fmt.Errorf("--gap goes with --objective total, not %s", c.Objective)
	case c.Declined != "" && (c.Objective != "total" || c.Gap > 0):
		return nil, errors.New("--declined goes with --objective total, without --gap")
	case c.MaxChanges >= 0 && c.Declined == "":
		return nil, errors.New("--max-changes goes with --declined")
	case (c.People == "") != (c.Texts == ""):
		return nil, errors.New("--people and --texts go together")
	case c.People != "" && (c.Objective != "total" || c.Gap > 0 || c.Declined != ""):
		return nil, errors.New("--people goes with --objective total, without --gap and --declined")
	case c.HalfLife < 0:
		return nil, fmt.Errorf("--half-life %g: a number of years from 0 is expected", c.HalfLife)
	case (c.Groups == "") != (c.Caps == ""):
		return nil, errors.New("--groups and --caps go together")
	case c.Gap < 0 || c.Gap >= 1:
		return nil, fmt.Errorf("--gap %g: a part of the cost is expected, from 0 (the best) to under 1", c.Gap)
	}
	var t *table.Table
	err := open(c.Scores, func(r io.Reader) (err error) {
		t, err = table.Read(r, c.Demand, assign.Load{Min: c.LoadMin, Max: c.LoadMax})
		return err
	})
	if err == nil && c.People != "" {
		c.index, err = c.everybody(ctx, t)
	}
	if err == nil && c.Loads != "" {
		err = open(c.Loads, func(r io.Reader) error { return t.Loads(r) })
	}
	if err == nil && c.Conflicts != "" {
		err = open(c.Conflicts, func(r io.Reader) error { return t.Conflicts(r) })
	}
	if err == nil && c.Caps != "" {
		err = open(c.Groups, func(groups io.Reader) error {
			return open(c.Caps, func(caps io.Reader) error { return t.Cap(groups, caps) })
		})
	}
	if err == nil && c.Unfilled != "" {
		if t.Unfilled, err = assign.UnitsOfText(c.Unfilled); err != nil || t.Unfilled == 0 {
			return nil, fmt.Errorf("--unfilled-cost %s: a decimal above 0 is expected, such as 1.5", c.Unfilled)
		}
	}
	return t, err
}

// answer is an assignment that has passed its check.
type answer struct {
	chosen []int
	report report
}

func (c *assignSolve) solve(ctx context.Context, t *table.Table) (answer, error) {
	began := time.Now()
	switch c.Objective {
	case "fair":
		f, err := assign.Fairest(ctx, t.Problem)
		took := time.Since(began)
		if err == nil {
			err = checked(assign.VerifyFair(t.Problem, f))
		}
		if err != nil {
			return answer{}, err
		}
		r := summary(t, f.Chosen, f.Why, nil)
		r.Bound, r.Gap, r.Optimal = float64(f.Bound)/assign.Scale, float64(f.Bound-f.Min)/float64(max(f.Bound, 1)), f.Optimal()
		r.Seconds = took.Seconds()
		return answer{f.Chosen, r}, nil
	case "random":
		return c.draw(ctx, t)
	}
	switch {
	case c.Declined != "":
		return c.decline(ctx, t)
	case c.People != "":
		return c.widen(ctx, t)
	}
	return c.total(ctx, t)
}

func (c *assignSolve) total(ctx context.Context, t *table.Table) (answer, error) {
	began := time.Now()
	var s assign.Solution
	var plan *assign.Plan
	var err error
	if c.Gap > 0 {
		s, err = assign.Approximate(ctx, t.Problem, c.Gap)
	} else if plan, err = assign.Open(ctx, t.Problem); err == nil {
		s = plan.Solution()
	}
	took := time.Since(began)
	if err == nil {
		err = checked(assign.VerifyBound(t.Problem, s))
	}
	if err != nil {
		return answer{}, err
	}
	r := certified(t, s, s.Bound)
	r.Seconds = took.Seconds()
	for i, d := range s.Why {
		if plan != nil {
			r.Reasons[i].Relaxations = relaxations(t, d, plan.Relax(d, 3))
		}
	}
	return answer{s.Chosen, r}, nil
}

// certified is what a report says of a solution with a bound on Problem.Value: what the bound has for places that are not counted in the
// cost goes.
func certified(t *table.Table, s assign.Solution, bound int64) report {
	r := summary(t, s.Chosen, s.Why, s.GroupPrice)
	bound -= t.Value(s) - r.Cost
	r.Bound, r.Gap, r.Optimal = float64(bound), float64(r.Cost-bound)/float64(max(r.Cost, 1)), r.Cost == bound
	return r
}

func (c *assignSolve) draw(ctx context.Context, t *table.Table) (answer, error) {
	q, ok := new(big.Rat).SetString(c.Q)
	if !ok || !q.Num().IsInt64() || !q.Denom().IsInt64() {
		return answer{}, fmt.Errorf("--q %s: a probability such as 0.5 or 1/3 is expected", c.Q)
	}
	began := time.Now()
	l, err := assign.Randomize(ctx, t.Problem, q.Num().Int64(), q.Denom().Int64())
	if err != nil {
		return answer{}, err
	}
	chosen := l.Draw(t.Problem, c.Seed)
	took := time.Since(began)
	if err := checked(assign.VerifyLottery(t.Problem, l)); err != nil {
		return answer{}, err
	}
	r := summary(t, chosen, nil, l.GroupPrice)
	share := int64(0)
	for _, n := range l.Share {
		share += n
	}
	cost := l.Cost
	if t.Unfilled > 0 {
		cost += l.Short * t.Unfilled
	}
	bound := l.Bound - (l.Value(t.Problem) - cost)
	expected, total := float64(cost)/float64(l.Parts), (float64(share)-float64(l.Cost)/assign.Scale)/float64(l.Parts)
	r.Bound, r.Optimal, r.ExpectedCost, r.ExpectedTotal = float64(bound)/float64(l.Parts), cost == bound, &expected, &total
	r.Gap = (expected - r.Bound) / max(expected, 1)
	r.Seconds = took.Seconds()
	return answer{chosen, r}, nil
}

func checked(err error) error {
	if err != nil {
		return fmt.Errorf("the answer fails its own check, nothing is written: %w", err)
	}
	return nil
}

// summary is what a report says of the pairs themselves. Without a cost of empty
// places these are no part of the cost: it is one among all assignments that fill
// as many.
func summary(t *table.Table, chosen []int, why []assign.Deficit, prices []int64) report {
	r := report{Reasons: []reason{}, Caps: usedUp(t, chosen, prices)}
	sums := make([]int64, len(t.Demand))
	total := int64(0)
	for _, k := range chosen {
		e := t.Edges[k]
		sums[e.Proposal] += assign.Scale - e.Cost
		total += assign.Scale - e.Cost
		r.Cost += e.Cost
	}
	for _, d := range t.Demand {
		r.Unfilled += d
	}
	r.Unfilled -= len(chosen)
	r.Cost += t.Unfilled * int64(r.Unfilled)
	r.Total = float64(total) / assign.Scale
	if len(sums) > 0 {
		r.Min = float64(slices.Min(sums)) / assign.Scale
		r.Mean = r.Total / float64(len(sums))
	}
	for _, d := range why {
		r.Reasons = append(r.Reasons, words(t, d))
	}
	return r
}

// usedUp lists the caps without room, with minus their prices where these are known.
func usedUp(t *table.Table, chosen []int, prices []int64) (out []capped) {
	load := make([]int, len(t.Load))
	for _, k := range chosen {
		load[t.Edges[k].Reviewer]++
	}
	for g, n := range t.Given(load) {
		if n < t.Groups[g].Max {
			continue
		}
		c := capped{Group: t.Caps[g], Max: t.Groups[g].Max}
		if prices != nil {
			price := float64(-prices[g]) / assign.Scale
			c.Price = &price
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b capped) int {
		if a.Price == nil {
			return 0
		}
		return cmp.Compare(*b.Price, *a.Price)
	})
	return out
}

func words(t *table.Table, d assign.Deficit) reason {
	r := reason{Proposals: []string{}, People: []string{}, Need: d.Need, Have: d.Have}
	for _, i := range d.Proposals {
		r.Proposals = append(r.Proposals, t.Proposals[i])
	}
	for _, i := range d.Reviewers {
		r.People = append(r.People, t.People[i])
	}
	caps := bindingWords(t, d.Groups)
	switch d.Kind {
	case assign.Capped:
		r.Text = fmt.Sprintf("%s: %d reviews stay empty, as %s: each would take one from somebody else.", some(append(slices.Clone(r.Proposals), r.People...), "reviews of"), d.Need, caps)
	case assign.TooDear:
		r.Text = fmt.Sprintf("%s: %d reviews stay empty, as each would cost more than an empty place.", some(r.Proposals, "proposal"), d.Need)
	case assign.TooFewProposals:
		r.Text = fmt.Sprintf("%s must get %d reviews; the proposals they may review (%s) have %d for them.", some(r.People, "person"), d.Need, some(r.Proposals, "proposal"), d.Have)
	default:
		r.Text = fmt.Sprintf("%s need %d reviews; all who may review them (%s) have room for %d", some(r.Proposals, "proposal"), d.Need, some(r.People, "person"), d.Have)
		if caps != "" {
			r.Text += ", as " + caps
		}
		r.Text += "."
	}
	return r
}

// bindingWords says which caps bind; "" for none.
func bindingWords(t *table.Table, groups []int) string {
	var caps []string
	for _, g := range groups {
		caps = append(caps, fmt.Sprintf("the cap of %d for %s", t.Groups[g].Max, t.Caps[g]))
	}
	switch len(caps) {
	case 0:
		return ""
	case 1:
		return caps[0] + " binds"
	}
	return some(caps, "") + " bind"
}

// relaxations says what would help, and that asking for less always does.
func relaxations(t *table.Table, d assign.Deficit, list []assign.Relaxation) []string {
	if d.Kind != assign.TooFewReviewers {
		return nil
	}
	var out []string
	for _, x := range list {
		if x.Reviewer >= 0 {
			out = append(out, fmt.Sprintf("One place more for %s: fills one, and the cost grows by %s.", t.People[x.Reviewer], table.Score(x.Cost)))
			continue
		}
		if x.Group >= 0 {
			out = append(out, fmt.Sprintf("One review more under the cap for %s: fills one, and the cost grows by %s.", t.Caps[x.Group], table.Score(x.Cost)))
			continue
		}
		e := t.Edges[x.Edge]
		out = append(out, fmt.Sprintf("Allow %s to review %s in spite of the conflict: fills one, and the cost grows by at most %s.", t.People[e.Reviewer], t.Proposals[e.Proposal], table.Score(x.Cost)))
	}
	return append(out, fmt.Sprintf("Ask %d fewer reviews of these proposals together.", d.Need-d.Have))
}

// some names the first few of a list.
func some(names []string, what string) string {
	const most = 5
	switch n := len(names); {
	case n == 0:
		return "nobody"
	case n == 1:
		return what + " " + names[0]
	case n <= most:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	default:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n-most)
	}
}

// named is an error about a problem with the names of the tables.
func named(t *table.Table, e *assign.ProblemError) error {
	var at []string
	if e.Proposal >= 0 {
		at = append(at, "proposal "+t.Proposals[e.Proposal])
	}
	if e.Reviewer >= 0 {
		at = append(at, "person "+t.People[e.Reviewer])
	}
	if e.Group >= 0 {
		at = append(at, "group "+t.Caps[e.Group])
	}
	return fmt.Errorf("%s: %s", strings.Join(append(at, "the tables"), ", "), e.Reason)
}

func open(name string, read func(io.Reader) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close() // only read
	if err := read(bufio.NewReaderSize(f, 1<<20)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func create(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = write(w)
	return errors.Join(err, w.Flush(), f.Close())
}

// peak is the most memory that the process has held, in bytes.
func peak() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Maxrss << 10 // in kilobytes on Linux
}

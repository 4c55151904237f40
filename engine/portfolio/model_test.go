package portfolio

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// randomModel is a small model with rules of every kind.
func randomModel(r *rand.Rand) *Model {
	m := &Model{}
	for b := range r.IntN(3) {
		m.Budgets = append(m.Budgets, Budget{fmt.Sprint("b", b), r.Int64N(40)})
	}
	for b := range r.IntN(3) {
		x := Bottleneck{Name: fmt.Sprint("n", b)}
		for v := 1 + r.Int64N(9); v > 0 && len(x.Values) < 3; v -= r.Int64N(4) {
			x.Values = append(x.Values, v)
		}
		m.Bottlenecks = append(m.Bottlenecks, x)
	}
	for i := range 1 + r.IntN(5) {
		p := Proposal{ID: fmt.Sprint("p", i), Attributes: map[string]string{"field": string("xyz"[r.IntN(3)]), "risk": string("hl"[r.IntN(2)])}}
		cost := make([]int64, len(m.Budgets))
		for k := range 1 + r.IntN(3) {
			for b := range cost {
				cost[b] += r.Int64N(12)
			}
			p.Levels = append(p.Levels, Level{Name: fmt.Sprint(k), Value: r.Int64N(20) - 3, Cost: slices.Clone(cost)})
		}
		for _, b := range m.Bottlenecks {
			if r.IntN(2) == 0 {
				p.Covers = append(p.Covers, b.Name)
			}
		}
		if r.IntN(8) == 0 {
			p.Fixed = In + Fixed(r.IntN(2))
		}
		m.Proposals = append(m.Proposals, p)
	}
	for range r.IntN(3) {
		l := randomLimit(r, m)
		l.Name = fmt.Sprint(len(m.Limits))
		m.Limits = append(m.Limits, l)
	}
	pick := func() string { return m.Proposals[r.IntN(len(m.Proposals))].ID }
	for i := range r.IntN(3) {
		g := Group{Name: fmt.Sprint("g", i), Min: NoLo, Max: NoHi}
		for range 2 {
			if id := pick(); !slices.Contains(g.Proposals, id) {
				g.Proposals = append(g.Proposals, id)
			}
		}
		if g.Min = r.Int64N(2); r.IntN(2) == 0 {
			g.Min, g.Max = NoLo, 1
		}
		m.Groups = append(m.Groups, g)
	}
	if a, b := pick(), pick(); a != b && r.IntN(2) == 0 {
		m.Needs = append(m.Needs, Need{a, []string{b}})
	}
	return m
}

func randomLimit(r *rand.Rand, m *Model) Limit {
	field := m.Proposals[r.IntN(len(m.Proposals))].Attributes["field"]
	l := Limit{Where: map[string][]string{"field": {field}}, Money: r.IntN(2) == 0, Share: r.IntN(2) == 0, Min: NoLo, Max: NoHi}
	if r.IntN(3) == 0 {
		l.Where["risk"] = []string{"h"}
	}
	if l.Money && len(m.Budgets) > 0 && r.IntN(2) == 0 {
		l.Budget = m.Budgets[r.IntN(len(m.Budgets))].Name
	}
	limit := r.Int64N(4)
	if l.Money {
		limit = r.Int64N(20)
	}
	if l.Share {
		limit = r.Int64N(Whole)
	}
	if l.Min = limit; r.IntN(2) == 0 {
		l.Min, l.Max = NoLo, limit
	}
	return l
}

// tryAll is the best value over all levels of all proposals.
func tryAll(m *Model) (best int64, found bool) {
	level := make([]int, len(m.Proposals))
	var from func(i int)
	from = func(i int) {
		if i == len(level) {
			if v, broken := m.Verify(level); len(broken) == 0 && (!found || v > best) {
				best, found = v, true
			}
			return
		}
		for level[i] = range len(m.Proposals[i].Levels) + 1 {
			from(i + 1)
		}
	}
	from(0)
	return best, found
}

// decideAndTry is a model's decision, which has to be what trying everything finds: the best value, or that there is none.
func decideAndTry(t *testing.T, m *Model, seed uint64) (d *Decision, found bool) {
	t.Helper()
	d, err := Decide(t.Context(), m, Options{Seed: seed})
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	best, found := tryAll(m)
	if !d.Done || (d.Level != nil) != found || found && (d.Value != best || !d.Optimal()) {
		t.Fatalf("seed %d: %d to %d, %v; the best is %d, %v\n%+v", seed, d.Value, d.Bound, d.Level, best, found, m)
	}
	return d, found
}

func TestDecideAgainstEnumeration(t *testing.T) {
	t.Parallel()
	impossible := 0
	for seed := range uint64(1500) {
		m := randomModel(rand.New(rand.NewPCG(seed, 3)))
		d, found := decideAndTry(t, m, seed)
		if !found {
			impossible++
			checkConflict(t, seed, d)
		}
	}
	if impossible < 100 || impossible > 1000 {
		t.Errorf("%d of 1500 are impossible: the instances try too little", impossible)
	}
}

// TestManyLevels has more steps than a tableau takes rows, and a ceiling on numbers
// that makes relaxations take later steps without the first.
func TestManyLevels(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 5))
	m := &Model{Budgets: []Budget{{"b", 0}}, Limits: []Limit{{Name: "number", Min: NoLo, Max: 100}}}
	for i := range 300 {
		cost, value := 10+r.Int64N(90), (10+r.Int64N(90))*Point
		m.Proposals = append(m.Proposals, Proposal{ID: fmt.Sprint(i), Levels: []Level{{Value: value * 6 / 10, Cost: []int64{cost}}, {Value: value, Cost: []int64{2 * cost}}}})
		m.Budgets[0].Amount += cost / 2
	}
	d, err := Decide(t.Context(), m, Options{Time: 2 * time.Second})
	if err != nil || d.Level == nil || d.Gap() > 0.05 {
		t.Fatalf("%+v, %v", d, err)
	}
	if value, broken := m.Verify(d.Level); len(broken) > 0 || value != d.Value {
		t.Errorf("%d, %v", value, broken)
	}
}

// checkConflict drops each rule of a conflict: all together are impossible, all but one possible.
func checkConflict(t *testing.T, seed uint64, d *Decision) {
	t.Helper()
	rules, minimal, err := d.Conflict(t.Context())
	if err != nil || !minimal || len(rules) == 0 {
		t.Fatalf("seed %d: %v, %v, %v", seed, rules, minimal, err)
	}
	for drop := -1; drop < len(rules); drop++ {
		p := d.c.program(func(k int) bool {
			at := slices.IndexFunc(rules, func(r Rule) bool { return r.String() == d.c.rules[k].String() })
			return at < 0 || at == drop
		})
		if _, found := enumerate(p); len(p.Value) <= 11 && found != (drop >= 0) {
			t.Fatalf("seed %d: without %d of %v: %v", seed, drop, rules, found)
		}
	}
}

// TestPrices compares what rules cost, and the next best choices, with trying everything.
func TestPrices(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		m := randomModel(rand.New(rand.NewPCG(seed, 4)))
		d, err := Decide(t.Context(), m, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d.Level == nil {
			continue
		}
		prices, err := d.Prices(t.Context(), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range prices {
			best, _ := enumerate(d.c.program(func(k int) bool { return k == i }))
			if want := float64(best-d.Value) / Point; p.Cost.Low != want || p.Cost.High != want {
				t.Errorf("seed %d: %s costs %v, not %v", seed, p.Rule, p.Cost, want)
			}
		}
		next, err := d.Alternatives(t.Context(), 2, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range next {
			if a.Gain.Low > 0 || a.Gain.Low != a.Gain.High || i > 0 && a.Gain.Low > next[i-1].Gain.Low || len(a.In)+len(a.Out)+len(a.Level) == 0 {
				t.Errorf("seed %d: %+v", seed, next)
			}
		}
	}
}

func TestMoreMoneyAndReasons(t *testing.T) {
	t.Parallel()
	m := read(t, `{"budgets":[{"name":"2027","amount":100}],
"proposals":[
 {"id":"a","value":10,"cost":{"2027":60}},
 {"id":"b","value":"6","cost":{"2027":"40.00"}},
 {"id":"c","value":5,"cost":{"2027":45}},
 {"id":"d","value":1,"cost":{"2027":30}}]}`)
	d, err := Decide(t.Context(), m, Options{})
	if err != nil || !slices.Equal(d.Level, []int{1, 1, 0, 0}) || d.Value != 16*Point {
		t.Fatalf("%+v, %v", d, err)
	}
	more, err := d.MoreMoney(t.Context(), 30, time.Minute)
	if err != nil || more.Gain != (Range{1, 1}) || !slices.Equal(more.In, []int{3}) {
		t.Errorf("%+v, %v", more, err)
	}
	for i, r := range d.Reasons() {
		charge := 0.0
		for _, c := range r.Charges {
			charge += c.Points
		}
		if math.Abs(r.Value-charge-r.Margin) > 1.0/Point || d.Level[i] > 0 && r.Margin < -1e-9 || d.Level[i] == 0 && r.Margin > 1e-9 || r.Charges[0].Rule.String() != "budget 2027" {
			t.Errorf("%s: %+v", m.Proposals[i].ID, r)
		}
	}
}

func read(t *testing.T, text string) *Model {
	t.Helper()
	m, err := ReadModel(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const rules = `{"budgets":[{"name":"A","amount":100},{"name":"B","amount":"50.5"}],
 "limits":[{"name":"high risk","where":{"risk":["high"]},"of":"money","min_share":"0.1"}],
 "bottlenecks":[{"name":"lens","values":[4,1.5]}]}`

func TestReadTable(t *testing.T) {
	t.Parallel()
	m, err := ReadTable(strings.NewReader("\ufeffproposal,level,value,cost:A,cost:B,risk,covers,fixed\np,half,3,10,,high,lens,in\np,full,4.25,20,5.5,high,lens,in\nq,,1,1,1,low,,\n"), strings.NewReader(rules))
	if err != nil {
		t.Fatal(err)
	}
	want := []Level{{Name: "half", Value: 3 * Point, Cost: []int64{1000, 0}}, {Name: "full", Value: 4250000, Cost: []int64{2000, 550}}}
	if p := m.Proposals[0]; !slices.EqualFunc(p.Levels, want, func(a, b Level) bool {
		return a.Name == b.Name && a.Value == b.Value && slices.Equal(a.Cost, b.Cost)
	}) || p.Fixed != In || p.Attributes["risk"] != "high" || !slices.Equal(p.Covers, []string{"lens"}) || len(m.Proposals) != 2 {
		t.Errorf("%+v", m.Proposals)
	}
	if l := m.Limits[0]; !l.Share || !l.Money || l.Min != Whole/10 || l.Max != NoHi {
		t.Errorf("%+v", l)
	}
	for table, want := range map[string]string{
		"":                                   "the table is empty: a header is expected",
		"proposal,cost\np,1\n":               "line 1: the column value is expected",
		"proposal,value,cost\np,1,1\n":       "line 2: cost: columns cost:BUDGET are expected, as there are 2 budgets",
		"proposal,value,cost:C\n\nq,1,1\n":   `line 3: proposals[0] (q): cost: there is no budget "C"`,
		"proposal,value,cost:A\np,1,1.005\n": `line 2: proposals[0] (p): cost: "1.005": no part finer than 1/100 is expected`,
		"proposal,value,covers\np,1,prism\n": `line 2: proposals[0] (p): covers: there is no bottleneck "prism"`,
	} {
		if _, err := ReadTable(strings.NewReader(table), strings.NewReader(rules)); err == nil || err.Error() != want {
			t.Errorf("%q: %v", table, err)
		}
	}
}

func TestReadModelSaysWhere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                  "line 1: a JSON object with budgets, proposals and rules is expected",
		"{\n\"budget\":[]}": `line 2: "budget": one of budgets, proposals, limits, groups, needs, bottlenecks, scenarios and risk is expected`,
		"{\"budgets\":[\n{\"name\":\"A\",\"sum\":1}]}":                                `line 2: budgets[0]: unknown field "sum"`,
		"{\"budgets\":[\n{\"name\":3}]}":                                              "line 2: budgets[0]: name: string is expected, not number",
		"{\"budgets\":[\n{\"name\":\"A\",\"amount\":\"much\"}]}":                      `line 2: budgets[0]: amount: "much": a decimal under 11258999068426 is expected, such as 12.5`,
		"{\"proposals\":[{\"id\":\"p\",\"value\":1},\n{\"id\":\"p\",\"value\":1}]}":   `line 2: proposals[1] (p): id: "p" stands at 0 already`,
		"{\"proposals\":[{\"id\":\"p\"}]}":                                            "line 1: proposals[0] (p): value: either value and cost or levels are expected",
		"{\"limits\":[\n\n{\"name\":\"x\",\"where\":{\"field\":[\"y\"]},\"min\":1}]}": `line 3: limits[0]: where: no proposal has the attribute "field"`,
		"{\"limits\":[{\"name\":\"x\",\"of\":\"value\",\"min\":1}]}":                  `line 1: limits[0]: of: "value": count or money is expected`,
		"{\"groups\":[{\"name\":\"g\",\"proposals\":[\"p\"],\"min\":1}]}":             `line 1: groups[0]: proposals: there is no proposal "p"`,
		"{\"needs\":[{\"proposal\":\"p\",\"of\":[]}]}":                                `line 1: needs[0]: proposal: there is no proposal "p"`,
		"{\"bottlenecks\":[{\"name\":\"b\",\"values\":[1,2]}]}":                       "line 1: bottlenecks[0]: values: values from 0 that do not grow are expected: covering twice is worth at most as much again",
		"{\"budgets\":[{\"name\":\"A\"":                                               "line 1: the file ends within the object",
	} {
		if _, err := ReadModel(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q:\n%v\n%s", text, err, want)
		}
	}
}

func FuzzReadModel(f *testing.F) {
	f.Add(rules)
	f.Add(`{"proposals":[{"id":"p","levels":[{"value":1},{"value":2}]}],"needs":[{"proposal":"p","of":["p"]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := ReadModel(strings.NewReader(text)); err == nil && m.Check() != nil {
			t.Errorf("what was read does not pass its check: %v", m.Check())
		}
	})
}

package decision

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// listed is a list of proposals in order of rank, each of which asks for 100; those named are funded.
func listed(funded string, change func(i int, r *Row)) View {
	v := View{Decision: Decision{AgencyID: "arc", Budget: money.Whole(400, "XCR")}}
	for i, name := range strings.Split("abcdefghij", "") {
		r := Row{Item: Item{ProposalID: name, Place: i + 1, Outcome: Reject}, Number: "P-" + name, Asked: money.Whole(100, "XCR"), Rank: &Rank{Score: 5 - 0.1*float64(i)}, Traits: map[string]string{}, agency: "arc", Above: i < 4}
		if strings.Contains(funded, name) {
			r.Outcome = Fund
		}
		if change != nil {
			change(i, &r)
		}
		v.Rows = append(v.Rows, r)
	}
	return v
}

func whole(n int64) *int64 { return &n }

// TestCauses: each rule is named to whom it decided about, and to nobody else.
func TestCauses(t *testing.T) {
	all := []Pot{{Minor: 40_000}}
	risky := func(names string) func(int, *Row) {
		return func(_ int, r *Row) {
			if r.Traits["risk"] = "low"; strings.Contains(names, r.ProposalID) {
				r.Traits["risk"] = "high"
			}
		}
	}
	for name, c := range map[string]struct {
		list  View
		rules Rules
		want  map[string]string // by proposal; of the others nothing
	}{
		"the money ends": {listed("abcd", nil), Rules{Pots: all},
			map[string]string{"e": "pot 4", "f": "pot 4", "g": "pot 4", "h": "pot 4", "i": "pot 4", "j": "pot 4"}},
		"a year's money ends": {listed("ab", func(_ int, r *Row) { r.asks = []ask{{2027, 1}, {2028, 3}} }), Rules{Pots: []Pot{{Minor: 100_000}, {"arc", 2028, 15_000}}},
			map[string]string{"c": "pot 2", "d": "pot 2", "e": "pot 2", "f": "pot 2", "g": "pot 2", "h": "pot 2", "i": "pot 2", "j": "pot 2"}},
		"a dear one does not fit, a cheap one after it does": {listed("abcef", func(i int, r *Row) {
			if i == 3 {
				r.Asked = money.Whole(200, "XCR")
			} else if i > 3 {
				r.Asked = money.Whole(50, "XCR")
			}
		}), Rules{Pots: all}, map[string]string{"d": "short 3", "g": "pot 6", "h": "pot 6", "i": "pot 6", "j": "pot 6"}},
		"a bar": {listed("abcd", nil), Rules{Pots: []Pot{{Minor: 100_000}}, Bar: 4.45},
			map[string]string{"g": "bar 0", "h": "bar 0", "i": "bar 0", "j": "bar 0"}},
		"a ceiling": {listed("acde", risky("ab")), Rules{Pots: all, Limits: []Limit{{Dimension: "risk", Value: "high", By: ByNumber, Max: whole(1)}}},
			map[string]string{"b": "ceiling 1", "f": "pot 5", "g": "pot 5", "h": "pot 5", "i": "pot 5", "j": "pot 5"}},
		"a ceiling on money": {listed("acde", risky("ab")), Rules{Pots: []Pot{{Minor: 100_000}}, Limits: []Limit{{Dimension: "risk", Value: "high", By: ByMoney, Max: whole(15_000)}}},
			map[string]string{"b": "ceiling 1"}},
		"a floor": {listed("abcj", risky("j")), Rules{Pots: all, Limits: []Limit{{Dimension: "risk", Value: "high", By: ByNumber, Min: whole(1)}}},
			map[string]string{"d": "floor 10", "e": "floor 10", "f": "floor 10", "g": "floor 10", "h": "floor 10", "i": "floor 10", "j": "held 10"}},
		"a floor that is reached by rank": {listed("abcd", risky("a")), Rules{Pots: []Pot{{Minor: 100_000}}, Limits: []Limit{{Dimension: "risk", Value: "high", By: ByNumber, Min: whole(1)}}}, nil},
		"one of a group only": {listed("acde", nil), Rules{Pots: []Pot{{Minor: 100_000}}, Ties: []Tie{{Kind: AtMost, Proposals: []string{"a", "b"}, Count: 1}}},
			map[string]string{"b": "most 1"}},
		"one that needs another": {listed("acde", nil), Rules{Pots: []Pot{{Minor: 100_000}}, Ties: []Tie{{Kind: Needs, Proposals: []string{"b", "j"}}}},
			map[string]string{"b": "needs 0"}},
		"one of a group at least": {listed("abcj", nil), Rules{Pots: []Pot{{Minor: 100_000}}, Ties: []Tie{{Kind: AtLeast, Proposals: []string{"i", "j"}, Count: 1}}},
			map[string]string{"j": "least 0"}},
		"not reviewed": {listed("abcd", func(_ int, r *Row) { r.Rank = nil }), Rules{Pots: all}, nil},
		"not decided":  {listed("abcd", func(i int, r *Row) { r.Outcome = Open }), Rules{Pots: all}, nil},
	} {
		f := c.list.funding(c.rules, nil)
		got := map[string]string{}
		for _, r := range c.list.Rows {
			var said []string
			for _, x := range f.causes(r) {
				said = append(said, fmt.Sprint(x.Kind, " ", x.Rank))
				for _, l := range lang.Locales {
					if text := x.Said().In(l); strings.Contains(text, "{") || strings.Contains(text, "decision.") || strings.Contains(text, "P-") {
						t.Errorf("%s: %s reads %q", name, l.Name(), text)
					}
				}
			}
			if len(said) > 0 {
				got[r.ProposalID] = strings.Join(said, ", ")
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(orEmpty(c.want)) {
			t.Errorf("%s:\n got %v\nwant %v", name, got, c.want)
		}
	}
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// TestCausesHold: what is named is so. With a proposal that is out for a ceiling or for money
// the rule would be broken, and where any rule would be broken below the last that is funded, one is named.
func TestCausesHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := listed(rapid.StringMatching(`[a-j]{0,8}`).Draw(t, "funded"), func(i int, r *Row) {
			r.Asked = money.Whole(int64(rapid.IntRange(1, 9).Draw(t, "asked")), "XCR")
			r.Traits["risk"] = rapid.SampledFrom(Risks).Draw(t, "risk")
		})
		limit := Limit{Dimension: "risk", Value: rapid.SampledFrom(Risks).Draw(t, "value"), By: rapid.SampledFrom(Measures).Draw(t, "by"), Max: whole(rapid.Int64Range(0, 2000).Draw(t, "max"))}
		rules := Rules{Pots: []Pot{{Minor: rapid.Int64Range(0, 6000).Draw(t, "pot")}}, Limits: []Limit{limit}}
		f := v.funding(rules, nil)
		for _, r := range v.Rows {
			if r.Outcome == Fund {
				continue
			}
			with := map[string]bool{r.ProposalID: true}
			for _, x := range v.Rows {
				with[x.ProposalID] = with[x.ProposalID] || x.Outcome == Fund
			}
			over := limit.holds(r) && v.reached(limit, with) > *limit.Max
			dear := v.used(rules, Term{Kind: "pot"}, with) > rules.Pots[0].Minor
			causes := f.causes(r)
			for _, c := range causes {
				if c.Kind == Full && !over || (c.Kind == Spent || c.Kind == Short) && !dear {
					t.Fatalf("%s is out for %+v, which it would not break", r.ProposalID, c)
				}
			}
			if r.Place > f.last && (over || dear) != (len(causes) > 0) {
				t.Fatalf("%s: a ceiling would be passed: %v, the money: %v; named are %+v", r.ProposalID, over, dear, causes)
			}
			if slices.ContainsFunc(causes, func(c Cause) bool { return c.Rank > 10 }) {
				t.Fatalf("a rank of nobody: %+v", causes)
			}
		}
	})
}

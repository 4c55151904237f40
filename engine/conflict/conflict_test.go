package conflict_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/engine/conflict"
)

func day(s string) conflict.Day {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return conflict.DayOf(t)
}

func since(s string) conflict.Period { return conflict.Period{From: day(s), To: conflict.Never} }

func both(people ...int32) []conflict.Member {
	out := make([]conflict.Member, len(people))
	for i, p := range people {
		out[i] = conflict.Member{Person: p, Confidence: 1}
	}
	return out
}

// Person 0 applies; each other person has one reason not to review.
func TestRules(t *testing.T) {
	t.Parallel()
	facts := conflict.Facts{
		People: 12, Organisations: 3,
		Parents: []conflict.Parent{{Child: 1, Parent: 0}},
		Affiliations: []conflict.Affiliation{
			{0, 1, 7, since("2015-09-01")},
			{1, 1, 7, conflict.Period{From: day("2010-01-01"), To: day("2024-02-29")}},
			{2, 0, 0, since("2020-01-01")},
			{3, 2, 0, since("2020-01-01")},
		},
		Works: []conflict.Together{{day("2023-05-01"), append(both(0, 4), conflict.Member{Person: 5, Confidence: 0.6})}, {day("2019-01-01"), both(0, 6)}},
		Teams: []conflict.Together{{day("2025-01-01"), both(6, 0)}},
		Ties: []conflict.Tie{
			{7, 0, conflict.Adviser, conflict.Period{From: day("2000-01-01"), To: day("2004-01-01")}},
			{0, 8, conflict.Family, conflict.Period{From: conflict.Always, To: conflict.Never}},
			{9, 0, conflict.Declared, since("2026-01-01")},
		},
	}
	proposals := []conflict.Proposal{
		{Call: 0, Applicants: []int32{0}, Competitors: []int32{10}, Rivals: []int32{2}, Declared: []conflict.Declaration{{10, since("2026-06-01")}}},
		{Call: 0, Applicants: []int32{11}},
		{Call: 1, Applicants: []int32{3}},
	}
	f, err := conflict.New(facts, proposals)
	if err != nil {
		t.Fatal(err)
	}
	told := func(on string, rules ...conflict.Rule) []string {
		var out []string
		for _, c := range f.Of(0, rules, day(on)) {
			out = append(out, fmt.Sprintf("%d by %d: %d, %v to %v, %g", c.Reviewer, c.Applicant, c.Evidence, c.From, c.To, c.Confidence))
		}
		return out
	}
	for _, c := range []struct {
		on   string
		rule conflict.Rule
		want []string
	}{
		{"2026-01-01", conflict.Rule{Kind: conflict.Organisation}, nil},
		{"2026-01-01", conflict.Rule{Kind: conflict.Organisation, Years: 3}, []string{"1 by 0: 1, 2015-09-01 to 2027-03-01, 1"}},
		{"2027-03-01", conflict.Rule{Kind: conflict.Department, Years: 3}, []string{"1 by 0: 1, 2015-09-01 to 2027-03-01, 1"}},
		{"2027-03-02", conflict.Rule{Kind: conflict.Department, Years: 3}, nil},
		{"2026-01-01", conflict.Rule{Kind: conflict.Organisation, Kin: true}, []string{"2 by 0: 0, 2020-01-01 to never, 1"}},
		{"2026-01-01", conflict.Rule{Kind: conflict.CoAuthor, Years: 3}, []string{"4 by 0: 0, 2023-05-01 to 2026-05-01, 1", "5 by 0: 0, 2023-05-01 to 2026-05-01, 0.6"}},
		{"2026-01-01", conflict.Rule{Kind: conflict.CoAuthor, Years: 30, Most: 2}, []string{"6 by 0: 1, 2019-01-01 to 2049-01-01, 1"}},
		{"2026-01-01", conflict.Rule{Kind: conflict.CoApplicant, Years: 5}, []string{"6 by 0: 0, 2025-01-01 to 2030-01-01, 1"}},
		{"2026-01-01", conflict.Rule{Kind: conflict.Adviser, Years: 20}, nil},
		{"2026-01-01", conflict.Rule{Kind: conflict.Adviser, Years: 25}, []string{"7 by 0: 0, 2000-01-01 to 2029-01-01, 1"}},
		{"2026-01-01", conflict.Rule{Kind: conflict.Family}, []string{"8 by 0: 1, always to never, 1"}},
		{"2026-01-01", conflict.Rule{Kind: conflict.Declared}, []string{"9 by 0: 2, 2026-01-01 to never, 1"}},
		{"2026-07-01", conflict.Rule{Kind: conflict.Declared}, []string{"9 by 0: 2, 2026-01-01 to never, 1", "10 by -1: 0, 2026-06-01 to never, 1"}},
		{"2026-01-01", conflict.Rule{Kind: conflict.Competitor}, []string{"3 by -1: 2, 2020-01-01 to never, 1", "10 by -1: -1, always to never, 1"}},
		{"2026-01-01", conflict.Rule{Kind: conflict.OwnProposal}, []string{"0 by -1: 0, always to never, 1", "11 by -1: 1, always to never, 1"}},
	} {
		if d := cmp.Diff(c.want, told(c.on, c.rule)); d != "" {
			t.Errorf("%s %+v: %s", c.on, c.rule, d)
		}
	}
	if got := f.Among(0, []int32{5}, []conflict.Rule{{Kind: conflict.Family}, {Kind: conflict.CoAuthor, Years: 9}}, day("2026-01-01")); len(got) != 1 || got[0].Rule != 1 || !got[0].Possible() {
		t.Errorf("%+v", got)
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		from := time.Date(rapid.IntRange(-800, 3000).Draw(r, "year"), time.Month(rapid.IntRange(1, 12).Draw(r, "month")), rapid.IntRange(1, 28).Draw(r, "day"), 0, 0, 0, 0, time.UTC)
		years := rapid.IntRange(0, 90).Draw(r, "years")
		facts := conflict.Facts{People: 2, Works: []conflict.Together{{conflict.DayOf(from), both(0, 1)}}}
		f, err := conflict.New(facts, []conflict.Proposal{{Applicants: []int32{0}}})
		if err != nil {
			r.Fatal(err)
		}
		got := f.Of(0, []conflict.Rule{{Kind: conflict.CoAuthor, Years: years}}, conflict.DayOf(from))
		if want := from.AddDate(years, 0, 0); len(got) != 1 || got[0].To != conflict.DayOf(want) {
			r.Fatalf("%v and %d years: %+v, want %v", from, years, got, want)
		}
	})
}

// Everything that holds between two people is found, and nothing else: against
// looking at every pair and every fact.
func TestAgainstPairs(t *testing.T) {
	t.Parallel()
	const people, organisations = 6, 4
	rapid.Check(t, func(r *rapid.T) {
		person := rapid.Int32Range(0, people-1)
		organisation := rapid.Int32Range(0, organisations-1)
		date := rapid.Custom(func(r *rapid.T) conflict.Day { return conflict.Day(365 * rapid.IntRange(40, 56).Draw(r, "year")) })
		period := rapid.Custom(func(r *rapid.T) conflict.Period {
			from := date.Draw(r, "from")
			if rapid.Bool().Draw(r, "open") {
				return conflict.Period{From: from, To: conflict.Never}
			}
			return conflict.Period{From: from, To: from + conflict.Day(rapid.IntRange(0, 3000).Draw(r, "days"))}
		})
		meeting := rapid.Custom(func(r *rapid.T) conflict.Together {
			return conflict.Together{Day: date.Draw(r, "day"), People: both(rapid.SliceOfNDistinct(person, 1, 4, rapid.ID).Draw(r, "people")...)}
		})
		facts := conflict.Facts{
			People: people, Organisations: organisations,
			Parents: rapid.SliceOfN(rapid.Custom(func(r *rapid.T) conflict.Parent {
				return conflict.Parent{Child: organisation.Draw(r, "child"), Parent: organisation.Draw(r, "parent")}
			}), 0, 3).Draw(r, "parents"),
			Affiliations: rapid.SliceOfN(rapid.Custom(func(r *rapid.T) conflict.Affiliation {
				return conflict.Affiliation{Person: person.Draw(r, "person"), Organisation: organisation.Draw(r, "at"), Period: period.Draw(r, "when")}
			}), 0, 8).Draw(r, "affiliations"),
			Works: rapid.SliceOfN(meeting, 0, 6).Draw(r, "works"),
		}
		applicants := rapid.SliceOfNDistinct(person, 1, 3, rapid.ID).Draw(r, "applicants")
		rules := []conflict.Rule{
			{Kind: conflict.Organisation, Years: rapid.IntRange(0, 4).Draw(r, "years"), Kin: rapid.Bool().Draw(r, "kin")},
			{Kind: conflict.CoAuthor, Years: rapid.IntRange(0, 4).Draw(r, "years")},
			{Kind: conflict.OwnProposal},
		}
		on := date.Draw(r, "on")
		f, err := conflict.New(facts, []conflict.Proposal{{Applicants: applicants}})
		if err != nil {
			r.Fatal(err)
		}
		var got, want []string
		for _, c := range f.Of(0, rules, on) {
			got = append(got, fmt.Sprint(c.Reviewer, " ", c.Rule))
		}
		for reviewer := range int32(people) {
			for i, rule := range rules {
				own := rule.Kind == conflict.OwnProposal && slices.Contains(applicants, reviewer)
				if own || rule.Kind != conflict.OwnProposal && slices.ContainsFunc(applicants, func(a int32) bool { return a != reviewer && joined(facts, rule, a, reviewer, on) }) {
					want = append(want, fmt.Sprint(reviewer, " ", i))
				}
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			r.Fatal(d)
		}
		some := rapid.SliceOf(person).Draw(r, "reviewers")
		of := slices.DeleteFunc(f.Of(0, rules, on), func(c conflict.Conflict) bool { return !slices.Contains(some, c.Reviewer) })
		if d := cmp.Diff(of, f.Among(0, some, rules, on), cmpopts.EquateEmpty()); d != "" {
			r.Fatal(d)
		}
	})
}

// A circle of parents, which is a mistake in somebody's register, hides nobody.
func TestCircleOfParents(t *testing.T) {
	t.Parallel()
	at := func(person, organisation int32) conflict.Affiliation {
		return conflict.Affiliation{Person: person, Organisation: organisation, Period: conflict.Period{To: conflict.Never}}
	}
	f, err := conflict.New(conflict.Facts{
		People: 2, Organisations: 3, Affiliations: []conflict.Affiliation{at(0, 1), at(1, 2)},
		Parents: []conflict.Parent{{Child: 0, Parent: 2}, {Child: 1, Parent: 0}, {Child: 2, Parent: 0}},
	}, []conflict.Proposal{{Applicants: []int32{1}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Of(0, []conflict.Rule{{Kind: conflict.Organisation, Kin: true}}, 0); len(got) != 1 || got[0].Reviewer != 0 {
		t.Errorf("%+v", got)
	}
}

// joined looks at every fact.
func joined(f conflict.Facts, rule conflict.Rule, a, b int32, on conflict.Day) bool {
	current := func(from, to conflict.Day) bool {
		last := time.Unix(int64(on)*86400, 0).UTC()
		end := time.Unix(int64(to)*86400, 0).UTC().AddDate(rule.Years, 0, 0)
		return from <= on && (to == conflict.Never || !last.After(end))
	}
	if rule.Kind == conflict.CoAuthor {
		return slices.ContainsFunc(f.Works, func(w conflict.Together) bool {
			has := func(p int32) bool { return slices.Contains(w.People, conflict.Member{Person: p, Confidence: 1}) }
			return has(a) && has(b) && current(w.Day, w.Day)
		})
	}
	for _, x := range f.Affiliations {
		for _, y := range f.Affiliations {
			if x.Person == a && y.Person == b && current(x.From, x.To) && current(y.From, y.To) &&
				(x.Organisation == y.Organisation || rule.Kin && (above(f, x.Organisation, y.Organisation, 0) || above(f, y.Organisation, x.Organisation, 0))) {
				return true
			}
		}
	}
	return false
}

// above reports whether a is a part of b.
func above(f conflict.Facts, a, b int32, depth int) bool {
	return a == b || depth < f.Organisations && slices.ContainsFunc(f.Parents, func(p conflict.Parent) bool {
		return p.Child == a && above(f, p.Parent, b, depth+1)
	})
}

func TestCycles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		const people = 6
		proposals := make([]conflict.Proposal, people) // each applies with one
		assigned := make([][]int32, people)
		var reviews [people][people]bool
		for i := range proposals {
			proposals[i].Applicants = []int32{int32(i)}
			assigned[i] = rapid.SliceOfNDistinct(rapid.Int32Range(0, people-1), 0, 3, rapid.ID).Draw(r, "reviewers")
			for _, p := range assigned[i] {
				reviews[p][i] = true
			}
		}
		f, err := conflict.New(conflict.Facts{People: people}, proposals)
		if err != nil {
			r.Fatal(err)
		}
		var want [][]int32
		for a := range int32(people) {
			for b := a + 1; b < people; b++ {
				if reviews[a][b] && reviews[b][a] {
					want = append(want, []int32{a, b})
				}
			}
			for b := range int32(people) {
				for c := range int32(people) {
					if b > a && c > a && b != c && reviews[a][b] && reviews[b][c] && reviews[c][a] {
						want = append(want, []int32{a, b, c})
					}
				}
			}
		}
		slices.SortFunc(want, slices.Compare)
		if d := cmp.Diff(want, f.Cycles(assigned)); d != "" {
			r.Fatal(d)
		}
	})
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		facts     conflict.Facts
		proposals []conflict.Proposal
		want      string
	}{
		{conflict.Facts{Works: []conflict.Together{{0, both(0)}}}, nil, "work 0: person 0 of 0"},
		{conflict.Facts{People: 1, Works: []conflict.Together{{0, []conflict.Member{{0, 1.5}}}}}, nil, "work 0: a confidence of 1.5"},
		{conflict.Facts{People: 1, Organisations: 1, Affiliations: []conflict.Affiliation{{0, 0, 0, conflict.Period{From: 2, To: 1}}}}, nil, "affiliation 0: ends on 1970-01-02 before it begins on 1970-01-03"},
		{conflict.Facts{Organisations: 1, Parents: []conflict.Parent{{0, 1}}}, nil, "parent 0: organisation 1 of 1"},
		{conflict.Facts{People: 2, Ties: []conflict.Tie{{0, 1, conflict.CoAuthor, conflict.Period{}}}}, nil, "tie 0: co-author: adviser, family or declared"},
		{conflict.Facts{People: 1}, []conflict.Proposal{{Call: -1}}, "proposal 0: call -1"},
		{conflict.Facts{People: 1}, []conflict.Proposal{{}, {Applicants: []int32{1}}}, "proposal 1: person 1 of 1"},
		{conflict.Facts{People: 1}, []conflict.Proposal{{Rivals: []int32{0}}}, "proposal 0: organisation 0 of 0"},
	} {
		if _, err := conflict.New(c.facts, c.proposals); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

package scheme_test

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/schemes"
)

func definition(t *testing.T, file string) *scheme.Definition {
	t.Helper()
	d, problems := scheme.Check(schemes.Files, file)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return d
}

func plan(seed uint64) scheme.Plan {
	return scheme.Plan{Proposals: 120, Seed: seed, Opens: time.Date(2027, 1, 11, 0, 0, 0, 0, time.UTC), Budget: 8_000_000, Low: 100_000, High: 500_000, Currency: "XCR"}
}

func TestSimulateShippedSchemes(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(schemes.Files, "*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			d := definition(t, file)
			rapid.Check(t, func(t *rapid.T) {
				p := plan(rapid.Uint64().Draw(t, "seed"))
				p.Proposals = rapid.IntRange(1, 60).Draw(t, "proposals")
				p.Budget = rapid.Int64Range(0, 20_000_000).Draw(t, "budget")
				s := scheme.Simulate(d, p)
				if diff := cmp.Diff(s, scheme.Simulate(d, p)); diff != "" {
					t.Errorf("equal plans differ:\n%s", diff)
				}
				if len(s.Rounds) != len(d.Stages) {
					t.Fatalf("%d rounds of %d stages", len(s.Rounds), len(d.Stages))
				}
				enters, spent := p.Proposals, int64(0)
				for i, r := range s.Rounds {
					if r.Entered != enters {
						t.Errorf("%s: %d enter, %d were let in", r.Stage, r.Entered, enters)
					}
					if sum := r.Withdrawn + r.Ineligible + r.Invited + r.Funded + r.Reserved + r.Rejected; sum != r.Entered {
						t.Errorf("%s: %d of %d are accounted for", r.Stage, sum, r.Entered)
					}
					enters = r.Invited
					spent += r.Paid + r.Awarded
					if p.Budget > 0 && r.Awarded > p.Budget {
						t.Errorf("%s: awarded %d of %d", r.Stage, r.Awarded, p.Budget)
					}
					if st := d.Stages[i]; st.Test != nil {
						held(t, st, r)
					}
				}
				if spent != s.Spent {
					t.Errorf("spent %d, the rounds say %d", s.Spent, spent)
				}
			})
		})
	}
}

// held checks that only those go on who are among the best and above the floor.
func held(t *rapid.T, st scheme.Stage, r scheme.Round) {
	on := 0
	for _, m := range r.Measures {
		if m.On {
			on++
		}
		if m.On && m.Value < st.Test.Floor {
			t.Errorf("%s: team %d goes on with %v under %v", r.Stage, m.Team, m.Value, st.Test.Floor)
		}
	}
	if on > st.Test.Best || r.Invited+r.Funded > on {
		t.Errorf("%s: %d go on, %d were let, %d is the most", r.Stage, r.Invited+r.Funded, on, st.Test.Best)
	}
}

func TestRaceNarrows(t *testing.T) {
	t.Parallel()
	p := plan(1)
	p.Budget = 0
	s := scheme.Simulate(definition(t, "race.yaml"), p)
	got := []int{s.Rounds[0].Invited, s.Rounds[1].Invited, s.Rounds[2].Funded}
	if diff := cmp.Diff([]int{6, 3, 1}, got); diff != "" {
		t.Errorf("teams after each stage (-want +got):\n%s", diff)
	}
	if want := int64(6*300_000 + 3*900_000 + 1_500_000); s.Spent != want {
		t.Errorf("spent %d, want %d", s.Spent, want)
	}
}

func TestChallengePaysOnlyOnPassing(t *testing.T) {
	t.Parallel()
	p := plan(1)
	p.Budget = 0
	s := scheme.Simulate(definition(t, "challenge.yaml"), p)
	test := s.Rounds[1]
	if test.Paid != 0 || test.Funded == 0 || test.Awarded != int64(test.Funded)*800_000 {
		t.Errorf("acceptance = %+v, want 800,000 for each that passed and nothing before", test)
	}
	if len(s.Rounds[0].Rules) == 0 {
		t.Error("nobody was stopped by the rule on months")
	}
}

func TestWriteText(t *testing.T) {
	t.Parallel()
	s := scheme.Simulate(definition(t, "small-grant.yaml"), plan(2))
	for _, l := range lang.Locales {
		var b bytes.Buffer
		if err := s.WriteText(&b, l); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "scheme.sim") || strings.Contains(b.String(), "{0}") {
			t.Errorf("%s: a text is missing:\n%s", l, b.String())
		}
	}
}

package scheme_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/scheme"
)

// TestBars: what a scheme says of a rule replaces what is usual; the others stay.
func TestBars(t *testing.T) {
	t.Parallel()
	usual := (*scheme.Definition)(nil).Bars()
	if len(usual) != len(scheme.ConflictRules) {
		t.Errorf("usual rules: %v, want one each of %v", usual, scheme.ConflictRules)
	}
	for rule, want := range map[string]scheme.Bar{scheme.SameOrganisation: {Hold: scheme.Hard}, scheme.CoAuthor: {Hold: scheme.Hard, Years: 3, Most: 20}, scheme.SameCall: {Hold: scheme.Off}} {
		if usual[rule] != want {
			t.Errorf("%s is %+v, want %+v", rule, usual[rule], want)
		}
	}
	d := &scheme.Definition{Conflicts: map[string]scheme.Bar{scheme.CoAuthor: {Hold: scheme.Soft, Years: 1}}}
	usual[scheme.CoAuthor] = scheme.Bar{Hold: scheme.Soft, Years: 1}
	if diff := cmp.Diff(usual, d.Bars()); diff != "" {
		t.Errorf("with one rule of its own (-want +got):\n%s", diff)
	}
}

func TestConflictRulesAreChecked(t *testing.T) {
	t.Parallel()
	for old, cases := range map[string]map[string]string{
		"  same-call: {hold: soft}": {
			"  same-cal: {hold: soft}":                   `conflicts.same-cal: "same-cal" is no rule; did you mean same-call?`,
			"  same-call: {hold: often}":                 `conflicts.same-call.hold: "often": hard, soft or off is expected`,
			"  same-call: {hold: soft, years: 2}":        "conflicts.same-call.years: only same-organisation",
			"  same-call: {hold: soft, kin: true}":       "conflicts.same-call.kin: only same-organisation",
			"  same-call: {hold: soft, most: 3}":         "conflicts.same-call.most: only co-author",
			"  same-department: {hold: soft, years: 90}": "conflicts.same-department.years: 90: 0 to 50 years",
		},
		"competitors: 3": {
			"competitors: 21": "competitors: 21: 0 to 20",
			"competitors: -1": "competitors: -1: 0 to 20",
		},
		"most: 20": {"most: 1": "conflicts.co-author.most: 1: 2 authors or more"},
	} {
		for new, want := range cases {
			_, problems := scheme.Check(broken(t, old, new), "open-call.yaml")
			if len(problems) != 1 || problems[0].Warning || !strings.Contains(problems[0].String(), want) {
				t.Errorf("%s: %v, want %q", strings.TrimSpace(new), problems, want)
			}
		}
	}
	_, problems := scheme.Check(broken(t, "same-call: {hold: soft}", "competitor: {hold: off}"), "open-call.yaml")
	if len(problems) != 1 || !problems[0].Warning || !strings.Contains(problems[0].Message, "nobody looks at it") {
		t.Errorf("names that nobody looks at: %v, want a warning", problems)
	}
}

func TestConflictRulesAreCompared(t *testing.T) {
	t.Parallel()
	b, problems := scheme.Check(broken(t, "co-applicant: {hold: hard, years: 3}", "co-applicant: {hold: soft, years: 3}"), "open-call.yaml")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	changes := scheme.Diff(openCall(t), b)
	if len(changes) != 1 || changes[0].What != "conflict" || changes[0].Name != scheme.CoApplicant || changes[0].Old != "hard" || changes[0].New != "soft" {
		t.Errorf("changes = %+v", changes)
	}
}

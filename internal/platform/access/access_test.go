package access_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/access"
)

// conflicts are what a Conflicted finds in these tests.
var conflicts = map[string]map[string]bool{"ines": {"p1": true}, "kai": {"p2": true}}

// TestConflictedOf: who acts for another is kept from what either of the two has a conflict with.
func TestConflictedOf(t *testing.T) {
	t.Parallel()
	find := access.Conflicted(func(_ context.Context, person string) (map[string]bool, error) { return conflicts[person], nil })
	for name, c := range map[string]struct {
		actor access.Actor
		want  string
	}{
		"the public":                      {access.Actor{}, ""},
		"the program":                     {access.System, ""},
		"oneself":                         {access.Actor{Account: "a", Person: "ines"}, "p1"},
		"who has none":                    {access.Actor{Account: "a", Person: "mira"}, ""},
		"for another":                     {access.Actor{Account: "a", Person: "ines", Delegate: "kai", Delegation: "d"}, "p1 p2"},
		"for another who has none":        {access.Actor{Account: "a", Person: "mira", Delegate: "kai", Delegation: "d"}, "p2"},
		"for another, with none":          {access.Actor{Account: "a", Person: "ines", Delegate: "mira", Delegation: "d"}, "p1"},
		"for another, without a person":   {access.Actor{Account: "a", Person: "ines", Delegate: "a", Delegation: "d"}, "p1"},
		"for another whom one is oneself": {access.Actor{Account: "a", Person: "ines", Delegate: "ines", Delegation: "d"}, "p1"},
	} {
		found, err := find.Of(t.Context(), c.actor)
		if got := strings.Join(slices.Sorted(maps.Keys(found)), " "); err != nil || got != c.want {
			t.Errorf("%s: kept from %q, want %q (%v)", name, got, c.want, err)
		}
	}
	if len(conflicts["ines"]) != 1 || len(conflicts["kai"]) != 1 {
		t.Errorf("what was found was changed: %v", conflicts)
	}
	if found, err := access.Conflicted(nil).Of(t.Context(), access.Actor{Account: "a", Person: "ines"}); err != nil || len(found) > 0 {
		t.Errorf("nothing that finds conflicts found %v, %v", found, err)
	}
}

// TestConflictedLess: a conflict ends what a role allows, and nothing of what somebody is by the record itself.
func TestConflictedLess(t *testing.T) {
	t.Parallel()
	find := access.Conflicted(func(_ context.Context, person string) (map[string]bool, error) { return conflicts[person], nil })
	own := access.Public | access.Member | access.Lead | access.Office | access.Operator
	for _, c := range []struct {
		person, record string
		want           access.Set
	}{{"ines", "p1", own}, {"ines", "p2", own | access.ByRole}, {"mira", "p1", own | access.ByRole}, {"ines", "", own | access.ByRole}} {
		got, err := find.Less(t.Context(), access.Actor{Account: "a", Person: c.person}, c.record, own|access.ByRole)
		if err != nil || got != c.want {
			t.Errorf("%s is to %q in %b, want %b (%v)", c.person, c.record, got, c.want, err)
		}
	}
}

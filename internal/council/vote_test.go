package council

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// five is a council of five votes; m5 has a substitute.
var five = []Seat{{Person: "m1", Role: Chair}, {Person: "m2", Role: Member}, {Person: "m3", Role: Member}, {Person: "m4", Role: Member}, {Person: "m5", Role: Member},
	{Person: "s", Role: Substitute, StandsFor: "m5"}, {Person: "clerk", Role: Secretary}}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		rule             string
		present, recused []string
		members, here    int
		voters           []string
	}{
		{"three there", Apart, []string{"m1", "m2", "m3", "clerk"}, nil, 5, 3, []string{"m1", "m2", "m3"}},
		{"a substitute for who is away", Apart, []string{"m1", "s"}, nil, 5, 2, []string{"m1", "s"}},
		{"a substitute beside the member has no vote", Apart, []string{"m5", "s"}, nil, 5, 1, []string{"m5"}},
		{"a substitute for who is recused", Apart, []string{"m5", "s"}, []string{"m5"}, 5, 1, []string{"s"}},
		{"both recused", Apart, []string{"m1", "m5", "s"}, []string{"m5", "s"}, 4, 1, []string{"m1"}},
		{"recused and set apart", Apart, []string{"m1", "m2"}, []string{"m2"}, 4, 1, []string{"m1"}},
		{"recused and counted", Counted, []string{"m1", "m2"}, []string{"m2"}, 5, 2, []string{"m1"}},
	} {
		list := Rule{Recused: c.rule}.places(five, setOf(c.present), setOf(c.recused))
		var voters []string
		here := 0
		for _, p := range list {
			if p.Voter != "" {
				voters = append(voters, p.Voter)
			}
			if p.Here {
				here++
			}
		}
		if diff := cmp.Diff(c.voters, voters); diff != "" || len(list) != c.members || here != c.here {
			t.Errorf("%s: %d votes, %d there, want %d and %d; voters %s", c.name, len(list), here, c.members, c.here, diff)
		}
	}
}

// seven is so many places of seven at which somebody is.
func seven(here int) []Place {
	list := make([]Place, 7)
	for i := range here {
		list[i].Here = true
	}
	return list
}

func TestResult(t *testing.T) {
	t.Parallel()
	simple := Rule{Quorum: Half, Share: Half, Base: Cast}
	casting := Rule{Quorum: Half, Share: Half, Base: Cast, Casting: true}
	for _, c := range []struct {
		name  string
		rule  Rule
		here  int
		tally Tally
		want  string
	}{
		{"simple majority", simple, 5, Tally{For: 2, Against: 1, Abstain: 2}, Carried},
		{"a tie", simple, 4, Tally{For: 2, Against: 2}, Rejected},
		{"nobody votes", simple, 4, Tally{Abstain: 4}, Rejected},
		{"quorum missed", simple, 3, Tally{For: 3}, Void},
		{"quorum of two thirds missed", Rule{Quorum: TwoThirds, Share: Half, Base: Cast}, 4, Tally{For: 4}, Void},
		{"quorum of two thirds met", Rule{Quorum: TwoThirds, Share: Half, Base: Cast}, 5, Tally{For: 4}, Carried},
		{"never fewer than six", Rule{Quorum: Third, Least: 6, Share: Half, Base: Cast}, 5, Tally{For: 5}, Void},
		{"of those present", Rule{Quorum: Half, Share: Half, Base: Present}, 5, Tally{For: 2, Against: 1, Abstain: 2}, Rejected},
		{"absolute majority", Rule{Quorum: Half, Share: Half, Base: Members}, 5, Tally{For: 4}, Carried},
		{"absolute majority missed", Rule{Quorum: Half, Share: Half, Base: Members}, 5, Tally{For: 3}, Rejected},
		{"two thirds", Rule{Quorum: Half, Share: TwoThirds, Base: Cast}, 6, Tally{For: 4, Against: 2}, Carried},
		{"two thirds missed", Rule{Quorum: Half, Share: TwoThirds, Base: Cast}, 6, Tally{For: 3, Against: 2}, Rejected},
		{"the chair decides a tie", casting, 4, Tally{For: 2, Against: 2, Chair: For}, Carried},
		{"the chair against", casting, 4, Tally{For: 2, Against: 2, Chair: Against}, Rejected},
		{"a secret tie", casting, 4, Tally{For: 2, Against: 2}, Rejected},
		{"a tie of all votes lacks one", Rule{Quorum: Half, Share: Half, Base: Members, Casting: true}, 6, Tally{For: 3, Against: 3, Chair: For}, Carried},
		{"a tie far from it", Rule{Quorum: Half, Share: Half, Base: Members, Casting: true}, 4, Tally{For: 2, Against: 2, Chair: For}, Rejected},
		{"no casting vote of two thirds", Rule{Quorum: Third, Share: TwoThirds, Base: Cast, Casting: true}, 4, Tally{For: 1, Against: 1, Chair: For}, Rejected},
	} {
		if got := c.rule.result(seven(c.here), c.tally); got.Outcome != c.want {
			t.Errorf("%s: %+v, want %s", c.name, got, c.want)
		}
	}
}

// TestResultLaws: whoever turns from against to in favour never stops a motion; a motion
// that is carried of all votes is carried of those present, and that one of those cast.
func TestResultLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		share := rapid.SampledFrom([]string{Half, TwoThirds}).Draw(t, "share")
		members := rapid.IntRange(1, 40).Draw(t, "members")
		here := rapid.IntRange(0, members).Draw(t, "here")
		in := rapid.IntRange(0, here).Draw(t, "for")
		against := rapid.IntRange(0, here-in).Draw(t, "against")
		list := make([]Place, members)
		for i := range here {
			list[i].Here = true
		}
		of := func(base string, in, against int) string {
			return Rule{Quorum: Third, Share: share, Base: base}.result(list, Tally{For: in, Against: against, Abstain: here - in - against}).Outcome
		}
		for _, base := range []string{Cast, Present, Members} {
			if against > 0 && of(base, in, against) == Carried && of(base, in+1, against-1) != Carried {
				t.Fatalf("%s of %s: %d:%d carries, %d:%d does not", share, base, in, against, in+1, against-1)
			}
		}
		if of(Members, in, against) == Carried && of(Present, in, against) != Carried || of(Present, in, against) == Carried && of(Cast, in, against) != Carried {
			t.Fatalf("%s, %d:%d of %d present, %d members: a narrower base carries and a wider one does not", share, in, against, here, members)
		}
	})
}

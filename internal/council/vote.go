package council

import "slices"

// Shares of a number of votes.
const (
	Third     = "third"      // at least a third
	Half      = "half"       // more than half
	TwoThirds = "two-thirds" // at least two thirds
)

// What a majority is a share of.
const (
	Cast    = "cast"    // votes for and against: abstentions are set aside
	Present = "present" // votes that somebody was there for: to abstain, or not to vote, is not to agree
	Members = "members" // all votes of the body at this item
)

// What becomes of the vote of a member who is recused and whom nobody stands in for.
const (
	Apart   = "apart"   // it is no vote at this item: not of the body's, not of the quorum
	Counted = "counted" // it stays one of the body's, and of the quorum if the member is in attendance
)

// The choices of a ballot.
const (
	For     = "for"
	Against = "against"
	Abstain = "abstain"
)

// The outcomes of a vote.
const (
	Carried  = "carried"
	Rejected = "rejected"
	Void     = "void" // the quorum was missed: nothing is decided, and it can be held again
)

// Rule is how a body decides. A majority is a share and what it is a share of, after
// Robert's Rules of Order Newly Revised (12th edition, 2020, 44:1–9); a simple majority
// is half of the votes cast, an absolute one half of the members.
type Rule struct {
	Quorum  string `json:"quorum"`  // share of the votes that somebody must be there for: Third, Half, TwoThirds
	Least   int    `json:"least"`   // and never fewer than so many
	Share   string `json:"share"`   // Half, TwoThirds
	Base    string `json:"base"`    // Cast, Present, Members
	Casting bool   `json:"casting"` // at a tie the chair's vote counts twice; never in a secret vote, nor of two thirds
	Recused string `json:"recused"` // Apart, Counted
}

// Place is one vote of a body at one item.
type Place struct {
	Member string `json:"member"`          // whose it is
	Voter  string `json:"voter,omitempty"` // who casts it: the member, or who stands in; "" where nobody may
	Chair  bool   `json:"chair,omitempty"`
	Here   bool   `json:"here,omitempty"` // somebody is there for it: it counts for the quorum
}

// places are the votes of a body at one item, where these are in attendance and those recused.
func (r Rule) places(seats []Seat, present, recused map[string]bool) []Place {
	var out []Place
	for _, m := range seats {
		if m.Role != Chair && m.Role != Member {
			continue
		}
		p := Place{Member: m.Person, Chair: m.Role == Chair}
		if present[m.Person] && !recused[m.Person] {
			p.Voter = m.Person
		} else if i := slices.IndexFunc(seats, func(s Seat) bool {
			return s.Role == Substitute && s.StandsFor == m.Person && present[s.Person] && !recused[s.Person]
		}); i >= 0 {
			p.Voter = seats[i].Person
		}
		if p.Voter == "" && recused[m.Person] && r.Recused == Apart {
			continue
		}
		p.Here = p.Voter != "" || present[m.Person]
		out = append(out, p)
	}
	return out
}

// Tally is how many votes were cast which way.
type Tally struct {
	For     int `json:"for"`
	Against int `json:"against"`
	Abstain int `json:"abstain"`
	// Chair is the choice of the chair's place, "" where it was not cast or is not known.
	Chair string `json:"-"`
}

// Result is what a vote came to, with the numbers that it follows from.
type Result struct {
	Tally
	Members int    `json:"members"` // votes of the body at this item
	Present int    `json:"present"` // that somebody was there for
	Quorum  int    `json:"quorum"`  // how many that took
	Base    int    `json:"base"`    // what the majority is a share of
	Needed  int    `json:"needed"`  // votes in favour that it took
	Casting bool   `json:"casting"` // the chair's vote was counted twice, and decided
	Outcome string `json:"outcome"` // Carried, Rejected, Void
}

// result reckons a vote. O(len(places)).
func (r Rule) result(list []Place, t Tally) Result {
	out := Result{Tally: t, Members: len(list)}
	for _, p := range list {
		if p.Here {
			out.Present++
		}
	}
	out.Quorum = max(atLeast(r.Quorum, out.Members), r.Least, 1)
	out.Base = map[string]int{Cast: t.For + t.Against, Present: out.Present, Members: out.Members}[r.Base]
	out.Needed = atLeast(r.Share, out.Base)
	out.Casting = r.Casting && r.Share == Half && t.For == t.Against && t.Chair == For && t.For < out.Needed && t.For+1 >= out.Needed
	switch {
	case out.Present < out.Quorum:
		out.Outcome, out.Casting = Void, false
	case t.For >= out.Needed || out.Casting:
		out.Outcome = Carried
	default:
		out.Outcome = Rejected
	}
	return out
}

// atLeast is the smallest number that is such a share of n, and never none.
func atLeast(share string, n int) int {
	switch share {
	case Third:
		return max(1, (n+2)/3)
	case TwoThirds:
		return max(1, (2*n+2)/3)
	}
	return n/2 + 1
}

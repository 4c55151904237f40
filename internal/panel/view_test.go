package panel

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/review"
)

// rooms draws panels with everything that may be in one.
var rooms = rapid.Custom(func(t *rapid.T) *room {
	r := &room{panel: Panel{ID: "p", State: rapid.SampledFrom([]string{Planned, Meeting, Closed}).Draw(t, "state")},
		reviews: map[string]review.Standing{}, own: map[[2]string]review.Review{}, conflict: map[[2]string]review.Conflict{}}
	for m := range rapid.IntRange(1, 5).Draw(t, "members") {
		r.members = append(r.members, Member{Person: fmt.Sprint("m", m), Name: fmt.Sprint("Member ", m), Role: []string{Chair, Seat}[min(m, 1)]})
	}
	for i := range rapid.IntRange(1, 6).Draw(t, "items") {
		item := Item{ID: fmt.Sprint("i", i), ProposalID: fmt.Sprint("q", i), Number: fmt.Sprint("P-", i), Place: rapid.IntRange(1, 9).Draw(t, "place"),
			Rapporteur: rapid.SampledFrom([]string{"", "m0", "m1"}).Draw(t, "rapporteur"), Summary: rapid.SampledFrom([]string{"", "Good."}).Draw(t, "summary")}
		if rapid.Bool().Draw(t, "closed") {
			item.ClosedAt = time.Unix(1, 0)
		}
		if rapid.Bool().Draw(t, "current") {
			r.panel.Current = item.ID
		}
		r.reviews[item.ProposalID] = review.Standing{In: rapid.IntRange(0, 4).Draw(t, "in"), Mean: 4}
		for _, m := range r.members {
			pair := [2]string{item.ProposalID, m.Person}
			if rapid.Bool().Draw(t, "conflict") {
				r.conflict[pair] = review.Conflict{Person: m.Person, Rule: "declared"}
			}
			if rapid.Bool().Draw(t, "asked") {
				r.own[pair] = review.Review{ID: "r" + item.ID + m.Person, State: rapid.SampledFrom([]string{review.Invited, review.Accepted, review.Submitted}).Draw(t, "review")}
			}
			for _, kind := range []string{Before, Final} {
				if rapid.Bool().Draw(t, kind) {
					r.scores = append(r.scores, Score{Item: item.ID, Person: m.Person, Kind: kind, Score: float64(rapid.IntRange(1, 6).Draw(t, "score"))})
				}
			}
		}
		r.items = append(r.items, item)
	}
	return r
})

// without is a panel in which an item never was.
func (r *room) without(id string) *room {
	w := *r
	w.items = slices.DeleteFunc(slices.Clone(r.items), func(i Item) bool { return i.ID == id })
	w.scores = slices.DeleteFunc(slices.Clone(r.scores), func(s Score) bool { return s.Item == id })
	if w.panel.Current == id {
		w.panel.Current = ""
	}
	return &w
}

// TestNoTrace: for a member with a conflict, whatever else they are, a panel is the panel
// without the item; and nobody sees what others think before having said what they think.
func TestNoTrace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rooms.Draw(t, "room")
		roles := rapid.SampledFrom([]access.Set{0, access.Staff, access.Audit}).Draw(t, "roles")
		for _, m := range r.members {
			a := access.Actor{Account: "a", Person: m.Person}
			v := r.cut(a, r.set(a, roles))
			left := r
			for _, i := range r.items {
				if r.barred(i, m.Person) {
					left = left.without(i.ID)
				}
			}
			if diff := cmp.Diff(left.cut(a, left.set(a, roles)), v, cmpopts.EquateEmpty(), cmp.AllowUnexported(View{}, Head{}, Line{})); diff != "" {
				t.Fatalf("%s sees a trace: %s", m.Name, diff)
			}
			for n, l := range v.Lines {
				if l.Place != n+1 {
					t.Fatalf("%s counts %d where %d comes", m.Name, l.Place, n+1)
				}
				if !l.Said && (l.Before.N > 0 || l.Final.N > 0 || l.Reviews.In > 0 || l.Summary != "") {
					t.Fatalf("%s sees what others think of %s without having said anything: %+v", m.Name, l.Number, l)
				}
			}
		}
	})
}

// TestNoTraceByRole: to who sees a panel by a role alone and has a conflict, it is the panel without the item, and without the words that
// its proposals share; so it is to who acts for another.
func TestNoTraceByRole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rooms.Draw(t, "room")
		r.panel.Topics = []string{"fuse"}
		role := rapid.SampledFrom([]access.Set{access.Staff, access.Signer, access.Audit}).Draw(t, "role")
		a := rapid.SampledFrom([]access.Actor{{Account: "a", Person: "kai"}, {Account: "a", Person: "una", Delegate: "kai", Delegation: "d"}}).Draw(t, "actor")
		left := r
		for _, i := range r.items {
			if rapid.Bool().Draw(t, "barred") {
				r.conflict[[2]string{i.ProposalID, "kai"}] = review.Conflict{Person: "kai", Rule: "declared"}
				left = left.without(i.ID)
			}
		}
		if diff := cmp.Diff(left.cut(a, left.set(a, role)), r.cut(a, r.set(a, role)), cmpopts.EquateEmpty(), cmp.AllowUnexported(View{}, Head{}, Line{})); diff != "" {
			t.Fatalf("a trace: %s", diff)
		}
		whole := len(left.items) == len(r.items)
		for _, where := range []*room{r, left} { // left: the hidden items are in another panel
			if (len(where.topics(a)) > 0) != whole {
				t.Fatalf("%d of %d items are hidden, %d of them elsewhere, and the words are %v", len(r.items)-len(left.items), len(r.items), len(r.items)-len(where.items), where.topics(a))
			}
		}
	})
}

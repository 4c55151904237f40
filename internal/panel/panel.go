package panel

import (
	"cmp"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// The states of a panel.
const (
	Planned = "planned"
	Meeting = "meeting" // the meeting runs
	Closed  = "closed"  // the meeting is over
)

// What somebody is in a panel.
const (
	Chair = "chair"
	Seat  = "member"
)

// The kinds of a score: a member's own before the meeting, and the vote in it.
const (
	Before = "before"
	Final  = "final"
)

// Panel treats some of the proposals of one stage of a call.
type Panel struct {
	ID, CallID, Stage, Name, State string
	MeetsAt                        time.Time
	Topics                         []string // words that its proposals share, the most telling first
	Current                        string   // key of the item that the meeting treats; "" for none
	Quorum                         int      // members without a conflict who must be there when an item is closed; 0: none is asked for
	BeganAt, EndedAt               time.Time
	Version                        int64
}

// Member is somebody in a panel.
type Member struct {
	Person, Name, Organisation, Role string
	Here                             bool // in the meeting
}

// Item is a proposal on the order of the day.
type Item struct {
	ID, ProposalID, Number, Title string
	Place                         int
	Rapporteur                    string // person
	Summary                       string
	ClosedAt                      time.Time
	Attended                      int // members without a conflict who were there when it was closed
}

// Score is what one member gives one item.
type Score struct {
	Item, Person, Kind string
	Score              float64
	Note               string
	At                 time.Time
}

// Comment is a contribution to the discussion of an item.
type Comment struct {
	ID, Item, Person, Name, Text string
	At                           time.Time
}

// Scale is what scores may be, with one decimal.
type Scale struct{ Low, High int }

// holds reports whether a score lies on the scale.
func (s Scale) holds(score float64) bool { return score >= float64(s.Low) && score <= float64(s.High) }

// scaleOf is the scale that the criteria of a stage have together.
func scaleOf(criteria []scheme.Criterion) Scale {
	var s Scale
	for i, c := range criteria {
		if i == 0 {
			s = Scale{c.Low, c.High}
		}
		s.Low, s.High = min(s.Low, c.Low), max(s.High, c.High)
	}
	return s
}

// Tally sums up scores.
type Tally struct {
	N, Of           int // given, of so many who may give one
	Mean, Low, High float64
}

func (t *Tally) add(score float64) {
	if t.N == 0 {
		t.Low, t.High = score, score
	}
	t.Mean = (t.Mean*float64(t.N) + score) / float64(t.N+1)
	t.Low, t.High = min(t.Low, score), max(t.High, score)
	t.N++
}

var rules = access.Rules{
	"panel.form":  access.Of(access.Staff),
	"panel.list":  access.Of(access.Staff, access.Signer, access.Audit),
	"panel.read":  access.Of(access.PanelSeat, access.Staff, access.Signer, access.Audit),
	"panel.judge": access.Of(access.PanelSeat),
	"panel.lead":  access.Of(access.Chair, access.Staff),
}

// overseers see what every member says, at any time.
const overseers = access.Staff | access.Signer | access.Audit

// room is everything of a panel, before anybody sees it.
type room struct {
	panel    Panel
	members  []Member
	items    []Item
	scores   []Score
	reviews  map[string]review.Standing    // of each proposal
	own      map[[2]string]review.Review   // of each proposal and member
	conflict map[[2]string]review.Conflict // of each proposal and member, and who looks
}

// set is the audiences that a is in.
func (r *room) set(a access.Actor, staffing access.Set) access.Set {
	for _, m := range r.members {
		if a.Alone() != "" && m.Person == a.Alone() {
			staffing |= access.PanelSeat
			if m.Role == Chair {
				staffing |= access.Chair
			}
		}
	}
	return staffing
}

// barred reports whether a person must not judge, nor know of, an item.
func (r *room) barred(i Item, person string) bool {
	_, is := r.conflict[[2]string{i.ProposalID, person}]
	return is && person != ""
}

// fit are the members without a conflict with an item.
func (r *room) fit(i Item) []Member {
	var out []Member
	for _, m := range r.members {
		if !r.barred(i, m.Person) {
			out = append(out, m)
		}
	}
	return out
}

// said reports whether a member has said what they think of an item: in the review
// that they were asked for, or where they were asked for none, by their score.
func (r *room) said(i Item, person string) bool {
	if own, asked := r.own[[2]string{i.ProposalID, person}]; asked {
		return own.State == review.Submitted
	}
	return r.score(i, person, Before) != nil
}

func (r *room) score(i Item, person, kind string) *Score {
	for k := range r.scores {
		if s := &r.scores[k]; s.Item == i.ID && s.Person == person && s.Kind == kind {
			return s
		}
	}
	return nil
}

// tally sums up the scores of one kind that those who may judge an item gave it.
func (r *room) tally(i Item, kind string) Tally {
	var t Tally
	for _, m := range r.fit(i) {
		t.Of++
		if s := r.score(i, m.Person, kind); s != nil {
			t.add(s.Score)
		}
	}
	return t
}

func byPlace(a, b Item) int {
	return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Number, b.Number))
}

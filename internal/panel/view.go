package panel

import (
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// View is a panel as one viewer sees it.
type View struct {
	ID, CallID, Stage, Name, State string
	Head                           // of its call
	MeetsAt, BeganAt, EndedAt      time.Time
	Quorum                         int // as of Panel
	Topics                         []Topic
	Set                            access.Set
	Members                        []Member
	Lines                          []Line
	Open                           *Line // that the meeting treats now, nil for none
	Scale                          Scale
	Promised                       bool // the viewer promised to keep what they read to themselves
}

// Head is what everybody in a panel knows of its call.
type Head struct {
	CallNumber string
	Call       lang.Text
	StageTitle lang.Text
}

// Line is an item as one viewer sees it.
type Line struct {
	ID, Number, Title string
	Place             int    // 1, 2, 3 … for this viewer
	Rapporteur        string // name
	State             string // waiting, open, done
	Summary           string
	Reports           bool   // the viewer is its rapporteur
	MaySay            bool   // the viewer may score it
	Owes              string // review: key of the viewer's own that is not in yet; "" for none
	Said              bool   // the viewer said what they think, or oversees
	Own               *Score // the viewer's own, before the meeting
	Vote              *Score // and in it
	Reviews           review.Standing
	Before, Final     Tally
	Out               []Member // who has a conflict with it
	Attended          int      // who was there when it was closed, and had none
	proposal          string
}

// The states of a Line.
const (
	Waiting = "waiting"
	Open    = "open"
	Done    = "done"
)

// Topic is a word that proposals of a panel share.
type Topic struct {
	Word  string
	Known []string // names of members who work on it; for staff
}

// MayLead reports whether the viewer leads the meeting.
func (v View) MayLead() bool { return v.Set.Any(rules["panel.lead"]) }

// MayForm reports whether the viewer may change the panel.
func (v View) MayForm() bool { return v.Set.Any(rules["panel.form"]) }

// Sits reports whether the viewer is a member.
func (v View) Sits() bool { return v.Set.Any(access.PanelSeat) }

// hides reports whether a must not know of an item: a seat lets nobody see it, and a role neither.
func (r *room) hides(a access.Actor, i Item) bool {
	return slices.ContainsFunc(a.People(), func(person string) bool { return r.barred(i, person) })
}

// topics are the words that tell the panel's proposals from those of other panels. They come from all texts of the stage, so that who must
// not know of one of these gets none, whatever panel it is in or was in: a word would be a trace of it, and words that
// come and go with an item would tell where it is. O(conflicts of the stage).
func (r *room) topics(a access.Actor) []string {
	people := a.People()
	for pair := range r.conflict {
		if slices.Contains(people, pair[1]) {
			return nil
		}
	}
	return r.panel.Topics
}

// cut is the panel as a sees it. What they have a conflict with is left out before
// anything is counted or numbered, so that nothing of it is left. O(items · members).
func (r *room) cut(a access.Actor, set access.Set) View {
	v := View{ID: r.panel.ID, CallID: r.panel.CallID, Stage: r.panel.Stage, Name: r.panel.Name, State: r.panel.State, MeetsAt: r.panel.MeetsAt, BeganAt: r.panel.BeganAt, EndedAt: r.panel.EndedAt, Quorum: r.panel.Quorum, Set: set, Members: r.members}
	person := ""
	if set.Any(access.PanelSeat) {
		person = a.Person
	}
	items := slices.Clone(r.items)
	slices.SortStableFunc(items, byPlace)
	for _, i := range items {
		if r.hides(a, i) {
			continue
		}
		v.Lines = append(v.Lines, r.line(i, person, set, len(v.Lines)+1))
	}
	for i := range v.Lines {
		if v.Lines[i].State == Open {
			v.Open = &v.Lines[i]
		}
	}
	return v
}

// line is one item for who may know of it.
func (r *room) line(i Item, person string, set access.Set, place int) Line {
	l := Line{ID: i.ID, Number: i.Number, Title: i.Title, Place: place, State: Waiting, Reports: person != "" && i.Rapporteur == person, proposal: i.ProposalID}
	switch {
	case r.panel.Current == i.ID:
		l.State = Open
	case !i.ClosedAt.IsZero():
		l.State = Done
	}
	for _, m := range r.members {
		if m.Person == i.Rapporteur {
			l.Rapporteur = m.Name
		}
		if r.barred(i, m.Person) {
			l.Out = append(l.Out, m)
		}
	}
	if l.State == Done {
		l.Attended = i.Attended
	}
	if person != "" {
		l.MaySay = true
		if own, asked := r.own[[2]string{i.ProposalID, person}]; asked && own.State != review.Submitted {
			l.Owes = own.ID
		}
		l.Own, l.Vote = r.score(i, person, Before), r.score(i, person, Final)
		l.Said = r.said(i, person)
	}
	l.Said = l.Said || set.Any(overseers)
	if !l.Said {
		return l
	}
	l.Summary, l.Reviews, l.Before = i.Summary, r.reviews[i.ProposalID], r.tally(i, Before)
	l.Final = r.tally(i, Final)
	if l.State != Done && !set.Any(overseers) { // nobody votes by what others voted
		l.Final = Tally{N: l.Final.N, Of: l.Final.Of}
	}
	return l
}

// Detail is one item as one viewer sees it.
type Detail struct {
	View
	Line
	Text      proposal.View // empty until the viewer promised to keep it to themselves
	Criteria  []scheme.Criterion
	Judged    []review.Review // submitted reviews, by letter; once the viewer has said what they think
	Comments  []Comment       // likewise
	Notes     []Vote          // what members say of it before the meeting; likewise
	Votes     []Vote          // by name, for those who oversee the meeting
	Conflicts []Why           // for staff
	Earlier   *review.Earlier // the round before; nil for a first round
}

// MaySummarise reports whether the viewer may write what the panel says of the item.
func (d Detail) MaySummarise() bool {
	return d.View.State != Closed && d.Said && (d.Reports || d.MayLead())
}

// Vote is a score with the name of who gave it.
type Vote struct {
	Name string
	Score
}

// Why is a conflict with its evidence.
type Why struct {
	Name string
	review.Conflict
}

// votes are the scores of a kind that an item got, by name, from those who may judge it.
func (r *room) votes(i Item, kind string) []Vote {
	var out []Vote
	for _, m := range r.fit(i) {
		if s := r.score(i, m.Person, kind); s != nil {
			out = append(out, Vote{m.Name, *s})
		}
	}
	return out
}

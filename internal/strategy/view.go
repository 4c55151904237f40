package strategy

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

var rules = access.Rules{
	"strategy.edit":     access.Of(access.Staff, access.Operator),
	"strategy.measure":  access.Of(access.Staff, access.Operator, access.Analysis),
	"strategy.link":     access.Of(access.Staff, access.Operator),
	"strategy.take-in":  access.Of(access.Staff, access.Operator),
	"strategy.post":     access.Of(access.Member),
	"strategy.mend":     access.Of(access.Self, access.Office, access.Staff), // a need, by who posted it, its transfer office, or an officer
	"strategy.question": access.Of(access.Staff),
}

// Subject is a record of another room that is linked to a priority.
type Subject struct {
	Kind, ID, Number string
	Title            lang.Text
}

// Subjects is what strategy needs of the rooms below it: the records of one kind
// (call, award) with these keys that a may see; the others are left out.
type Subjects interface {
	Subjects(ctx context.Context, a access.Actor, kind string, ids []string) ([]Subject, error)
}

// Numbers is what hangs on a priority.
type Numbers struct{ Calls, Awards, Questions int }

// Node is a priority in the tree. Counts include what is linked further down.
type Node struct {
	Priority
	Numbers  Numbers
	Children []*Node
}

// share is the progress of a node: its own where it is measured, else the mean of
// its measured children.
func (n *Node) share() (float64, bool) {
	if s, ok := n.Progress(); ok {
		return s, true
	}
	sum, count := 0.0, 0
	for _, c := range n.Children {
		if s, ok := c.share(); ok {
			sum, count = sum+s, count+1
		}
	}
	if count == 0 {
		return 0, false
	}
	return sum / float64(count), true
}

// Share is how far the priority is, from 0 to 1: measured itself, else the mean of
// those below it that are measured. own says which of the two; ok is false where nothing is measured.
func (n *Node) Share() (share float64, own, ok bool) {
	_, own = n.Progress()
	share, ok = n.share()
	return share, own, ok
}

// PriorityView is one priority with what surrounds it.
type PriorityView struct {
	Node
	Way       []Priority // from the goal down to the parent
	Owner     string
	Agency    lang.Text
	Linked    []Subject
	Questions []Question
	MayEdit   bool
	MayWrite  bool // a new measured value
}

// NeedView is a need with what was made of it.
type NeedView struct {
	Need
	Organisation string
	Agency       lang.Text
	Questions    []Question
	MayEdit      bool // write it anew
	MayTakeUp    bool // write a question from it
	Stale        bool // the viewer should say whether it still stands
}

// QuestionView is a question with where it comes from and what it serves.
type QuestionView struct {
	Question
	Agency     lang.Text
	Need       *Need
	Priorities []Priority
	MayEdit    bool
}

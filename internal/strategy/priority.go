package strategy

import (
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Orientations are the codes of the vocabulary "orientation": scientific
// frontier, economy, national need, life and health.
var Orientations = []string{"frontier", "economy", "need", "health"}

// The kinds of priorities, from the trunk to the leaf.
const (
	Goal = "goal"
	Area = "area"
	Task = "task"
)

// States are the states of a priority. A draft is seen by its agency's officers only.
var States = []string{"draft", "active", "reached", "dropped"}

// Priority is a goal, a priority area of a goal, or a task of an area.
type Priority struct {
	ID, ParentID, Kind, Number string
	AgencyID                   string // who leads; "" for what several agencies share
	Title, Summary             lang.Text
	Orientation                string
	OwnerID                    string // person
	Metric                     lang.Text
	Unit                       string
	Baseline, Target, Reached  *float64 // nil: not set, not measured
	From, Until, State         string
	DecidedIn                  string    // the decision that it comes from
	Measured                   time.Time // when Reached was written
	Version                    int64
}

// Progress is the share of the way from baseline to target, from 0 to 1. A
// missing baseline counts as 0. ok is false where target or measurement is missing, or
// where target and baseline are the same.
func (p Priority) Progress() (share float64, ok bool) {
	if p.Target == nil || p.Reached == nil {
		return 0, false
	}
	base := 0.0
	if p.Baseline != nil {
		base = *p.Baseline
	}
	if *p.Target == base {
		return 0, false
	}
	return min(1, max(0, (*p.Reached-base)/(*p.Target-base))), true
}

// PriorityInput is what an officer writes of a priority.
type PriorityInput struct {
	ParentID, AgencyID, Number string // of a new one only; an empty number takes the next
	Title, Summary             lang.Text
	Orientation, OwnerID       string
	Metric                     lang.Text
	Unit                       string
	Baseline, Target, Reached  *float64
	From, Until, State         string
	DecidedIn                  string
}

func (in PriorityInput) apply(p *Priority) error {
	p.Title, p.Summary, p.Orientation, p.OwnerID = in.Title, in.Summary, in.Orientation, in.OwnerID
	p.Metric, p.Unit, p.Baseline, p.Target, p.Reached = in.Metric, in.Unit, in.Baseline, in.Target, in.Reached
	p.From, p.Until, p.State, p.DecidedIn = in.From, in.Until, in.State, in.DecidedIn
	if p.State == "" {
		p.State = "active"
	}
	var measured *fault.Error
	if p.Target != nil && p.Metric.Empty() {
		measured = fault.Field("metric", "strategy.metric")
	}
	return fault.Join(filled("title", p.Title), orientation(p.Orientation), day("from", p.From), day("until", p.Until),
		order(p.From, p.Until), oneOf("state", p.State, States), measured)
}

// under places a new priority below its parent: a goal has none.
func (p *Priority) under(parent *Priority) error {
	if parent == nil {
		p.Kind = Goal
		return nil
	}
	p.ParentID = parent.ID
	switch parent.Kind {
	case Goal:
		p.Kind = Area
	case Area:
		p.Kind = Task
	default:
		return fault.Field("parent", "strategy.parent")
	}
	return nil
}

func filled(field string, t lang.Text) *fault.Error {
	if t.Empty() {
		return fault.Field(field, "fault.required")
	}
	return nil
}

func oneOf(field, v string, list []string) *fault.Error {
	for _, s := range list {
		if s == v {
			return nil
		}
	}
	return fault.Field(field, "fault.choice")
}

func orientation(v string) *fault.Error {
	if v == "" {
		return nil
	}
	return oneOf("orientation", v, Orientations)
}

func day(field, v string) *fault.Error {
	if _, err := time.Parse(time.DateOnly, v); v != "" && err != nil {
		return fault.Field(field, "fault.date")
	}
	return nil
}

func order(from, until string) *fault.Error {
	if from != "" && until != "" && until < from {
		return fault.Field("until", "strategy.until")
	}
	return nil
}

// set is the audiences that a belongs to for p.
func (p Priority) set(a access.Actor) access.Set { return a.Staffing(p.AgencyID, "", "") }

// visible says whether who belongs to have may know of p.
func (p Priority) visible(have access.Set) bool {
	return p.State != "draft" || have.Any(access.Of(access.Staff, access.Signer, access.Audit, access.Operator))
}

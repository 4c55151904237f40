package techmap

import (
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// The states of a map: who may see it.
const (
	Draft    = "draft"    // who keeps it
	Internal = "internal" // besides, who signs the agency's decisions and its advisers
	Public   = "public"   // everybody
)

// States are the states of a map, from the narrowest on.
var States = []string{Draft, Internal, Public}

// Map is a technology map: the question that it answers and how it is read.
type Map struct {
	ID, Number     string
	AgencyID       string // who keeps it
	Title, Summary lang.Text
	Home           string  // country from whose side it is read; not a judgement on any other
	Goal           string  // key of the node that is asked about; "" while there is none
	Threshold      float64 // share of supply below which an input fails, unless its node says otherwise
	State          string
	Created        time.Time
	Version        int64
}

// MapInput is what an analyst or officer writes of a map.
type MapInput struct {
	AgencyID       string // of a new one only
	Title, Summary lang.Text
	Home, Goal     string
	Threshold      float64
	State          string
}

func (in MapInput) apply(m *Map, g *Graph) error {
	m.Title, m.Summary, m.Home, m.Goal, m.Threshold, m.State = in.Title, in.Summary, in.Home, in.Goal, in.Threshold, in.State
	if m.State == "" {
		m.State = Draft
	}
	var goal *fault.Error
	if _, ok := g.Node(in.Goal); in.Goal != "" && !ok {
		goal = fault.Field("goal", "fault.choice")
	}
	return fault.Join(filled("title", m.Title), short("title", m.Title, mostTitle), short("summary", m.Summary, mostText), Country("home", m.Home, false), goal,
		ratio("threshold", m.Threshold, false), oneOf("state", m.State, States))
}

// keepers see everything of a map: they write it, or audit who did.
var keepers = access.Of(access.Staff, access.Analysis, access.Audit)

// planners see what could be funded before it is: of a public map too, not everybody.
var planners = keepers | access.Of(access.Signer, access.Advice)

var rules = access.Rules{
	"techmap.write": access.Of(access.Staff, access.Analysis),
	"techmap.ask":   access.Of(access.Staff), // write a question from a finding: an agency's own
	"techmap.open":  keepers,
}

func (m Map) set(a access.Actor) access.Set { return a.Staffing(m.AgencyID, "", "") }

// seers are who may know of the map.
func (m Map) seers() access.Set {
	switch m.State {
	case Public:
		return access.Public
	case Internal:
		return planners
	}
	return keepers
}

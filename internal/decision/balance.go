package decision

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Balance is how a list is spread over each dimension: what asked, what is funded, what was
// aimed at, and what the rounds before it funded.
type Balance struct {
	Meeting
	Scenario Scenario // whose choice is looked at; none: the outcomes on the list
	Rounds   []Round  // the newest first
	Parts    []Part
}

// Part is one dimension.
type Part struct {
	Dimension string
	Lines     []Balanced
}

// Balanced is one value of a dimension.
type Balanced struct {
	Value        string
	Asked, Given Tally
	Aims         []Limit // of the rules of the meeting or the scenario
	Before       []Tally // of each round
}

// Tally counts proposals with their money in minor units, and as shares of all that were
// counted; a share of nothing is 0.
type Tally struct {
	Number, Money int64
	Share, Part   float64 // of the number, of the money
}

// Round is an earlier call of the agency under the same scheme, as it was decided.
type Round struct {
	CallID string
	Call   lang.Text
	closed time.Time
}

// lastRounds is how many rounds are compared to.
const lastRounds = 2

// Balance is the balance of a list as it stands, or of a scenario about it.
func (s *Service) Balance(ctx context.Context, a access.Actor, id, scenario string) (Balance, error) {
	b := Balance{}
	var err error
	if b.Meeting, err = s.Meet(ctx, a, id); err != nil {
		return b, err
	}
	funded, limits := map[string]bool{}, b.Meeting.Rules.Limits
	for _, r := range b.Rows {
		funded[r.ProposalID] = r.Outcome == Fund
	}
	if scenario != "" {
		i := slices.IndexFunc(b.Scenarios, func(x Scenario) bool { return x.ID == scenario })
		if i < 0 {
			return b, fault.Missing()
		}
		b.Scenario = b.Scenarios[i]
		funded, limits = b.Scenario.Plan.Funded, b.Scenario.Rules.Limits
	}
	if b.Rounds, err = s.rounds(ctx, b.Decision); err != nil {
		return b, err
	}
	given := slices.DeleteFunc(slices.Clone(b.Rows), func(r Row) bool { return !funded[r.ProposalID] })
	sets := [][]Row{b.Rows, given}
	for _, r := range b.Rounds {
		rows, known, err := s.past(ctx, a, r, b.Stage)
		if err != nil {
			return b, err
		}
		sets = append(sets, rows)
		maps.Copy(b.Labels, titles(known))
	}
	for _, d := range Dimensions {
		if d == Covering && !slices.ContainsFunc(slices.Concat(sets...), func(r Row) bool { return len(r.Covers) > 0 }) {
			continue // no map has anything to do with it
		}
		b.Parts = append(b.Parts, parted(d, sets, limits))
	}
	return b, nil
}

// parted counts sets of rows by the values of a dimension: who asked, who is given, then the rounds before.
func parted(dimension string, sets [][]Row, limits []Limit) Part {
	p := Part{Dimension: dimension}
	var all []Row
	for _, rows := range sets {
		all = append(all, rows...)
	}
	values := View{Rows: all}.Values(dimension)
	if slices.ContainsFunc(all, func(r Row) bool { return r.has(dimension, "") }) {
		values = append(slices.Clone(values), "")
	}
	for _, v := range values {
		line := Balanced{Value: v, Asked: tally(sets[0], dimension, v), Given: tally(sets[1], dimension, v)}
		for _, rows := range sets[2:] {
			line.Before = append(line.Before, tally(rows, dimension, v))
		}
		for _, l := range limits {
			if l.Dimension == dimension && l.Value == v {
				line.Aims = append(line.Aims, l)
			}
		}
		p.Lines = append(p.Lines, line)
	}
	return p
}

func tally(rows []Row, dimension, value string) Tally {
	var t Tally
	sum := int64(0)
	for _, r := range rows {
		sum += r.would().Minor
		if r.has(dimension, value) {
			t.Number, t.Money = t.Number+1, t.Money+r.would().Minor
		}
	}
	if len(rows) > 0 {
		t.Share = float64(t.Number) / float64(len(rows))
	}
	if sum > 0 {
		t.Part = float64(t.Money) / float64(sum)
	}
	return t
}

// rounds are the last calls of the agency under the same scheme in which something was decided before.
func (s *Service) rounds(ctx context.Context, d Decision) ([]Round, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (x Round, err error) { return x, r.Scan(&x.CallID, &x.Call, db.Time(&x.closed)) },
		`SELECT c.id, c.title, c.closes_at FROM call c JOIN scheme_version v ON v.id = c.scheme_version_id
		JOIN call own ON own.id = $1 JOIN scheme_version same ON same.id = own.scheme_version_id AND same.scheme = v.scheme
		WHERE c.agency_id = own.agency_id AND c.id <> own.id AND c.closes_at < own.closes_at AND EXISTS (SELECT 1 FROM proposal p WHERE p.call_id = c.id AND p.stage = $2 AND p.outcome = 'fund')
		ORDER BY c.closes_at DESC, c.id LIMIT $3`, d.CallID, d.Stage, lastRounds)
}

// past are the funded proposals of a round as they were when it closed, with what they asked for, and
// the bottlenecks that a may know of.
func (s *Service) past(ctx context.Context, a access.Actor, r Round, stage string) ([]Row, []Bottleneck, error) {
	rows, err := db.Rows(ctx, s.DB.Q(ctx), func(q *sql.Rows) (x Row, err error) { return x, q.Scan(&x.ProposalID, &x.Asked.Minor) },
		`SELECT id, COALESCE(requested_minor, 0) FROM proposal WHERE call_id = $1 AND stage = $2 AND outcome = 'fund' ORDER BY id`, r.CallID, stage)
	if err != nil {
		return nil, nil, err
	}
	known, err := s.characterise(ctx, a, Decision{CallID: r.CallID, Stage: stage, CreatedAt: r.closed}, rows)
	return rows, known, err
}

package decision

import (
	"context"
	"database/sql"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Venture is an award whose proposal was classed by risk before it was given, with what was
// said then and what has come of it.
type Venture struct {
	ProposalID, Number, Title string
	CallID                    string
	Call                      lang.Text
	Risk                      Risk // the newest before the award
	AwardID, State, EndDay    string
	Given                     time.Time
	Reached, Missed           int // milestones
	Results                   int // that are public

	stage string
}

// Fate sums up the ventures of a class.
type Fate struct {
	Class                              string
	Awards, Running, Ended, Terminated int
	Reached, Missed                    int // milestones
	Fruitful                           int // awards with a public result
}

// Fates are what came of awards of each class of risk, from the most to the least, and the
// ventures themselves, the longest running first. Of the agencies whose lists a may read,
// without what a has a conflict with.
func (s *Service) Fates(ctx context.Context, a access.Actor) ([]Fate, []Venture, error) {
	agencies, all := a.Scopes("agency", access.Officer, access.Decider, access.Auditor)
	list, err := s.ventures(ctx, agencies, all)
	if err != nil {
		return nil, nil, err
	}
	if list, err = s.unconflicted(ctx, a, list); err != nil {
		return nil, nil, err
	}
	var out []Fate
	for i := range Risks {
		f := Fate{Class: Risks[len(Risks)-1-i]}
		for _, v := range list {
			if v.Risk.Class == f.Class {
				f.add(v)
			}
		}
		if f.Awards > 0 {
			out = append(out, f)
		}
	}
	return out, list, nil
}

func (f *Fate) add(v Venture) {
	f.Awards++
	switch v.State {
	case "ended":
		f.Ended++
	case "terminated":
		f.Terminated++
	default:
		f.Running++
	}
	f.Reached, f.Missed = f.Reached+v.Reached, f.Missed+v.Missed
	if v.Results > 0 {
		f.Fruitful++
	}
}

// unconflicted leaves out what a has a conflict with.
func (s *Service) unconflicted(ctx context.Context, a access.Actor, list []Venture) ([]Venture, error) {
	hidden := map[[2]string]map[string]bool{} // by call and stage
	var out []Venture
	for _, v := range list {
		stage := [2]string{v.CallID, v.stage}
		if _, looked := hidden[stage]; !looked {
			found, err := s.recused(ctx, a, Decision{CallID: v.CallID, Stage: v.stage})
			if err != nil {
				return nil, err
			}
			hidden[stage] = found
		}
		if !hidden[stage][v.ProposalID] {
			out = append(out, v)
		}
	}
	return out, nil
}

func (s *Service) ventures(ctx context.Context, agencies []string, all bool) ([]Venture, error) {
	in, args := db.In(1, agencies)
	where := `w.agency_id IN ` + in
	if all {
		where, args = `w.id <> ''`, nil
	}
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v Venture, err error) {
		return v, r.Scan(&v.ProposalID, &v.Number, &v.Title, &v.CallID, &v.Call, &v.stage, &v.Risk.Class, &v.Risk.Reason, &v.Risk.By, &v.AwardID, &v.State, &v.EndDay, db.Time(&v.Given), &v.Reached, &v.Missed, &v.Results)
	}, `SELECT p.id, p.number, p.title, p.call_id, c.title, p.stage, k.class, k.reason, k.by_name, w.id, w.state, COALESCE(w.end_day, ''), COALESCE(w.signed_at, w.created_at),
		(SELECT count(*) FROM milestone m WHERE m.award_id = w.id AND m.state = 'reached'), (SELECT count(*) FROM milestone m WHERE m.award_id = w.id AND m.state = 'missed'),
		(SELECT count(*) FROM result x WHERE x.award_id = w.id AND x.state = 'public')
		FROM award w JOIN proposal p ON p.id = w.proposal_id JOIN call c ON c.id = p.call_id
		JOIN proposal_risk k ON k.id = (SELECT y.id FROM proposal_risk y WHERE y.proposal_id = p.id AND y.at <= COALESCE(w.signed_at, w.created_at) ORDER BY y.at DESC, y.id DESC LIMIT 1)
		WHERE w.state <> 'superseded' AND (`+where+`) ORDER BY COALESCE(w.signed_at, w.created_at), p.number`, args...)
}

// TakeInRisk keeps how a proposal was classed elsewhere, at the instant of ctx, inside the
// unit of work of the caller.
func (s *Service) TakeInRisk(ctx context.Context, proposalID string, x Risk) error {
	return s.exec(ctx, `INSERT INTO proposal_risk (id, proposal_id, class, reason, by_account, by_name, at) VALUES ($1, $2, $3, $4, '', $5, $6)`,
		clock.ID(ctx), proposalID, x.Class, x.Reason, x.By, db.At(clock.Now(ctx)))
}

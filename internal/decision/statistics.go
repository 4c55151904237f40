package decision

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// answerDays is how long the agency may take to answer an appeal.
const answerDays = 60

// Late reports whether the answer to an appeal is overdue.
func (a Appeal) Late(now time.Time) bool { return a.State == Lodged && now.After(a.AnswerBy) }

// Appeals sums up the appeals of a call.
type Appeals struct {
	CallID                                               string
	Call                                                 lang.Text
	Letters, Lodged, Upheld, Dismissed, Waiting, Overdue int
	Days                                                 float64 // median to the answer; 0 where none was answered
}

// Answered is how many have an answer.
func (x Appeals) Answered() int { return x.Upheld + x.Dismissed }

// lodged is an appeal with what statistics need of it.
type lodged struct {
	Appeal
	callID, stage string
	call          lang.Text
}

// AppealStatistics are the appeals of the agencies whose lists a may read, by call, the one
// with most appeals first. What is hidden from a is not counted.
func (s *Service) AppealStatistics(ctx context.Context, a access.Actor) ([]Appeals, error) {
	agencies, all := a.Scopes("agency", access.Officer, access.Decider, access.Auditor)
	list, err := s.lodgedIn(ctx, agencies, all)
	if err != nil {
		return nil, err
	}
	list, hidden, err := s.unhidden(ctx, a, list)
	if err != nil {
		return nil, err
	}
	now := clock.Now(ctx)
	by, days := map[string]*Appeals{}, map[string][]float64{}
	for _, x := range list {
		sum := by[x.callID]
		if sum == nil {
			sum = &Appeals{CallID: x.callID, Call: x.call}
			if sum.Letters, err = s.lettered(ctx, x.callID, hidden); err != nil {
				return nil, err
			}
			by[x.callID] = sum
		}
		sum.count(x.Appeal, now)
		if !x.AnsweredAt.IsZero() {
			days[x.callID] = append(days[x.callID], x.AnsweredAt.Sub(x.LodgedAt).Hours()/24)
		}
	}
	var out []Appeals
	for id, sum := range by {
		sum.Days = median(days[id])
		out = append(out, *sum)
	}
	slices.SortFunc(out, func(a, b Appeals) int {
		return cmp.Or(cmp.Compare(b.Lodged, a.Lodged), cmp.Compare(a.CallID, b.CallID))
	})
	return out, nil
}

func (x *Appeals) count(a Appeal, now time.Time) {
	x.Lodged++
	switch a.State {
	case Upheld:
		x.Upheld++
	case Dismissed:
		x.Dismissed++
	default:
		x.Waiting++
	}
	if a.Late(now) {
		x.Overdue++
	}
}

// median of a list; 0 of none.
func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return (list[(len(list)-1)/2] + list[len(list)/2]) / 2
}

// unhidden leaves out the appeals about proposals with which a has a conflict, and names those.
func (s *Service) unhidden(ctx context.Context, a access.Actor, list []lodged) (seen []lodged, hidden map[string]bool, err error) {
	hidden = map[string]bool{}
	looked := map[[2]string]bool{}
	for _, x := range list {
		stage := [2]string{x.callID, x.stage}
		if looked[stage] {
			continue
		}
		looked[stage] = true
		found, err := s.recused(ctx, a, Decision{CallID: x.callID, Stage: x.stage})
		if err != nil {
			return nil, nil, err
		}
		maps.Copy(hidden, found)
	}
	return slices.DeleteFunc(list, func(x lodged) bool { return hidden[x.ProposalID] }), hidden, nil
}

func (s *Service) lodgedIn(ctx context.Context, agencies []string, all bool) ([]lodged, error) {
	in, args := db.In(1, agencies)
	where := `d.agency_id IN ` + in
	if all {
		where, args = `d.id <> ''`, nil
	}
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (x lodged, err error) {
		return x, r.Scan(&x.ProposalID, &x.State, db.Time(&x.LodgedAt), db.Time(&x.AnswerBy), db.Time(&x.AnsweredAt), &x.callID, &x.stage, &x.call)
	}, `SELECT a.proposal_id, a.state, a.lodged_at, a.answer_by, a.answered_at, d.call_id, d.stage, c.title FROM appeal a JOIN decision d ON d.id = a.decision_id JOIN call c ON c.id = d.call_id
		WHERE `+where+` ORDER BY a.lodged_at, a.id`, args...)
}

// lettered is how many proposals of a call got a letter, but for those that are hidden.
func (s *Service) lettered(ctx context.Context, call string, hidden map[string]bool) (n int, err error) {
	ids, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT DISTINCT l.proposal_id FROM letter l JOIN proposal p ON p.id = l.proposal_id WHERE p.call_id = $1`, call)
	for _, id := range ids {
		if !hidden[id] {
			n++
		}
	}
	return n, err
}

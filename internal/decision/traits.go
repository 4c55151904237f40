package decision

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Dimensions are the attributes of a proposal by which a list is balanced.
//
//   - orientation, field: how the proposal is classified (vocabularies "orientation" and
//     "ford", OECD, Frascati Manual 2015)
//   - region, organisation: of the organisation that holds the money: where it is, of which kind
//   - career: of the lead, see Careers
//   - risk: as the meeting classed it, with a reason
//   - applicant: new for a lead without an award before the list was begun, else known
//   - bottleneck: of technology maps, see Bottleneck
var Dimensions = []string{"orientation", "field", "region", "organisation", "career", "risk", "applicant", Covering}

// Careers are the stages of a career by years since the first degree or, where that is
// not known, since the first job in the register: early to 7, middle to 15, then senior.
var Careers = []string{"early", "middle", "senior"}

// Risks are the classes of risk, from the least to the most.
var Risks = []string{"low", "medium", "high"}

// career is the stage of somebody whose career began in a year; "" where that is not known.
func career(began, now int) string {
	switch years := now - began; {
	case began == 0:
		return ""
	case years <= 7:
		return "early"
	case years <= 15:
		return "middle"
	}
	return "senior"
}

// Risk is how a proposal was classed.
type Risk struct{ Class, Reason, By string }

// Class says how risky a proposal of the list is, and why; what was said before stays
// in the record. By staff and by those in the room.
func (s *Service) Class(ctx context.Context, a access.Actor, id, proposalID, class, reason string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.meet(ctx, a, id)
		if err != nil {
			return err
		}
		_, known := v.Row(proposalID)
		switch {
		case !v.Set.Any(rules["decision.try"]):
			return fault.New(fault.NotAllowed, "fault.denied")
		case !known:
			return fault.Missing()
		case v.settled():
			return fault.New(fault.Conflict, "decision.fixed")
		case !slices.Contains(Risks, class):
			return fault.Field("class", "fault.choice")
		case reason == "":
			return fault.Field("reason", "fault.required")
		}
		if err := s.insertRisk(ctx, a, proposalID, Risk{class, reason, a.Name}); err != nil {
			return err
		}
		return s.note(ctx, a, v.Decision, "decision.risk", reason, map[string]string{"proposal": proposalID, "class": class})
	})
}

// characterise gives rows the attributes by which they are balanced, and tells the bottlenecks that
// a may know of.
func (s *Service) characterise(ctx context.Context, a access.Actor, d Decision, rows []Row) ([]Bottleneck, error) {
	list, err := s.traits(ctx, d)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		t := list[rows[i].ProposalID]
		rows[i].Risk = t.risk
		rows[i].Traits = map[string]string{"orientation": t.orientation, "field": t.field, "region": t.region, "organisation": t.kind,
			"career": career(t.began, clock.Now(ctx).Year()), "risk": t.risk.Class, "applicant": t.applicant()}
	}
	return s.cover(ctx, a, d, rows)
}

// has reports whether a row has a value in a dimension; "" is that it has none.
func (r Row) has(dimension, value string) bool {
	switch {
	case dimension != Covering:
		return r.Traits[dimension] == value
	case value == "":
		return len(r.Covers) == 0
	}
	return slices.Contains(r.Covers, value)
}

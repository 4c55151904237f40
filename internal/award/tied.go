package award

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Tied are the awards without a proposal, as they come from elsewhere, of which a knows by no role: one of a's people leads it, takes
// part in it, is family or was adviser to who does, or works at an organisation that holds it or takes part. No scheme says which
// rules count for these, so that the plainest do, as they hold now; a name that nobody has found in the register ties nobody.
func Tied(ctx context.Context, d *db.DB, a access.Actor) (map[string]bool, error) {
	people := a.People()
	if len(people) == 0 {
		return nil, nil
	}
	in, args := db.In(1, people)
	who := `(SELECT id FROM person WHERE id IN ` + in + ` UNION SELECT other_id FROM person_relation WHERE until_day IS NULL AND person_id IN ` + in + `
		UNION SELECT person_id FROM person_relation WHERE until_day IS NULL AND other_id IN ` + in + `)`
	at := `(SELECT f.organisation_id FROM affiliation f WHERE f.until_day IS NULL AND f.person_id IN ` + in + `
		UNION SELECT o.redirect_to FROM affiliation f JOIN organisation o ON o.id = f.organisation_id WHERE f.until_day IS NULL AND o.redirect_to IS NOT NULL AND f.person_id IN ` + in + `
		UNION SELECT o.id FROM affiliation f JOIN organisation o ON o.redirect_to = f.organisation_id WHERE f.until_day IS NULL AND f.person_id IN ` + in + `)`
	ids, err := db.Strings(ctx, d.Q(ctx), `SELECT id FROM award WHERE proposal_id IS NULL AND lead_person IN `+who+`
		UNION SELECT id FROM award WHERE proposal_id IS NULL AND holder_organisation IN `+at+`
		UNION SELECT y.award_id FROM award_party y JOIN award w ON w.id = y.award_id WHERE w.proposal_id IS NULL AND (y.person_id IN `+who+` OR y.organisation_id IN `+at+`)`, args...)
	out := make(map[string]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// kept is what a conflict of interest keeps from somebody: what was given to some proposals, and some awards without one.
type kept struct{ proposals, awards map[string]bool }

// kept asks once for what is looked at of many awards.
func (s *Service) kept(ctx context.Context, a access.Actor) (k kept, err error) {
	if k.proposals, err = s.Conflicted.Of(ctx, a); err != nil {
		return k, err
	}
	k.awards, err = Tied(ctx, s.DB, a)
	return k, err
}

func (k kept) has(award, proposal string) bool { return k.proposals[proposal] || k.awards[award] }

// less is set without what a conflict of interest with the award ends for a.
func (s *Service) less(ctx context.Context, a access.Actor, award Award, set access.Set) (access.Set, error) {
	if award.ProposalID != "" || !set.Any(access.ByRole) || a.System {
		return s.Conflicted.Less(ctx, a, award.ProposalID, set)
	}
	tied, err := Tied(ctx, s.DB, a)
	if tied[award.ID] {
		set &^= access.ByRole
	}
	return set, err
}

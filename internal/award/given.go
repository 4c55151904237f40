package award

import (
	"context"
	"database/sql"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Given is an award of a call, with how many public results it has.
type Given struct {
	Award
	Results int
}

// OfCall lists the awards of a call in the order of their numbers: those that are public,
// and before that those that actor's roles open. What a later one took the place of is left out.
func (s *Service) OfCall(ctx context.Context, actor access.Actor, callID string) ([]Given, error) {
	all, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (g Given, err error) { return g, r.Scan(append(g.scanners(), &g.Results)...) },
		`SELECT `+columns+`, (SELECT count(*) FROM result r WHERE r.award_id = a.id AND r.state = 'public') FROM award a
		WHERE a.call_id = $1 AND NOT EXISTS (SELECT 1 FROM award later WHERE later.supersedes = a.id) ORDER BY a.number, a.id`, callID)
	if err != nil {
		return nil, err
	}
	kept, err := s.kept(ctx, actor)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(all))
	for i, g := range all {
		ids[i] = g.ID
	}
	names, err := s.erasedNames(ctx, ids)
	var out []Given
	for _, g := range all {
		switch near := !kept.has(g.ID, g.ProposalID) && g.set(actor, nil).Any(inside); {
		case near:
			out = append(out, g)
		case g.public(clock.Now(ctx)):
			g.strike(names[g.ID])
			out = append(out, g)
		}
	}
	return out, err
}

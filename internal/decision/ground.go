package decision

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Ground is what a decision rests on besides the reasons that it gives. The advice that
// it had stands with the council, which cites it.
type Ground struct {
	Criteria   []scheme.Criterion
	By         string // who decides by the scheme: officer, panel
	Signatures int
	Dissents   []Dissent
}

// Dissent is somebody's disagreement with a list, or with one row of it, on record.
type Dissent struct {
	ID, ProposalID, Number string // of the proposal; empty for the list as a whole
	By, Reasons            string
	At                     time.Time
}

// ground is what a list rests on, for its viewer: a dissent about a proposal that is hidden is hidden with it.
func (s *Service) ground(ctx context.Context, v View, def scheme.Version) (Ground, error) {
	stage, _ := def.Stage(v.Stage)
	g := Ground{Criteria: def.Judged(stage), By: stage.Decide.By, Signatures: max(1, stage.Decide.Signatures)}
	var err error
	if g.Dissents, err = s.dissents(ctx, v.ID); err != nil {
		return g, err
	}
	g.Dissents = slices.DeleteFunc(g.Dissents, func(x Dissent) bool { return x.ProposalID != "" && v.number(x.ProposalID) == "" })
	for i := range g.Dissents {
		g.Dissents[i].Number = v.number(g.Dissents[i].ProposalID)
	}
	return g, nil
}

// criteria are those of a list as a letter and the ledger name them.
func criteria(g Ground) []LetterCriterion {
	var out []LetterCriterion
	for _, c := range g.Criteria {
		out = append(out, LetterCriterion{c.Title, c.Weight})
	}
	return out
}

// Dissent puts a disagreement on record: with the list, or with one row. By whoever is in
// the room, until the list is signed; it stands with the decision ever after.
func (s *Service) Dissent(ctx context.Context, a access.Actor, id, number, reasons string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.meet(ctx, a, id)
		if err != nil {
			return err
		}
		ids, unknown := v.keys(number)
		switch {
		case !v.Set.Any(rules["decision.try"]):
			return fault.New(fault.NotAllowed, "fault.denied")
		case v.settled():
			return fault.New(fault.Conflict, "decision.fixed")
		case unknown != "" || len(ids) > 1:
			return fault.Field("number", "decision.rules.number", number)
		case reasons == "":
			return fault.Field("dissent", "fault.required")
		}
		x := Dissent{By: a.Name, Reasons: reasons}
		if len(ids) == 1 {
			x.ProposalID = ids[0]
		}
		if err := s.insertDissent(ctx, a, id, x); err != nil {
			return err
		}
		return s.note(ctx, a, v.Decision, "decision.dissent", reasons, map[string]string{"proposal": x.ProposalID})
	})
}

func (s *Service) dissents(ctx context.Context, decision string) ([]Dissent, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (x Dissent, err error) {
		return x, r.Scan(&x.ID, &x.ProposalID, &x.By, &x.Reasons, db.Time(&x.At))
	}, `SELECT id, COALESCE(proposal_id, ''), by_name, reasons, at FROM decision_dissent WHERE decision_id = $1 ORDER BY at, id`, decision)
}

func (s *Service) insertDissent(ctx context.Context, a access.Actor, decision string, x Dissent) error {
	return s.exec(ctx, `INSERT INTO decision_dissent (id, decision_id, proposal_id, account_id, by_name, reasons, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		clock.ID(ctx), decision, db.Str(x.ProposalID), a.Account, x.By, x.Reasons, db.At(clock.Now(ctx)))
}

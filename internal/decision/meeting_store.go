package decision

import (
	"context"
	"database/sql"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/vocabulary"
)

func (s *Service) seated(ctx context.Context, decision, person string) (bool, error) {
	var n int
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM decision_seat WHERE decision_id = $1 AND person_id = $2`, decision, person).Scan(&n)
	return n > 0, err
}

func (s *Service) seats(ctx context.Context, decision string) ([]Seat, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (x Seat, err error) { return x, r.Scan(&x.Person, &x.Name) },
		`SELECT t.person_id, p.name FROM decision_seat t JOIN person p ON p.id = t.person_id WHERE t.decision_id = $1 ORDER BY p.sort_name, p.id`, decision)
}

func (s *Service) insertSeat(ctx context.Context, a access.Actor, decision, person string) error {
	return s.exec(ctx, `INSERT INTO decision_seat (decision_id, person_id, by_account, at) VALUES ($1, $2, $3, $4) ON CONFLICT (decision_id, person_id) DO NOTHING`,
		decision, person, a.Account, db.At(clock.Now(ctx)))
}

func (s *Service) deleteSeat(ctx context.Context, _ access.Actor, decision, person string) error {
	return s.exec(ctx, `DELETE FROM decision_seat WHERE decision_id = $1 AND person_id = $2`, decision, person)
}

// trait is what the record knows of a proposal.
type trait struct {
	orientation, field, region, kind string
	began                            int // year of the lead's first degree or job; 0 where neither is known
	awarded                          bool
	led                              bool
	risk                             Risk
}

func (t trait) applicant() string {
	switch {
	case !t.led:
		return ""
	case t.awarded:
		return "known"
	}
	return "new"
}

// traits are those of the proposals of a list's call and stage.
func (s *Service) traits(ctx context.Context, d Decision) (map[string]trait, error) {
	risks, err := s.risks(ctx, d)
	if err != nil {
		return nil, err
	}
	out := map[string]trait{}
	_, err = db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id string
		var t trait
		err := r.Scan(&id, &t.orientation, &t.field, &t.region, &t.kind, &t.began, &t.led, &t.awarded)
		t.risk = risks[id]
		out[id] = t
		return struct{}{}, err
	}, `SELECT p.id,
		COALESCE((SELECT k.code FROM classification k WHERE k.subject_kind = 'proposal' AND k.subject_id = p.id AND k.vocabulary = 'orientation' ORDER BY k.weight DESC, k.code LIMIT 1), ''),
		COALESCE((SELECT k.code FROM classification k WHERE k.subject_kind = 'proposal' AND k.subject_id = p.id AND k.vocabulary = $4 ORDER BY k.weight DESC, k.code LIMIT 1), ''),
		COALESCE(NULLIF(o.region, ''), o.place, ''), COALESCE(o.kind, ''),
		COALESCE(l.first_degree_year, (SELECT CAST(min(substr(f.from_day, 1, 4)) AS BIGINT) FROM affiliation f WHERE f.person_id = l.id AND f.from_day <> ''), 0),
		CASE WHEN p.lead_person IS NULL THEN 0 ELSE 1 END,
		CASE WHEN EXISTS (SELECT 1 FROM award w WHERE w.lead_person = p.lead_person AND COALESCE(w.proposal_id, '') <> p.id AND COALESCE(w.signed_at, w.created_at) < $3 AND (w.agency_id = p.agency_id OR w.public_at <= $3)) THEN 1 ELSE 0 END
		FROM proposal p LEFT JOIN organisation o ON o.id = p.holder_organisation LEFT JOIN person l ON l.id = p.lead_person WHERE p.call_id = $1 AND p.stage = $2`,
		d.CallID, d.Stage, db.At(d.CreatedAt), vocabulary.Ford)
	return out, err
}

// risks are the newest class of each proposal of a list's call and stage.
func (s *Service) risks(ctx context.Context, d Decision) (map[string]Risk, error) {
	out := map[string]Risk{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id string
		var x Risk
		err := r.Scan(&id, &x.Class, &x.Reason, &x.By)
		out[id] = x
		return struct{}{}, err
	}, `SELECT k.proposal_id, k.class, k.reason, k.by_name FROM proposal_risk k JOIN proposal p ON p.id = k.proposal_id WHERE p.call_id = $1 AND p.stage = $2 ORDER BY k.at, k.id`, d.CallID, d.Stage)
	return out, err
}

// coverings are what was said last of which proposals of a list's call and stage cover which nodes.
func (s *Service) coverings(ctx context.Context, d Decision) (map[covering]bool, error) {
	out := map[covering]bool{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var c covering
		var covers bool
		err := r.Scan(&c.proposal, &c.mapID, &c.node, &covers)
		out[c] = covers
		return struct{}{}, err
	}, `SELECT k.proposal_id, k.map_id, k.node_id, k.covers FROM proposal_bottleneck k JOIN proposal p ON p.id = k.proposal_id WHERE p.call_id = $1 AND p.stage = $2 ORDER BY k.at, k.id`, d.CallID, d.Stage)
	return out, err
}

func (s *Service) insertCovering(ctx context.Context, a access.Actor, c covering, covers bool, reason string) error {
	return s.exec(ctx, `INSERT INTO proposal_bottleneck (id, proposal_id, map_id, node_id, covers, reason, by_account, by_name, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		clock.ID(ctx), c.proposal, c.mapID, c.node, db.Bool(covers), reason, a.Account, a.Name, db.At(clock.Now(ctx)))
}

// linked reports whether a call, or a question that it asks, is linked to a node of a technology map, and how
// many questions it asks.
func (s *Service) linked(ctx context.Context, callID string) (linked bool, questions int, err error) {
	return linked, questions, s.DB.Q(ctx).QueryRowContext(ctx, `SELECT (SELECT count(*) FROM call_question WHERE call_id = $1),
		CASE WHEN EXISTS (SELECT 1 FROM techmap_link WHERE subject_kind = 'call' AND subject_id = $1)
			OR EXISTS (SELECT 1 FROM techmap_link l JOIN call_question q ON q.question_id = l.subject_id WHERE l.subject_kind = 'question' AND q.call_id = $1) THEN 1 ELSE 0 END`, callID).Scan(&questions, &linked)
}

func (s *Service) insertRisk(ctx context.Context, a access.Actor, proposalID string, x Risk) error {
	return s.exec(ctx, `INSERT INTO proposal_risk (id, proposal_id, class, reason, by_account, by_name, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		clock.ID(ctx), proposalID, x.Class, x.Reason, a.Account, x.By, db.At(clock.Now(ctx)))
}

// ask is what a proposal asks for in a year.
type ask struct {
	year  int
	minor int64
}

// asksOf are what the proposals of a list's call and stage ask for, year by year.
func (s *Service) asksOf(ctx context.Context, d Decision) (map[string][]ask, error) {
	out := map[string][]ask{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id string
		var x ask
		err := r.Scan(&id, &x.year, &x.minor)
		out[id] = append(out[id], x)
		return struct{}{}, err
	}, `SELECT b.proposal_id, b.year, CAST(sum(b.amount_minor) AS BIGINT) FROM proposal_budget b JOIN proposal p ON p.id = b.proposal_id
		WHERE p.call_id = $1 AND p.stage = $2 AND b.year > 0 GROUP BY b.proposal_id, b.year HAVING sum(b.amount_minor) > 0 ORDER BY b.proposal_id, b.year`, d.CallID, d.Stage)
	return out, err
}

func (s *Service) insertScenario(ctx context.Context, a access.Actor, x Scenario) error {
	return s.exec(ctx, `INSERT INTO decision_scenario (id, decision_id, name, why, rules, answer_key, answer, by_account, by_name, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		x.ID, x.DecisionID, x.Name, x.Why, db.JSON(x.Rules), x.key, db.JSON(x.answer), a.Account, x.By, db.At(x.At))
}

// scenarios are those of a list, the one that was applied last first, then in the order in which they were saved.
func (s *Service) scenarios(ctx context.Context, decision string) ([]Scenario, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (x Scenario, err error) {
		return x, r.Scan(&x.ID, &x.DecisionID, &x.Name, &x.Why, db.FromJSON(&x.Rules), &x.key, db.FromJSON(&x.answer), &x.By, db.Time(&x.At), &x.AppliedBy, db.Time(&x.AppliedAt))
	}, `SELECT id, decision_id, name, why, rules, answer_key, answer, by_name, at, applied_by, applied_at FROM decision_scenario WHERE decision_id = $1 ORDER BY COALESCE(applied_at, 0) DESC, at, id`, decision)
}

func (s *Service) setApplied(ctx context.Context, a access.Actor, id string) error {
	return s.exec(ctx, `UPDATE decision_scenario SET applied_by = $2, applied_at = $3 WHERE id = $1`, id, a.Name, db.At(clock.Now(ctx)))
}

package strategy

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// What goes stale: a need that nobody said to stand still, and a measured
// priority without a new value.
const (
	NeedStands   = 180 * 24 * time.Hour
	MeasureStays = 365 * 24 * time.Hour
)

// mostStale is how many stale records a list holds.
const mostStale = 20

// StaleNeeds lists the needs that a should confirm or end, the oldest first:
// posted by a, or from an organisation whose transfer office a is, and not said
// to stand for NeedStands.
func (s *Service) StaleNeeds(ctx context.Context, a access.Actor) ([]Need, error) {
	ids, _ := a.Scopes("organisation", access.Transfer)
	if a.Person == "" && len(ids) == 0 {
		return nil, nil
	}
	in, args := db.In(4, ids)
	args = append([]any{db.At(clock.Now(ctx).Add(-NeedStands)), a.Person, mostStale}, args...)
	own := "n.person_id = $2"
	if len(ids) > 0 {
		own += " OR n.organisation_id IN " + in
	}
	return db.Rows(ctx, s.DB.Q(ctx), scanNeed, `SELECT `+needColumns+` FROM need n WHERE n.state IN ('posted', 'taken up') AND COALESCE(n.confirmed_at, n.created_at) < $1
		AND (`+own+`) ORDER BY COALESCE(n.confirmed_at, n.created_at), n.number LIMIT $3`, args...)
}

// stale reports whether somebody should say that n still stands.
func (n Need) stale(now time.Time) bool {
	return (n.State == Posted || n.State == TakenUp) && n.Stood.Before(now.Add(-NeedStands))
}

// ConfirmNeed says that a need still stands; by who may mend it.
func (s *Service) ConfirmNeed(ctx context.Context, a access.Actor, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		n, err := s.need(ctx, id)
		if err != nil {
			return err
		}
		if err := rules.Check(a, "strategy.mend", n.set(a), access.Public); err != nil {
			return err
		}
		if n.State != Posted && n.State != TakenUp {
			return fault.New(fault.Conflict, "strategy.need.over")
		}
		if err := s.exec(ctx, `UPDATE need SET confirmed_at = $2 WHERE id = $1`, id, db.At(clock.Now(ctx))); err != nil {
			return err
		}
		return s.note(ctx, a, "strategy.confirm", "need", id, n.AgencyID, "", map[string]string{"number": n.Number})
	})
}

// StaleMeasures lists the measured priorities of a's agencies whose last value is
// older than MeasureStays, or that have none, the oldest first. Analysts.
func (s *Service) StaleMeasures(ctx context.Context, a access.Actor) ([]Priority, error) {
	ids, all := a.Scopes("agency", access.Analyst)
	if len(ids) == 0 && !all {
		return nil, nil
	}
	q := query{where: []string{"p.state = 'active'", "p.target IS NOT NULL"}}
	q.where = append(q.where, "COALESCE(p.measured_at, 0) < "+q.arg(db.At(clock.Now(ctx).Add(-MeasureStays))))
	if !all {
		in, args := db.In(len(q.args)+1, ids)
		q.where, q.args = append(q.where, "p.agency_id IN "+in), append(q.args, args...)
	}
	return db.Rows(ctx, s.DB.Q(ctx), scanPriority, `SELECT `+priorityColumns+` FROM priority p WHERE `+strings.Join(q.where, " AND ")+
		` ORDER BY COALESCE(p.measured_at, 0), p.number LIMIT `+q.arg(mostStale), q.args...)
}

// Measure writes a new value of what a priority is measured by, with where it
// comes from. Analysts and officers of its agency; version is the one that was seen.
// Errors: Conflict for an old version, or where nothing is measured.
func (s *Service) Measure(ctx context.Context, a access.Actor, id string, version int64, reached *float64, source string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, err := s.editable(ctx, a, id, "strategy.measure")
		if err != nil {
			return err
		}
		if p.Target == nil {
			return fault.New(fault.Conflict, "strategy.measure.none")
		}
		var list []*fault.Error
		if reached == nil {
			list = append(list, fault.Field("reached", "fault.required"))
		}
		if strings.TrimSpace(source) == "" {
			list = append(list, fault.Field("source", "fault.required"))
		}
		if err := fault.Join(list...); err != nil {
			return err
		}
		before := ""
		if p.Reached != nil {
			before = strconv.FormatFloat(*p.Reached, 'g', -1, 64)
		}
		p.Reached, p.Measured, p.Version = reached, clock.Now(ctx), version
		if err := s.updatePriority(ctx, p); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "strategy.measure", Kind: "priority", ID: id, Agency: p.AgencyID, Why: source,
			Payload: map[string]any{"before": before, "reached": *reached, "unit": p.Unit}})
		return err
	})
}

// sameValue reports whether two measured values are one.
func sameValue(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

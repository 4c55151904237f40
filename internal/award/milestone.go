package award

import (
	"context"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// The states of a milestone.
var MilestoneStates = []string{"planned", "reached", "missed", "dropped"}

// Milestone is something that is to be reached by a day. Its note is for those inside.
type Milestone struct {
	ID, Title, DueDay, State, ReachedDay, Note string
	Version                                    int64
}

// Late reports whether it is planned still after its day.
func (m Milestone) Late(now time.Time) bool {
	return m.State == "planned" && m.DueDay < now.Format(time.DateOnly)
}

// AddMilestone plans a milestone of an award that runs.
func (s *Service) AddMilestone(ctx context.Context, actor access.Actor, awardID, title, due string) error {
	return s.onMilestones(ctx, actor, awardID, func(ctx context.Context, v View) (string, any, error) {
		var faults []*fault.Error
		if title == "" {
			faults = append(faults, fault.Field("milestone", "fault.required"))
		}
		if _, err := time.Parse(time.DateOnly, due); err != nil {
			faults = append(faults, fault.Field("due", "fault.date"))
		} else if due < v.StartDay || v.EndDay != "" && due > v.EndDay {
			faults = append(faults, fault.Field("due", "award.milestone.within"))
		}
		if err := fault.Join(faults...); err != nil {
			return "", nil, err
		}
		m := Milestone{ID: clock.ID(ctx), Title: title, DueDay: due, State: "planned"}
		return "award.milestone", m, s.insertMilestone(ctx, awardID, m)
	})
}

// SetMilestone says how a milestone stands: reached on a day, missed or dropped
// with a note why, or planned again.
func (s *Service) SetMilestone(ctx context.Context, actor access.Actor, awardID, id, state, day, note string) error {
	return s.onMilestones(ctx, actor, awardID, func(ctx context.Context, v View) (string, any, error) {
		i := slices.IndexFunc(v.Marks, func(m Milestone) bool { return m.ID == id })
		if i < 0 {
			return "", nil, fault.Missing()
		}
		m := v.Marks[i]
		m.State, m.ReachedDay, m.Note = state, "", note
		var faults []*fault.Error
		switch {
		case !slices.Contains(MilestoneStates, state):
			faults = append(faults, fault.Field("state", "fault.choice"))
		case state == "reached":
			if day == "" {
				day = clock.Now(ctx).Format(time.DateOnly)
			}
			if _, err := time.Parse(time.DateOnly, day); err != nil {
				faults = append(faults, fault.Field("day", "fault.date"))
			} else if day > clock.Now(ctx).Format(time.DateOnly) {
				faults = append(faults, fault.Field("day", "award.milestone.future"))
			}
			m.ReachedDay = day
		case (state == "missed" || state == "dropped") && note == "":
			faults = append(faults, fault.Field("note", "fault.required"))
		}
		if err := fault.Join(faults...); err != nil {
			return "", nil, err
		}
		return "award.milestone." + state, m, s.updateMilestone(ctx, m)
	})
}

func (s *Service) onMilestones(ctx context.Context, actor access.Actor, awardID string, do func(context.Context, View) (act string, what any, err error)) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.Get(ctx, actor, awardID)
		if err != nil {
			return err
		}
		if err := rules.Check(actor, "award.mark", v.Set, access.Public); err != nil {
			return err
		}
		if v.State != Running {
			return fault.New(fault.Conflict, "award.milestone.over")
		}
		act, what, err := do(ctx, v)
		if err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, actor, ledger.Entry{Act: act, Kind: "award", ID: awardID, Agency: v.AgencyID, Payload: what})
		return err
	})
}

// TakeInMilestones stores milestones as they are, inside the unit of work of the caller.
func (s *Service) TakeInMilestones(ctx context.Context, awardID string, list []Milestone) error {
	for _, m := range list {
		m.ID = clock.ID(ctx)
		if err := s.insertMilestone(ctx, awardID, m); err != nil {
			return err
		}
	}
	return nil
}

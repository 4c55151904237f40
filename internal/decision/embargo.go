package decision

import (
	"context"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Runs is the first and the last day of an award that is signed at an instant: whole months, from the first of the next one.
func Runs(signed time.Time, months int) (start, end time.Time) {
	start = time.Date(signed.Year(), signed.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	return start, start.AddDate(0, max(months, 1), -1)
}

// Embargoed reports whether what a list gives is not public yet.
func (d Decision) Embargoed(now time.Time) bool { return d.PublicAt.After(now) }

// AtOnce is what SetPublicFrom takes for a list whose awards are public at once, whatever its call says.
const AtOnce = "at once"

// byCall notes the embargo of a call for a list that can give awards, and whether it holds. A correction has that of what it corrects.
func (v *View) byCall(c call.Call) {
	if v.settled() || v.Supersedes != "" || !slices.Contains(v.Outcomes, Fund) {
		return
	}
	if v.CallDays = c.EmbargoDays; v.PublicAt.IsZero() && !v.AtOnce {
		v.Days = c.EmbargoDays
	}
}

// publicFrom is from when what is signed now is public: at the hour of the signature, in the time zone of the call; zero: at once.
func (v View) publicFrom(now time.Time) time.Time {
	if v.Days == 0 {
		return v.PublicAt
	}
	if zone, err := time.LoadLocation(v.Zone); err == nil {
		now = now.In(zone)
	}
	return now.AddDate(0, 0, v.Days).Truncate(time.Minute).UTC()
}

// MaySetPublic reports whether the viewer may say from when the awards are public: of a draft as who prepares it, of what is
// signed as who may sign, until that day has come. It concerns every row, so that nobody may who does not see them all.
func (v View) MaySetPublic(now time.Time) bool {
	switch {
	case v.recused:
		return false
	case v.State == Draft:
		return v.Supersedes == "" && v.Set.Any(rules["decision.draft"])
	}
	return v.State == Signed && v.Embargoed(now) && v.Set.Any(rules["decision.sign"])
}

// SetPublicFrom says from when the awards of a list are public, "2027-05-03T12:00" in the time zone of its call, or AtOnce; empty: at once,
// or in a draft as the call has it. Before a list is proposed this is a part of what will be signed. After the signature who may sign may
// move it, earlier or later and with a reason; whoever had a letter is told. What is public is never hidden again.
// Errors: Invalid for what is no time, has passed or comes after an award's last day; Conflict while the list waits for
// its signature, or once the day has come; NotAllowed for who does not see every row.
func (s *Service) SetPublicFrom(ctx context.Context, a access.Actor, id, from, why string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, set, err := s.load(ctx, a, id, "decision.read")
		if err != nil {
			return err
		}
		c, err := s.Calls.Known(ctx, d.CallID)
		if err != nil {
			return err
		}
		var at time.Time
		once := from == AtOnce
		if from != "" && !once {
			if at, err = clock.Local(from, c.Zone); err != nil {
				return fault.From(err).At("public_from")
			}
		}
		if at.Equal(d.PublicAt) && once == d.AtOnce {
			return nil
		}
		v, err := s.visible(ctx, a, d, set)
		if err != nil {
			return err
		}
		if d.State == Draft && d.Supersedes == "" {
			return s.embargo(ctx, a, v, at, once)
		}
		return s.move(ctx, a, v, c, at, why)
	})
}

// embargo sets the day of a draft, or that it has none.
func (s *Service) embargo(ctx context.Context, a access.Actor, v View, at time.Time, once bool) error {
	if err := rules.Check(a, "decision.draft", v.Set, rules["decision.read"]); err != nil {
		return err
	}
	if err := v.whole(); err != nil {
		return err
	}
	if err := publishable(v, at, clock.Now(ctx)); err != nil {
		return err
	}
	if err := s.setPublic(ctx, []string{v.ID}, at); err != nil {
		return err
	}
	return s.exec(ctx, `UPDATE decision SET at_once = $2 WHERE id = $1`, v.ID, db.Bool(once))
}

// publishable checks the day of a draft. It may be none; a correction has that of what it corrects, which may have come.
func publishable(v View, at, now time.Time) error {
	if at.IsZero() || v.Supersedes != "" {
		return nil
	}
	if !at.After(now) {
		return fault.Field("public_from", "decision.public.past")
	}
	for _, r := range v.Rows {
		_, end := Runs(now, r.months)
		if last := end.Format(time.DateOnly); r.Outcome == Fund && at.Format(time.DateOnly) > last {
			return fault.Field("public_from", "decision.public.end", r.Number, lang.Day(last))
		}
	}
	return nil
}

// move gives a signed list, and what it corrects, another day.
func (s *Service) move(ctx context.Context, a access.Actor, v View, c call.Call, at time.Time, why string) error {
	now := clock.Now(ctx)
	if err := rules.Check(a, "decision.sign", v.Set, rules["decision.read"]); err != nil {
		return err
	}
	switch {
	case v.State == Draft:
		return fault.New(fault.Conflict, "decision.public.correction")
	case v.State != Signed:
		return fault.New(fault.Conflict, "decision.fixed")
	case !v.Embargoed(now):
		return fault.New(fault.Conflict, "decision.public.already")
	}
	if err := v.whole(); err != nil {
		return err
	}
	switch {
	case why == "":
		return fault.Field("public_why", "fault.required")
	case at.IsZero():
		at = now
	case !at.After(now):
		return fault.Field("public_from", "decision.public.past")
	}
	lists, err := s.chain(ctx, v.ID)
	if err != nil {
		return err
	}
	if err := s.Awards.PublicFrom(ctx, lists, at); err != nil {
		return err
	}
	if err := s.setPublic(ctx, lists, at); err != nil {
		return err
	}
	if err := s.note(ctx, a, v.Decision, "decision.public", why, map[string]time.Time{"was": v.PublicAt, "from": at}); err != nil {
		return err
	}
	for _, r := range v.Rows {
		if err := s.tellMoved(ctx, r, c, at, why); err != nil {
			return err
		}
	}
	return nil
}

// tellMoved tells those who had a letter about a proposal when what was decided is public now.
func (s *Service) tellMoved(ctx context.Context, r Row, c call.Call, at time.Time, why string) error {
	kind := "decision.mail.moved"
	if !at.After(clock.Now(ctx)) {
		kind = "decision.mail.public"
	}
	return s.tellLeads(ctx, r.ProposalID, mail.Notice{Kind: kind, About: mail.About{Kind: "proposal", ID: r.ProposalID},
		Args: []any{r.Number, r.Title, c.Title, at, why, mail.Path("/proposals/" + r.ProposalID + "/letter")}})
}

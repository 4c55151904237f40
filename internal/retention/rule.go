package retention

import (
	"context"
	"database/sql"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Class is a class of records that are kept equally long.
type Class string

// The classes, with what their time is counted from.
const (
	Draft    Class = "draft"    // proposals that were never submitted: since the call closed
	Unfunded Class = "unfunded" // proposals that were withdrawn or not funded: since the decision
	Award    Class = "award"    // awards with their proposals: since the award's last day
	People   Class = "person"   // people with an account: since they were last seen
	Accounts Class = "account"  // accounts that stand for no person: since they were last seen
	Contacts Class = "contact"  // people without an account: since they were last written down or asked for a review
	Mail     Class = "mail"     // mails: since they were sent
)

// Classes lists the classes in the order of the page.
var Classes = []Class{Draft, Unfunded, Award, People, Accounts, Contacts, Mail}

// binding reports whether the rule also says how long a record must be kept, so that a person's wish has to wait for it.
func (c Class) binding() bool { return c == Unfunded || c == Award }

// kind is what is erased when a record of the class is due.
func (c Class) kind() string {
	switch c {
	case Award:
		return "award"
	case People, Contacts:
		return "person"
	case Accounts:
		return "account"
	case Mail:
		return "mail"
	}
	return "proposal"
}

// Rule is how long a class is kept. Days 0: for good.
type Rule struct {
	Class   Class
	Days    int64
	Starts  string
	Note    string
	Version int64
}

// longest is the most days that a rule can say: a century.
const longest = 36525

// until is the end of the time in which a record of the class must be kept; zero while it has not
// begun, or where it is kept for good.
func (r Rule) until(start time.Time) time.Time {
	if start.IsZero() || r.Days == 0 {
		return time.Time{}
	}
	return start.AddDate(0, 0, int(r.Days))
}

// over reports whether a record whose time began at start need not be kept any more.
func (r Rule) over(start, now time.Time) bool {
	end := r.until(start)
	return !end.IsZero() && !end.After(now)
}

// rules says who may do what. People and mails belong to the installation, so that only
// those who run it pass; records of an agency belong to its officers too.
var rules = access.Rules{
	"retention.see":     access.Of(access.Staff, access.Operator, access.Audit),
	"retention.rule":    access.Of(access.Operator),
	"retention.hold":    access.Of(access.Staff, access.Operator),
	"retention.erase":   access.Of(access.Staff, access.Operator),
	"retention.answer":  access.Of(access.Operator),
	"retention.request": access.Of(access.Self),
}

// anywhere is what a's roles make of them where no one record is meant.
func anywhere(a access.Actor) access.Set {
	have := a.Staffing("", "", "")
	if a.HasAny(access.Officer) {
		have |= access.Staff
	}
	return have
}

// Rules lists the rules in the order of Classes.
func (s *Service) Rules(ctx context.Context, a access.Actor) ([]Rule, error) {
	if err := rules.Check(a, "retention.see", anywhere(a), access.Public); err != nil {
		return nil, err
	}
	by, err := s.rules(ctx)
	list := make([]Rule, 0, len(Classes))
	for _, c := range Classes {
		list = append(list, by[c])
	}
	return list, err
}

func (s *Service) rules(ctx context.Context) (map[Class]Rule, error) {
	list, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v Rule, err error) {
		return v, r.Scan(&v.Class, &v.Days, &v.Starts, &v.Note, &v.Version)
	}, `SELECT record_class, COALESCE(keep_days, 0), starts, note, version FROM retention_rule`)
	by := map[Class]Rule{}
	for _, r := range list {
		by[r.Class] = r
	}
	return by, err
}

// SetRule changes how long a class is kept, and why. Admins only; nothing is erased by it.
// Errors: Invalid for a time that is none, NotFound for a class that is none, Conflict for an old version.
func (s *Service) SetRule(ctx context.Context, a access.Actor, in Rule) error {
	if err := rules.Check(a, "retention.rule", anywhere(a), access.Public); err != nil {
		return err
	}
	if in.Days < 0 || in.Days > longest {
		return fault.Field("days", "retention.days", longest)
	}
	if in.Note == "" {
		return fault.Field("note", "fault.required")
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		by, err := s.rules(ctx)
		if err != nil {
			return err
		}
		before, ok := by[in.Class]
		if !ok {
			return fault.Missing()
		}
		if err := db.Change(ctx, s.DB.Q(ctx), `UPDATE retention_rule SET keep_days = $2, note = $3, changed_at = $4, version = version + 1 WHERE record_class = $1 AND version = $5`,
			string(in.Class), days(in.Days), in.Note, db.At(clock.Now(ctx)), in.Version); err != nil {
			return err
		}
		return s.note(ctx, a, "retention.rule", "retention", string(in.Class), "", in.Note, map[string]int64{"before": before.Days, "days": in.Days})
	})
}

// days is n as a parameter: NULL where a class is kept for good.
func days(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

package register

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// shownPeople is how many people an organisation's page names.
const shownPeople = 50

// Organisations lists organisations by name, those that were merged left out,
// and counts them. A name of before finds them too.
func (s *Service) Organisations(ctx context.Context, f OrganisationFilter) ([]Organisation, int, error) {
	return s.organisations(ctx, f)
}

// Facets counts the organisations of a filter by "kind" or "country", the most
// frequent first; the facet's own condition is left out.
func (s *Service) Facets(ctx context.Context, f OrganisationFilter, by string) ([]Facet, error) {
	if by == "kind" {
		f.Kind = ""
	} else {
		by, f.Country = "country", ""
	}
	return s.facets(ctx, f, by)
}

// OrganisationView is an organisation with its names over time, what it came
// from, its parts, facilities and people. A merged one leads to the one it went into:
// the view's ID differs from id then.
func (s *Service) OrganisationView(ctx context.Context, a access.Actor, id string) (OrganisationView, error) {
	o, err := s.Organisation(ctx, id)
	if err != nil {
		return OrganisationView{}, err
	}
	have := o.set(a)
	v := OrganisationView{Organisation: o, MayEdit: rules.Check(a, "register.organisation", have, access.Public) == nil, MayMerge: rules.Check(a, "register.merge", have, access.Public) == nil}
	steps := []func() error{
		func() (err error) { v.ROR, err = s.ror(ctx, o.ID); return err },
		func() (err error) { v.Merged, err = s.mergedKeys(ctx, o.ID); return err },
		func() (err error) { v.Names, err = s.oldNames(ctx, o.ID); return err },
		func() (err error) { v.Succession, err = s.succession(ctx, o.ID); return err },
		func() (err error) { v.Parts, err = s.parts(ctx, o.ID); return err },
		func() (err error) { v.Facilities, err = s.Facilities(ctx, o.ID); return err },
		func() (err error) { v.People, v.PeopleAll, err = s.peopleAt(ctx, o.ID, !a.Public()); return err },
		func() error {
			names, err := s.Names(ctx, nil, []string{o.ParentID})
			v.Parent = names[o.ParentID]
			return err
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return v, err
		}
	}
	return v, nil
}

// CreateOrganisation adds an organisation. Officers and operators.
// Errors: Invalid with every field at fault; Conflict for a ROR key that another has.
func (s *Service) CreateOrganisation(ctx context.Context, a access.Actor, in OrganisationInput) (Organisation, error) {
	var o Organisation
	if err := rules.Check(a, "register.organisation", o.set(a), access.Public); err != nil {
		return o, err
	}
	if err := in.apply(&o); err != nil {
		return o, err
	}
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.parentIsThere(ctx, o); err != nil {
			return err
		}
		if err := s.insertOrganisation(ctx, &o); err != nil {
			return taken(err, o.ROR)
		}
		o.Version = 1
		return s.note(ctx, a, "register.create", "organisation", o.ID, "", o)
	})
	return o, err
}

func taken(err error, ror string) error {
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "register.ror.taken", ror).At("ror")
	}
	return err
}

// parentIsThere refuses a parent that is not there, was merged, or stands below o.
func (s *Service) parentIsThere(ctx context.Context, o Organisation) error {
	for up, n := o.ParentID, 0; up != ""; n++ {
		p, err := s.organisation(ctx, up)
		if fault.Is(err, fault.NotFound) || err == nil && (p.ID == o.ID || p.RedirectTo != "" || n > 20) {
			return fault.Field("parent", "register.parent")
		}
		if err != nil {
			return err
		}
		up = p.ParentID
	}
	return nil
}

func (s *Service) note(ctx context.Context, a access.Actor, act, kind, id, why string, what any) error {
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: kind, ID: id, Why: why, Payload: what})
	return err
}

// UpdateOrganisation writes an organisation anew; version is the one that the
// writer saw. With in.Renamed the name before is kept with the day on which it ended.
// Officers, operators, and its own research office.
func (s *Service) UpdateOrganisation(ctx context.Context, a access.Actor, id string, version int64, in OrganisationInput) (Organisation, error) {
	var o Organisation
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		var err error
		if o, err = s.whole(ctx, id); err != nil {
			return err
		}
		if err := rules.Check(a, "register.organisation", o.set(a), access.Public); err != nil {
			return err
		}
		before := o
		if err := in.apply(&o); err != nil {
			return err
		}
		if err := s.parentIsThere(ctx, o); err != nil {
			return err
		}
		o.Version = version
		if err := s.updateOrganisation(ctx, o); err != nil {
			return err
		}
		o.Version++
		if err := s.setROR(ctx, o.ID, before.ROR, o.ROR); err != nil {
			return taken(err, o.ROR)
		}
		if err := s.keepNames(ctx, before, o, in.Renamed); err != nil {
			return err
		}
		return s.note(ctx, a, "register.edit", "organisation", id, "", o)
	})
	return o, err
}

// whole is an organisation for writing; a merged one cannot be written.
func (s *Service) whole(ctx context.Context, id string) (Organisation, error) {
	o, err := s.organisation(ctx, id)
	if err == nil && o.RedirectTo != "" {
		return o, fault.New(fault.Conflict, "register.merged")
	}
	if err == nil {
		o.ROR, err = s.ror(ctx, id)
	}
	return o, err
}

func (s *Service) keepNames(ctx context.Context, before, now Organisation, ended string) error {
	if ended == "" {
		return nil
	}
	for _, tag := range before.Name.Tags() {
		if old := before.Name.By[tag]; old != "" && old != now.Name.By[tag] {
			if err := s.exec(ctx, `INSERT INTO organisation_name (id, organisation_id, name, language, kind, until_day) VALUES ($1, $2, $3, $4, 'former', $5)`,
				clock.ID(ctx), now.ID, old, tag, ended); err != nil {
				return err
			}
		}
	}
	return s.exec(ctx, `INSERT INTO organisation_succession (id, from_id, to_id, kind, day) VALUES ($1, $2, $2, 'renamed', $3)`, clock.ID(ctx), now.ID, ended)
}

// Merger says what merging one organisation into another would do.
type Merger struct {
	From, Into              Organisation
	People, Parts, Facility int // that will be found at Into from then on
}

// Consider tells what Merge would do, without doing it.
func (s *Service) Consider(ctx context.Context, a access.Actor, from, into string) (Merger, error) {
	m, err := s.pair(ctx, a, from, into)
	if err != nil {
		return m, err
	}
	m.People, m.Parts, m.Facility, err = s.hanging(ctx, from)
	return m, err
}

func (s *Service) pair(ctx context.Context, a access.Actor, from, into string) (Merger, error) {
	var m Merger
	var err error
	if m.From, err = s.whole(ctx, from); err != nil {
		return m, err
	}
	if err := rules.Check(a, "register.merge", m.From.set(a), access.Public); err != nil {
		return m, err
	}
	if from == into {
		return m, fault.Field("into", "register.merge.self")
	}
	m.Into, err = s.organisation(ctx, into)
	if fault.Is(err, fault.NotFound) || err == nil && m.Into.RedirectTo != "" {
		return m, fault.Field("into", "register.merge.into")
	}
	return m, err
}

// Merge lets from lead to into from now on. No key is rewritten: rows that name
// from keep it and are found through the redirect, awards keep the name of their day. The
// names of from are kept as former names of into. Officers and operators.
// Errors: Invalid for a merger into itself or into one that was merged; Conflict if from was merged.
func (s *Service) Merge(ctx context.Context, a access.Actor, from, into, why string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		m, err := s.pair(ctx, a, from, into)
		if err != nil {
			return err
		}
		if why == "" {
			return fault.Field("why", "fault.required")
		}
		if err := s.redirect(ctx, m, why); err != nil {
			return err
		}
		return s.note(ctx, a, "register.merge", "organisation", from, why, map[string]string{"into": into})
	})
}

// Split notes that from was divided into others on a day; from stays as a record of
// its time. Officers and operators.
func (s *Service) Split(ctx context.Context, a access.Actor, from string, into []string, day, why string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		o, err := s.whole(ctx, from)
		if err != nil {
			return err
		}
		if err := rules.Check(a, "register.merge", o.set(a), access.Public); err != nil {
			return err
		}
		if f := plainDay("day", day); f != nil || day == "" || len(into) < 2 {
			return fault.Field("day", "register.split")
		}
		for _, id := range into {
			if _, err := s.pair(ctx, a, from, id); err != nil {
				return err
			}
			if err := s.exec(ctx, `INSERT INTO organisation_succession (id, from_id, to_id, kind, day, note) VALUES ($1, $2, $3, 'split', $4, $5)`, clock.ID(ctx), from, id, day, why); err != nil {
				return err
			}
		}
		if err := s.exec(ctx, `UPDATE organisation SET state = 'inactive', version = version + 1 WHERE id = $1`, from); err != nil {
			return err
		}
		return s.note(ctx, a, "register.split", "organisation", from, why, map[string]any{"into": into, "day": day})
	})
}

// Doubles suggests organisations that may be the same as id: the same words in
// the name, or the same acronym in the same country.
func (s *Service) Doubles(ctx context.Context, a access.Actor, id string) ([]Likely, error) {
	o, err := s.whole(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := rules.Check(a, "register.merge", o.set(a), access.Public); err != nil {
		return nil, err
	}
	return s.doubles(ctx, o)
}

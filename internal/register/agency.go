package register

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Facility is something that others may use: a beam line, a ship, a collection.
type Facility struct {
	ID, OrganisationID, Organisation string
	Name, Summary                    lang.Text
	Kind, Place, Website             string
	Version                          int64
}

// FacilityInput is what is written of a facility.
type FacilityInput struct {
	Name, Summary        lang.Text
	Kind, Place, Website string
}

func (in FacilityInput) apply(f *Facility) error {
	f.Name, f.Summary, f.Kind, f.Place, f.Website = in.Name, in.Summary, in.Kind, in.Place, in.Website
	var empty *fault.Error
	if in.Name.Empty() {
		empty = fault.Field("name", "fault.required")
	}
	return fault.Join(empty, site("website", in.Website))
}

const facilityColumns = `f.id, f.organisation_id, o.name, f.name, f.summary, f.kind, f.place, f.website, f.version FROM facility f JOIN organisation o ON o.id = f.organisation_id`

func scanFacility(r *sql.Rows) (f Facility, err error) {
	var organisation textName
	err = r.Scan(&f.ID, &f.OrganisationID, &organisation, &f.Name, &f.Summary, &f.Kind, &f.Place, &f.Website, &f.Version)
	f.Organisation = string(organisation)
	return f, err
}

// Facilities lists the facilities of an organisation, or all where organisation is "".
func (s *Service) Facilities(ctx context.Context, organisation string) ([]Facility, error) {
	if organisation == "" {
		return db.Rows(ctx, s.DB.Q(ctx), scanFacility, `SELECT `+facilityColumns+` ORDER BY o.sort_name, f.id`)
	}
	return db.Rows(ctx, s.DB.Q(ctx), scanFacility, `SELECT `+facilityColumns+` WHERE f.organisation_id IN `+own+` ORDER BY f.id`, organisation)
}

// Facility is one facility.
func (s *Service) Facility(ctx context.Context, id string) (Facility, error) {
	return db.One(db.Rows(ctx, s.DB.Q(ctx), scanFacility, `SELECT `+facilityColumns+` WHERE f.id = $1`, id))
}

// MayEditFacility says whether a may write facilities of an organisation.
func (s *Service) MayEditFacility(a access.Actor, organisation string) bool {
	return rules.Check(a, "register.organisation", Organisation{ID: organisation}.set(a), access.Public) == nil
}

// SaveFacility writes a facility: a new one of organisation where id is "", else
// the version of id that the writer saw. Officers, operators, the organisation's research office.
func (s *Service) SaveFacility(ctx context.Context, a access.Actor, organisation, id string, version int64, in FacilityInput) (Facility, error) {
	f := Facility{OrganisationID: organisation}
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		var err error
		if id != "" {
			if f, err = s.Facility(ctx, id); err != nil {
				return err
			}
		} else if _, err = s.whole(ctx, organisation); err != nil {
			return err
		}
		if err := rules.Check(a, "register.organisation", Organisation{ID: f.OrganisationID}.set(a), access.Public); err != nil {
			return err
		}
		if err := in.apply(&f); err != nil {
			return err
		}
		if id == "" {
			f.ID, f.Version = clock.ID(ctx), 1
			err = s.exec(ctx, `INSERT INTO facility (id, organisation_id, name, kind, place, summary, website, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				f.ID, f.OrganisationID, f.Name, f.Kind, f.Place, f.Summary, f.Website, db.At(clock.Now(ctx)))
		} else {
			f.Version = version + 1
			err = db.Change(ctx, s.DB.Q(ctx), `UPDATE facility SET name = $2, kind = $3, place = $4, summary = $5, website = $6, version = version + 1 WHERE id = $1 AND version = $7`,
				f.ID, f.Name, f.Kind, f.Place, f.Summary, f.Website, version)
		}
		if err != nil {
			return err
		}
		return s.note(ctx, a, "register.facility", "facility", f.ID, "", f)
	})
	return f, err
}

// AgencyView is an agency with its programmes and budget.
type AgencyView struct {
	Agency
	Organisation string
	Programmes   []Programme
	Budget       []BudgetLine
	Sums         []money.Amount // of the budget, a currency each
	Staff        []Member       // for who may edit
	MayEdit      bool
}

// Member is somebody on an agency's staff: the same person once per role.
type Member struct{ Person, Name, Role string }

// Staff knows who works for an agency now, by role and name.
type Staff interface {
	Staff(ctx context.Context, agency string) ([]Member, error)
}

// Agency is one agency by key or by slug.
func (s *Service) Agency(ctx context.Context, a access.Actor, id string) (AgencyView, error) {
	all, err := s.Agencies(ctx)
	if err != nil {
		return AgencyView{}, err
	}
	for _, g := range all {
		if g.ID != id && g.Slug != id {
			continue
		}
		v := AgencyView{Agency: g, MayEdit: rules.Check(a, "register.budget", a.Staffing(g.ID, "", ""), access.Public) == nil}
		if v.Programmes, err = s.Programmes(ctx, g.ID); err != nil {
			return v, err
		}
		if v.Budget, err = s.Budget(ctx, g.ID); err != nil {
			return v, err
		}
		if v.MayEdit && s.Staff != nil {
			if v.Staff, err = s.Staff.Staff(ctx, g.ID); err != nil {
				return v, err
			}
		}
		var amounts []money.Amount
		for _, l := range v.Budget {
			amounts = append(amounts, l.Amount)
		}
		v.Sums = money.Sum(amounts)
		names, err := s.Names(ctx, nil, []string{g.OrganisationID})
		v.Organisation = names[g.OrganisationID]
		return v, err
	}
	return AgencyView{}, fault.Missing()
}

// AddProgramme adds a programme of an agency; its officers only. The slug is the
// part of the address that names it. Errors: Conflict for a slug that is taken.
func (s *Service) AddProgramme(ctx context.Context, a access.Actor, p Programme) (Programme, error) {
	if err := rules.Check(a, "register.budget", a.Staffing(p.AgencyID, "", ""), access.Public); err != nil {
		return p, err
	}
	p.Slug = strings.ToLower(p.Slug)
	var list []*fault.Error
	if p.Name.Empty() {
		list = append(list, fault.Field("name", "fault.required"))
	}
	if strings.Trim(p.Slug, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || p.Slug == "" {
		list = append(list, fault.Field("slug", "register.slug"))
	}
	if err := fault.Join(list...); err != nil {
		return p, err
	}
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		b := Batch{Programmes: []Programme{p}}
		err := s.storeBatch(ctx, &b)
		if db.IsUnique(err) {
			return fault.New(fault.Conflict, "register.slug.taken", p.Slug).At("slug")
		}
		if err != nil {
			return err
		}
		p = b.Programmes[0]
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "register.programme", Kind: "programme", ID: p.ID, Agency: p.AgencyID, Payload: p})
		return err
	})
	return p, err
}

// AddBudget adds a budget line of an agency; its officers only. Lines are never
// edited: a change is a further line, which may be negative.
func (s *Service) AddBudget(ctx context.Context, a access.Actor, l BudgetLine) (BudgetLine, error) {
	if err := rules.Check(a, "register.budget", a.Staffing(l.AgencyID, "", ""), access.Public); err != nil {
		return l, err
	}
	var list []*fault.Error
	if l.Name.Empty() {
		list = append(list, fault.Field("name", "fault.required"))
	}
	if l.Year < 1900 || l.Year > 2200 {
		list = append(list, fault.Field("year", "register.year"))
	}
	if l.Amount.Minor == 0 {
		list = append(list, fault.Field("amount", "register.amount"))
	}
	if err := fault.Join(list...); err != nil {
		return l, err
	}
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		list, err := s.Programmes(ctx, l.AgencyID)
		if err != nil {
			return err
		}
		if l.ProgrammeID != "" && !slices.ContainsFunc(list, func(p Programme) bool { return p.ID == l.ProgrammeID }) {
			return fault.Field("programme", "fault.choice")
		}
		b := Batch{Budget: []BudgetLine{l}}
		if err := s.storeBatch(ctx, &b); err != nil {
			return err
		}
		l = b.Budget[0]
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "register.budget", Kind: "budget_line", ID: l.ID, Agency: l.AgencyID, Payload: l})
		return err
	})
	return l, err
}

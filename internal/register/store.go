package register

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"unicode"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

func (s *Service) storeBatch(ctx context.Context, b *Batch) error {
	for i := range b.Organisations {
		if err := s.insertOrganisation(ctx, &b.Organisations[i]); err != nil {
			return err
		}
	}
	for i := range b.People {
		if err := s.insertPerson(ctx, &b.People[i]); err != nil {
			return err
		}
	}
	for i := range b.Agencies {
		if err := s.insertAgency(ctx, &b.Agencies[i]); err != nil {
			return err
		}
	}
	for i := range b.Programmes {
		p := &b.Programmes[i]
		p.ID = ensure(ctx, p.ID)
		if err := s.exec(ctx, `INSERT INTO programme (id, agency_id, slug, name, created_at) VALUES ($1, $2, $3, $4, $5)`, p.ID, p.AgencyID, p.Slug, p.Name, db.At(clock.Now(ctx))); err != nil {
			return err
		}
	}
	for i := range b.Budget {
		l := &b.Budget[i]
		l.ID = ensure(ctx, l.ID)
		if err := s.exec(ctx, `INSERT INTO budget_line (id, agency_id, programme_id, name, year, currency, amount_minor, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			l.ID, l.AgencyID, db.Str(l.ProgrammeID), l.Name, l.Year, l.Amount.Currency, l.Amount.Minor, db.At(clock.Now(ctx))); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, query, args...)
	return err
}

func ensure(ctx context.Context, id string) string {
	if id == "" {
		return clock.ID(ctx)
	}
	return id
}

func (s *Service) insertOrganisation(ctx context.Context, o *Organisation) error {
	o.ID = ensure(ctx, o.ID)
	now := db.At(clock.Now(ctx))
	name, _ := o.Name.Pick("en")
	err := s.exec(ctx, `INSERT INTO organisation (id, name, sort_name, acronym, kind, country, place, website, parent_id, approval, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
		o.ID, o.Name, strings.ToLower(name), o.Acronym, o.Kind, o.Country, o.Place, o.Website, db.Str(o.ParentID), o.Approval, now)
	if err == nil {
		err = s.putNames(ctx, *o)
	}
	if err == nil && o.ROR != "" {
		err = s.exec(ctx, `INSERT INTO external_id (subject_kind, subject_id, scheme, value, created_at) VALUES ('organisation', $1, 'ror', $2, $3)`, o.ID, o.ROR, now)
	}
	return err
}

func (s *Service) insertPerson(ctx context.Context, p *Person) error {
	p.ID = ensure(ctx, p.ID)
	if p.Name == "" {
		p.Name = FullName(p.Given, p.Family)
	}
	now := db.At(clock.Now(ctx))
	keywords := p.Keywords
	if keywords == nil {
		keywords = []string{}
	}
	err := s.exec(ctx, `INSERT INTO person (id, given_name, family_name, name, sort_name, orcid, email, country, keywords, review_limit, career_stage, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $11, $11)`,
		p.ID, p.Given, p.Family, p.Name, SortName(p.Given, p.Family), db.Str(p.ORCID), p.Email, p.Country, db.JSON(keywords), p.ReviewLimit, now, p.CareerStage)
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "register.orcid.taken", p.ORCID).At("orcid")
	}
	for _, f := range p.Affiliations {
		if err != nil {
			return err
		}
		err = s.exec(ctx, `INSERT INTO affiliation (id, person_id, organisation_id, position, from_day, until_day) VALUES ($1, $2, $3, $4, $5, $6)`,
			clock.ID(ctx), p.ID, f.OrganisationID, f.Position, db.Str(f.From), db.Str(f.Until))
	}
	return err
}

func (s *Service) insertAgency(ctx context.Context, a *Agency) error {
	a.ID = ensure(ctx, a.ID)
	return s.exec(ctx, `INSERT INTO agency (id, organisation_id, slug, name, short, currency, zone, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		a.ID, a.OrganisationID, a.Slug, a.Name, a.Short, a.Currency, a.Zone, db.At(clock.Now(ctx)))
}

const organisationColumns = `o.id, o.name, o.acronym, o.kind, o.country, o.place, o.website, COALESCE(o.parent_id, ''), COALESCE(o.redirect_to, ''), o.approval, o.version`

func scanOrganisation(r interface{ Scan(...any) error }) (o Organisation, err error) {
	return o, r.Scan(&o.ID, &o.Name, &o.Acronym, &o.Kind, &o.Country, &o.Place, &o.Website, &o.ParentID, &o.RedirectTo, &o.Approval, &o.Version)
}

func (s *Service) organisation(ctx context.Context, id string) (Organisation, error) {
	o, err := scanOrganisation(s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+organisationColumns+` FROM organisation o WHERE o.id = $1`, id))
	return o, missing(err)
}

func missing(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Missing()
	}
	return err
}

func (s *Service) person(ctx context.Context, id string) (Person, error) {
	var p Person
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id, given_name, family_name, name, COALESCE(orcid, ''), email, country, keywords, COALESCE(review_limit, 0), version FROM person WHERE id = $1`, id).
		Scan(&p.ID, &p.Given, &p.Family, &p.Name, &p.ORCID, &p.Email, &p.Country, db.FromJSON(&p.Keywords), &p.ReviewLimit, &p.Version)
	if err != nil {
		return p, missing(err)
	}
	p.Affiliations, err = db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (f Affiliation, err error) {
		var name textName
		err = r.Scan(&f.OrganisationID, &name, &f.Position, db.Null(&f.From), db.Null(&f.Until))
		f.Organisation = string(name)
		return f, err
	}, `SELECT f.organisation_id, o.name, f.position, f.from_day, f.until_day FROM affiliation f JOIN organisation o ON o.id = f.organisation_id
		WHERE f.person_id = $1 ORDER BY COALESCE(f.from_day, '') DESC, f.id`, id)
	return p, err
}

// Agencies lists every agency by name.
func (s *Service) Agencies(ctx context.Context) ([]Agency, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (a Agency, err error) {
		return a, r.Scan(&a.ID, &a.OrganisationID, &a.Slug, &a.Name, &a.Short, &a.Currency, &a.Zone)
	}, `SELECT id, organisation_id, slug, name, short, currency, zone FROM agency ORDER BY slug`)
}

// Programmes lists the programmes of an agency.
func (s *Service) Programmes(ctx context.Context, agencyID string) ([]Programme, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (p Programme, err error) {
		return p, r.Scan(&p.ID, &p.AgencyID, &p.Slug, &p.Name)
	}, `SELECT id, agency_id, slug, name FROM programme WHERE agency_id = $1 ORDER BY slug`, agencyID)
}

// Budget lists the budget lines of an agency, the latest year first.
func (s *Service) Budget(ctx context.Context, agencyID string) ([]BudgetLine, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (l BudgetLine, err error) {
		return l, r.Scan(&l.ID, &l.AgencyID, db.Null(&l.ProgrammeID), &l.Name, &l.Year, &l.Amount.Currency, &l.Amount.Minor)
	}, `SELECT id, agency_id, programme_id, name, year, currency, amount_minor FROM budget_line WHERE agency_id = $1 ORDER BY year DESC, id`, agencyID)
}

// Found is one answer of a search by typing.
type Found struct{ ID, Name, Note string }

// FindOrganisations answers typing: names that begin with, or hold a word that begins with, text.
func (s *Service) FindOrganisations(ctx context.Context, text string, limit int) ([]Found, error) {
	return s.find(ctx, "sort_name", begins(db.Pattern(text)), limit, `SELECT id, name, place FROM organisation WHERE redirect_to IS NULL AND`, `ORDER BY sort_name, id LIMIT $1`)
}

// FindPeople answers typing like FindOrganisations, and a name whichever of its parts comes first. Chinese characters are looked
// for in the name as the person writes it too, where it may stand beside one in Latin letters; the note is where the person works,
// if they let that be shown.
func (s *Service) FindPeople(ctx context.Context, text string, limit int) ([]Found, error) {
	text = db.Pattern(text)
	in, patterns := "p.sort_name", append(begins(text), readings(text)...)
	if strings.ContainsFunc(text, func(c rune) bool { return unicode.Is(unicode.Han, c) }) {
		in, patterns = "(p.sort_name || ' ' || p.name)", append(patterns, "%"+text+"%")
	}
	return s.find(ctx, in, patterns, limit, `SELECT p.id, p.name, COALESCE((SELECT o.name FROM affiliation f JOIN organisation o ON o.id = f.organisation_id WHERE f.person_id = p.id AND f.until_day IS NULL AND p.shown NOT LIKE '%"affiliations":"nobody"%' ORDER BY f.id LIMIT 1), '')
		FROM person p WHERE p.redirect_to IS NULL AND p.state = 'active' AND`, `ORDER BY p.sort_name, p.id LIMIT $1`)
}

// find takes the rows of a query in which something is like one of the patterns; nothing without patterns.
func (s *Service) find(ctx context.Context, in string, patterns []string, limit int, query, order string) ([]Found, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	args, like := []any{limit}, make([]string, len(patterns))
	for i, p := range patterns {
		args = append(args, p)
		like[i] = in + " LIKE $" + strconv.Itoa(len(args))
	}
	return db.Rows(ctx, s.DB.Q(ctx), scanFound, query+" ("+strings.Join(like, " OR ")+") "+order, args...)
}

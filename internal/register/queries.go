package register

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// condition is the SQL of a filter with its arguments.
func (f OrganisationFilter) condition(d *db.DB) (string, []any) {
	where, args := []string{"o.redirect_to IS NULL"}, []any{}
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	if f.Kind != "" {
		where = append(where, "o.kind = "+arg(f.Kind))
	}
	if f.Country != "" {
		where = append(where, "o.country = "+arg(f.Country))
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		where = append(where, "("+d.Says(arg, "o.name", text)+" OR lower(o.acronym) = "+arg(strings.ToLower(text))+
			" OR EXISTS (SELECT 1 FROM organisation_name n WHERE n.organisation_id = o.id AND "+db.Holds(arg, "n.name", text)+"))")
	}
	return strings.Join(where, " AND "), args
}

func (s *Service) organisations(ctx context.Context, f OrganisationFilter) ([]Organisation, int, error) {
	where, args := f.condition(s.DB)
	var total int
	if err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM organisation o WHERE `+where, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	size := max(f.Size, 1)
	args = append(args, size, (max(f.Page, 1)-1)*size)
	list, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (Organisation, error) { return scanOrganisation(r) },
		`SELECT `+organisationColumns+` FROM organisation o WHERE `+where+` ORDER BY o.sort_name, o.id LIMIT $`+strconv.Itoa(len(args)-1)+` OFFSET $`+strconv.Itoa(len(args)), args...)
	return list, total, err
}

func (s *Service) facets(ctx context.Context, f OrganisationFilter, column string) ([]Facet, error) {
	where, args := f.condition(s.DB)
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v Facet, err error) { return v, r.Scan(&v.Value, &v.Count) },
		`SELECT o.`+column+`, count(*) FROM organisation o WHERE `+where+` AND o.`+column+` <> '' GROUP BY o.`+column+` ORDER BY count(*) DESC, o.`+column, args...)
}

func (s *Service) ror(ctx context.Context, id string) (ror string, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT value FROM external_id WHERE subject_kind = 'organisation' AND subject_id = $1 AND scheme = 'ror'`, id).Scan(&ror)
	if db.IsNone(err) {
		return "", nil
	}
	return ror, err
}

// mergedKeys are the ROR keys of what was merged into id.
func (s *Service) mergedKeys(ctx context.Context, id string) ([]Found, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (f Found, err error) {
		var name textName
		err = r.Scan(&f.ID, &name, &f.Note)
		f.Name = string(name)
		return f, err
	}, `SELECT o.id, o.name, x.value FROM organisation o JOIN external_id x ON x.subject_kind = 'organisation' AND x.subject_id = o.id AND x.scheme = 'ror' WHERE o.redirect_to = $1 ORDER BY x.value`, id)
}

func (s *Service) setROR(ctx context.Context, id, before, now string) error {
	if before == now {
		return nil
	}
	if err := s.exec(ctx, `DELETE FROM external_id WHERE subject_kind = 'organisation' AND subject_id = $1 AND scheme = 'ror'`, id); err != nil || now == "" {
		return err
	}
	return s.exec(ctx, `INSERT INTO external_id (subject_kind, subject_id, scheme, value, created_at) VALUES ('organisation', $1, 'ror', $2, $3)`, id, now, db.At(clock.Now(ctx)))
}

func (s *Service) oldNames(ctx context.Context, id string) ([]OldName, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (n OldName, err error) {
		return n, r.Scan(&n.Name, &n.Language, &n.Kind, db.Null(&n.From), db.Null(&n.Until))
	}, `SELECT name, language, kind, from_day, until_day FROM organisation_name WHERE organisation_id = $1 ORDER BY COALESCE(until_day, '9999') DESC, id`, id)
}

func (s *Service) succession(ctx context.Context, id string) ([]Succession, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v Succession, err error) {
		var from, to textName
		err = r.Scan(&v.From, &v.To, &v.Kind, &v.Day, &v.Note, &from, &to, &v.Stands)
		v.FromName, v.ToName = string(from), string(to)
		return v, err
	}, `SELECT s.from_id, s.to_id, s.kind, s.day, s.note, f.name, t.name,
			CASE WHEN s.kind = 'merged' AND f.redirect_to IS NOT NULL THEN 1 ELSE 0 END
		FROM organisation_succession s JOIN organisation f ON f.id = s.from_id JOIN organisation t ON t.id = s.to_id
		WHERE s.from_id = $1 OR s.to_id = $1 ORDER BY s.day DESC, s.id`, id)
}

func scanFound(r *sql.Rows) (f Found, err error) {
	var name, note textName
	err = r.Scan(&f.ID, &name, &note)
	f.Name, f.Note = string(name), string(note)
	return f, err
}

func (s *Service) parts(ctx context.Context, id string) ([]Found, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanFound, `SELECT id, name, place FROM organisation WHERE parent_id = $1 AND redirect_to IS NULL ORDER BY sort_name, id`, id)
}

// own is o and what was merged into it, as a subquery: rows that name them are o's.
const own = `(SELECT id FROM organisation WHERE id = $1 OR redirect_to = $1)`

// peopleAt names who works at id now and lets their affiliations be shown to the viewer.
func (s *Service) peopleAt(ctx context.Context, id string, member bool) ([]Found, int, error) {
	may := []string{`p.shown NOT LIKE '%"affiliations":"nobody"%'`}
	if !member {
		may = append(may, `p.shown NOT LIKE '%"affiliations":"members"%'`)
	}
	where := `p.redirect_to IS NULL AND p.state = 'active' AND ` + strings.Join(may, " AND ") + ` AND EXISTS (SELECT 1 FROM affiliation f WHERE f.person_id = p.id AND f.until_day IS NULL AND f.organisation_id IN ` + own + `)`
	var total int
	if err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM person p WHERE `+where, id).Scan(&total); err != nil {
		return nil, 0, err
	}
	list, err := db.Rows(ctx, s.DB.Q(ctx), scanFound, `SELECT p.id, p.name, COALESCE((SELECT f.position FROM affiliation f WHERE f.person_id = p.id AND f.until_day IS NULL AND f.organisation_id IN `+own+` ORDER BY f.id LIMIT 1), '')
		FROM person p WHERE `+where+` ORDER BY p.sort_name, p.id LIMIT $2`, id, shownPeople)
	return list, total, err
}

func (s *Service) updateOrganisation(ctx context.Context, o Organisation) error {
	name, _ := o.Name.Pick("en")
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE organisation SET name = $2, sort_name = $3, acronym = $4, kind = $5, country = $6, place = $7, website = $8, parent_id = $9, approval = $10, changed_at = $11, version = version + 1
		WHERE id = $1 AND version = $12`, o.ID, o.Name, strings.ToLower(name), o.Acronym, o.Kind, o.Country, o.Place, o.Website, db.Str(o.ParentID), o.Approval, db.At(clock.Now(ctx)), o.Version)
}

func (s *Service) hanging(ctx context.Context, id string) (people, parts, facilities int, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT (SELECT count(DISTINCT person_id) FROM affiliation WHERE organisation_id = $1 AND until_day IS NULL),
		(SELECT count(*) FROM organisation WHERE parent_id = $1), (SELECT count(*) FROM facility WHERE organisation_id = $1)`, id).Scan(&people, &parts, &facilities)
	return people, parts, facilities, err
}

func (s *Service) redirect(ctx context.Context, m Merger, why string) error {
	now := clock.Now(ctx)
	day := now.Format("2006-01-02")
	// What had been merged into from leads straight to into, so that no chain grows.
	if err := s.exec(ctx, `UPDATE organisation SET redirect_to = $2, state = 'merged', changed_at = $3, version = version + 1 WHERE id = $1 OR redirect_to = $1`, m.From.ID, m.Into.ID, db.At(now)); err != nil {
		return err
	}
	for _, tag := range m.From.Name.Tags() {
		if name := m.From.Name.By[tag]; name != "" && name != m.Into.Name.By[tag] {
			if err := s.exec(ctx, `INSERT INTO organisation_name (id, organisation_id, name, language, kind, until_day) VALUES ($1, $2, $3, $4, 'former', $5)`, clock.ID(ctx), m.Into.ID, name, tag, day); err != nil {
				return err
			}
		}
	}
	return s.exec(ctx, `INSERT INTO organisation_succession (id, from_id, to_id, kind, day, note) VALUES ($1, $2, $3, 'merged', $4, $5)`, clock.ID(ctx), m.From.ID, m.Into.ID, day, why)
}

// doubles compares with those that share the longest word of the name, so that the
// list is short.
func (s *Service) doubles(ctx context.Context, o Organisation) ([]Likely, error) {
	name, _ := o.Name.Pick("en")
	own := key(name)
	all, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (Organisation, error) { return scanOrganisation(r) },
		`SELECT `+organisationColumns+` FROM organisation o WHERE o.redirect_to IS NULL AND o.id <> $1 AND (o.sort_name LIKE $2 OR o.acronym <> '' AND o.acronym = $3 AND o.country = $4) ORDER BY o.sort_name, o.id LIMIT 2000`,
		o.ID, "%"+db.Pattern(longest(own))+"%", o.Acronym, o.Country)
	var out []Likely
	for _, c := range all {
		other, _ := c.Name.Pick("en")
		switch {
		case key(other) == own:
			out = append(out, Likely{Found{c.ID, other, c.Place}, "name"})
		case o.Acronym != "" && c.Acronym == o.Acronym && c.Country == o.Country:
			out = append(out, Likely{Found{c.ID, other, c.Place}, "acronym"})
		}
	}
	return out, err
}

func (s *Service) profile(ctx context.Context, id string) (Profile, error) {
	var p Profile
	var redirect, state string
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id, given_name, family_name, name, COALESCE(orcid, ''), email, country, about, keywords, languages, COALESCE(review_limit, 0), career_stage, shown, COALESCE(redirect_to, ''), state, version FROM person WHERE id = $1`, id).
		Scan(&p.ID, &p.Given, &p.Family, &p.Name, &p.ORCID, &p.Email, &p.Country, &p.About, db.FromJSON(&p.Keywords), db.FromJSON(&p.Languages), &p.ReviewLimit, &p.CareerStage, db.FromJSON(&p.Shown), &redirect, &state, &p.Version)
	if err != nil {
		return p, missing(err)
	}
	if redirect != "" && redirect != id {
		return s.profile(ctx, redirect)
	}
	if state == "erased" {
		return p, fault.Missing()
	}
	if p.Jobs, err = s.jobs(ctx, id); err != nil {
		return p, err
	}
	p.Works, err = s.works(ctx, id)
	return p, err
}

func (s *Service) jobs(ctx context.Context, id string) ([]Job, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (j Job, err error) {
		var name textName
		err = r.Scan(&j.ID, &j.OrganisationID, &name, &j.Department, &j.Position, db.Null(&j.From), db.Null(&j.Until))
		j.Organisation = string(name)
		return j, err
	}, `SELECT f.id, f.organisation_id, o.name, f.department, f.position, f.from_day, f.until_day FROM affiliation f JOIN organisation o ON o.id = f.organisation_id
		WHERE f.person_id = $1 ORDER BY COALESCE(f.until_day, '9999') DESC, COALESCE(f.from_day, '') DESC, f.id`, id)
}

func (s *Service) works(ctx context.Context, id string) ([]Work, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (w Work, err error) {
		return w, r.Scan(&w.ID, &w.Title, &w.Kind, db.Null(&w.DOI), &w.URL, &w.Year, &w.Representative)
	}, `SELECT w.id, w.title, w.kind, w.doi, w.url, COALESCE(w.year, 0), a.representative FROM work_author a JOIN work w ON w.id = a.work_id
		WHERE a.person_id = $1 ORDER BY a.representative DESC, COALESCE(w.year, 0) DESC, w.id`, id)
}

func (s *Service) updateProfile(ctx context.Context, p Profile) error {
	list := func(v []string) string {
		if v == nil {
			v = []string{}
		}
		return db.JSON(v)
	}
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE person SET given_name = $2, family_name = $3, name = $4, sort_name = $5, orcid = $6, country = $7, about = $8, keywords = $9, languages = $10,
		review_limit = $11, shown = $12, changed_at = $13, career_stage = $15, version = version + 1 WHERE id = $1 AND version = $14`,
		p.ID, p.Given, p.Family, p.Name, SortName(p.Given, p.Family), db.Str(p.ORCID), p.Country, p.About, list(p.Keywords), list(p.Languages), p.ReviewLimit, db.JSON(p.Shown), db.At(clock.Now(ctx)), p.Version, p.CareerStage)
}

func (s *Service) insertJob(ctx context.Context, person string, in JobInput) error {
	return s.exec(ctx, `INSERT INTO affiliation (id, person_id, organisation_id, department, position, from_day, until_day) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		clock.ID(ctx), person, in.OrganisationID, in.Department, in.Position, db.Str(in.From), db.Str(in.Until))
}

func (s *Service) insertWork(ctx context.Context, person string, place int, in WorkInput) error {
	id := ""
	if in.DOI != "" {
		if err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id FROM work WHERE doi = $1`, in.DOI).Scan(&id); err != nil && !db.IsNone(err) {
			return err
		}
	}
	if id == "" {
		id = clock.ID(ctx)
		if err := s.exec(ctx, `INSERT INTO work (id, title, kind, year, doi, url, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id, in.Title, in.Kind, year(in.Year), db.Str(in.DOI), in.URL, db.At(clock.Now(ctx))); err != nil {
			return err
		}
	}
	return s.exec(ctx, `INSERT INTO work_author (work_id, person_id, place, representative) VALUES ($1, $2, $3, $4)
		ON CONFLICT (work_id, person_id) DO UPDATE SET representative = excluded.representative`, id, person, place, db.Bool(in.Representative))
}

// year is y as a parameter: NULL for none.
func year(y int) any {
	if y == 0 {
		return nil
	}
	return y
}

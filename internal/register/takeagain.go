package register

import (
	"context"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// TakeAgain puts organisations and people that are known already as another system
// has them now, with one ledger entry that counts them. What the source does not say
// stays: a person's own settings, affiliations of which it names none, a parent. A
// person who has an account here writes their own profile: of them only what is empty is filled.
// Operators and officers only. Errors: Invalid for an ORCID iD with a wrong check
// digit, Conflict for an iD that another record has.
func (s *Service) TakeAgain(ctx context.Context, a access.Actor, b *Batch) error {
	have := a.Staffing("", "", "")
	if err := rules.Check(a, "register.edit", have, have); err != nil {
		return err
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		for _, o := range b.Organisations {
			if err := s.againOrganisation(ctx, o); err != nil {
				return err
			}
		}
		for _, p := range b.People {
			if err := s.againPerson(ctx, p); err != nil {
				return err
			}
		}
		_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "register.take-again", Kind: "register", ID: clock.ID(ctx), Payload: map[string]int{"organisations": len(b.Organisations), "people": len(b.People)}})
		return err
	})
}

func (s *Service) againOrganisation(ctx context.Context, o Organisation) error {
	name, _ := o.Name.Pick("en")
	if err := s.exec(ctx, `UPDATE organisation SET name = $2, sort_name = $3, acronym = $4, kind = $5, country = $6, place = $7, website = $8, changed_at = $9, version = version + 1 WHERE id = $1`,
		o.ID, o.Name, strings.ToLower(name), o.Acronym, o.Kind, o.Country, o.Place, o.Website, db.At(clock.Now(ctx))); err != nil {
		return err
	}
	if err := s.putNames(ctx, o); err != nil {
		return err
	}
	if o.ROR == "" {
		return nil
	}
	found, err := s.ByIDs(ctx, []string{o.ROR})
	if err != nil || found[o.ROR] == o.ID {
		return err
	}
	if found[o.ROR] != "" {
		return fault.New(fault.Conflict, "register.ror.taken", o.ROR).At("ror")
	}
	return s.exec(ctx, `INSERT INTO external_id (subject_kind, subject_id, scheme, value, created_at) VALUES ('organisation', $1, 'ror', $2, $3)`, o.ID, o.ROR, db.At(clock.Now(ctx)))
}

// putNames keeps the other names of an organisation as its source has them; former names stay.
func (s *Service) putNames(ctx context.Context, o Organisation) error {
	if o.Others == nil {
		return nil
	}
	if err := s.exec(ctx, `DELETE FROM organisation_name WHERE organisation_id = $1 AND kind = 'alias'`, o.ID); err != nil {
		return err
	}
	for _, name := range o.Others {
		if err := s.exec(ctx, `INSERT INTO organisation_name (id, organisation_id, name, kind) VALUES ($1, $2, $3, 'alias')`, clock.ID(ctx), o.ID, name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) againPerson(ctx context.Context, p Person) error {
	was, err := s.person(ctx, p.ID)
	if err != nil {
		return err
	}
	if p.ORCID != "" && !ValidORCID(p.ORCID) {
		return fault.Field("orcid", "register.orcid", p.ORCID)
	}
	own, err := s.hasAccount(ctx, p.ID)
	if err != nil {
		return err
	}
	keep := func(was, is string) string {
		if is == "" || own && was != "" {
			return was
		}
		return is
	}
	given, family := keep(was.Given, p.Given), keep(was.Family, p.Family)
	name := keep(was.Name, FullName(p.Given, p.Family))
	keywords := p.Keywords
	if keywords == nil || own && len(was.Keywords) > 0 {
		keywords = slices.Concat([]string{}, was.Keywords)
	}
	err = s.exec(ctx, `UPDATE person SET given_name = $2, family_name = $3, name = $4, sort_name = $5, orcid = $6, country = $7, keywords = $8, changed_at = $9, version = version + 1 WHERE id = $1`,
		p.ID, given, family, name, SortName(given, family), db.Str(keep(was.ORCID, p.ORCID)), keep(was.Country, p.Country), db.JSON(keywords), db.At(clock.Now(ctx)))
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "register.orcid.taken", p.ORCID).At("orcid")
	}
	for _, f := range p.Affiliations {
		if err != nil || slices.ContainsFunc(was.Affiliations, func(g Affiliation) bool { return g.OrganisationID == f.OrganisationID && g.Until == "" }) {
			continue
		}
		err = s.exec(ctx, `INSERT INTO affiliation (id, person_id, organisation_id, position, from_day, until_day) VALUES ($1, $2, $3, $4, $5, $6)`,
			clock.ID(ctx), p.ID, f.OrganisationID, f.Position, db.Str(f.From), db.Str(f.Until))
	}
	return err
}

func (s *Service) hasAccount(ctx context.Context, person string) (bool, error) {
	var n int
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM account WHERE person_id = $1`, person).Scan(&n)
	return n > 0, err
}

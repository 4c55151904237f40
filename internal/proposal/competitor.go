package proposal

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
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Competitor is somebody, or an organisation with everybody who works there, that the applicants ask not to have as a
// reviewer. It is no part of what is submitted, so that who judges that never meets it.
type Competitor struct {
	ID                   string
	Person, Organisation string // one of the two
	Name, Reason         string
}

// named is who reads whom the applicants named.
const named = insiders | access.Staff | access.Audit

// MostReason is how long the reason for naming a competitor may be, in characters.
const MostReason = 1000

// at is the field that names who it is.
func (c Competitor) at() string {
	if c.Organisation != "" {
		return "organisation"
	}
	return "person"
}

func (c *Competitor) check(have []Competitor, most int) error {
	c.Reason = strings.TrimSpace(c.Reason)
	var list []*fault.Error
	switch {
	case (c.Person == "") == (c.Organisation == ""):
		list = append(list, fault.Field(c.at(), "fault.required"))
	case slices.ContainsFunc(have, func(o Competitor) bool { return o.Person == c.Person && o.Organisation == c.Organisation }):
		list = append(list, fault.Field(c.at(), "proposal.competitor.twice"))
	case len(have) >= most:
		list = append(list, fault.Field(c.at(), "proposal.competitor.most", most))
	}
	if c.Reason == "" {
		list = append(list, fault.Field("reason", "fault.required"))
	}
	if over := len([]rune(c.Reason)) - MostReason; over > 0 {
		list = append(list, fault.Field("reason", "fault.long", over))
	}
	return fault.Join(list...)
}

// AddCompetitor names a person (c.Person) or an organisation (c.Organisation) that should not review a proposal which can
// still be changed, with the reason. Errors: NotAllowed for who may not write; Conflict when it can no longer be changed;
// Invalid at person, organisation or reason, also beyond the number that the scheme allows.
func (s *Service) AddCompetitor(ctx context.Context, a access.Actor, id string, c Competitor) error {
	return s.naming(ctx, a, id, "proposal.competitor", func(ctx context.Context, v View, have []Competitor) error {
		if err := c.check(have, v.Scheme.Competitors); err != nil {
			return err
		}
		if err := s.known(ctx, a, c); err != nil {
			return err
		}
		return s.insertCompetitor(ctx, a, id, c)
	})
}

// naming changes whom the applicants of a proposal named, in one unit of work with its entry in the ledger, which does
// not tell whom.
func (s *Service) naming(ctx context.Context, a access.Actor, id, act string, change func(ctx context.Context, v View, have []Competitor) error) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.writing(ctx, a, id)
		if err != nil {
			return err
		}
		have, err := s.competitors(ctx, id)
		if err != nil {
			return err
		}
		if err := change(ctx, v, have); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: "proposal", ID: id, Agency: v.AgencyID})
		return err
	})
}

// known refuses who or what is not in the register.
func (s *Service) known(ctx context.Context, a access.Actor, c Competitor) (err error) {
	if c.Organisation != "" {
		_, err = s.Register.Organisation(ctx, c.Organisation)
	} else {
		_, err = s.Register.Person(ctx, a, c.Person)
	}
	if fault.Is(err, fault.NotFound) {
		return fault.Field(c.at(), "fault.choice")
	}
	return err
}

// RemoveCompetitor takes a name back. Errors: as AddCompetitor; NotFound for what is not named.
func (s *Service) RemoveCompetitor(ctx context.Context, a access.Actor, id, competitor string) error {
	return s.naming(ctx, a, id, "proposal.competitor.remove", func(ctx context.Context, _ View, have []Competitor) error {
		if !slices.ContainsFunc(have, func(c Competitor) bool { return c.ID == competitor }) {
			return fault.Missing()
		}
		return s.exec(ctx, `DELETE FROM proposal_competitor WHERE id = $1`, competitor)
	})
}

// carryCompetitors names for the next stage whom the applicants named for the one before.
func (s *Service) carryCompetitors(ctx context.Context, from, to Proposal) error {
	list, err := s.competitors(ctx, from.ID)
	for _, c := range list {
		if err != nil {
			return err
		}
		err = s.insertCompetitor(ctx, access.Actor{Account: from.CreatedBy}, to.ID, c)
	}
	return err
}

func (s *Service) competitors(ctx context.Context, id string) ([]Competitor, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (c Competitor, err error) {
		var name lang.Text
		err = r.Scan(&c.ID, db.Null(&c.Person), db.Null(&c.Organisation), db.Null(&c.Name), &name, &c.Reason)
		if c.Organisation != "" {
			c.Name = name.In(lang.Of(ctx))
		}
		return c, err
	}, `SELECT c.id, c.person_id, c.organisation_id, p.name, o.name, c.reason FROM proposal_competitor c LEFT JOIN person p ON p.id = c.person_id LEFT JOIN organisation o ON o.id = c.organisation_id
		WHERE c.proposal_id = $1 ORDER BY c.id`, id)
}

func (s *Service) insertCompetitor(ctx context.Context, a access.Actor, id string, c Competitor) error {
	return s.exec(ctx, `INSERT INTO proposal_competitor (id, proposal_id, person_id, organisation_id, reason, by_account, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		clock.ID(ctx), id, db.Str(c.Person), db.Str(c.Organisation), c.Reason, a.Account, db.At(clock.Now(ctx)))
}

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

// Service is the only way into the register.
type Service struct {
	DB     *db.DB
	Ledger *ledger.Ledger
	Staff  Staff // nil where agencies have none
}

// Batch is records to be taken in together.
type Batch struct {
	Organisations []Organisation
	People        []Person
	Agencies      []Agency
	Programmes    []Programme
	Budget        []BudgetLine
}

// TakeIn adds a batch in one unit of work, with one ledger entry that counts it.
// Keys that are empty are made. Operators and officers only.
// Errors: Invalid for an ORCID iD with a wrong check digit, Conflict for one that another person has.
func (s *Service) TakeIn(ctx context.Context, a access.Actor, b *Batch) error {
	have := a.Staffing("", "", "")
	if err := rules.Check(a, "register.edit", have, have); err != nil {
		return err
	}
	for i := range b.People {
		if o := b.People[i].ORCID; o != "" && !ValidORCID(o) {
			return fault.Field("orcid", "register.orcid", o)
		}
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.storeBatch(ctx, b); err != nil {
			return err
		}
		_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "register.take-in", Kind: "register", ID: clock.ID(ctx), Payload: map[string]int{
			"organisations": len(b.Organisations), "people": len(b.People), "agencies": len(b.Agencies), "programmes": len(b.Programmes), "budget_lines": len(b.Budget)}})
		return err
	})
}

// Person is one person as a may see them.
func (s *Service) Person(ctx context.Context, a access.Actor, id string) (Person, error) {
	p, err := s.person(ctx, id)
	if err != nil {
		return Person{}, err
	}
	set := a.Staffing("", "", "")
	if a.Alone() == p.ID && p.ID != "" {
		set |= access.Self
	}
	return p.For(set), nil
}

// Organisation is one organisation; a merged one leads to the one it went into.
func (s *Service) Organisation(ctx context.Context, id string) (Organisation, error) {
	o, err := s.organisation(ctx, id)
	for range 8 { // a chain of mergers, never a ring: a merger into itself is refused
		if err != nil || o.RedirectTo == "" {
			break
		}
		o, err = s.organisation(ctx, o.RedirectTo)
	}
	return o, err
}

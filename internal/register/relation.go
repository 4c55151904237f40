package register

import (
	"context"
	"database/sql"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// What another person is to the one who says so.
const (
	Adviser = "adviser"
	Advisee = "advisee"
	Family  = "family" // or close to them
)

// RelationKinds are all of them.
var RelationKinds = []string{Adviser, Advisee, Family}

// Relation is what a person says that another is to them. Nobody reads it in the register but the person; whoever
// assigns reviewers is told of it where it is a conflict of interest.
type Relation struct {
	ID string
	RelationInput
	Name string // of the other
}

// RelationInput is a relation to be noted.
type RelationInput struct{ Other, Kind, From, Until string }

// mostRelations bounds what one person notes.
const mostRelations = 200

func (in RelationInput) check(self string, have []Relation) error {
	var list []*fault.Error
	switch {
	case in.Other == "":
		list = append(list, fault.Field("person", "fault.required"))
	case in.Other == self:
		list = append(list, fault.Field("person", "register.relation.self"))
	case slices.ContainsFunc(have, func(r Relation) bool { return r.Other == in.Other && r.Kind == in.Kind }):
		list = append(list, fault.Field("person", "register.relation.twice"))
	case len(have) >= mostRelations:
		list = append(list, fault.Field("person", "register.relation.most", mostRelations))
	}
	if in.From != "" && in.Until != "" && in.Until < in.From {
		list = append(list, fault.Field("until", "register.until"))
	}
	return fault.Join(append(list, among("kind", in.Kind, RelationKinds), plainDay("from", in.From), plainDay("until", in.Until))...)
}

// Relations are what a says of themselves and others. Errors: NotFound for an account without a person; NotAllowed for who acts
// for another, for these three.
func (s *Service) Relations(ctx context.Context, a access.Actor) ([]Relation, error) {
	if a.Person == "" {
		return nil, fault.Missing()
	}
	if err := rules.Check(a, "register.profile", personSet(a, a.Person), access.Public); err != nil {
		return nil, err
	}
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v Relation, err error) {
		return v, r.Scan(&v.ID, &v.Other, &v.Name, &v.Kind, db.Null(&v.From), db.Null(&v.Until))
	}, `SELECT r.id, r.other_id, p.name, r.kind, r.from_day, r.until_day FROM person_relation r JOIN person p ON p.id = r.other_id WHERE r.person_id = $1 ORDER BY p.sort_name, r.id`, a.Person)
}

// AddRelation notes what somebody is to a. Errors: Invalid at person, kind, from or until.
func (s *Service) AddRelation(ctx context.Context, a access.Actor, in RelationInput) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		have, err := s.Relations(ctx, a)
		if err != nil {
			return err
		}
		if err := in.check(a.Person, have); err != nil {
			return err
		}
		if _, err := s.profile(ctx, in.Other); fault.Is(err, fault.NotFound) {
			return fault.Field("person", "fault.choice")
		} else if err != nil {
			return err
		}
		if err := s.exec(ctx, `INSERT INTO person_relation (id, person_id, other_id, kind, from_day, until_day, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			clock.ID(ctx), a.Person, in.Other, in.Kind, db.Str(in.From), db.Str(in.Until), db.At(clock.Now(ctx))); err != nil {
			return err
		}
		return s.note(ctx, a, "register.relation", "person", a.Person, "", map[string]string{"kind": in.Kind}) // not who: the ledger is read by auditors
	})
}

// RemoveRelation takes back what a noted. Errors: NotFound for what is not theirs.
func (s *Service) RemoveRelation(ctx context.Context, a access.Actor, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		have, err := s.Relations(ctx, a)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(have, func(r Relation) bool { return r.ID == id })
		if i < 0 {
			return fault.Missing()
		}
		if err := s.exec(ctx, `DELETE FROM person_relation WHERE id = $1`, id); err != nil {
			return err
		}
		return s.note(ctx, a, "register.relation.remove", "person", a.Person, "", map[string]string{"kind": have[i].Kind})
	})
}

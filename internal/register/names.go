package register

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// textName reads a name that is plain or a text in several languages.
type textName string

func (n *textName) Scan(src any) error {
	s, ok := src.(string)
	if b, isBytes := src.([]byte); isBytes {
		s, ok = string(b), true
	}
	if !ok && src != nil {
		return fmt.Errorf("register: a name is text, not %T", src)
	}
	if len(s) > 0 && s[0] == '{' {
		var t lang.Text
		if err := t.Scan(s); err != nil {
			return err
		}
		s = t.In(lang.English)
	}
	*n = textName(s)
	return nil
}

// Names gives the names of people and organisations by key, for lists. Keys
// that are not known are left out. One query a kind.
func (s *Service) Names(ctx context.Context, people, organisations []string) (map[string]string, error) {
	names := map[string]string{}
	for table, ids := range map[string][]string{"person": people, "organisation": organisations} {
		if _, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
			var id string
			var name textName
			err := r.Scan(&id, &name)
			names[id] = string(name)
			return struct{}{}, err
		}, `SELECT id, name FROM `+table+` WHERE id IN {keys}`, ids); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// Where gives the organisations where people work now, by person.
func (s *Service) Where(ctx context.Context, people []string) (map[string][]string, error) {
	where := map[string][]string{}
	_, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var person, organisation string
		err := r.Scan(&person, &organisation)
		where[person] = append(where[person], organisation)
		return struct{}{}, err
	}, `SELECT person_id, organisation_id FROM affiliation WHERE until_day IS NULL AND person_id IN {keys} ORDER BY id`, people)
	return where, err
}

// ByIDs finds organisations by ROR and people by ORCID iD, both without their
// address: the record by the iD. What nobody has is left out.
func (s *Service) ByIDs(ctx context.Context, iDs []string) (map[string]string, error) {
	found := map[string]string{}
	_, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var iD, record string
		err := r.Scan(&iD, &record)
		found[iD] = record
		return struct{}{}, err
	}, `SELECT value, subject_id FROM external_id WHERE subject_kind = 'organisation' AND scheme = 'ror' AND value IN {keys}
		UNION ALL SELECT orcid, id FROM person WHERE orcid IN {keys}`, iDs)
	return found, err
}

// Package vocabulary classifies records by terms of versioned vocabularies: the
// fields of research, the orientations. It knows no room: a record is its kind and its key.
package vocabulary

import (
	"context"
	"database/sql"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Ford is the vocabulary of the fields of research and development, at its first
// level: OECD, Frascati Manual 2015, table 2.2.
const Ford = "ford"

// version is the one that records are classified by; older ones stay readable.
var version = map[string]string{Ford: "2015", "orientation": "1"}

// Known reports whether there is a vocabulary of this name.
func Known(name string) bool { return version[name] != "" }

// Term is one entry of a vocabulary.
type Term struct {
	Code  string
	Label lang.Text
}

// Terms lists the terms of a vocabulary in its own order.
func Terms(ctx context.Context, d *db.DB, name string) ([]Term, error) {
	return db.Rows(ctx, d.Q(ctx), func(r *sql.Rows) (t Term, err error) { return t, r.Scan(&t.Code, &t.Label) },
		`SELECT code, label FROM vocabulary_term WHERE vocabulary = $1 AND version = $2 ORDER BY sort, code`, name, version[name])
}

// Set classifies a record by one term of a vocabulary, in place of what it had; an
// empty code takes it away. Inside the unit of work of ctx.
func Set(ctx context.Context, d *db.DB, kind, id, name, code, source string) error {
	if _, err := d.Q(ctx).ExecContext(ctx, `DELETE FROM classification WHERE subject_kind = $1 AND subject_id = $2 AND vocabulary = $3`, kind, id, name); err != nil || code == "" {
		return err
	}
	_, err := d.Q(ctx).ExecContext(ctx, `INSERT INTO classification (subject_kind, subject_id, vocabulary, version, code, source) VALUES ($1, $2, $3, $4, $5, $6)`, kind, id, name, version[name], code, source)
	return err
}

// Copy gives one record the terms of another: an award those of its proposal.
// Inside the unit of work of ctx.
func Copy(ctx context.Context, d *db.DB, fromKind, fromID, kind, id string) error {
	_, err := d.Q(ctx).ExecContext(ctx, `INSERT INTO classification (subject_kind, subject_id, vocabulary, version, code, weight, source)
		SELECT $3, $4, vocabulary, version, code, weight, source FROM classification WHERE subject_kind = $1 AND subject_id = $2`, fromKind, fromID, kind, id)
	return err
}

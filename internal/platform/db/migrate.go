package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema up to date. It is safe to call from several
// replicas at once: on PostgreSQL they wait for each other on an advisory lock,
// on SQLite for the single writer.
//
// Each migration is one text in migrations/, written for PostgreSQL and rendered
// for SQLite by Render, so that the two logical schemas cannot drift apart.
// A migration is never edited once it has landed.
func Migrate(ctx context.Context, d *DB) error {
	defer d.patiently()()
	p, err := provider(d)
	if err != nil {
		return err
	}
	unlock, err := d.lockSchema(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	for {
		if _, err = p.Up(ctx); !outOfTurn(err) {
			return err
		}
		slog.WarnContext(ctx, "a migration waits for a table that is being read, by a backup perhaps", "error", err)
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(letPass):
		}
	}
}

// A migration that alters a table waits for all who read it, and whoever would read it after that waits behind the migration:
// with a backup that takes an hour, the whole installation. So it gives its place up, lets them pass, and tries again.
const (
	inQueue = `SET LOCAL lock_timeout = '500ms'`
	letPass = 3 * time.Second
)

// outOfTurn reports whether a migration gave its place up.
func outOfTurn(err error) bool {
	const lockNotAvailable = "55P03"
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == lockNotAvailable
}

// landed holds a line for each migration, the newest last: the order in which installations that were upgraded all along ran
// them, which is not that of their numbers.
//
//go:embed migrations/landed
var landed string

// Landed are the numbers of all migrations in the order in which they landed.
func Landed() (list []int64, err error) {
	for _, line := range strings.Fields(landed) {
		version, err := strconv.ParseInt(line, 10, 64)
		if err != nil {
			return nil, err
		}
		list = append(list, version)
	}
	return list, nil
}

// MigrateOnly runs some migrations, in their order, and leaves the others: the schema of an earlier program.
func MigrateOnly(ctx context.Context, d *DB, versions []int64) error {
	p, err := provider(d)
	if err != nil {
		return err
	}
	for _, version := range versions {
		if _, err := p.ApplyVersion(ctx, version, true); err != nil {
			return err
		}
	}
	return nil
}

// Pending counts the migrations that Migrate would run.
func Pending(ctx context.Context, d *DB) (int, error) {
	p, err := provider(d)
	if err != nil {
		return 0, err
	}
	all, err := p.Status(ctx)
	n := 0
	for _, m := range all {
		if m.State == goose.StatePending {
			n++
		}
	}
	return n, err
}

var inserts = regexp.MustCompile(`(?m)^INSERT INTO (\w+)`)

// FilledLater are the tables into which migrations that Migrate would run write rows.
func FilledLater(ctx context.Context, d *DB) (tables []string, err error) {
	p, err := provider(d)
	if err != nil {
		return nil, err
	}
	all, err := p.Status(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.State != goose.StatePending {
			continue
		}
		names, err := fs.Glob(migrations, fmt.Sprintf("migrations/%04d_*.sql", m.Source.Version))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			text, err := migrations.ReadFile(name)
			if err != nil {
				return nil, err
			}
			for _, found := range inserts.FindAllSubmatch(text, -1) {
				tables = append(tables, string(found[1]))
			}
		}
	}
	return tables, nil
}

func provider(d *DB) (*goose.Provider, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	list := make([]*goose.Migration, 0, len(names))
	for _, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: a migration's name begins with its number", name)
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		statements := Render(d.Dialect, string(text))
		if d.Dialect == Postgres {
			statements = append([]string{inQueue}, statements...)
		}
		up := func(ctx context.Context, tx *sql.Tx) error {
			for _, s := range statements {
				if _, err := tx.ExecContext(ctx, s); err != nil {
					return fmt.Errorf("%s: %w\n%s", name, err, s)
				}
			}
			return nil
		}
		list = append(list, goose.NewGoMigration(version, &goose.GoFunc{RunTx: up}, nil))
	}
	dialect := goose.DialectSQLite3
	if d.Dialect == Postgres {
		dialect = goose.DialectPostgres
	}
	// Numbers are given out in ranges: a smaller one may come later, and must not stop an upgrade.
	return goose.NewProvider(dialect, d.write, nil, goose.WithGoMigrations(list...), goose.WithDisableGlobalRegistry(true), goose.WithAllowOutofOrder(true))
}

// lockSchema takes PostgreSQL's advisory lock for migrations on a connection of its own.
func (d *DB) lockSchema(ctx context.Context) (func(), error) {
	if d.Dialect != Postgres {
		return func() {}, nil
	}
	const key = 0x4865616477 // "Headw"
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(key)); err != nil {
		conn.Close()
		return nil, err
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(key))
		conn.Close() // also gives the lock back when the unlock failed
	}, nil
}

var (
	comment = regexp.MustCompile(`(?m)^\s*--.*$|[ \t]+--\s.*$`)
	types   = regexp.MustCompile(`\b(BIGINT|BYTEA|DOUBLE PRECISION|TEXT)\b`)
	table   = regexp.MustCompile(`(?is)^\s*CREATE TABLE\b.*\)\s*$`)
	only    = regexp.MustCompile(`(?is)^\s*(sqlite|postgres):\s*`)
)

// Render cuts a migration into statements (at ";" that end a line) and writes
// them for the dialect. The text uses the types TEXT, BIGINT, BYTEA and DOUBLE
// PRECISION. SQLite gets INTEGER, BLOB, REAL and STRICT tables; PostgreSQL gets
// TEXT COLLATE "C", so that both sort alike. A statement that begins with
// "sqlite:" or "postgres:" is for that one only.
func Render(d Dialect, text string) []string {
	var out []string
	for _, s := range strings.Split(comment.ReplaceAllString(text, "")+"\n", ";\n") {
		if m := only.FindStringSubmatch(s); m != nil {
			if Dialect(strings.ToLower(m[1])) != d {
				continue
			}
			out = append(out, strings.TrimSpace(only.ReplaceAllString(s, "")))
			continue
		}
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		out = append(out, renderTypes(d, s))
	}
	return out
}

func renderTypes(d Dialect, s string) string {
	if d == Postgres {
		return types.ReplaceAllStringFunc(s, func(t string) string {
			if t == "TEXT" {
				return `TEXT COLLATE "C"`
			}
			return t
		})
	}
	s = strings.NewReplacer("BIGINT", "INTEGER", "BYTEA", "BLOB", "DOUBLE PRECISION", "REAL").Replace(s)
	if table.MatchString(s) {
		s += " STRICT"
	}
	return s
}

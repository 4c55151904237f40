package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Dialect is the kind of database.
type Dialect string

// The databases Headwater runs on.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// KindOf is the kind of database that Open opens at an address.
func KindOf(url string) Dialect {
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return Postgres
	}
	return SQLite
}

// Querier is what a store needs: a transaction or a pool.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	Dialect Dialect
	Pool    *pgxpool.Pool // nil on SQLite
	write   *sql.DB       // one connection on SQLite
	read    *sql.DB
	beside  sync.Map
	hanging *hanging
	relaxed bool
	silence *silence // nil on SQLite
}

// Beside is what is kept beside an open database for as long as it is open, made once for each key: the lines in
// which its writers wait.
func (d *DB) Beside(key any, fresh func() any) any {
	if found, ok := d.beside.Load(key); ok {
		return found
	}
	found, _ := d.beside.LoadOrStore(key, fresh())
	return found
}

// Options tune how a database is opened. The zero value is safe.
type Options struct {
	// Relaxed lets SQLite acknowledge a commit before it is on the disk, and take as long for it as it likes: who
	// imports has much to store at once. For tests, imports and loading the demonstration only.
	Relaxed bool
	// Connections bounds the pool on PostgreSQL; 0 means 4 per processor, at least 8.
	Connections int
	// Told is called with each statement that runs on SQLite, from whichever goroutine runs it. For tests.
	Told func(statement string)
}

// Open opens the database at url: "postgres://…" or "sqlite:PATH" or a path.
// The schema is not touched: see Migrate.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	if KindOf(url) == Postgres {
		return openPostgres(ctx, url, o)
	}
	return openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"), o)
}

// literal writes the signs of a path that mean something in an address of SQLite.
var literal = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23")

func openSQLite(ctx context.Context, path string, o Options) (*DB, error) {
	// A commit flushes what it wrote and how long the file is now. When it was written is of no use, and would be one more
	// write each time, to the file system's journal. SQLite does the same as Linux distributions build it.
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return nil, err
	}
	sync := "FULL"
	if o.Relaxed {
		sync = "OFF"
	}
	// busy_timeout first: the pragmas after it may have to wait for another process.
	q := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(" + sync + ")",
		"foreign_keys(1)", "cache_size(-16000)", "temp_store(MEMORY)", "journal_size_limit(67108864)", "wal_autocheckpoint(4000)"}}
	address := "file:" + literal.Replace(path) + "?"
	writing, err := keepingConnector(address+q.Encode()+"&_txlock=immediate", o)
	if err != nil {
		return nil, err
	}
	write := sql.OpenDB(writing)
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), write.Close())
	}
	q.Add("_pragma", "query_only(1)")
	reading, err := keepingConnector(address+q.Encode(), o)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read, readers := sql.OpenDB(reading), max(4, 2*runtime.GOMAXPROCS(0))
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	if !o.Relaxed {
		if err := openAll(ctx, read, readers); err != nil {
			return nil, errors.Join(err, read.Close(), write.Close())
		}
	}
	return &DB{Dialect: SQLite, write: write, read: read, hanging: newHanging(), relaxed: o.Relaxed}, nil
}

// openAll opens a pool's connections now: one that is opened while the disk hangs waits with it, as SQLite opens its files for
// writing, and readers would wait too.
func openAll(ctx context.Context, pool *sql.DB, n int) (err error) {
	conns := make([]*sql.Conn, 0, n)
	for err == nil && len(conns) < n {
		var c *sql.Conn
		if c, err = pool.Conn(ctx); err == nil {
			conns = append(conns, c)
		}
	}
	for _, c := range conns {
		err = errors.Join(err, c.Close())
	}
	return err
}

func openPostgres(ctx context.Context, url string, o Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = int32(max(8, 4*runtime.GOMAXPROCS(0)))
	if o.Connections > 0 {
		cfg.MaxConns = int32(o.Connections)
	}
	cfg.AfterConnect = prepare
	h := newHanging()
	quiet := bounded(cfg.ConnConfig, h)
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	quiet.pool.Store(pool)
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	d := sql.OpenDB(queued{stdlib.GetPoolConnector(pool)})
	d.SetMaxIdleConns(0) // the pool keeps them
	return &DB{Dialect: Postgres, Pool: pool, write: d, read: d, hanging: h, silence: quiet}, nil
}

// prepare makes a new connection ready for use. A transaction in which nothing has happened for ten minutes, longer than
// any job may take (job.Limit), is one of a process that is frozen, or cut off: the server ends it, and others get its locks.
func prepare(ctx context.Context, c *pgx.Conn) error {
	if _, err := c.Exec(ctx, `SET idle_in_transaction_session_timeout = '10min'`); err != nil {
		return err
	}
	return compressQuickly(ctx, c)
}

// compressQuickly has what a connection stores of long texts compressed by LZ4 where the server can: PostgreSQL's own
// compression takes several times as long, and it tries it on every saving of a draft.
func compressQuickly(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, `SELECT set_config(name, 'lz4', false) FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)`)
	return err
}

// Close closes every connection.
func (d *DB) Close() error {
	d.hanging.close()
	err := d.write.Close()
	if d.read != d.write {
		err = errors.Join(err, d.read.Close())
	}
	if d.Pool != nil {
		d.Pool.Close()
	}
	return err
}

// Pick returns the text for this database, where one text cannot serve both.
func (d *DB) Pick(sqlite, postgres string) string {
	if d.Dialect == Postgres {
		return postgres
	}
	return sqlite
}

// SQL is the writing pool, for libraries that bring their own statements
// (migrations, the job queue). Rooms use Q and work.Do.
func (d *DB) SQL() *sql.DB { return d.write }

type txKey struct{ d *DB }

// Q is the transaction of ctx's unit of work, else the pool of readers. Writing
// outside a unit of work fails on SQLite: the readers' connections refuse it.
func (d *DB) Q(ctx context.Context) Querier {
	if tx := d.Tx(ctx); tx != nil {
		return tx
	}
	return d.read
}

// Tx is the transaction of ctx's unit of work, nil if there is none.
func (d *DB) Tx(ctx context.Context) *sql.Tx {
	tx, _ := ctx.Value(txKey{d}).(*sql.Tx)
	return tx
}

// Within is a context that carries a transaction. Only package work calls it.
func (d *DB) Within(ctx context.Context, tx *sql.Tx) context.Context {
	return context.WithValue(ctx, txKey{d}, tx)
}

// IsUnique reports whether err is a violated unique or primary key.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) &&
		(lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// IsNone reports whether err says that a query found no row.
func IsNone(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// At is t as a parameter: microseconds since 1970 UTC, NULL for the zero time.
func At(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// Time scans a time written by At into t; NULL becomes the zero time.
func Time(t *time.Time) sql.Scanner { return timeScanner{t} }

type timeScanner struct{ t *time.Time }

func (s timeScanner) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*s.t = time.Time{}
	case int64:
		*s.t = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("db: a time is int64 microseconds, not %T", src)
	}
	return nil
}

// Bool is b as a parameter: 1 or 0. Scan it into a bool directly.
func Bool(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Str is s as a parameter: NULL for the empty string.
func Str(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Said is what a server elsewhere said, as each database keeps it: PostgreSQL refuses what is no text.
func Said(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
}

// Null scans a text column that may be NULL into s; NULL becomes "".
func Null(s *string) sql.Scanner { return nullScanner{s} }

type nullScanner struct{ s *string }

func (n nullScanner) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*n.s = ""
	case string:
		*n.s = v
	case []byte:
		*n.s = string(v)
	default:
		return fmt.Errorf("db: expected text, got %T", src)
	}
	return nil
}

// In writes "($from, $from+1, …)" for a list of parameters and returns them;
// an empty list gives "(NULL)", which nothing equals. "= ANY($1)" does not
// carry over to SQLite.
func In[T any](from int, list []T) (string, []any) {
	if len(list) == 0 {
		return "(NULL)", nil
	}
	var b strings.Builder
	args := make([]any, len(list))
	for i, v := range list {
		sep := ","
		if i == 0 {
			sep = "("
		}
		fmt.Fprintf(&b, "%s$%d", sep, from+i)
		args[i] = v
	}
	return b.String() + ")", args
}

// Rows runs a query and scans every row with scan.
func Rows[T any](ctx context.Context, q Querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// keysAtOnce is how many keys a query is asked for at most: SQLite takes 32,766 parameters, and fewer keep plans small.
const keysAtOnce = 500

// RowsIn is Rows for a list of keys of any length. The query says {keys} where In writes them, as often as it likes, after
// the parameters before. It is asked for some keys at a time: the rows of each part stand in the query's order, and the
// parts in that of the keys. Without keys nothing is asked.
func RowsIn[T any](ctx context.Context, q Querier, scan func(*sql.Rows) (T, error), query string, keys []string, before ...any) ([]T, error) {
	var out []T
	for part := range slices.Chunk(keys, keysAtOnce) {
		in, args := In(len(before)+1, part)
		list, err := Rows(ctx, q, scan, strings.ReplaceAll(query, "{keys}", in), append(slices.Clone(before), args...)...)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// One is the first row of those that Rows found, where one is meant. Errors: NotFound where it found none.
func One[T any](list []T, err error) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if len(list) == 0 {
		return none, fault.Missing()
	}
	return list[0], nil
}

// Strings is the first and only column of a query, as keys are read.
func Strings(ctx context.Context, q Querier, query string, args ...any) ([]string, error) {
	return Rows(ctx, q, func(r *sql.Rows) (s string, err error) { return s, r.Scan(&s) }, query, args...)
}

// Change runs an update of one version of one row.
// Errors: Conflict where the row is at another version, or gone.
func Change(ctx context.Context, q Querier, query string, args ...any) error {
	res, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fault.New(fault.Conflict, "fault.stale").Because(err)
	}
	return nil
}

// Snapshot runs fn in a reading transaction that sees one state of the database
// throughout, however many queries fn makes. fn must not write. In a unit of work
// fn joins that, and sees what it has written.
func (d *DB) Snapshot(ctx context.Context, fn func(ctx context.Context) error) error {
	if d.Tx(ctx) != nil {
		return fn(ctx)
	}
	var options *sql.TxOptions
	if d.Dialect == Postgres {
		options = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	tx, err := d.read.BeginTx(ctx, options)
	if err != nil {
		return err
	}
	return errors.Join(fn(context.WithValue(ctx, txKey{d}, tx)), tx.Rollback())
}

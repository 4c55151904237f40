package db

import (
	"context"
	"database/sql/driver"
	"strings"

	"modernc.org/sqlite"
)

// SQLite takes longer to parse a text than to run it, and its driver parses at
// every call. keeping is a connector whose connections keep the statements that
// they prepared: every query of a room is faster, and none has to know.
type keeping struct {
	driver.Connector
	told func(statement string)
}

func keepingConnector(dsn string, o Options) (driver.Connector, error) {
	c, err := sqlite.NewConnector(dsn)
	return keeping{c, o.Told}, err
}

// Connect opens a connection that keeps its statements.
func (k keeping) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &keptConn{whole: c.(whole), told: k.told, idle: map[string]driver.Stmt{}}, nil
}

// whole is what the driver's connections can do; database/sql asks for each part.
type whole interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// Statements that a connection keeps, and the longest text of one. Texts with a
// list of parameters vary in length, so that there is no end of them.
const (
	mostKept    = 400
	longestKept = 8 << 10
)

// keptConn is one connection. database/sql lets one goroutine use it at a time.
type keptConn struct {
	whole
	told func(statement string)
	idle map[string]driver.Stmt // by text; one that runs is not in it
}

// Unwrap is the driver's own connection.
func (c *keptConn) Unwrap() driver.Conn { return c.whole }

// take is a statement for a text: one that was kept, else a new one. nil for a
// text that is not kept: a script of several statements.
func (c *keptConn) take(ctx context.Context, query string) (driver.Stmt, error) {
	if c.told != nil {
		c.told(query)
	}
	if s, ok := c.idle[query]; ok {
		delete(c.idle, query)
		return s, nil
	}
	if len(query) > longestKept || strings.Contains(query, ";") {
		return nil, nil
	}
	return c.PrepareContext(ctx, query)
}

// back keeps a statement that has run; where there are too many, one of the others goes.
func (c *keptConn) back(query string, s driver.Stmt) error {
	if _, twice := c.idle[query]; twice { // the same text ran within its own rows
		return s.Close()
	}
	if len(c.idle) >= mostKept {
		for other, old := range c.idle {
			delete(c.idle, other)
			if err := old.Close(); err != nil {
				return err
			}
			break
		}
	}
	c.idle[query] = s
	return nil
}

// ExecContext runs a statement that gives no rows.
func (c *keptConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.whole.ExecContext(ctx, query, args)
	}
	res, err := s.(driver.StmtExecContext).ExecContext(ctx, args)
	if e := c.back(query, s); err == nil {
		err = e
	}
	return res, err
}

// QueryContext runs a statement whose rows give it back when they are closed.
func (c *keptConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.whole.QueryContext(ctx, query, args)
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		if e := c.back(query, s); e != nil {
			return nil, e
		}
		return nil, err
	}
	return &keptRows{Rows: rows, conn: c, query: query, stmt: s}, nil
}

// Close ends the kept statements with their connection.
func (c *keptConn) Close() error {
	for query, s := range c.idle {
		delete(c.idle, query)
		if err := s.Close(); err != nil {
			return err
		}
	}
	return c.whole.Close()
}

// keptRows gives its statement back.
type keptRows struct {
	driver.Rows
	conn  *keptConn
	query string
	stmt  driver.Stmt
}

// Close ends the rows; the statement can run again.
func (r *keptRows) Close() error {
	if r.stmt == nil {
		return nil
	}
	err := r.Rows.Close()
	if e := r.conn.back(r.query, r.stmt); err == nil {
		err = e
	}
	r.stmt = nil
	return err
}

package db

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Fault is fault.From for the borders where errors become answers: it makes
// Unavailable of an error that says that the database or the disk is away, full
// or read-only: nothing was stored then, and what was asked can be asked again. It makes Invalid of
// one by which PostgreSQL refuses a text that is none (lang.IsText).
func Fault(err error) *fault.Error {
	f := fault.From(err)
	if f.Kind != fault.Internal {
		return f
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "22021" {
		return fault.New(fault.Invalid, "fault.letters").Because(err)
	}
	if away(err) {
		return fault.New(fault.Unavailable, "fault.unavailable").Because(err)
	}
	return f
}

func away(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return awayPostgres(pg.Code)
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		primary := lite.Code() & 0xff // the rest says more of the same
		return slices.Contains([]int{sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY}, primary)
	}
	var refused *pgconn.ConnectError
	var line net.Error
	if errors.As(err, &refused) || errors.As(err, &line) || pgconn.SafeToRetry(err) {
		return true
	}
	return slices.ContainsFunc([]error{errHangs, driver.ErrBadConn, io.ErrUnexpectedEOF, syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EROFS, syscall.EIO},
		func(e error) bool { return errors.Is(err, e) })
}

// awayPostgres knows the codes (PostgreSQL manual, appendix A) of: connection exceptions, insufficient
// resources, an operator's intervention, an error of the disk, a server that is read-only, one whose disk is: that says
// that it lacks a privilege; and of a statement or a transaction that took too long.
func awayPostgres(code string) bool {
	return slices.ContainsFunc([]string{"08", "53", "57P", "58030", "25006", "42501", "57014", "25P03"}, func(class string) bool { return strings.HasPrefix(code, class) })
}

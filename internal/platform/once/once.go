// Package once lets a request that is sent twice be done once: what the first
// did and what it answered are committed together, under a key that the caller
// chose, and the second gets the same answer.
package once

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Kept is how long an answer is kept; the key may be used anew after it.
const Kept = 24 * time.Hour

// LongestKey is how many bytes a key may have.
const LongestKey = 200

// Answer is what a request was answered with. One that is Secret is not kept:
// asked again, the caller is told that it was given.
type Answer struct {
	Status int
	Body   string
	Secret bool
}

// given marks in the table an answer that was not kept.
const given = http.StatusConflict

// Keeper keeps answers by account and key.
type Keeper struct{ DB *db.DB }

var errRefused = errors.New("refused: nothing to keep")

// Do serves a request and keeps its answer, in one unit of work with whatever
// serve changes; or, where account used the key in the last day, gives the
// answer of then (again) without serving. request is a digest of everything
// that was asked. A refusal (status 400 and more) undoes what serve did and is
// not kept: the same key may then be tried again. Of several calls at once with
// one key one serves, and the others wait for it.
// Errors: Invalid for a key that was used for another request, or that is too
// long; Conflict for an answer that was secret.
func (k *Keeper) Do(ctx context.Context, account, key, request string, serve func(context.Context) Answer) (a Answer, again bool, err error) {
	if len(key) > LongestKey {
		return a, false, fault.New(fault.Invalid, "once.long", LongestKey)
	}
	err = work.Do(ctx, k.DB, func(ctx context.Context) error {
		mine, err := k.take(ctx, account, key, request)
		if err != nil {
			return err
		}
		if !mine {
			again = true
			a, err = k.kept(ctx, account, key, request)
			return err
		}
		if a = serve(ctx); a.Status >= 400 {
			return errRefused
		}
		return k.keep(ctx, account, key, a)
	})
	if errors.Is(err, errRefused) {
		err = nil
	}
	return a, again, err
}

// take reserves the key; false where it is in use. PostgreSQL waits here for
// another unit of work that holds it, SQLite has waited at its beginning.
func (k *Keeper) take(ctx context.Context, account, key, request string) (bool, error) {
	now := clock.Now(ctx)
	if _, err := k.DB.Q(ctx).ExecContext(ctx, `DELETE FROM idempotency WHERE account_id = $1 AND created_at < $2`, account, db.At(now.Add(-Kept))); err != nil {
		return false, fmt.Errorf("ending old keys: %w", err)
	}
	res, err := k.DB.Q(ctx).ExecContext(ctx, `INSERT INTO idempotency (account_id, key, request, status, body, created_at) VALUES ($1, $2, $3, 0, '', $4)
		ON CONFLICT (account_id, key) DO NOTHING`, account, key, request, db.At(now))
	if err != nil {
		return false, fmt.Errorf("taking a key: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func (k *Keeper) keep(ctx context.Context, account, key string, a Answer) error {
	if a.Secret {
		a.Status, a.Body = given, ""
	}
	_, err := k.DB.Q(ctx).ExecContext(ctx, `UPDATE idempotency SET status = $3, body = $4 WHERE account_id = $1 AND key = $2`, account, key, a.Status, a.Body)
	return err
}

func (k *Keeper) kept(ctx context.Context, account, key, request string) (a Answer, err error) {
	var before string
	err = k.DB.Q(ctx).QueryRowContext(ctx, `SELECT request, status, body FROM idempotency WHERE account_id = $1 AND key = $2`, account, key).Scan(&before, &a.Status, &a.Body)
	switch {
	case err != nil:
		return Answer{}, err
	case before != request:
		return Answer{}, fault.New(fault.Invalid, "once.other")
	case a.Status == given:
		return Answer{}, fault.New(fault.Conflict, "once.secret")
	}
	return a, nil
}

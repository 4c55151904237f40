package once_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/once"
)

// TestLaw sends any sequence of requests and compares with what must come of it:
// a key answers as it did first, another request on it is refused, a refusal
// leaves nothing, and after a day the key is free.
func TestLaw(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := &once.Keeper{DB: d}
		if _, err := d.SQL().ExecContext(t.Context(), `CREATE TABLE done (what TEXT NOT NULL)`); err != nil {
			t.Fatal(err)
		}
		run := 0
		rapid.Check(t, func(t *rapid.T) {
			run++
			now := clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 7)
			ctx := clock.With(context.Background(), now.Source())
			type first struct {
				request string
				answer  once.Answer
				at      time.Time
			}
			known, want := map[string]first{}, 0
			for i := range rapid.IntRange(1, 12).Draw(t, "requests") {
				if rapid.IntRange(0, 9).Draw(t, "later") == 0 {
					now.Set(now.Source().Now().Add(once.Kept + time.Second))
				}
				account, key := fmt.Sprintf("a%d-%d", run, rapid.IntRange(0, 1).Draw(t, "account")), fmt.Sprint("k", rapid.IntRange(0, 2).Draw(t, "key"))
				request, refuse := fmt.Sprint("r", rapid.IntRange(0, 1).Draw(t, "request")), rapid.Bool().Draw(t, "refuse")
				served := false
				got, again, err := k.Do(ctx, account, key, request, func(ctx context.Context) once.Answer {
					served = true
					if _, err := d.Q(ctx).ExecContext(ctx, `INSERT INTO done (what) VALUES ($1)`, account); err != nil {
						t.Fatal(err)
					}
					if refuse {
						return once.Answer{Status: 422, Body: "no"}
					}
					return once.Answer{Status: 200, Body: fmt.Sprint("answer ", i)}
				})
				before, used := known[account+key]
				used = used && now.Source().Now().Sub(before.at) <= once.Kept
				switch {
				case used && before.request != request:
					if !fault.Is(err, fault.Invalid) || served {
						t.Fatalf("another request on a used key: %v, served %v", err, served)
					}
				case used:
					if err != nil || !again || served || got != before.answer {
						t.Fatalf("again: %+v, %v, served %v; the first was %+v", got, err, served, before.answer)
					}
				case err != nil || again || !served:
					t.Fatalf("the first: %v, again %v, served %v", err, again, served)
				case !refuse:
					known[account+key], want = first{request, got, now.Source().Now()}, want+1
				}
			}
			var n int
			if err := d.Q(ctx).QueryRowContext(ctx, `SELECT COUNT(*) FROM done WHERE what IN ($1, $2)`, fmt.Sprintf("a%d-0", run), fmt.Sprintf("a%d-1", run)).Scan(&n); err != nil || n != want {
				t.Fatalf("%d things were done (%v), want %d", n, err, want)
			}
		})
	})
}

func TestAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := &once.Keeper{DB: d}
		var all sync.WaitGroup
		var lock sync.Mutex
		served := 0
		for range 8 {
			all.Go(func() {
				got, _, err := k.Do(t.Context(), "a", "k", "r", func(context.Context) once.Answer {
					lock.Lock()
					defer lock.Unlock()
					served++
					return once.Answer{Status: 201, Body: "made"}
				})
				if err != nil || got != (once.Answer{Status: 201, Body: "made"}) {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		all.Wait()
		if served != 1 {
			t.Errorf("served %d times", served)
		}
	})
}

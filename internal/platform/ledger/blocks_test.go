package ledger_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// TestReceiptsOfALongLedger: receipts verify wherever their entry stands, while the ledger grows over what was
// remembered of it, and the same for one that was just opened.
func TestReceiptsOfALongLedger(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := fixed(t)
		l := open(t, ctx, d)
		keys, err := l.Keys(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		check := func(l *ledger.Ledger, positions ...int) {
			t.Helper()
			for _, at := range positions {
				r, err := l.ReceiptOf(ctx, ids[at])
				if err != nil {
					t.Fatalf("%d of %d: %v", at, len(ids), err)
				}
				if checked, err := ledger.VerifyReceipt(r.Note, keys); err != nil || !checked.Sealed {
					t.Errorf("%d of %d: %+v, %v", at, len(ids), checked, err)
				}
			}
		}
		for _, grow := range []int{255, 1, 1, 255, 300, 220} {
			err := work.Do(ctx, d, func(ctx context.Context) error {
				for i := range grow {
					id, err := l.Append(ctx, mira, ledger.Entry{Act: "proposal.submit", Kind: "proposal", ID: fmt.Sprint("p", len(ids)+i)})
					if err != nil {
						return err
					}
					ids = append(ids, id)
					if _, err := l.Receipt(ctx, id, "00", clock.Now(ctx)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			sequence(t, ctx, l, grow)
			last := len(ids) - 1
			check(l, 0, 1, last/2, last/3, max(last-1, 0), last)
		}
		again := open(t, ctx, d)
		check(again, len(ids)-1, 0, 255, 256, 511, 512, 777)
		if r := verify(t, ctx, l, ""); !r.OK() {
			t.Errorf("%+v", r)
		}
	})
}

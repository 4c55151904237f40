package exchange_test

import (
	"testing"

	"github.com/headwater-platform/headwater/internal/exchange"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/published"
)

// TestPublished takes each published file in by the mapping that ships for it,
// twice, and counts.
func TestPublished(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	k := newTaker(t, d)
	k.take(k.shipped("ror"), published.File(t, "ror/organisations.jsonl.gz"), exchange.Counts{Read: 2787, New: 2735, Left: 52})
	k.take(k.shipped("pa-calls"), published.File(t, "calls/PA-grant-data.sample.json"), exchange.Counts{Read: 322, New: 321, Rejected: 1})
	k.take(k.shipped("ethord-proposals"), published.File(t, "ethord/application_metadata.csv"), exchange.Counts{Read: 76, New: 75, Rejected: 1})
	k.take(k.shipped("ethord-awards"), published.File(t, "ethord/application_metadata.csv"), exchange.Counts{Read: 76, New: 75, Rejected: 1})
	k.take(k.shipped("ethord-reports"), published.File(t, "ethord/report_metadata.csv"), exchange.Counts{Read: 63, New: 56, Rejected: 7})
	k.take(k.shipped("ethord-results"), published.File(t, "ethord/report_output.csv"), exchange.Counts{Read: 1033, New: 1033})
	r := k.take(k.shipped("swecris"), published.File(t, "swecris/awards.jsonl"), exchange.Counts{Read: 6519, New: 6517, Rejected: 2})
	if r.Alikes != 1372 {
		t.Errorf("%d suspected duplicate awards, want the 1,372 that the data's description counts", r.Alikes)
	}
	k.take(k.shipped("snsf-demand"), published.File(t, "snsf-demand/data_raw.csv"), exchange.Counts{Read: 76915, New: 76915})
}

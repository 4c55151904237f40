package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// awardsAtOnce is how many awards of Awards share a unit of work.
const awardsAtOnce = 2000

// Awards adds n public awards of the last twenty years to an installation that
// was made by Make: a register as large as a country's, to measure on. The same
// n gives the same awards.
func Awards(ctx context.Context, a *app.App, n int) error {
	agencies, err := a.Register.Agencies(ctx)
	if err != nil {
		return err
	}
	d := dice{83_000}
	for done := 0; done < n; done += awardsAtOnce {
		err := work.Do(ctx, a.DB, func(ctx context.Context) error {
			var ids []string
			for i := done; i < min(done+awardsAtOnce, n); i++ {
				w := old(ctx, &d, i)
				w.AgencyID = pick(&d, agencies).ID
				if err := a.Awards.TakeIn(ctx, w, nil, nil); err != nil {
					return err
				}
				ids = append(ids, w.ID)
			}
			return a.Awards.Index(ctx, ids...)
		})
		if err != nil {
			return err
		}
	}
	return work.Do(ctx, a.DB, a.Awards.Search.Merge)
}

// old is the i-th award of the past.
func old(ctx context.Context, d *dice, i int) award.Award {
	s := write(d, pick(d, words().topics))
	year := 2006 + i%20
	start := time.Date(year, time.Month(d.between(1, 12)), d.between(1, 28), 0, 0, 0, 0, time.UTC)
	name := words().names
	return award.Award{ID: clock.ID(ctx), Number: fmt.Sprintf("H-%d-%05d", year, i), Title: lang.In1("en", s.title), Summary: lang.In1("en", s.summary+" "+s.aim+" "+s.approach),
		HolderName: "University of " + pick(d, name.Places), LeadName: pick(d, name.Given) + " " + pick(d, name.Family), State: award.Ended,
		StartDay: start.Format(time.DateOnly), EndDay: start.AddDate(d.between(1, 5), 0, -1).Format(time.DateOnly), Year: year,
		Amount: money.Whole(int64(d.between(20, 900))*1000, Currency), Source: "bench", PublicAt: start, SignedAt: start}
}

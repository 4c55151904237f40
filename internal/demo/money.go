package demo

import (
	"fmt"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/platform/access"
)

// paying: what fell due in the past is paid, one payment is held back, and those
// of the coming weeks wait for the finance officer.
func (c *country) paying(actors map[string]access.Actor) error {
	day := c.now.AddDate(0, 0, -3)
	c.fixed.Set(day)
	ids, err := c.planned(access.System, day)
	if err != nil {
		return err
	}
	if err := c.Awards.Approve(c.ctx, access.System, ids); err != nil {
		return err
	}
	if _, err := c.Awards.Export(c.ctx, access.System); err != nil {
		return err
	}
	finance := actors["finance"]
	soon, err := c.planned(finance, c.now.AddDate(0, 1, 0))
	if err != nil {
		return err
	}
	if len(soon) < 3 {
		return fmt.Errorf("demo: %d payments wait for the finance officer, not three or more", len(soon))
	}
	if err := c.Awards.HoldBack(c.ctx, finance, soon[:1], "The account that the holder named is closed. A new one is asked for."); err != nil {
		return err
	}
	return c.Awards.Approve(c.ctx, finance, soon[1:2])
}

// planned are the payments that wait for approval until a day.
func (c *country) planned(a access.Actor, until time.Time) ([]string, error) {
	list, _, err := c.Awards.Payments(c.ctx, a, award.PaymentFilter{State: award.Planned, Until: until.Format(time.DateOnly), Size: 5000})
	ids := make([]string, 0, len(list))
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	return ids, err
}

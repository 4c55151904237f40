package demo

import (
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
)

// fresh says of most needs that they still stand and measures most priorities
// anew; of the others the transfer office and the analyst are asked.
func (c *country) fresh(actors map[string]access.Actor) error {
	c.fixed.Set(c.now.Add(-40 * 24 * time.Hour))
	needs, err := c.Strategy.StaleNeeds(c.ctx, actors["enterprise"])
	if err != nil {
		return err
	}
	for _, n := range needs[2:] {
		if err := c.Strategy.ConfirmNeed(c.ctx, actors["enterprise"], n.ID); err != nil {
			return err
		}
	}
	measures, err := c.Strategy.StaleMeasures(c.ctx, actors["analyst"])
	if err != nil {
		return err
	}
	for _, m := range measures[1:] {
		// A little nearer to the target than at the last time.
		reached := *m.Reached + (*m.Target-*m.Reached)/8
		if err := c.Strategy.Measure(c.ctx, actors["analyst"], m.ID, m.Version, &reached, "Statistical Office of Aldermere, yearly survey"); err != nil {
			return err
		}
	}
	return nil
}

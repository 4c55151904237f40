package demo

import (
	"errors"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/retention"
)

// ending: the council keeps what was not funded for a year, so that records of the first calls are due. One
// is held, one was erased. A reviewer asks for a correction, and somebody was erased who is named in what others keep.
func (c *country) ending(actors map[string]access.Actor) error {
	c.fixed.Set(c.now.Add(-20 * time.Hour))
	admin, officer := actors["admin"], actors["officer"]
	for _, r := range []retention.Rule{{Class: retention.Unfunded, Days: 365, Note: "Order of the Research Council on records, section 4", Version: 1},
		{Class: retention.Award, Days: 3653, Note: "Public Money Act, section 12", Version: 1}} {
		if err := c.Retention.SetRule(c.ctx, admin, r); err != nil {
			return err
		}
	}
	due, err := c.Retention.Due(c.ctx, officer, retention.Unfunded)
	if err != nil {
		return err
	}
	if len(due) < 3 {
		return errors.New("demo: no record is old enough to be erased")
	}
	if _, err := c.Retention.Hold(c.ctx, officer, due[0].Kind, due[0].Number, "Administrative court of Ilvane, case 2/117"); err != nil {
		return err
	}
	id, err := c.Retention.Order(c.ctx, officer, retention.Wish{Kind: due[1].Kind, Ref: due[1].ID, Class: due[1].Class, Reason: "Its time is over."})
	if err != nil {
		return err
	}
	if err := c.Retention.Run(c.ctx, retention.Ordered{ID: id}); err != nil {
		return err
	}
	if _, err := c.Retention.Ask(c.ctx, actors["reviewer"], retention.ForCorrection, "The register gives 2019 as the year of my first degree. It was 2009; the certificate is with my university."); err != nil {
		return err
	}
	return c.forget(admin)
}

// forget: somebody in a team asked to be erased. A rule keeps the proposal, in whose text they are named: the certificate says so.
func (c *country) forget(admin access.Actor) error {
	for _, p := range slices.Backward(c.people) {
		_, dry, err := c.Retention.Foresee(c.ctx, admin, "person", p.ID)
		if err != nil {
			return err
		}
		if len(dry.Holds) > 0 || len(dry.Spared) == 0 {
			continue
		}
		id, err := c.Retention.Order(c.ctx, admin, retention.Wish{Kind: "person", Ref: p.ID, Reason: "Asked by letter, through the research office of their university."})
		if err != nil {
			return err
		}
		return c.Retention.Run(c.ctx, retention.Ordered{ID: id})
	}
	return errors.New("demo: nobody is named in a text that a rule keeps")
}

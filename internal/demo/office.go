package demo

import (
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
)

// office: the applicant's university agrees to what it holds the money of. One
// proposal was submitted three times and waits for its research office.
func (c *country) office(actors map[string]access.Actor) error {
	o, err := c.Register.Organisation(c.ctx, c.people[0].Affiliations[0].OrganisationID)
	if err != nil {
		return err
	}
	c.fixed.Set(c.now.Add(-5 * 24 * time.Hour))
	if _, err := c.Register.UpdateOrganisation(c.ctx, actors["office"], o.ID, o.Version, register.OrganisationInput{Name: o.Name, Acronym: o.Acronym, Kind: o.Kind, Country: o.Country, Place: o.Place,
		Website: o.Website, Parent: o.ParentID, Approval: "holder"}); err != nil {
		return err
	}
	made, err := c.find("tests that answer in minutes")
	if err != nil {
		return err
	}
	applicant := actors["applicant"]
	c.fixed.Set(c.now.Add(-4 * 24 * time.Hour))
	p, err := c.Proposals.Begin(c.ctx, applicant, made.ID)
	if err != nil {
		return err
	}
	answers := c.full(write(&c.dice, words().topics[3]), made.ClosesAt.Year(), 420_000)
	answers["title"] = "An answer at the bedside"
	later := []map[string]any{{}, {"title": "An answer at the bedside, within the hour", "months": 30}, {"title": "An answer at the bedside within ten minutes", "ethics": "people"}}
	for _, mended := range later {
		c.fixed.Advance(26 * time.Hour)
		for name, value := range mended {
			answers[name] = value
		}
		v, err := c.Proposals.Get(c.ctx, applicant, p.ID)
		if err != nil {
			return err
		}
		var list []proposal.Change
		for _, change := range changes(answers) {
			change.Version = v.Answers[change.Field].Version
			list = append(list, change)
		}
		if _, err := c.Proposals.Save(c.ctx, applicant, p.ID, list); err != nil {
			return err
		}
		if _, err := c.Proposals.Submit(c.ctx, applicant, p.ID, clock.Now(c.ctx)); err != nil {
			return err
		}
	}
	return nil
}

package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
)

// workplaces are the organisations of a large call: about one pair in so many
// is kept apart because both work at one place.
const workplaces = 80

// Large adds a call that has closed to the country, with so many submitted proposals
// and so many people with works in its pool: for measuring. The same numbers give the same texts.
func Large(ctx context.Context, a *app.App, proposals, judges int) (made call.Call, err error) {
	c := &country{App: a, ctx: ctx, dice: dice{1_000_600}}
	like, err := c.find("Instruments that see further")
	if err != nil {
		return made, err
	}
	made = like
	made.ID, made.Title = clock.ID(ctx), lang.Both("A large call", "大型指南")
	return made, work.Do(ctx, a.DB, func(ctx context.Context) error {
		c.ctx = ctx
		if made.Number, err = number.Next(ctx, a.DB, "C"); err != nil {
			return err
		}
		if err := a.Calls.TakeIn(ctx, []call.Call{made}); err != nil {
			return err
		}
		b := c.crowd(proposals + judges)
		if err := a.Register.TakeIn(ctx, access.System, b); err != nil {
			return err
		}
		if err := c.experts(made, b.People[proposals:]); err != nil {
			return err
		}
		return c.handIn(made, b.People[:proposals])
	})
}

// crowd is people with two subjects each, at a few places.
func (c *country) crowd(n int) *register.Batch {
	v, b := words(), &register.Batch{}
	for i := range workplaces {
		b.Organisations = append(b.Organisations, register.Organisation{ID: clock.ID(c.ctx), Name: lang.In1("en", fmt.Sprintf("%s Institute %d", v.Places[i%len(v.Places)], i+1)), Kind: "institute", Country: "XA"})
	}
	for i := range n {
		one, other := pick(&c.dice, v.topics), pick(&c.dice, v.topics)
		given, family, second := pick(&c.dice, v.Given), pick(&c.dice, v.Family), pick(&c.dice, v.Family)
		b.People = append(b.People, register.Person{ID: clock.ID(c.ctx), Given: given + " " + second[:1] + ".", Family: family, Country: "XA", ReviewLimit: 6, CareerStage: career(i, i%16),
			Email: fmt.Sprintf("crowd%d@people.example", i), Keywords: []string{one.Works, one.Thing, other.Works, other.Thing}, Affiliations: []register.Affiliation{{OrganisationID: pick(&c.dice, b.Organisations).ID}}})
	}
	return b
}

// experts puts people with some works each into the pool of a call.
func (c *country) experts(made call.Call, people []register.Person) error {
	pool := make([]review.PoolMember, len(people))
	for i, p := range people {
		pool[i] = review.PoolMember{Person: p.ID, Most: c.dice.between(5, 8)}
		for range c.dice.between(3, 6) {
			s := write(&c.dice, pick(&c.dice, words().topics))
			if err := c.Register.AddWork(c.ctx, access.System, p.ID, register.WorkInput{Title: s.title, Kind: "publication", Year: made.ClosesAt.Year() - c.dice.between(0, 9)}); err != nil {
				return err
			}
		}
	}
	return c.Reviews.TakeInPool(c.ctx, made.ID, pool)
}

// handIn gives each of some people a submitted proposal.
func (c *country) handIn(made call.Call, leads []register.Person) error {
	v, err := c.Schemes.Get(c.ctx, made.SchemeVersionID)
	if err != nil {
		return err
	}
	stage, _ := v.Stage("")
	first, err := number.Take(c.ctx, c.DB, fmt.Sprintf("P-%d", made.ClosesAt.Year()), int64(len(leads)))
	if err != nil {
		return err
	}
	for i, lead := range leads {
		s := write(&c.dice, pick(&c.dice, words().topics))
		at := lead.Affiliations[0].OrganisationID
		p := proposal.Proposal{ID: clock.ID(c.ctx), Number: fmt.Sprintf("P-%d-%04d", made.ClosesAt.Year(), first+int64(i)), CallID: made.ID, AgencyID: made.AgencyID, SchemeVersionID: made.SchemeVersionID,
			Stage: stage.ID, State: proposal.Submitted, Title: s.title, Summary: s.summary, Language: "en", LeadPerson: lead.ID, Holder: at, Months: 36, Version: 1,
			CreatedAt: made.OpensAt.Add(24 * time.Hour), SubmittedAt: made.ClosesAt.Add(-time.Hour)}
		team := []proposal.Member{{PersonID: lead.ID, Name: lead.Given + " " + lead.Family, Role: "lead", OrganisationID: at, Share: 100, MayEdit: true, State: "confirmed"}}
		if err := c.Proposals.TakeIn(c.ctx, p, team, stage.Form, map[string]json.RawMessage{"title": raw(s.title), "summary": raw(s.summary), "aim": raw(s.aim)}); err != nil {
			return err
		}
	}
	return nil
}

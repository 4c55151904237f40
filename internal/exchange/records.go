package exchange

import (
	"context"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
)

// same makes rows that carry the iD of a record which is here already become that
// record: an organisation by its ROR, a person by their ORCID iD.
func (r *run) same(ctx context.Context, list []entry, name string) error {
	var iDs []string
	for _, e := range list {
		if iD := bare(str(e.item, name)); e.fresh && iD != "" {
			iDs = append(iDs, iD)
		}
	}
	found, err := r.s.Register.ByIDs(ctx, iDs)
	for i := range list {
		if id := found[bare(str(list[i].item, name))]; id != "" && list[i].fresh {
			list[i].id, list[i].fresh = id, false
		}
	}
	return err
}

// divided puts what a row became among the new records or among those that are here.
func divided[T any](list []entry, fresh, known *[]T, become func(entry) (T, error)) error {
	for _, e := range list {
		v, err := become(e)
		if err != nil {
			return err
		}
		if e.fresh {
			*fresh = append(*fresh, v)
		} else {
			*known = append(*known, v)
		}
	}
	return nil
}

func organisations(ctx context.Context, r *run, list []entry) error {
	if err := r.same(ctx, list, "ror"); err != nil {
		return err
	}
	var fresh, known register.Batch
	err := divided(list, &fresh.Organisations, &known.Organisations, func(e entry) (register.Organisation, error) {
		o := organisationOf(e.id, e.item)
		o.Others, _ = e.item["aliases"].([]string)
		if o.ROR != "" && !register.ValidROR(o.ROR) {
			return o, Problem{Field: "ror", Value: o.ROR, Reason: "is no ROR key: its check digits are wrong"}
		}
		return o, nil
	})
	if err != nil {
		return err
	}
	return r.register(ctx, list, &fresh, &known)
}

// register writes new records and those that are here already.
func (r *run) register(ctx context.Context, list []entry, fresh, known *register.Batch) error {
	if len(fresh.Organisations)+len(fresh.People) > 0 {
		if err := r.s.Register.TakeIn(ctx, r.by, fresh); err != nil {
			return err
		}
	}
	if len(known.Organisations)+len(known.People) > 0 {
		if err := r.s.Register.TakeAgain(ctx, r.by, known); err != nil {
			return err
		}
	}
	return r.append(ctx, list)
}

func people(ctx context.Context, r *run, list []entry) error {
	if err := r.same(ctx, list, "orcid"); err != nil {
		return err
	}
	var fresh, known register.Batch
	err := divided(list, &fresh.People, &known.People, func(e entry) (register.Person, error) {
		p := register.Person{ID: e.id, Given: str(e.item, "given"), Family: str(e.item, "family"), ORCID: bare(str(e.item, "orcid")), Country: strings.ToUpper(str(e.item, "country"))}
		p.Keywords, _ = e.item["keywords"].([]string)
		if org := r.entities.id("organisation", e.item["organisation"]); org != "" {
			p.Affiliations = []register.Affiliation{{OrganisationID: org, Position: str(e.item, "position")}}
		}
		return p, nil
	})
	if err != nil {
		return err
	}
	return r.register(ctx, list, &fresh, &known)
}

func calls(ctx context.Context, r *run, list []entry) error {
	var fresh, known []call.Call
	if err := divided(list, &fresh, &known, r.call); err != nil {
		return err
	}
	if len(fresh) > 0 {
		if err := r.s.Calls.TakeIn(ctx, fresh); err != nil {
			return err
		}
	}
	if err := r.s.Calls.TakeAgain(ctx, known); err != nil {
		return err
	}
	return r.append(ctx, list)
}

func (r *run) call(e entry) (call.Call, error) {
	i := e.item
	agency, _ := i["agency"].(Item)
	c := call.Call{ID: e.id, Number: str(i, "number"), AgencyID: r.entities.id("agency", agency), State: str(i, "state"), Zone: r.m.Zone, DecideBy: str(i, "decide_by"), Contact: str(i, "contact"), Version: 1}
	c.Title, _ = i["title"].(lang.Text)
	c.Summary, _ = i["summary"].(lang.Text)
	c.Guidance, _ = i["guidance"].(lang.Text)
	if c.Number == "" {
		c.Number = r.m.Source + ":" + e.key
	}
	if c.State == "" {
		c.State = "published"
	}
	c.OpensAt, _ = i["opens"].(time.Time)
	c.ClosesAt, _ = i["closes"].(time.Time)
	c.PublishedAt = c.OpensAt
	if c.PublishedAt.IsZero() {
		c.PublishedAt = c.ClosesAt
	}
	currency := str(agency, "currency")
	if currency == "" {
		currency = r.m.Currency
	}
	for name, to := range map[string]*money.Amount{"low": &c.Low, "high": &c.High, "total": &c.Total} {
		if *to, _ = i[name].(money.Amount); to.Minor != 0 {
			currency = to.Currency
		}
	}
	for _, to := range []*money.Amount{&c.Low, &c.High, &c.Total} {
		if to.Minor != 0 && to.Currency != currency {
			return c, Problem{Field: "total", Value: to.Currency, Reason: "is another currency than the call's other amounts: " + currency}
		}
		to.Currency = currency
	}
	if !c.OpensAt.IsZero() && !c.ClosesAt.IsZero() && c.ClosesAt.Before(c.OpensAt) {
		return c, Problem{Field: "closes", Value: c.ClosesAt.Format(time.RFC3339), Reason: "is before the opening, " + c.OpensAt.Format(time.RFC3339)}
	}
	return c, nil
}

func reviews(ctx context.Context, r *run, list []entry) error {
	proposalOf, err := r.refs(ctx, "proposals", list, "proposal")
	if err != nil {
		return err
	}
	for _, e := range list {
		p, err := r.s.Proposals.Known(ctx, proposalOf[str(e.item, "proposal")])
		if err != nil {
			return err
		}
		v := r.review(e)
		v.ProposalID, v.CallID, v.Stage = p.ID, p.CallID, p.Stage
		if !e.fresh {
			if err := r.s.Reviews.TakeAgain(ctx, v); err != nil {
				return err
			}
			continue
		}
		if v.Alias, err = r.s.Reviews.NextAlias(ctx, p.ID, p.Stage); err != nil {
			return err
		}
		if err := r.s.Reviews.TakeIn(ctx, v); err != nil {
			return err
		}
	}
	return r.append(ctx, list)
}

func (r *run) review(e entry) review.Review {
	i := e.item
	v := review.Review{ID: e.id, Reviewer: r.entities.id("person", i["reviewer"]), State: review.Submitted, SubmittedAt: dayOf(i, "submitted"), Minutes: num(i, "minutes"), Answers: map[string]review.Answer{}}
	v.Overall, _ = i["overall"].(float64)
	answers, _ := i["answers"].([]Item)
	for _, a := range answers {
		score, _ := a["score"].(float64)
		v.Answers[str(a, "criterion")] = review.Answer{Score: score, Text: str(a, "text")}
	}
	return v
}

func reports(ctx context.Context, r *run, list []entry) error {
	awardOf, err := r.refs(ctx, "awards", list, "award")
	if err != nil {
		return err
	}
	for _, e := range list {
		i := e.item
		v := award.TakenReport{Report: award.Report{ID: e.id, AwardID: awardOf[str(i, "award")], Kind: str(i, "kind"), DueDay: str(i, "due"), State: str(i, "state"), Answers: map[string]any{}},
			From: str(i, "from"), Until: str(i, "until")}
		if v.State == "" {
			v.State = "accepted"
		}
		if v.State != "due" {
			v.SubmittedAt = dayOf(i, "due")
		}
		answers, _ := i["answers"].([]Item)
		for _, a := range answers {
			v.Answers[str(a, "field")] = a["value"]
		}
		if err := r.s.Awards.TakeInReport(ctx, v); err != nil {
			return err
		}
	}
	return r.append(ctx, list)
}

func results(ctx context.Context, r *run, list []entry) error {
	awardOf, err := r.refs(ctx, "awards", list, "award")
	if err != nil {
		return err
	}
	for _, e := range list {
		i := e.item
		title, _ := i["title"].(lang.Text)
		v := award.TakenResult{Result: award.Result{ID: e.id, AwardID: awardOf[str(i, "award")], Kind: str(i, "kind"), Title: title, Authors: str(i, "authors"), DOI: bareDOI(str(i, "doi")), URL: str(i, "url"),
			Year: num(i, "year")}, Quantity: num(i, "quantity"), Source: r.m.Source}
		if err := r.s.Awards.TakeInResult(ctx, v); err != nil {
			return err
		}
	}
	return r.append(ctx, list)
}

// bareDOI is a DOI without its address.
func bareDOI(doi string) string {
	for _, prefix := range []string{"https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/", "doi:"} {
		doi = strings.TrimPrefix(doi, prefix)
	}
	return doi
}

package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/schemes"
)

// makeField fills an empty database with one open call, n applicants, each signed
// in and with a draft; the first submitters have answered everything that is asked.
func makeField(ctx context.Context, c app.Config, n, submitters int) (list []*applicant, err error) {
	c.Demo, c.Relaxed = true, true // sessions are opened for people who never signed in
	a, err := app.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	made, people, err := ground(ctx, a, n)
	if err != nil {
		return nil, err
	}
	for i, p := range people {
		one, err := apply(ctx, a, made, p, i, i < submitters)
		if err != nil {
			return nil, fmt.Errorf("applicant %d: %w", i, err)
		}
		list = append(list, one)
	}
	_, err = a.Ledger.Sequence(ctx)
	return list, err
}

// apply signs a person in and begins a draft, with everything answered if whole.
func apply(ctx context.Context, a *app.App, made call.Call, p register.Person, i int, whole bool) (*applicant, error) {
	one := &applicant{}
	return one, work.Do(ctx, a.DB, func(ctx context.Context) error {
		id, err := a.Accounts.Create(ctx, access.System, account.New{Email: fmt.Sprintf("applicant%d@bench.example", i), Person: p.ID, Zone: "UTC"})
		if err != nil {
			return err
		}
		if one.actor, err = a.Accounts.ActorOf(ctx, id); err != nil {
			return err
		}
		if one.secret, err = a.Accounts.SignInAs(ctx, id, "bench"); err != nil {
			return err
		}
		draft, err := a.Proposals.Begin(ctx, one.actor, made.ID)
		if err != nil {
			return err
		}
		if one.proposal = draft.ID; !whole {
			return nil
		}
		saved, err := a.Proposals.Save(ctx, one.actor, draft.ID, complete(i, made.ClosesAt.Year()))
		one.version = saved.Versions["approach"]
		return err
	})
}

// ground is one agency with one open call, and n people of one organisation.
func ground(ctx context.Context, a *app.App, n int) (call.Call, []register.Person, error) {
	now := clock.Now(ctx)
	council := register.Organisation{ID: clock.ID(ctx), Name: lang.In1("en", "Research Council"), Kind: "funder"}
	home := register.Organisation{ID: clock.ID(ctx), Name: lang.In1("en", "University"), Kind: "university"}
	agency := register.Agency{ID: clock.ID(ctx), OrganisationID: council.ID, Slug: "bench", Short: "BRC", Name: council.Name, Currency: "EUR", Zone: "UTC"}
	b := &register.Batch{Organisations: []register.Organisation{council, home}, Agencies: []register.Agency{agency}}
	for i := range n {
		b.People = append(b.People, register.Person{ID: clock.ID(ctx), Given: "Applicant", Family: fmt.Sprint(i), Affiliations: []register.Affiliation{{OrganisationID: home.ID}}})
	}
	if err := a.Register.TakeIn(ctx, access.System, b); err != nil {
		return call.Call{}, nil, err
	}
	v, err := a.Schemes.Publish(ctx, access.System, schemes.Files, "open-call.yaml")
	if err != nil {
		return call.Call{}, nil, err
	}
	local := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04") }
	made, err := a.Calls.Create(ctx, access.System, call.Input{AgencyID: agency.ID, SchemeVersionID: v.ID, Title: lang.In1("en", "Deadline day"), Summary: lang.In1("en", "A call that closes."),
		Zone: "UTC", Opens: local(now.Add(-time.Hour)), Closes: local(now.Add(6 * time.Hour)), High: "1,000,000", Total: "10,000,000"})
	if err != nil {
		return made, nil, err
	}
	return made, b.People, a.Calls.Publish(ctx, access.System, made.ID)
}

// complete is an answer to everything that the form of open-call asks.
func complete(i, year int) []proposal.Change {
	long := strings.Repeat("A sentence that says what is done and why. ", 4)
	var out []proposal.Change
	for field, value := range map[string]any{"title": fmt.Sprintf("Proposal number %d", i), "summary": long, "aim": long, "approach": long, "risks": long, "months": 36, "data": long, "ethics": "none",
		"budget": []map[string]any{{"category": "people", "year": year, "minor": 20_000_000}}} {
		text, err := json.Marshal(value)
		if err != nil {
			panic(err) // texts and numbers always encode
		}
		out = append(out, proposal.Change{Field: field, Value: text})
	}
	return out
}

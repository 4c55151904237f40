package exchange

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/vocabulary"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
)

// target writes the records of a batch, by kind, inside its unit of work.
var target = map[string]func(ctx context.Context, r *run, list []entry) error{
	"organisations": organisations,
	"people":        people,
	"awards":        awards,
	"calls":         calls,
	"proposals":     proposals,
	"reviews":       reviews,
	"reports":       reports,
	"results":       results,
}

// check is what a record must be besides its fields.
func check(kind string, i Item) error {
	if from, until := str(i, "start"), str(i, "end"); from != "" && until != "" && until < from {
		return Problem{Field: "end", Value: until, Reason: "is before the start, " + from}
	}
	for _, name := range []string{"reviewer"} {
		if err := checkPerson(i[name], name); err != nil {
			return err
		}
	}
	for _, name := range []string{"parties", "team"} {
		list, _ := i[name].([]Item)
		for n, p := range list {
			if err := checkPerson(p["person"], fmt.Sprintf("%s.%d.person", name, n+1)); err != nil {
				return err
			}
		}
	}
	if kind == "people" {
		return checkPerson(i, "")
	}
	if kind == "awards" && i["agency"] == nil && i["funder"] == nil {
		return Problem{Field: "funder", Reason: "is missing: give the funder, or the agency here that gave the award"}
	}
	return nil
}

func checkPerson(v any, name string) error {
	p, ok := v.(Item)
	if !ok {
		return nil
	}
	if o := bare(str(p, "orcid")); o != "" && !register.ValidORCID(o) {
		return Problem{Field: strings.TrimPrefix(name+".orcid", "."), Value: o, Reason: "is no ORCID iD: its check digit is wrong"}
	}
	return nil
}

func awards(ctx context.Context, r *run, list []entry) error {
	ids := make([]string, 0, len(list))
	proposalOf, err := r.refs(ctx, "proposals", list, "proposal")
	if err != nil {
		return err
	}
	for _, e := range list {
		a, parties := r.award(ctx, e)
		a.ProposalID = proposalOf[str(e.item, "proposal")]
		take := r.s.Awards.TakeIn
		if !e.fresh {
			take = r.s.Awards.TakeAgain
		}
		if err := take(ctx, a, parties, nil); err != nil {
			return err
		}
		if err := r.classify(ctx, "award", e); err != nil {
			return err
		}
		ids = append(ids, e.id)
	}
	if err := r.s.Awards.Index(ctx, ids...); err != nil {
		return err
	}
	return r.append(ctx, list)
}

// classify keeps the field of research that a row names.
func (r *run) classify(ctx context.Context, kind string, e entry) error {
	code := str(e.item, "field")
	if code == "" && e.fresh {
		return nil
	}
	return vocabulary.Set(ctx, r.s.DB, kind, e.id, vocabulary.Ford, code, r.m.Source)
}

func (r *run) award(ctx context.Context, e entry) (award.Award, []award.Party) {
	i := e.item
	title, _ := i["title"].(lang.Text)
	summary, _ := i["summary"].(lang.Text)
	amount, _ := i["amount"].(money.Amount)
	a := award.Award{ID: e.id, Number: str(i, "number"), Title: title, Summary: summary, Kind: str(i, "kind"), Year: num(i, "year"), StartDay: str(i, "start"), EndDay: str(i, "end"),
		Amount: amount, State: str(i, "state"), Source: r.m.Source, AgencyID: r.entities.id("agency", i["agency"]), Holder: r.entities.id("organisation", i["holder"]), PublicAt: clock.Now(ctx)}
	if a.Number == "" {
		a.Number = r.m.Source + ":" + e.key
	}
	if a.AgencyID == "" {
		a.Funder = r.entities.id("organisation", i["funder"])
	}
	if holder, ok := i["holder"].(Item); ok {
		a.HolderName = holder["name"].(lang.Text).In(lang.English)
	}
	if a.Year == 0 && len(a.StartDay) == 10 {
		_, _ = fmt.Sscanf(a.StartDay, "%4d", &a.Year) // a day begins with its year
	}
	if a.State == "" {
		a.State = award.Running
		if a.EndDay != "" && a.EndDay < clock.Now(ctx).Format(time.DateOnly) {
			a.State = award.Ended
		}
	}
	if t, err := time.Parse(time.DateOnly, str(i, "public")); err == nil {
		a.PublicAt = t
	}
	var parties []award.Party
	list, _ := i["parties"].([]Item)
	for _, p := range list {
		party := award.Party{PersonID: r.entities.id("person", p["person"]), Name: nameOf(p), Role: roleOf(p), Organisation: r.entities.id("organisation", p["organisation"])}
		if party.Role == "lead" && a.LeadName == "" {
			a.LeadPerson, a.LeadName = party.PersonID, party.Name
		}
		parties = append(parties, party)
	}
	return a, parties
}

// nameOf is the name of somebody who takes part, as the source writes it.
func nameOf(p Item) string {
	if s := str(p, "name"); s != "" {
		return s
	}
	who, _ := p["person"].(Item)
	if s := str(who, "name"); s != "" {
		return s
	}
	return strings.TrimSpace(str(who, "given") + " " + str(who, "family"))
}

func roleOf(p Item) string {
	if s := str(p, "role"); s != "" {
		return s
	}
	return "member"
}

// refs finds the records that a field names by their key in the same source.
func (r *run) refs(ctx context.Context, kind string, list []entry, field string) (map[string]string, error) {
	var keys []string
	for _, e := range list {
		if key := str(e.item, field); key != "" {
			keys = append(keys, key)
		}
	}
	have, err := r.s.known(ctx, kind, r.m.Source, keys)
	if err != nil {
		return nil, err
	}
	out := map[string]string{"": ""}
	for _, key := range keys {
		k, ok := have[key]
		if !ok {
			return nil, Problem{Field: field, Value: key, Reason: fmt.Sprintf("is not known: take the %s of %s in first", kind, r.m.Source)}
		}
		out[key] = k.id
	}
	return out, nil
}

// outcomes are the states of a proposal by its outcome.
var outcomes = map[string]string{"fund": proposal.Decided, "reserve": proposal.Decided, "reject": proposal.Decided, "withdrawn": proposal.Withdrawn, "pending": proposal.InReview}

func proposals(ctx context.Context, r *run, list []entry) error {
	var fresh []proposal.Taken
	for _, e := range list {
		p := r.proposal(e)
		if p.CreatedAt.IsZero() { // the source says no day at all
			p.CreatedAt = clock.Now(ctx)
		}
		if !e.fresh {
			if err := r.s.Proposals.TakeAgain(ctx, p); err != nil {
				return err
			}
			continue
		}
		fresh = append(fresh, p)
	}
	if err := numbered(ctx, r, fresh); err != nil {
		return err
	}
	if err := r.s.Proposals.TakeInAll(ctx, fresh); err != nil {
		return err
	}
	for _, e := range list {
		if err := r.classify(ctx, "proposal", e); err != nil {
			return err
		}
	}
	return r.append(ctx, list)
}

func (r *run) proposal(e entry) proposal.Taken {
	i := e.item
	requested, _ := i["requested"].(money.Amount)
	p := proposal.Proposal{ID: e.id, Number: str(i, "number"), CallID: r.entities.id("call", i["call"]), AgencyID: r.entities.id("agency", i["agency"]), Title: str(i, "title"),
		Summary: str(i, "summary"), Language: str(i, "language"), State: outcomes[str(i, "outcome")], Holder: r.entities.id("organisation", i["holder"]), Requested: requested,
		Months: num(i, "months"), TeamSize: num(i, "team_size"), Version: 1}
	if p.Language == "" {
		p.Language = r.m.Language
	}
	if p.State == proposal.Decided {
		p.Outcome = str(i, "outcome")
	}
	p.SubmittedAt, p.DecidedAt = dayOf(i, "submitted"), dayOf(i, "decided")
	if p.CreatedAt = p.SubmittedAt; p.CreatedAt.IsZero() {
		p.CreatedAt = p.DecidedAt
	}
	t := proposal.Taken{Proposal: p, Answers: map[string]any{}}
	team, _ := i["team"].([]Item)
	for _, m := range team {
		member := proposal.Member{PersonID: r.entities.id("person", m["person"]), Name: nameOf(m), Role: roleOf(m), OrganisationID: r.entities.id("organisation", m["organisation"]), State: "confirmed"}
		if member.Role == "lead" && t.LeadPerson == "" {
			t.LeadPerson = member.PersonID
		}
		t.Team = append(t.Team, member)
	}
	answers, _ := i["answers"].([]Item)
	for _, a := range answers {
		t.Answers[str(a, "field")] = a["value"]
	}
	return t
}

func dayOf(i Item, name string) time.Time {
	t, err := time.Parse(time.DateOnly, str(i, name))
	if err != nil {
		return time.Time{} // fields hold days or nothing
	}
	return t
}

// numbered gives proposals without a number of their own the next ones of the year they were decided in.
func numbered(ctx context.Context, r *run, list []proposal.Taken) error {
	years := map[int][]int{}
	for i, p := range list {
		if p.Number == "" {
			year := p.DecidedAt.Year()
			if p.DecidedAt.IsZero() {
				year = clock.Now(ctx).Year()
			}
			years[year] = append(years[year], i)
		}
	}
	for year, at := range years {
		first, err := number.Take(ctx, r.s.DB, fmt.Sprintf("P-%d", year), int64(len(at)))
		if err != nil {
			return err
		}
		for k, i := range at {
			list[i].Number = fmt.Sprintf("P-%d-%05d", year, first+int64(k))
		}
	}
	return nil
}

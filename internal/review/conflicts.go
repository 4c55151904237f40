package review

import (
	"context"
	"fmt"
	"time"

	"github.com/headwater-platform/headwater/engine/conflict"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Conflict is a reason why somebody must not judge a proposal.
type Conflict struct {
	Person, Rule, Evidence string
	Possible               bool // by names alone: a person has to settle it, and until then it counts
}

// sameName is the rule of a possible conflict: a member of the team whom nobody has found in the register may be the reviewer.
const sameName = "same-name"

// foundBy are the rules by which package conflict looks, with the names that they have here.
var foundBy = []struct {
	name string
	conflict.Rule
}{
	{"same-organisation", conflict.Rule{Kind: conflict.Organisation, Hard: true}},
	{"co-author", conflict.Rule{Kind: conflict.CoAuthor, Hard: true, Years: 3, Most: 20}},
	{"co-applicant", conflict.Rule{Kind: conflict.CoApplicant, Hard: true, Years: 3}},
}

// Conflicts lists why a person must not judge a proposal, as records, declarations and names show it now.
func (s *Service) Conflicts(ctx context.Context, person, proposalID string) ([]Conflict, error) {
	p, err := s.Proposals.Known(ctx, proposalID)
	if err != nil {
		return nil, err
	}
	found, err := s.conflicts(ctx, scope{`p.id = $1`, []any{proposalID}, p.AgencyID}, []string{person})
	return found[[2]string{proposalID, person}], err
}

// barred is the first reason of each pair of the pool and the proposals of a stage.
func (s *Service) barred(ctx context.Context, d Desk, people []string) (map[[2]string]Conflict, error) {
	c, err := s.Calls.Known(ctx, d.CallID)
	if err != nil {
		return nil, err
	}
	found, err := s.conflicts(ctx, scope{`p.call_id = $1 AND p.stage = $2`, []any{d.CallID, d.Stage()}, c.AgencyID}, people)
	out := make(map[[2]string]Conflict, len(found))
	for pair, list := range found {
		out[pair] = list[0]
	}
	return out, err
}

// scope is some proposals of an agency: a condition on p with its arguments. What other agencies know is no evidence here.
type scope struct {
	where  string
	args   []any
	agency string
}

// conflicts finds why which of some people must not judge which of some proposals, by pair, the plainest reason first.
// The number of queries does not depend on how many there are.
func (s *Service) conflicts(ctx context.Context, in scope, people []string) (map[[2]string][]Conflict, error) {
	k, err := s.knowledge(ctx, in, people)
	if err != nil {
		return nil, err
	}
	out := map[[2]string][]Conflict{}
	put := func(proposal, person, rule, evidence string, possible bool) {
		if k.asked[person] && !k.cleared[[4]string{proposal, person, rule, evidence}] {
			pair := [2]string{proposal, person}
			out[pair] = append(out[pair], Conflict{person, rule, evidence, possible})
		}
	}
	for _, seat := range k.seats {
		put(seat.proposal, seat.person, "own-proposal", seat.name, false)
	}
	for _, c := range k.declared {
		put(c.proposal, c.Person, c.Rule, c.Evidence, false)
	}
	if err := k.search(clock.Now(ctx), put); err != nil {
		return nil, err
	}
	k.match(put)
	return out, nil
}

// knowledge is what is known of proposals and people, numbered for package conflict.
type knowledge struct {
	asked    map[string]bool // the people whom the question is about
	seats    []seat
	declared []declaredConflict
	cleared  map[[4]string]bool // possible conflicts that were found to be none, by proposal, person, rule and evidence
	known    []identity         // of the people asked about
	jobs     []job
	works    []together
	teams    []together

	people, organisations numbers
}

// numbers gives keys numbers from 0.
type numbers struct {
	of   map[string]int32
	keys []string
}

func (n *numbers) number(key string) int32 {
	i, known := n.of[key]
	if !known {
		if n.of == nil {
			n.of = map[string]int32{}
		}
		i = int32(len(n.keys))
		n.of[key], n.keys = i, append(n.keys, key)
	}
	return i
}

// applicant numbers somebody in a team; who is not in the register is somebody of their own.
func (k *knowledge) applicant(i int) int32 {
	if k.seats[i].person != "" {
		return k.people.number(k.seats[i].person)
	}
	return k.people.number(fmt.Sprintf("\x00%d", i))
}

// facts are what package conflict joins, with the works and teams by which it names its evidence.
func (k *knowledge) facts(today conflict.Day) conflict.Facts {
	var f conflict.Facts
	for i, seat := range k.seats {
		if seat.organisation != "" {
			f.Affiliations = append(f.Affiliations, conflict.Affiliation{Person: k.applicant(i), Organisation: k.organisations.number(seat.organisation), Period: conflict.Period{From: conflict.Always, To: conflict.Never}})
		}
	}
	for _, j := range k.jobs {
		period := conflict.Period{From: dayOf(j.from, conflict.Always), To: dayOf(j.until, conflict.Never)}
		if period.From <= period.To {
			f.Affiliations = append(f.Affiliations, conflict.Affiliation{Person: k.people.number(j.person), Organisation: k.organisations.number(j.organisation), Period: period})
		}
	}
	list := func(all []together) (out []conflict.Together) {
		for _, t := range all {
			one := conflict.Together{Day: min(dayOf(t.day, today), today)} // of a work only the year is known
			for _, person := range t.people {
				one.People = append(one.People, conflict.Member{Person: k.people.number(person), Confidence: 1})
			}
			out = append(out, one)
		}
		return out
	}
	f.Works, f.Teams = list(k.works), list(k.teams)
	f.People, f.Organisations = len(k.people.keys), len(k.organisations.keys)
	return f
}

// search asks package conflict about every proposal.
func (k *knowledge) search(now time.Time, put func(proposal, person, rule, evidence string, possible bool)) error {
	today := conflict.DayOf(now)
	proposals, at := []conflict.Proposal{}, numbers{}
	among := make([]int32, 0, len(k.asked))
	for person := range k.asked {
		among = append(among, k.people.number(person))
	}
	for i, seat := range k.seats {
		n := at.number(seat.proposal)
		if int(n) == len(proposals) {
			proposals = append(proposals, conflict.Proposal{})
		}
		proposals[n].Applicants = append(proposals[n].Applicants, k.applicant(i))
	}
	f, err := conflict.New(k.facts(today), proposals)
	if err != nil {
		return fmt.Errorf("conflicts of interest: %w", err)
	}
	rules := make([]conflict.Rule, len(foundBy))
	for i, r := range foundBy {
		rules[i] = r.Rule
	}
	for n, proposal := range at.keys {
		for _, c := range f.Among(n, among, rules, today) {
			put(proposal, k.people.keys[c.Reviewer], foundBy[c.Rule].name, k.evidence(c), false)
		}
	}
	return nil
}

// evidence names the organisation, the work or the proposal that a conflict rests on.
func (k *knowledge) evidence(c conflict.Conflict) string {
	switch foundBy[c.Rule].Kind {
	case conflict.CoAuthor:
		return k.works[c.Evidence].name
	case conflict.CoApplicant:
		return k.teams[c.Evidence].name
	}
	key := k.organisations.keys[c.Evidence]
	for _, seat := range k.seats {
		if seat.organisation == key {
			return seat.organisationName
		}
	}
	for _, j := range k.jobs {
		if j.organisation == key {
			return j.name
		}
	}
	return key
}

// match compares the names of team members whom nobody has found in the register with those of the people asked about.
func (k *knowledge) match(put func(proposal, person, rule, evidence string, possible bool)) {
	var mentions []conflict.Mention
	var of []seat
	for _, seat := range k.seats {
		if seat.person == "" {
			mentions, of = append(mentions, conflict.Mention{Name: conflict.ParseName(seat.name), Place: seat.organisationName}), append(of, seat)
		}
	}
	if len(mentions) == 0 {
		return
	}
	identities := make([]conflict.Identity, len(k.known))
	for i, p := range k.known {
		identities[i] = conflict.Identity{Names: []conflict.Name{{Given: p.given, Family: p.family}}, Places: p.places}
	}
	for _, m := range conflict.Match(identities, mentions) {
		put(of[m.Mention].proposal, k.known[m.Person].person, sameName, of[m.Mention].name, true)
	}
}

// dayOf reads a plain day; otherwise stands for one that is not known.
func dayOf(day string, otherwise conflict.Day) conflict.Day {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return otherwise
	}
	return conflict.DayOf(t)
}

// Settle says of a possible conflict whether the two names are one person: then the pair is kept apart
// for good; otherwise it may be suggested. Errors: Conflict where there is no such possible conflict.
func (s *Service) Settle(ctx context.Context, a access.Actor, callID, proposalID, person string, same bool) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, err := s.deskOf(ctx, a, callID, proposalID, "review.assign")
		if err != nil {
			return err
		}
		found, err := s.Conflicts(ctx, person, proposalID)
		if err != nil {
			return err
		}
		for _, c := range found {
			if !c.Possible {
				continue
			}
			if err := s.putSettled(ctx, a, c, proposalID, same); err != nil {
				return err
			}
			_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.conflict.settle", Kind: "proposal", ID: proposalID, Agency: d.agency, Payload: map[string]any{"person": person, "rule": c.Rule, "same": same}})
			return err
		}
		return fault.New(fault.Conflict, "review.settle.none")
	})
}

package review

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/conflict"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Conflict is a reason why somebody must not judge a proposal.
type Conflict struct {
	Person, Rule, Evidence string
	Possible               bool    // by names alone: a person has to settle it, and until then it counts
	Confidence             float64 // of a possible one: how sure, from 0 to 1, by names and organisations as they are written (conflict.Match)
	Soft                   bool    // by a rule that the scheme only wants shown: it keeps nobody apart
	Since, Until           string  // the days from and to which it holds, "2029-12-31"; "" where no beginning, or no end, is known
}

// sameName is the rule of a possible conflict: a member of the team whom nobody has found in the register may be the reviewer.
const sameName = "same-name"

// kinds are the rules for which package conflict looks, by the names that schemes give them.
var kinds = []struct {
	name string
	kind conflict.Kind
}{
	{scheme.SameOrganisation, conflict.Organisation},
	{scheme.SameDepartment, conflict.Department},
	{scheme.CoAuthor, conflict.CoAuthor},
	{scheme.CoApplicant, conflict.CoApplicant},
	{scheme.Adviser, conflict.Adviser},
	{scheme.Family, conflict.Family},
	{scheme.Competitor, conflict.Competitor},
}

// rule is one of kinds as a scheme has it.
type rule struct {
	name string
	conflict.Rule
}

// rulesOf are the rules that a scheme does not switch off, in the order of kinds.
func rulesOf(bars map[string]scheme.Bar) (out []rule) {
	for _, k := range kinds {
		if bar := bars[k.name]; bar.Hold != scheme.Off {
			out = append(out, rule{k.name, conflict.Rule{Kind: k.kind, Hard: bar.Hold == scheme.Hard, Years: bar.Years, Kin: bar.Kin, Most: bar.Most}})
		}
	}
	return out
}

// Conflicts lists why a person must not, or by a soft rule should not, judge a proposal, as records, declarations and
// names show it now: what keeps them apart first, and of that the plainest reason.
func (s *Service) Conflicts(ctx context.Context, person, proposalID string) ([]Conflict, error) {
	p, err := s.Proposals.Known(ctx, proposalID)
	if err != nil {
		return nil, err
	}
	bars, err := s.bars(ctx, p.SchemeVersionID)
	if err != nil {
		return nil, err
	}
	found, err := s.conflicts(ctx, scope{`p.id = $1`, []any{proposalID}, p.AgencyID, p.CallID, bars}, []string{person})
	return found[[2]string{proposalID, person}], err
}

// bars are how the rules of a scheme's version hold; as usual where there is none.
func (s *Service) bars(ctx context.Context, version string) (map[string]scheme.Bar, error) {
	if version == "" {
		return (*scheme.Definition)(nil).Bars(), nil
	}
	v, err := s.Schemes.Get(ctx, version)
	return v.Definition.Bars(), err
}

// barsOf are how the rules hold in a call, and whose it is.
func (s *Service) barsOf(ctx context.Context, d Desk) (agency string, bars map[string]scheme.Bar, err error) {
	c, err := s.Calls.Known(ctx, d.CallID)
	if err != nil {
		return "", nil, err
	}
	bars, err = s.bars(ctx, c.SchemeVersionID)
	return c.AgencyID, bars, err
}

// barred is the first reason of each pair of people and the proposals of a stage that must be kept apart.
func (s *Service) barred(ctx context.Context, d Desk, people []string) (map[[2]string]Conflict, error) {
	agency, bars, err := s.barsOf(ctx, d)
	if err != nil {
		return nil, err
	}
	hard, _, err := s.reasons(ctx, d, agency, bars, people)
	return hard, err
}

// reasons are the first reason of each pair of people and the proposals of a stage that must be kept apart, and of
// each other pair about which a soft rule says something.
func (s *Service) reasons(ctx context.Context, d Desk, agency string, bars map[string]scheme.Bar, people []string) (hard, soft map[[2]string]Conflict, err error) {
	found, err := s.conflicts(ctx, scope{`p.call_id = $1 AND p.stage = $2`, []any{d.CallID, d.Stage()}, agency, d.CallID, bars}, people)
	hard, soft = make(map[[2]string]Conflict, len(found)), map[[2]string]Conflict{}
	for pair, list := range found {
		if list[0].Soft {
			soft[pair] = list[0]
		} else {
			hard[pair] = list[0]
		}
	}
	return hard, soft, err
}

// refusal is that a person must not judge a proposal, nil where they may.
func refusal(found []Conflict) error {
	if len(found) == 0 || found[0].Soft {
		return nil
	}
	return fault.New(fault.Conflict, "review.conflict."+found[0].Rule, found[0].Evidence).At("person")
}

// scope is some proposals of a call: a condition on p with its arguments. What other agencies than
// the call's know is no evidence here.
type scope struct {
	where  string
	args   []any
	agency string
	call   string
	bars   map[string]scheme.Bar
}

// conflicts finds why which of some people must or should not judge which of some proposals, by pair: what keeps them
// apart first, and of that the plainest reason. The number of queries does not depend on how many there are.
func (s *Service) conflicts(ctx context.Context, in scope, people []string) (map[[2]string][]Conflict, error) {
	k, err := s.knowledge(ctx, in, people)
	if err != nil {
		return nil, err
	}
	out := map[[2]string][]Conflict{}
	put := func(proposal string, c Conflict) {
		if k.asked[c.Person] && !k.cleared[[4]string{proposal, c.Person, c.Rule, c.Evidence}] {
			pair := [2]string{proposal, c.Person}
			out[pair] = append(out[pair], c)
		}
	}
	for _, seat := range k.seats {
		put(seat.proposal, Conflict{Person: seat.person, Rule: "own-proposal", Evidence: seat.name})
	}
	for _, c := range k.declared {
		put(c.proposal, c.Conflict)
	}
	if err := k.search(clock.Now(ctx), put); err != nil {
		return nil, err
	}
	k.applying(in.bars[scheme.SameCall], put)
	k.returning(in.bars[scheme.Reciprocal], put)
	k.circling(in.bars[scheme.Circle], put)
	k.match(put)
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b Conflict) int { return cmp.Compare(db.Bool(a.Soft), db.Bool(b.Soft)) })
	}
	return out, nil
}

// putting notes a conflict with a proposal.
type putting func(proposal string, c Conflict)

// knowledge is what is known of proposals and people, numbered for package conflict.
type knowledge struct {
	asked    map[string]bool // the people whom the question is about
	seats    []seat
	declared []declaredConflict
	cleared  map[[4]string]bool // possible conflicts that were found to be none, by proposal, person, rule and evidence
	known    []identity         // of the people asked about
	jobs     []affiliation
	works    []together
	teams    []together
	parents  [][2]string // of organisations: the one, and that which it is a part of
	ties     []relation
	rivals   []rival
	others   []otherSeat // of the people asked about, in proposals of the same call
	returns  []returned  // reviews that the applicants were asked for, by whom that proposal is
	onward   []returned  // and reviews that those were asked for
	rules    []rule

	people, organisations, departments numbers
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
			f.Affiliations = append(f.Affiliations, conflict.Affiliation{Person: k.people.number(j.person), Organisation: k.organisations.number(j.organisation), Department: k.department(j), Period: period})
		}
	}
	for _, p := range k.parents {
		f.Parents = append(f.Parents, conflict.Parent{Child: k.organisations.number(p[0]), Parent: k.organisations.number(p[1])})
	}
	for _, t := range k.ties {
		f.Ties = append(f.Ties, conflict.Tie{A: k.people.number(t.person), B: k.people.number(t.other), Kind: t.kind(), Period: conflict.Period{From: dayOf(t.from, conflict.Always), To: dayOf(t.until, conflict.Never)}})
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

// department numbers the department of a job from 1; 0 is one that is not known. Names are one as those of organisations are: the
// same words in any order, abbreviated as usual, without the word department.
func (k *knowledge) department(j affiliation) int32 {
	name := strings.Join(slices.DeleteFunc(strings.Fields(conflict.PlaceKey(j.department)), func(w string) bool { return w == "department" }), " ")
	if name == "" {
		return 0
	}
	return k.departments.number(j.organisation+"\x00"+name) + 1
}

// search asks package conflict about every proposal.
func (k *knowledge) search(now time.Time, put putting) error {
	today := conflict.DayOf(now)
	among := make([]int32, 0, len(k.asked))
	for person := range k.asked {
		among = append(among, k.people.number(person))
	}
	proposals, keys := k.proposals()
	f, err := conflict.New(k.facts(today), proposals)
	if err != nil {
		return fmt.Errorf("conflicts of interest: %w", err)
	}
	rules := make([]conflict.Rule, len(k.rules))
	for i, r := range k.rules {
		rules[i] = r.Rule
	}
	for n, proposal := range keys {
		for _, c := range f.Among(n, among, rules, today) {
			put(proposal, Conflict{Person: k.people.keys[c.Reviewer], Rule: k.rules[c.Rule].name, Evidence: k.evidence(proposal, c), Soft: !k.rules[c.Rule].Hard, Since: plain(c.From), Until: plain(c.To)})
		}
	}
	return nil
}

// proposals are what package conflict is asked about: who applies, and whom they named as competitors.
func (k *knowledge) proposals() (list []conflict.Proposal, keys []string) {
	at := numbers{}
	one := func(key string) *conflict.Proposal {
		n := int(at.number(key))
		if n == len(list) {
			list = append(list, conflict.Proposal{})
		}
		return &list[n]
	}
	for i, seat := range k.seats {
		p := one(seat.proposal)
		p.Applicants = append(p.Applicants, k.applicant(i))
	}
	for _, r := range k.rivals {
		if p := one(r.proposal); r.person != "" {
			p.Competitors = append(p.Competitors, k.people.number(r.person))
		} else {
			p.Rivals = append(p.Rivals, k.organisations.number(r.organisation))
		}
	}
	return list, at.keys
}

// applying puts who applies in the same call with another proposal.
func (k *knowledge) applying(bar scheme.Bar, put putting) {
	proposals := map[string]bool{}
	for _, seat := range k.seats {
		proposals[seat.proposal] = true
	}
	for _, o := range k.others {
		for proposal := range proposals {
			if proposal != o.proposal {
				put(proposal, Conflict{Person: o.person, Rule: scheme.SameCall, Evidence: o.number, Soft: bar.Hold == scheme.Soft})
			}
		}
	}
}

// returning puts whose own proposal somebody of the team was asked to review.
func (k *knowledge) returning(bar scheme.Bar, put putting) {
	if bar.Hold == scheme.Off {
		return
	}
	for _, seat := range k.seats {
		for _, r := range k.returns {
			if seat.person == r.reviewer {
				put(seat.proposal, Conflict{Person: r.applicant, Rule: scheme.Reciprocal, Evidence: r.number, Soft: bar.Hold == scheme.Soft})
			}
		}
	}
}

// circling puts who would close a ring of three: somebody of the team was asked to review a proposal, and who applies with that to
// review theirs.
func (k *knowledge) circling(bar scheme.Bar, put putting) {
	if bar.Hold == scheme.Off {
		return
	}
	by, onward := map[string][]returned{}, map[string][]returned{}
	for _, r := range k.returns {
		by[r.reviewer] = append(by[r.reviewer], r)
	}
	for _, r := range k.onward {
		onward[r.reviewer] = append(onward[r.reviewer], r)
	}
	seen := map[[2]string]bool{}
	for _, seat := range k.seats {
		for _, first := range by[seat.person] {
			for _, second := range onward[first.applicant] {
				pair := [2]string{seat.proposal, second.applicant}
				if first.applicant == seat.person || second.applicant == seat.person || second.applicant == first.applicant || seen[pair] {
					continue
				}
				seen[pair] = true
				put(seat.proposal, Conflict{Person: second.applicant, Rule: scheme.Circle, Evidence: first.number + ", " + second.number, Soft: bar.Hold == scheme.Soft})
			}
		}
	}
}

// evidence names the organisation, the work, the proposal, the people or the words of the applicants that a conflict rests on.
func (k *knowledge) evidence(proposal string, c conflict.Conflict) string {
	switch k.rules[c.Rule].Kind {
	case conflict.CoAuthor:
		return k.works[c.Evidence].name
	case conflict.CoApplicant:
		return k.teams[c.Evidence].name
	case conflict.Adviser, conflict.Family:
		return k.ties[c.Evidence].told()
	case conflict.Competitor:
		return k.named(proposal, c)
	}
	return k.organisation(k.organisations.keys[c.Evidence])
}

// named is what the applicants say of a competitor whom they named, or of whose organisation they did.
func (k *knowledge) named(proposal string, c conflict.Conflict) string {
	for _, r := range k.rivals {
		if r.proposal != proposal {
			continue
		}
		if c.Evidence < 0 && r.person == k.people.keys[c.Reviewer] || c.Evidence >= 0 && r.organisation == k.organisations.keys[c.Evidence] {
			return r.reason
		}
	}
	return ""
}

// organisation is the name of an organisation by its key.
func (k *knowledge) organisation(key string) string {
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
func (k *knowledge) match(put putting) {
	var mentions []conflict.Mention
	var of []int
	for i, seat := range k.seats {
		if seat.person == "" {
			for _, m := range mentioned(seat.name, seat.organisationName) {
				mentions, of = append(mentions, m), append(of, i)
			}
		}
	}
	if len(mentions) == 0 {
		return
	}
	found := map[[2]int]conflict.Matched{} // by seat and person: the surest of the ways in which the name is written
	for _, m := range conflict.Match(identified(k.known), mentions) {
		at := [2]int{of[m.Mention], m.Person}
		if m.Confidence > found[at].Confidence {
			found[at] = m
		}
	}
	for _, at := range slices.SortedFunc(maps.Keys(found), func(a, b [2]int) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) }) {
		seat := k.seats[at[0]]
		put(seat.proposal, Conflict{Person: k.known[at[1]].person, Rule: sameName, Evidence: seat.name, Possible: true, Confidence: hundredths(found[at].Confidence)})
	}
}

// hundredths is a confidence as it is told: more places would promise what no comparison of names can keep.
func hundredths(c float32) float64 { return math.Round(100*float64(c)) / 100 }

// mentioned is somebody at a place whose name may be written in two ways.
func mentioned(name, place string) []conflict.Mention {
	names := conflict.ParseNames(name)
	out := make([]conflict.Mention, len(names))
	for i, n := range names {
		out[i] = conflict.Mention{Name: n, Place: place}
	}
	return out
}

// identified is what package conflict compares names with.
func identified(people []identity) []conflict.Identity {
	out := make([]conflict.Identity, len(people))
	for i, p := range people {
		out[i] = conflict.Identity{Names: []conflict.Name{{Given: p.given, Family: p.family}}, Places: p.places}
		if p.name != p.given+" "+p.family {
			out[i].Names = append(out[i].Names, conflict.ParseNames(p.name)...)
		}
	}
	return out
}

// plain writes the beginning or the end of a period; "" for one that is not known.
func plain(d conflict.Day) string {
	if d == conflict.Always || d == conflict.Never {
		return ""
	}
	return d.String()
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

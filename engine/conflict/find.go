package conflict

import (
	"cmp"
	"fmt"
	"slices"
)

// Finder finds conflicts. It may be used by several goroutines at once.
type Finder struct {
	facts     Facts
	proposals []Proposal
	kin       [][]int32 // by organisation: itself, all above and all below it

	of, at               joins // affiliations by person, by organisation
	works, teams, ties   joins // by person
	applicants, proposed joins // proposals by call, by applicant
}

// joins leads from a key to the numbers of facts.
type joins struct {
	start []int32
	fact  []int32
}

// of joins n facts to keys. each calls its argument with every key of a fact.
func join(keys, n int, each func(fact int, key func(int32))) joins {
	j := joins{start: make([]int32, keys+1)}
	for i := range n {
		each(i, func(k int32) { j.start[k+1]++ })
	}
	for k := range keys {
		j.start[k+1] += j.start[k]
	}
	j.fact = make([]int32, j.start[keys])
	next := slices.Clone(j.start[:keys])
	for i := range n {
		each(i, func(k int32) {
			j.fact[next[k]] = int32(i)
			next[k]++
		})
	}
	return j
}

func (j joins) get(key int32) []int32 { return j.fact[j.start[key]:j.start[key+1]] }

// New checks facts and proposals and joins them. It takes time in proportion to them.
func New(facts Facts, proposals []Proposal) (*Finder, error) {
	if err := facts.check(); err != nil {
		return nil, err
	}
	calls, err := checkProposals(&facts, proposals)
	if err != nil {
		return nil, err
	}
	f := &Finder{facts: facts, proposals: proposals, kin: kin(facts.Organisations, facts.Parents)}
	f.of = join(facts.People, len(facts.Affiliations), func(i int, key func(int32)) { key(facts.Affiliations[i].Person) })
	f.at = join(facts.Organisations, len(facts.Affiliations), func(i int, key func(int32)) { key(facts.Affiliations[i].Organisation) })
	f.works, f.teams = together(facts.People, facts.Works), together(facts.People, facts.Teams)
	f.ties = join(facts.People, len(facts.Ties), func(i int, key func(int32)) { key(facts.Ties[i].A); key(facts.Ties[i].B) })
	f.applicants = join(calls, len(proposals), func(i int, key func(int32)) { key(proposals[i].Call) })
	f.proposed = join(facts.People, len(proposals), func(i int, key func(int32)) {
		for _, p := range proposals[i].Applicants {
			key(p)
		}
	})
	return f, nil
}

func together(people int, list []Together) joins {
	return join(people, len(list), func(i int, key func(int32)) {
		for _, m := range list[i].People {
			key(m.Person)
		}
	})
}

// checkProposals gives the number of calls.
func checkProposals(f *Facts, proposals []Proposal) (calls int, err error) {
	for i, p := range proposals {
		if p.Call < 0 {
			return 0, fmt.Errorf("conflict: proposal %d: call %d", i, p.Call)
		}
		calls = max(calls, int(p.Call)+1)
		people := slices.Concat(p.Applicants, p.Competitors)
		for _, d := range p.Declared {
			people = append(people, d.Person)
		}
		for _, q := range people {
			if q < 0 || int(q) >= f.People {
				return 0, fmt.Errorf("conflict: proposal %d: person %d of %d", i, q, f.People)
			}
		}
		for _, o := range p.Rivals {
			if o < 0 || int(o) >= f.Organisations {
				return 0, fmt.Errorf("conflict: proposal %d: organisation %d of %d", i, o, f.Organisations)
			}
		}
	}
	return calls, nil
}

// kin are each organisation with all above and below it. Circles do no harm: the ways up and down are walked apart, so
// that what was met above is still asked for what is below it.
func kin(n int, parents []Parent) [][]int32 {
	up := join(n, len(parents), func(i int, key func(int32)) { key(parents[i].Child) })
	down := join(n, len(parents), func(i int, key func(int32)) { key(parents[i].Parent) })
	out := make([][]int32, n)
	for o := range out {
		out[o] = reach(int32(o), up, func(i int32) int32 { return parents[i].Parent })
		for _, below := range reach(int32(o), down, func(i int32) int32 { return parents[i].Child }) {
			if !slices.Contains(out[o], below) {
				out[o] = append(out[o], below)
			}
		}
	}
	return out
}

// reach are an organisation and all that its links lead to.
func reach(from int32, links joins, end func(link int32) int32) []int32 {
	list := []int32{from}
	for at := 0; at < len(list); at++ {
		for _, link := range links.get(list[at]) {
			if to := end(link); !slices.Contains(list, to) {
				list = append(list, to)
			}
		}
	}
	return list
}

// Of gives the conflicts of a proposal that hold on a day, by reviewer and rule.
// Under an OwnProposal rule that is everybody who applies in the call, the applicants themselves too: where calls are
// large, ask Among.
func (f *Finder) Of(proposal int, rules []Rule, day Day) []Conflict {
	return f.find(search{f: f, proposal: proposal, day: day}, rules)
}

// Among gives the conflicts of a proposal with some reviewers only: the
// candidates, or one person. It takes no longer where organisations and calls are large.
func (f *Finder) Among(proposal int, reviewers []int32, rules []Rule, day Day) []Conflict {
	among := slices.Clone(reviewers)
	slices.Sort(among)
	return f.find(search{f: f, proposal: proposal, day: day, some: true, among: slices.Compact(among)}, rules)
}

func (f *Finder) find(s search, rules []Rule) []Conflict {
	for i, r := range rules {
		s.rule, s.number = r, i
		s.look()
	}
	slices.SortFunc(s.found, func(a, b Conflict) int {
		if a.Reviewer != b.Reviewer { // nearly always, and thousands are compared
			return cmp.Compare(a.Reviewer, b.Reviewer)
		}
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(b.Confidence, a.Confidence),
			cmp.Compare(b.To, a.To), cmp.Compare(a.Applicant, b.Applicant), cmp.Compare(a.Evidence, b.Evidence), cmp.Compare(a.From, b.From))
	})
	return slices.CompactFunc(s.found, func(a, b Conflict) bool { return a.Reviewer == b.Reviewer && a.Rule == b.Rule })
}

// search looks for the conflicts of one proposal under one rule after the other.
type search struct {
	f        *Finder
	proposal int
	day      Day
	some     bool // whether only those in among, in rising order, are asked about
	among    []int32
	rule     Rule
	number   int
	found    []Conflict
}

func (s *search) add(reviewer, applicant int32, evidence int32, p Period, confidence float32) {
	if s.some {
		if _, ok := slices.BinarySearch(s.among, reviewer); !ok {
			return
		}
	}
	if reviewer != applicant && p.Holds(s.day) {
		s.found = append(s.found, Conflict{reviewer, s.number, applicant, evidence, p, confidence})
	}
}

func (s *search) look() {
	p := &s.f.proposals[s.proposal]
	switch s.rule.Kind {
	case Competitor:
		s.competitors(p)
		return
	case OwnProposal:
		s.applying(p)
		return
	case Declared:
		for i, d := range p.Declared {
			s.add(d.Person, -1, int32(i), d.Period, 1)
		}
	}
	for _, a := range p.Applicants {
		switch s.rule.Kind {
		case Organisation, Department:
			s.colleagues(a)
		case CoAuthor:
			s.partners(a, s.f.works.get(a), s.f.facts.Works)
		case CoApplicant:
			s.partners(a, s.f.teams.get(a), s.f.facts.Teams)
		default:
			s.tied(a)
		}
	}
}

// colleagues are those whose time at an organisation, and the rule's years after
// it, meets the applicant's.
func (s *search) colleagues(applicant int32) {
	all := s.f.facts.Affiliations
	for _, i := range s.f.of.get(applicant) {
		mine := all[i]
		span := s.span(mine.Period)
		if !span.Holds(s.day) || s.rule.Kind == Department && mine.Department == 0 {
			continue
		}
		places := s.f.kin[mine.Organisation]
		if !s.rule.Kin || s.rule.Kind == Department {
			places = places[:1]
		}
		for _, o := range places {
			for _, k := range s.there(o) {
				if s.rule.Kind == Organisation || all[k].Department == mine.Department {
					s.add(all[k].Person, applicant, o, span.and(s.span(all[k].Period)), 1)
				}
			}
		}
	}
}

// there are the affiliations with an organisation of those who are asked about.
func (s *search) there(organisation int32) []int32 {
	all := s.f.at.get(organisation)
	if !s.some || len(all) <= len(s.among) {
		return all
	}
	var out []int32
	for _, person := range s.among {
		for _, i := range s.f.of.get(person) {
			if s.f.facts.Affiliations[i].Organisation == organisation {
				out = append(out, i)
			}
		}
	}
	return out
}

// applying are those who apply in the proposal's call.
func (s *search) applying(p *Proposal) {
	if s.some {
		for _, person := range s.among {
			for _, i := range s.f.proposed.get(person) {
				if s.f.proposals[i].Call == p.Call {
					s.add(person, -1, i, Period{Always, Never}, 1)
				}
			}
		}
		return
	}
	for _, i := range s.f.applicants.get(p.Call) {
		for _, person := range s.f.proposals[i].Applicants {
			s.add(person, -1, i, Period{Always, Never}, 1)
		}
	}
}

// span is a period with the rule's years after it.
func (s *search) span(p Period) Period { return Period{p.From, p.To.after(s.rule.Years)} }

func (s *search) partners(applicant int32, facts []int32, all []Together) {
	for _, i := range facts {
		t := &all[i]
		p := s.span(Period{t.Day, t.Day})
		if !p.Holds(s.day) || s.rule.Most > 0 && len(t.People) > s.rule.Most {
			continue
		}
		var mine float32
		for _, m := range t.People {
			if m.Person == applicant {
				mine = max(mine, m.Confidence)
			}
		}
		for _, m := range t.People {
			s.add(m.Person, applicant, i, p, mine*m.Confidence)
		}
	}
}

func (s *search) tied(applicant int32) {
	for _, i := range s.f.ties.get(applicant) {
		t := s.f.facts.Ties[i]
		if t.Kind != s.rule.Kind {
			continue
		}
		p := t.Period
		if t.Kind == Adviser {
			p = s.span(p)
		}
		s.add(t.A+t.B-applicant, applicant, i, p, 1)
	}
}

func (s *search) competitors(p *Proposal) {
	for _, person := range p.Competitors {
		s.add(person, -1, -1, Period{Always, Never}, 1)
	}
	for _, o := range p.Rivals {
		for _, i := range s.there(o) {
			a := s.f.facts.Affiliations[i]
			s.add(a.Person, -1, o, a.Period, 1)
		}
	}
}

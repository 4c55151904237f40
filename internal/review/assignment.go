package review

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Settings are the rules of one suggestion.
type Settings struct {
	Each  int    `json:"each"`            // reviews a proposal
	Most  int    `json:"most,omitempty"`  // at most so many a person, where the pool says more; 0: as the pool says
	Aim   string `json:"aim,omitempty"`   // one of Aims; "" is Total
	Limit int    `json:"limit,omitempty"` // Random: no pair is surer than so many per cent
	Caps  Caps   `json:"caps,omitzero"`
	Pairs []Wish `json:"pairs,omitempty"` // to lock or forbid from now on
	Round bool   `json:"round,omitempty"` // it fills the places of those who turned an invitation down
	Mend  string `json:"mend,omitempty"`  // it is a repair: Gentle or Best
}

// Wish is that a pair is kept (Lock), left out (Forbid) or, with "", neither.
type Wish struct {
	Proposal string `json:"proposal"` // its key, or its number in a question
	Person   string `json:"person"`
	Kind     string `json:"kind"`
}

// Pair is a proposal and somebody who is to review it.
type Pair struct {
	Proposal string   `json:"proposal"`
	Person   string   `json:"person"`
	Score    float64  `json:"score"`
	Words    []string `json:"words,omitempty"` // that both use
	Asked    bool     `json:"asked,omitempty"` // was asked before the suggestion
	Locked   bool     `json:"locked,omitempty"`
}

// Short is a proposal with fewer reviewers than it needs, or a person with
// fewer proposals than the least.
type Short struct {
	ID    string `json:"id"`
	Count int    `json:"count"`
}

// Reason is why places stay empty: a set of proposals whose possible reviewers
// have too little room, or of people for whom there is too little.
type Reason struct {
	Kind      string   `json:"kind"` // reviewers, proposals: of which there are too few; caps: that leave too little
	Proposals []string `json:"proposals"`
	People    []string `json:"people"`
	Need      int      `json:"need"`
	Have      int      `json:"have"`
	Caps      []Cap    `json:"caps,omitempty"`  // that hold these people back
	Raise     []Raise  `json:"raise,omitempty"` // what would fill one place most cheaply
}

// Raise is one place more for somebody who has no room, or under a cap, which would fill one that is empty.
type Raise struct {
	Person string  `json:"person,omitempty"` // key; in a Worded their name
	Cap    *Cap    `json:"cap,omitempty"`
	Gain   float64 `json:"gain"` // by which the sum of scores would grow
}

// Result is a suggestion.
type Result struct {
	Pairs     []Pair         `json:"pairs"`             // by proposal and person
	Dropped   []Pair         `json:"dropped,omitempty"` // invitations that a repair took back
	Short     []Short        `json:"short,omitempty"`
	Idle      []Short        `json:"idle,omitempty"`
	Why       []Reason       `json:"why,omitempty"`
	Caps      []Cap          `json:"caps,omitempty"` // that are used up
	Proposals int            `json:"proposals"`
	Pool      int            `json:"pool"`
	Places    int            `json:"places"`
	Filled    int            `json:"filled"`
	Total     float64        `json:"total"` // sum of the scores
	Weakest   float64        `json:"weakest"`
	Least     float64        `json:"least"`  // sum of the scores of the proposal that is served worst
	Barred    map[string]int `json:"barred"` // pairs that were kept apart, by rule
	Rings     []Ring         `json:"rings,omitempty"`
	Blend     string         `json:"blend,omitempty"` // whether an embedding service took part: Blended, Unblended, else WordsAlone
	Millis    int64          `json:"millis"`
}

// Mean is the mean score of the filled places.
func (r Result) Mean() float64 {
	if r.Filled == 0 {
		return 0
	}
	return r.Total / float64(r.Filled)
}

// Certificate proves what a suggestion claims under its rules, with the prices or
// weights of package assign for the proposals and people in this order: that no other costs less (Total), how
// much the worst served proposal could get at most (Fair), that no lottery within the limit expects to
// cost less (Random, whose cost and bound count in 1/Parts). Verified before
// it is stored; the digest names the problem that was solved.
type Certificate struct {
	Problem       string   `json:"problem"` // SHA-256
	Proposals     []string `json:"proposals"`
	People        []string `json:"people"`
	ProposalPrice []int64  `json:"proposal_price"`
	PersonPrice   []int64  `json:"person_price"`
	Cost          int64    `json:"cost"`
	Unmet         int      `json:"unmet"`
	Bound         int64    `json:"bound"`
	Caps          []Cap    `json:"caps,omitempty"` // every cap of the problem, with its price in the same order
	CapPrice      []int64  `json:"cap_price,omitempty"`

	Least      int64           `json:"least,omitempty"` // Fair: what the worst served proposal gets, in millionths
	LeastBound int64           `json:"least_bound,omitempty"`
	Weights    *assign.Weights `json:"weights,omitempty"`

	Limit int64  `json:"limit,omitempty"` // Random: no pair has more than Limit of Parts
	Parts int64  `json:"parts,omitempty"`
	Seed  uint64 `json:"seed,omitempty"` // that the draw can be made again from
}

// Withheld reports whether it is kept from its viewer, see Run.without.
func (c Certificate) Withheld() bool { return c.Problem == "" }

// Optimal reports whether nothing better exists under the rules.
func (c Certificate) Optimal() bool { return c.Weights == nil || c.Least == c.LeastBound }

// Run is one suggestion with its rules and its proof.
type Run struct {
	ID, CallID, Stage, By string
	At, AppliedAt, Undone time.Time
	Settings              Settings
	Result                Result
	Certificate           Certificate
}

// Kinds of a wish.
const (
	Lock   = "lock"
	Forbid = "forbid"
)

// matter is everything that a suggestion is made from.
type matter struct {
	proposals []candidate
	pool      []PoolMember
	asked     map[[2]string]string // proposal and person → state of their review
	wishes    map[[2]string]string
	barred    map[[2]string]Conflict // of the pool and of who was asked
	doubted   map[[2]string]Conflict // of the same: pairs that a soft rule speaks of, and no hard one
	measure   *measure
	rings     *rings // nil where no rule looks at them
	caps      Caps   // under which people were asked so far
}

// people are the keys of the pool, in its order.
func (m *matter) people() []string {
	out := make([]string, len(m.pool))
	for i, p := range m.pool {
		out[i] = p.Person
	}
	return out
}

// candidate is a proposal that needs reviewers.
type candidate struct {
	ID, Number, Title, Summary string
}

// try adds wishes to those there are, with the keys of proposals that come by number.
// Errors: Invalid for a pair that is not of this stage and pool; Conflict for locking one with a conflict of interest.
func (m *matter) try(d Desk, pairs []Wish) error {
	for k := range pairs {
		w := &pairs[k]
		i := slices.IndexFunc(m.proposals, func(c candidate) bool { return c.ID == w.Proposal || c.Number == w.Proposal })
		switch {
		case i < 0 || d.hidden[m.proposals[i].ID]:
			return fault.Field("proposal", "review.assign.unknown", w.Proposal)
		case m.person(w.Person) < 0:
			return fault.Field("person", "review.pool.not")
		case w.Kind != Lock && w.Kind != Forbid && w.Kind != "":
			return fault.Field("kind", "fault.choice")
		}
		w.Proposal = m.proposals[i].ID
		pair := [2]string{w.Proposal, w.Person}
		if c, is := m.barred[pair]; is && w.Kind == Lock {
			return fault.New(fault.Conflict, "review.conflict."+c.Rule, c.Evidence).At("person")
		}
		m.wishes[pair] = w.Kind
	}
	return nil
}

func (m *matter) person(id string) int {
	return slices.IndexFunc(m.pool, func(p PoolMember) bool { return p.Person == id })
}

// counts reports whether a review in this state takes up a place.
func counts(state string) bool { return state == Invited || state == Accepted || state == Submitted }

// problem is the matter as package assign takes it, with the score of each edge.
// Reviews that were asked for count as fixed; so do locked pairs, which may
// raise what a proposal gets and what a person takes. Who turned a proposal
// down or was taken off it is not asked again.
func (m *matter) problem(set Settings) (p assign.Problem, scores []float64, barred map[string]int) {
	p.Demand, p.Load, barred = make([]int, len(m.proposals)), make([]assign.Load, len(m.pool)), map[string]int{}
	for j, member := range m.pool {
		p.Load[j] = assign.Load{Min: member.Least, Max: member.Most}
		if set.Most > 0 && set.Most < member.Most {
			p.Load[j].Max = set.Most
		}
		p.Load[j].Min = min(p.Load[j].Min, p.Load[j].Max)
	}
	fixed := make([]int, len(m.pool))
	outside := map[string]int{} // places taken by people who are not in the pool
	for pair, state := range m.asked {
		if counts(state) && m.person(pair[1]) < 0 {
			outside[pair[0]]++
		}
	}
	for i, c := range m.proposals {
		own := 0
		for j, score := range m.measure.scores(i) {
			pair := [2]string{c.ID, m.pool[j].Person}
			state, known := m.asked[pair]
			e := assign.Edge{Proposal: i, Reviewer: j, Fixed: counts(state) || m.wishes[pair] == Lock}
			if conflict, is := m.barred[pair]; is && !counts(state) {
				barred[conflict.Rule]++
				e.Fixed, e.Forbidden = false, true
			} else if m.wishes[pair] == Forbid && !counts(state) || known && !counts(state) {
				e.Fixed, e.Forbidden = false, true
			}
			if e.Forbidden {
				continue // as if it were not there: the problem stays small
			}
			if e.Fixed {
				own, fixed[j] = own+1, fixed[j]+1
			}
			cost, err := assign.CostOf(score)
			if err != nil {
				panic(err) // package expertise promises scores from 0 to 1
			}
			e.Cost = cost
			p.Edges, scores = append(p.Edges, e), append(scores, score)
		}
		p.Demand[i] = max(set.Each-outside[c.ID], own, 0)
	}
	for j := range p.Load {
		p.Load[j].Max = max(p.Load[j].Max, fixed[j])
	}
	return p, scores, barred
}

// digest names a problem: SHA-256 over its demands, loads, caps and edges in order, each number in eight bytes.
func digest(p assign.Problem) string {
	h := sha256.New()
	put := func(list ...int64) {
		for _, n := range list {
			_ = binary.Write(h, binary.BigEndian, n) // a hash takes everything
		}
	}
	put(int64(len(p.Demand)), int64(len(p.Load)), int64(len(p.Edges)))
	for _, d := range p.Demand {
		put(int64(d))
	}
	for _, l := range p.Load {
		put(int64(l.Min), int64(l.Max))
	}
	for _, g := range p.Groups {
		put(int64(g.Max), int64(g.Within))
	}
	for _, g := range p.Member {
		put(int64(g))
	}
	flag := map[bool]int64{true: 1}
	for _, e := range p.Edges {
		put(int64(e.Proposal), int64(e.Reviewer), e.Cost, flag[e.Fixed])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// told is an answer in the words of the room.
func (q *question) told(got answered) (Result, Certificate) {
	m := q.matter
	r := Result{Proposals: len(m.proposals), Pool: len(m.pool), Barred: q.barred, Rings: q.ringed, Weakest: 1, Filled: len(got.chosen), Blend: m.measure.blend}
	for _, ring := range q.ringed {
		if ring.Cut > 0 {
			r.Barred[ring.rule()]++
		}
	}
	for _, d := range q.Demand {
		r.Places += d
	}
	sums := make([]float64, len(m.proposals))
	for _, k := range got.chosen {
		e := q.Edges[k]
		pair := [2]string{m.proposals[e.Proposal].ID, m.pool[e.Reviewer].Person}
		r.Pairs = append(r.Pairs, Pair{Proposal: pair[0], Person: pair[1], Score: q.scores[k], Words: m.measure.words(e.Proposal, e.Reviewer),
			Asked: counts(m.asked[pair]), Locked: m.wishes[pair] == Lock})
		r.Total += q.scores[k]
		r.Weakest = min(r.Weakest, q.scores[k])
		sums[e.Proposal] += q.scores[k]
	}
	if len(got.chosen) == 0 {
		r.Weakest = 0
	}
	r.Least = slices.Min(sums)
	for _, s := range got.short {
		r.Short = append(r.Short, Short{m.proposals[s.Index].ID, s.Count})
	}
	for _, s := range got.idle {
		r.Idle = append(r.Idle, Short{m.pool[s.Index].Person, s.Count})
	}
	r.Why, r.Caps = q.reasons(got.why, got.ways), q.usedUp(got)
	c := got.proof
	c.Problem, c.Caps = digest(q.Problem), q.caps
	for _, p := range m.proposals {
		c.Proposals = append(c.Proposals, p.ID)
	}
	for _, p := range m.pool {
		c.People = append(c.People, p.Person)
	}
	return r, c
}

// reasonKinds are the kinds of a Reason by those of package assign.
var reasonKinds = map[assign.DeficitKind]string{assign.TooFewReviewers: "reviewers", assign.TooFewProposals: "proposals", assign.Capped: "caps"}

// reasons are why places stay empty, by key; ways are what would fill one of each, where that is known.
func (q *question) reasons(why []assign.Deficit, ways [][]assign.Relaxation) (out []Reason) {
	m := q.matter
	for i, w := range why {
		reason := Reason{Kind: reasonKinds[w.Kind], Need: w.Need, Have: w.Have, Proposals: []string{}, People: []string{}}
		if len(ways) > 0 {
			for _, x := range ways[i] {
				raise := Raise{Gain: 1 - float64(x.Cost)/assign.Scale}
				if x.Group >= 0 {
					raise.Cap = &q.caps[x.Group]
				} else {
					raise.Person = m.pool[x.Reviewer].Person
				}
				reason.Raise = append(reason.Raise, raise)
			}
		}
		for _, g := range w.Groups {
			reason.Caps = append(reason.Caps, q.caps[g])
		}
		for _, i := range w.Proposals {
			reason.Proposals = append(reason.Proposals, m.proposals[i].ID)
		}
		for _, j := range w.Reviewers {
			reason.People = append(reason.People, m.pool[j].Person)
		}
		out = append(out, reason)
	}
	return out
}

// Served is a proposal with whom the suggestion gives it, for the page.
type Served struct {
	ID, Number, Title string
	Pairs             []Suggested
	Missing           int
}

// Weakest is the lowest score of the proposal's pairs; 0 where it has none.
func (s Served) Weakest() float64 {
	if len(s.Pairs) == 0 {
		return 0
	}
	return slices.MinFunc(s.Pairs, func(a, b Suggested) int { return cmp.Compare(a.Score, b.Score) }).Score
}

// Against are the pairs against which something speaks.
func (s Served) Against() (out []Suggested) {
	for _, p := range s.Pairs {
		if p.Conflict != nil {
			out = append(out, p)
		}
	}
	return out
}

// Suggested is a pair with the person's name.
type Suggested struct {
	Pair
	Name     string
	Conflict *Conflict // as things stand now: one that a soft rule only shows, or one that came to light; nil for none
}

// AssignFilter narrows the list of proposals of a suggestion.
type AssignFilter struct {
	Text string // in number, title or a reviewer's name
	Only string // "open": with empty places; "": all
	Sort string // number, weakest ("": least served first)
	Page int
	Size int
}

func (f AssignFilter) takes(s Served) bool {
	if f.Only == "open" && s.Missing == 0 {
		return false
	}
	text := strings.ToLower(strings.TrimSpace(f.Text))
	if text == "" || strings.Contains(strings.ToLower(s.Number+" "+s.Title), text) {
		return true
	}
	return slices.ContainsFunc(s.Pairs, func(p Suggested) bool { return strings.Contains(strings.ToLower(p.Name), text) })
}

func (f AssignFilter) order(a, b Served) int {
	if f.Sort == "number" {
		return strings.Compare(a.Number, b.Number)
	}
	return cmp.Or(-cmp.Compare(a.Missing, b.Missing), cmp.Compare(a.Weakest(), b.Weakest()), strings.Compare(a.Number, b.Number))
}

// settle checks the rules of a suggestion.
func (set *Settings) settle(each int) error {
	if set.Each == 0 {
		set.Each = each
	}
	var faults []*fault.Error
	if set.Each < 1 || set.Each > 20 {
		faults = append(faults, fault.Field("each", "review.assign.each"))
	}
	if set.Most < 0 || set.Most > mostLoad {
		faults = append(faults, fault.Field("most", "review.pool.most", mostLoad))
	}
	if set.Aim == "" {
		set.Aim = Total
	}
	if !slices.Contains(Aims, set.Aim) {
		faults = append(faults, fault.Field("aim", "fault.choice"))
	}
	if set.Limit == 0 || set.Aim != Random {
		set.Limit = usualLimit
	}
	if set.Limit < 1 || set.Limit > 100 {
		faults = append(faults, fault.Field("limit", "review.assign.limit"))
	}
	return fault.Join(append(faults, set.Caps.check()...)...)
}

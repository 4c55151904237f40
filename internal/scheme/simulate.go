package scheme

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// Plan is what a simulation is told beside the definition. Amounts are whole
// units of Currency.
type Plan struct {
	Proposals int       // that are begun
	Seed      uint64    // equal plans give equal simulations
	Opens     time.Time // the day on which the call opens
	OpenDays  int
	Budget    int64 // 0: no end
	Low, High int64 // of what can be asked for; 0: no limit
	Currency  string
}

// Event is one line of a simulation's calendar.
type Event struct {
	Day   string `json:"day"`
	Stage string `json:"stage"`
	Who   string `json:"who"` // applicants, teams, reviewers, verifier, officer, panel
	Act   string `json:"act"` // open, submit, review, run, measure, sign, pay, report
	Count int    `json:"count"`
}

// Measured is what one team reached in a test.
type Measured struct {
	Team   int     `json:"team"`
	Value  float64 `json:"value"`
	Passed bool    `json:"passed"` // reached what the test asks
	On     bool    `json:"on"`     // and was among the best
}

// Rejection counts how often an eligibility rule was not met.
type Rejection struct {
	Rule  string    `json:"rule"`
	Say   lang.Text `json:"say"`
	Count int       `json:"count"`
}

// Round is one stage as it was simulated. Entered = Withdrawn + Ineligible +
// Invited + Funded + Reserved + Rejected.
type Round struct {
	Stage          string      `json:"stage"`
	Title          lang.Text   `json:"title"`
	Entered        int         `json:"entered"`
	Withdrawn      int         `json:"withdrawn"` // begun, not handed in
	Ineligible     int         `json:"ineligible"`
	Rules          []Rejection `json:"rules,omitempty"`
	Reviews        int         `json:"reviews"`
	Measures       []Measured  `json:"measures,omitempty"`
	Invited        int         `json:"invited"`
	Funded         int         `json:"funded"`
	Reserved       int         `json:"reserved"`
	Rejected       int         `json:"rejected"`
	Paid           int64       `json:"paid"`    // for the work of the round
	Awarded        int64       `json:"awarded"` // to those funded
	ApplicantHours float64     `json:"applicant_hours"`
	ReviewerHours  float64     `json:"reviewer_hours"`
}

// Simulation is a definition run once from opening to close.
type Simulation struct {
	Scheme         string  `json:"scheme"`
	Currency       string  `json:"currency"`
	Proposals      int     `json:"proposals"`
	Calendar       []Event `json:"calendar"`
	Rounds         []Round `json:"rounds"`
	Funded         int     `json:"funded"`
	Spent          int64   `json:"spent"`
	ApplicantHours float64 `json:"applicant_hours"`
	ReviewerHours  float64 `json:"reviewer_hours"`
	Days           int     `json:"days"` // from the opening to the last decision
}

// team is one simulated applicant: how good it is, what it asks for, how it answers.
type team struct {
	number  int
	skill   float64 // standard normal
	asks    int64
	orgs    []string
	size    int
	answers map[string]any
}

// ranked is a team with what judges or verifiers found.
type ranked struct {
	*team
	value float64
	pass  bool
}

type simulator struct {
	d      *Definition
	p      Plan
	chance *rand.Rand
	day    time.Time
	left   int64
	out    Simulation
}

// Simulate runs d with p.Proposals invented teams. It is a drawing of the work and
// the money that a scheme brings, not a forecast: teams differ in one number, which
// reviewers and verifiers see with an error; one in ten begins and does not hand in.
// Answers are made from the forms and go through the same validation and the same
// rules as real ones. d must be usable (Check).
func Simulate(d *Definition, p Plan) Simulation {
	p = p.whole()
	s := &simulator{d: d, p: p, chance: rand.New(rand.NewPCG(p.Seed, 0x5eed)), day: p.Opens, left: p.Budget}
	s.out = Simulation{Scheme: d.Scheme, Currency: p.Currency, Proposals: p.Proposals}
	if p.Budget == 0 {
		s.left = math.MaxInt64
	}
	teams := make([]*team, p.Proposals)
	for i := range teams {
		teams[i] = s.team(i + 1)
	}
	funded, first := []*team(nil), true
	for st, ok := d.Stage(""); ok; st, ok = d.next(st) {
		teams, funded = s.stage(st, teams, first)
		first = false
	}
	s.after(len(funded))
	s.out.Funded = len(funded)
	return s.out
}

// whole fills in what the plan leaves open.
func (p Plan) whole() Plan {
	p.Proposals = max(p.Proposals, 1)
	if p.OpenDays < 1 {
		p.OpenDays = 60
	}
	if p.Currency == "" {
		p.Currency = "EUR"
	}
	return p
}

func (d *Definition) next(s Stage) (Stage, bool) {
	if s.Next == "" {
		return Stage{}, false
	}
	return d.Stage(s.Next)
}

func (s *simulator) note(stage, who, act string, count int) {
	s.out.Calendar = append(s.out.Calendar, Event{s.day.Format(time.DateOnly), stage, who, act, count})
}

func (s *simulator) pass(days int) { s.day = s.day.AddDate(0, 0, days); s.out.Days += days }

// stage runs one stage and returns the teams that go on and those that are funded.
func (s *simulator) stage(st Stage, teams []*team, first bool) (on, funded []*team) {
	s.out.Rounds = append(s.out.Rounds, Round{Stage: st.ID, Title: st.Called(), Entered: len(teams)})
	r := &s.out.Rounds[len(s.out.Rounds)-1]
	s.begin(r, st, first)
	in := s.handIn(r, st, teams, first)
	s.note(st.ID, who(first), "submit", len(in))
	list := s.judge(r, st, in)
	list = s.measure(r, st, list)
	on, funded = s.decide(r, st, list)
	s.out.ApplicantHours += r.ApplicantHours
	s.out.ReviewerHours += r.ReviewerHours
	return on, funded
}

func who(first bool) string {
	if first {
		return "applicants"
	}
	return "teams"
}

// begin lets the time pass in which a stage's form is written, or its work done and paid.
func (s *simulator) begin(r *Round, st Stage, first bool) {
	if st.Run == nil {
		s.note(st.ID, who(first), "open", r.Entered)
		s.pass(s.p.OpenDays)
		return
	}
	s.note(st.ID, "teams", "run", r.Entered)
	r.Paid = st.Run.Each * int64(r.Entered)
	s.left = max(0, s.left-r.Paid) // promised with the invitation: paid before any prize
	s.out.Spent += r.Paid
	end := s.day.AddDate(0, st.Run.Months, 0)
	s.pass(int(end.Sub(s.day).Hours() / 24))
}

// handIn validates what each team answers and asks the rules.
func (s *simulator) handIn(r *Round, st Stage, teams []*team, first bool) []*team {
	form := s.d.Form(st.Form)
	counts := make([]int, len(s.d.Eligible))
	var in []*team
	for _, t := range teams {
		r.ApplicantHours += s.d.StageHours(st)
		t.answers = s.answer(form, t)
		if first && s.chance.Float64() < 0.1 || len(form.Validate(t.answers)) > 0 {
			r.Withdrawn++
			continue
		}
		facts := Facts{Answers: t.answers, Organisations: t.orgs, TeamSize: t.size, Low: float64(s.p.Low), High: float64(s.p.High), Currency: s.p.Currency}
		ok := true
		for _, v := range s.d.Judge(form, facts) {
			if !v.OK {
				counts[v.Rule]++
				ok = false
			}
		}
		if !ok {
			r.Ineligible++
			continue
		}
		in = append(in, t)
	}
	for i, n := range counts {
		if n > 0 {
			r.Rules = append(r.Rules, Rejection{s.d.Eligible[i].Rule, s.d.Eligible[i].Say, n})
		}
	}
	return in
}

// judge gives each team its reviews; the value is the mean of their weighted scores.
func (s *simulator) judge(r *Round, st Stage, in []*team) []ranked {
	list := make([]ranked, 0, len(in))
	criteria := s.d.Judged(st)
	for _, t := range in {
		one := ranked{team: t, pass: true}
		if st.Review != nil {
			sum := 0.0
			for range st.Review.Each {
				v, _ := Overall(criteria, s.scores(criteria, t.skill))
				sum += v
			}
			one.value = sum / float64(st.Review.Each)
			r.Reviews += st.Review.Each
		}
		list = append(list, one)
	}
	if st.Review == nil {
		return list
	}
	r.ReviewerHours = float64(r.Reviews) * st.Review.Hours
	s.pass(st.Review.Days)
	s.note(st.ID, "reviewers", "review", r.Reviews)
	sort.SliceStable(list, func(i, j int) bool { return list[i].value > list[j].value })
	return list
}

// scores are one reviewer's: the skill with an error as large as the difference
// between teams, on each criterion's scale.
func (s *simulator) scores(criteria []Criterion, skill float64) map[string]float64 {
	out := map[string]float64{}
	for _, c := range criteria {
		middle, step := float64(c.Low+c.High)/2, float64(c.High-c.Low)/5
		v := math.Round(middle + step*(skill+s.chance.NormFloat64()))
		out[c.ID] = min(float64(c.High), max(float64(c.Low), v))
	}
	return out
}

// measure has the verifier measure what each team reached. A team of middling
// skill just reaches the floor; a fifth of the floor is one step of skill.
func (s *simulator) measure(r *Round, st Stage, list []ranked) []ranked {
	t := st.Test
	if t == nil {
		return list
	}
	sign, step := 1.0, max(math.Abs(t.Floor), 1)/5
	if t.Better == "low" {
		sign = -1
	}
	for i := range list {
		v := t.Floor + sign*step*(list[i].skill+0.3*s.chance.NormFloat64())
		list[i].value = math.Round(v*10) / 10
		list[i].pass = t.Passes(list[i].value)
	}
	sort.SliceStable(list, func(i, j int) bool { return sign*list[i].value > sign*list[j].value })
	for i, one := range list {
		r.Measures = append(r.Measures, Measured{one.number, one.value, one.pass, one.pass && i < t.Best})
		list[i].pass = one.pass && i < t.Best
	}
	s.pass(t.Days)
	s.note(st.ID, "verifier", "measure", len(list))
	return list
}

// decideDays is what a decision takes after the last advice.
const decideDays = 14

// decide goes down the ranking: who passes is invited or funded as far as Most and
// the money go; a tenth of those funded, one at least, come on the reserve list.
func (s *simulator) decide(r *Round, st Stage, list []ranked) (on, funded []*team) {
	d := st.Decide
	most := d.Most
	invites := slices.Contains(d.Outcomes, "invite")
	if most == 0 && invites {
		most = (len(list) + 2) / 3 // a third, if the scheme does not say
	}
	reserve := 0
	for _, one := range list {
		cost := one.asks
		if s.d.Award.Prize > 0 {
			cost = s.d.Award.Prize
		}
		room := most == 0 || r.Invited+r.Funded < most
		switch {
		case !one.pass || !room && invites:
			r.Rejected++
		case invites:
			r.Invited++
			on = append(on, one.team)
		case room && r.Reserved == 0 && cost <= s.left:
			r.Funded++
			s.left -= cost
			r.Awarded += cost
			funded = append(funded, one.team)
			reserve = max(1, r.Funded/10)
		case slices.Contains(d.Outcomes, "reserve") && r.Reserved < reserve:
			r.Reserved++
		default:
			r.Rejected++
		}
	}
	s.out.Spent += r.Awarded
	s.pass(decideDays)
	s.note(st.ID, d.By, "sign", d.Signatures)
	if r.Funded > 0 {
		s.note(st.ID, "officer", "pay", r.Funded)
	}
	return on, funded
}

// after writes the reports that awards owe, counted from the end of the project.
func (s *simulator) after(funded int) {
	if funded == 0 {
		return
	}
	for _, rep := range s.d.Reports {
		end := s.day.AddDate(0, rep.MonthsAfterEnd, 0)
		if s.d.Award.Pay != "passing" {
			end = end.AddDate(3, 0, 0)
		}
		hours := s.d.Forms[rep.Form].Hours * float64(funded)
		s.out.Calendar = append(s.out.Calendar, Event{end.Format(time.DateOnly), rep.Kind, "teams", "report", funded})
		s.out.ApplicantHours += hours
	}
}

// team invents an applicant: most ask near the highest amount, a few for too much,
// one in forty has no organisation that can hold the money.
func (s *simulator) team(number int) *team {
	t := &team{number: number, skill: s.chance.NormFloat64(), size: 1 + s.chance.IntN(5)}
	low, high := float64(s.p.Low), float64(s.p.High)
	if high == 0 {
		high = max(2*low, 100_000)
	}
	t.asks = int64(low + (high-low)*(0.4+0.62*s.chance.Float64()))
	if s.chance.IntN(40) > 0 {
		for i := range 1 + s.chance.IntN(3) {
			t.orgs = append(t.orgs, fmt.Sprintf("Organisation %d", 10*number+i))
		}
	}
	return t
}

// answer fills a form in as the team would.
func (s *simulator) answer(f *Form, t *team) map[string]any {
	minor := t.asks
	for range money.Exponent(s.p.Currency) {
		minor *= 10
	}
	out := map[string]any{}
	for _, field := range f.Ordered() {
		switch field.Widget {
		case "text", "longtext":
			out[field.Name] = strings.TrimSpace(cut(strings.Repeat("We measure, compare and say what failed. ", 4), field.MaxLength))
		case "number":
			out[field.Name] = s.number(field)
		case "money":
			out[field.Name] = float64(minor)
		case "budget":
			category := "people"
			if len(field.Categories) > 0 {
				category = field.Categories[0].ID
			}
			out[field.Name] = []any{map[string]any{"category": category, "year": float64(s.p.Opens.Year() + 1), "minor": float64(minor)}}
		case "choice":
			if len(field.Enum) > 0 {
				out[field.Name] = field.Enum[s.chance.IntN(len(field.Enum))]
			}
		}
	}
	return out
}

func cut(text string, most int) string {
	if most > 0 && len(text) > most {
		return text[:most]
	}
	return text
}

// number is a whole number that the field accepts, drawn evenly.
func (s *simulator) number(f *Field) float64 {
	low, high := 0.0, 100.0
	if f.Minimum != nil {
		low = *f.Minimum
		high = max(high, low+100)
	}
	if f.Maximum != nil {
		high = *f.Maximum
	}
	return low + float64(s.chance.IntN(max(int(high-low), 0)+1))
}

package decision

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Scenario is rules under a name, with who saved them and why.
type Scenario struct {
	ID, DecisionID, Name, Why string
	Rules                     Rules
	By                        string
	At                        time.Time
	AppliedBy                 string
	AppliedAt                 time.Time
	Plan                      *Plan // the best choice under them, as the viewer sees the list

	key    string // of what answer was found from
	answer answer
}

// answer is what of a plan is kept with a scenario.
type answer struct {
	Value, Bound float64
	Optimal      bool
	Funded       []string
}

// mostScenarios is how many can be laid side by side.
const mostScenarios = 6

// SaveScenario keeps rules under a name. By whoever is in the room.
// Errors: Invalid without a name or a reason, or where nothing keeps the rules; Conflict
// for a name that is taken, too many, or a list that is signed.
func (s *Service) SaveScenario(ctx context.Context, a access.Actor, id, name, why string, in RulesInput) (Scenario, error) {
	m, err := s.Meet(ctx, a, id)
	if err != nil {
		return Scenario{}, err
	}
	if !m.MayTry() {
		return Scenario{}, fault.New(fault.NotAllowed, "fault.denied")
	}
	x := Scenario{DecisionID: id, Name: strings.TrimSpace(name), Why: strings.TrimSpace(why), By: a.Name, At: clock.Now(ctx)}
	if x.Rules, err = m.Read(in); err != nil {
		return x, err
	}
	if err := m.named(x); err != nil {
		return x, err
	}
	if x.Plan, err = s.plan(ctx, m.View, x.Rules, false); err != nil {
		return x, err
	}
	if !x.Plan.Found {
		return x, fault.New(fault.Invalid, "decision.scenario.none")
	}
	x.key, x.answer = x.Plan.Key, answer{x.Plan.Value, x.Plan.Bound, x.Plan.Optimal, m.funded(x.Plan)}
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		x.ID = clock.ID(ctx)
		if err := s.insertScenario(ctx, a, x); err != nil {
			return err
		}
		return s.note(ctx, a, m.Decision, "decision.scenario", x.Why, map[string]any{"scenario": x.Name, "rules": x.Rules, "value": x.Plan.Value, "bound": x.Plan.Bound, "funded": x.answer.Funded})
	})
	return x, err
}

// named checks what a scenario is called.
func (m Meeting) named(x Scenario) error {
	var faults []*fault.Error
	if x.Name == "" {
		faults = append(faults, fault.Field("name", "fault.required"))
	}
	if x.Why == "" {
		faults = append(faults, fault.Field("why", "fault.required"))
	}
	if slices.ContainsFunc(m.Scenarios, func(y Scenario) bool { return strings.EqualFold(x.Name, y.Name) }) {
		faults = append(faults, fault.Field("name", "decision.scenario.taken"))
	}
	if len(m.Scenarios) >= mostScenarios {
		faults = append(faults, fault.New(fault.Invalid, "decision.scenario.many", mostScenarios))
	}
	return fault.Join(faults...)
}

// funded are the proposals of a plan in the order of the list.
func (v View) funded(p *Plan) []string {
	var out []string
	for _, r := range v.Rows {
		if p.Funded[r.ProposalID] {
			out = append(out, r.ProposalID)
		}
	}
	return out
}

// scenariosFor are the scenarios of a list, each with its plan for the viewer: what was
// found when it was saved as long as the list is the same to them, else found anew.
func (s *Service) scenariosFor(ctx context.Context, v View) ([]Scenario, error) {
	list, err := s.scenarios(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	for i := range list {
		x := &list[i]
		x.Rules = v.trimmed(x.Rules)
		m, _ := v.model(x.Rules)
		if x.key == keyOf(m) {
			x.Plan = x.answer.plan(x.Rules, x.key)
			continue
		}
		if x.Plan, err = s.plan(ctx, v, x.Rules, false); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (a answer) plan(r Rules, key string) *Plan {
	p := &Plan{Rules: r, Key: key, Found: true, Value: a.Value, Bound: a.Bound, Optimal: a.Optimal, Funded: map[string]bool{}}
	for _, id := range a.Funded {
		p.Funded[id] = true
	}
	return p
}

// Step is what a scenario would do to one row.
type Step struct {
	Row
	To string // the outcome
}

// Application is a scenario before it is applied: what it would change, and under which key.
type Application struct {
	Meeting
	Scenario Scenario
	Steps    []Step
	Others   []string // outcomes that the scheme has for what is not funded
}

// Application is what a scenario would change of the list, for who may apply it.
func (s *Service) Application(ctx context.Context, a access.Actor, id, scenario string) (Application, error) {
	m, err := s.Meet(ctx, a, id)
	if err != nil {
		return Application{}, err
	}
	i := slices.IndexFunc(m.Scenarios, func(x Scenario) bool { return x.ID == scenario })
	if i < 0 {
		return Application{}, fault.Missing()
	}
	out := Application{Meeting: m, Scenario: m.Scenarios[i]}
	out.Others = slices.DeleteFunc(slices.Clone(m.Outcomes), func(o string) bool { return o == Fund || o == Invite })
	for _, r := range m.Rows {
		switch funded := out.Scenario.Plan.Funded[r.ProposalID]; {
		case funded && r.Outcome != Fund:
			out.Steps = append(out.Steps, Step{r, Fund})
		case !funded && (r.Outcome == Fund || r.Outcome == Open):
			out.Steps = append(out.Steps, Step{r, Open})
		}
	}
	return out, nil
}

// MayApply reports whether the viewer may write the scenario into the list.
func (p Application) MayApply() bool {
	return p.State == Draft && p.Set.Any(rules["decision.draft"]) && !p.recused && len(p.Others) > 0 && slices.Contains(p.Outcomes, Fund)
}

// Apply writes a scenario into the list as it was looked at under key: what it funds is
// funded; what it does not, and was funded or not decided, gets the other outcome with the
// reason. Whoever decides goes on row by row, proposes and signs as ever.
// Errors: Conflict where the list is no longer the one that was looked at.
func (s *Service) Apply(ctx context.Context, a access.Actor, id, scenario, key, other, reason string) error {
	p, err := s.Application(ctx, a, id, scenario) // finds choices anew where it must: others must not wait for it
	if err != nil {
		return err
	}
	switch {
	case !p.MayApply():
		return fault.New(fault.NotAllowed, "fault.denied")
	case key != p.Key():
		return fault.New(fault.Conflict, "decision.scenario.stale")
	case !slices.Contains(p.Others, other):
		return fault.Field("other", "fault.choice")
	case reason == "":
		return fault.Field("reason", "fault.required")
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, _, err := s.load(ctx, a, id, "decision.draft")
		if err != nil {
			return err
		}
		if d.State != Draft || d.Version != p.Version {
			return fault.New(fault.Conflict, "decision.scenario.stale")
		}
		programme, err := s.programme(ctx, d)
		if err != nil {
			return err
		}
		for _, step := range p.Steps {
			c := Choice{ProposalID: step.ProposalID, Outcome: Fund, Reasons: step.Reasons}
			if step.To != Fund {
				c.Outcome, c.Reasons = other, reason
			}
			if err := s.choose(ctx, d, programme, step.Row, c); err != nil {
				return err
			}
		}
		if err := s.setApplied(ctx, a, p.Scenario.ID); err != nil {
			return err
		}
		if err := s.setReasons(ctx, d.ID, d.Reasons); err != nil { // the next version of the list
			return err
		}
		return s.note(ctx, a, d, "decision.scenario.apply", reason, map[string]any{"scenario": p.Scenario.Name, "funded": p.funded(p.Scenario.Plan), "value": p.Scenario.Plan.Value, "bound": p.Scenario.Plan.Bound})
	})
}

// Key names what was looked at: the choice and the rows that it would change.
func (p Application) Key() string {
	var b strings.Builder
	b.WriteString(p.Scenario.Plan.Key)
	for _, x := range p.Steps {
		b.WriteString(" " + x.ProposalID + x.Outcome + x.To)
	}
	return hexOf(sha256.Sum256([]byte(b.String())))[:16]
}

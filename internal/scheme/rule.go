package scheme

import (
	"fmt"

	"cel.dev/cel-go/cel"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// compiled is a rule ready to be asked.
type compiled struct {
	at      int // place among the definition's rules
	program cel.Program
	say     lang.Text
}

// ruleCost bounds one evaluation, so that no rule can hold a request.
const ruleCost = 100_000

// Facts are what a rule can ask about. Amounts are in whole units of the call's currency.
type Facts struct {
	Answers       map[string]any
	Organisations []string // of the team, as names
	TeamSize      int
	Low, High     float64 // of the call; 0: no limit
	Currency      string
}

// environment declares the names that rules may use: form.<field> with the type
// of its widget, team and call.
func environment(f *Form) (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.Variable("team.organisations", cel.ListType(cel.StringType)),
		cel.Variable("team.size", cel.IntType),
		cel.Variable("call.low", cel.DoubleType),
		cel.Variable("call.high", cel.DoubleType),
	}
	for name, field := range f.Fields {
		options = append(options, cel.Variable("form."+name, celType(field.Widget)))
	}
	return cel.NewEnv(options...)
}

func celType(widget string) *cel.Type {
	switch widget {
	case "number":
		return cel.IntType
	case "money", "budget":
		return cel.DoubleType
	case "works":
		return cel.ListType(cel.StringType)
	}
	return cel.StringType
}

func compile(env *cel.Env, r Rule) (compiled, error) {
	ast, issues := env.Compile(r.Rule)
	if issues.Err() != nil {
		return compiled{}, issues.Err()
	}
	if ast.OutputType() != cel.BoolType {
		return compiled{}, fmt.Errorf("a rule answers yes or no, this one gives %s", ast.OutputType())
	}
	p, err := env.Program(ast, cel.CostLimit(ruleCost))
	return compiled{program: p, say: r.Say}, err
}

// Verdict is the answer to one eligibility rule.
type Verdict struct {
	OK   bool
	Say  lang.Text
	Rule int // place among the definition's rules
}

// Judge asks every eligibility rule that speaks of fields of this form, of the
// team or of the call. A rule that cannot be answered yet (a field is
// empty) counts as not met.
func (d *Definition) Judge(f *Form, facts Facts) []Verdict {
	vars := map[string]any{"team.organisations": facts.Organisations, "team.size": facts.TeamSize, "call.low": facts.Low, "call.high": facts.High}
	if facts.Organisations == nil {
		vars["team.organisations"] = []string{}
	}
	whole := 1.0
	for range money.Exponent(facts.Currency) {
		whole *= 10
	}
	for name, field := range f.Fields {
		vars["form."+name] = celValue(field, facts.Answers[name], whole)
	}
	rules := d.rules[f.Name]
	out := make([]Verdict, 0, len(rules))
	for _, r := range rules {
		v, _, err := r.program.Eval(vars)
		out = append(out, Verdict{err == nil && v.Value() == true, r.say, r.at})
	}
	return out
}

func celValue(f *Field, answer any, whole float64) any {
	switch f.Widget {
	case "number":
		n, _ := answer.(float64)
		return int64(n)
	case "money":
		n, _ := answer.(float64)
		return n / whole
	case "budget":
		sum := int64(0)
		for _, l := range BudgetOf(answer) {
			sum += l.Minor
		}
		return float64(sum) / whole
	case "works":
		list := []string{}
		items, _ := answer.([]any)
		for _, v := range items {
			if s, ok := v.(string); ok {
				list = append(list, s)
			}
		}
		return list
	}
	s, _ := answer.(string)
	return s
}

package openpsa

import "math"

// expression computes what stands for a probability.
func (r *reader) expression(n *node, scope string) (float64, error) {
	switch n.tag {
	case "float", "int", "bool":
		return n.number()
	case "parameter":
		return r.parameter(n, scope)
	}
	f, ok := functions[n.tag]
	if !ok {
		return 0, n.errorf("expression <%s> is not supported", n.tag)
	}
	if len(n.kids) < f.least || f.most > 0 && len(n.kids) > f.most {
		return 0, n.errorf("<%s> has %d arguments, from %d on are expected", n.tag, len(n.kids), f.least)
	}
	x := make([]float64, len(n.kids))
	for i, k := range n.kids {
		var err error
		if x[i], err = r.expression(k, scope); err != nil {
			return 0, err
		}
	}
	y := f.of(x)
	if math.IsNaN(y) || math.IsInf(y, 0) {
		return 0, n.errorf("<%s> of %v is not a number", n.tag, x)
	}
	return y, nil
}

// functions are those of the format that need no distribution. exponential is the
// probability of failing by time t at the rate lambda, 1 - exp(-lambda t).
var functions = map[string]struct {
	least, most int
	of          func(x []float64) float64
}{
	"neg":         {1, 1, func(x []float64) float64 { return -x[0] }},
	"add":         {1, 0, fold(func(a, b float64) float64 { return a + b })},
	"sub":         {1, 0, fold(func(a, b float64) float64 { return a - b })},
	"mul":         {1, 0, fold(func(a, b float64) float64 { return a * b })},
	"div":         {1, 0, fold(func(a, b float64) float64 { return a / b })},
	"min":         {1, 0, fold(math.Min)},
	"max":         {1, 0, fold(math.Max)},
	"exp":         {1, 1, func(x []float64) float64 { return math.Exp(x[0]) }},
	"log":         {1, 1, func(x []float64) float64 { return math.Log(x[0]) }},
	"pow":         {2, 2, func(x []float64) float64 { return math.Pow(x[0], x[1]) }},
	"exponential": {2, 2, func(x []float64) float64 { return -math.Expm1(-x[0] * x[1]) }},
}

func fold(f func(a, b float64) float64) func([]float64) float64 {
	return func(x []float64) float64 {
		y := x[0]
		for _, b := range x[1:] {
			y = f(y, b)
		}
		return y
	}
}

func (r *reader) parameter(n *node, scope string) (float64, error) {
	d := r.find(n.name(), scope)
	if d == nil || d.tag != "define-parameter" {
		return 0, n.errorf("parameter %q is not defined", n.name())
	}
	switch d.state {
	case 1:
		return 0, d.errorf("parameter %q is defined by itself", n.name())
	case 2:
		return d.value, nil
	}
	body := formulas(d.node)
	if len(body) != 1 {
		return 0, d.errorf("parameter %q has %d expressions, one is expected", n.name(), len(body))
	}
	d.state = 1
	x, err := r.expression(body[0], d.scope)
	d.value, d.state = x, 2
	return x, err
}

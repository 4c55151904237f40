package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestPortfolioSolveORLib(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"two.txt": "2\n3 2 0\n5 4 3\n2 3 1\n4 0 2\n5 6\n2 1 0\n5 4\n3 3\n-1\n", "bad.txt": "1\n2 1 0\n5 x\n"})
	code, out, errs := headwater(t, "portfolio", "solve", filepath.Join(dir, "two.txt"), "--format", "orlib", "--time", "10s", "--json")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 {
		t.Fatalf("%s", out)
	}
	var first, second chosen
	for i, to := range []*chosen{&first, &second} {
		if err := json.Unmarshal([]byte(lines[i]), to); err != nil {
			t.Fatal(err)
		}
	}
	if !first.Optimal || *first.Value != "9" || *first.Bound != "9" || *first.Gap != 0 || !slices.Equal(first.Chosen, []int{0, 1}) {
		t.Errorf("%s", lines[0])
	}
	if second.Value != nil || second.Bound != nil || second.Optimal || len(second.Chosen) != 0 {
		t.Errorf("%s", lines[1])
	}
	if code, out, _ := headwater(t, "portfolio", "solve", filepath.Join(dir, "two.txt"), "--format", "orlib"); code != 0 || !strings.Contains(out, "Value 9, proven best") || !strings.Contains(out, "Nothing keeps all limits") {
		t.Errorf("exit %d: %s", code, out)
	}
	for _, x := range []struct {
		args []string
		want string
	}{
		{[]string{"bad.txt", "--format", "orlib"}, `instance 1: line 3: the value of item 1 is "x": a whole number`},
		{[]string{"two.txt", "--time=-1s"}, "--time -1s --gap 0: numbers from 0 are expected"},
		{[]string{"two.txt", "--format", "csv"}, "--rules goes with --format csv, and that needs it"},
		{[]string{"two.txt", "--format", "orlib", "--explain"}, "--explain goes with --format json or csv"},
		{[]string{"two.txt"}, "line 1: a JSON object with budgets, proposals and rules is expected"},
	} {
		x.args[0] = filepath.Join(dir, x.args[0])
		if code, _, errs := headwater(t, append([]string{"portfolio", "solve"}, x.args...)...); code == 0 || !strings.Contains(errs, x.want) {
			t.Errorf("%v: exit %d: %s", x.args, code, errs)
		}
	}
}

const example = "../../docs/examples/portfolio.json"

// TestPortfolioSolveModel keeps the example of docs/portfolio.md true.
func TestPortfolioSolveModel(t *testing.T) {
	t.Parallel()
	code, out, errs := headwater(t, "portfolio", "solve", example, "--explain", "--json")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var c chosen
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatal(err)
	}
	if !c.Optimal || *c.Value != "22" || *c.Bound != "22" || !slices.Equal(c.Chosen, []int{0, 1, 2, 4}) || c.Funded[1] != (fundedProposal{"P2", "pilot"}) {
		t.Fatalf("%s", out)
	}
	if b := c.Budgets[1]; b != (usedBudget{"Agency B 2027", 400000.5, 300000}) {
		t.Errorf("%+v", b)
	}
	price := map[string]string{}
	for _, p := range c.Prices {
		price[p.Rule] = p.Text
	}
	if len(price) != 6 || price["floor high risk"] != "costs nothing" || price["floor materials"] != "costs 3.5 points" {
		t.Errorf("%v", price)
	}
	if len(c.Alternatives) != alternatives || c.Alternatives[0].Gain.High >= 0 || len(c.Reasons) != 5 || !c.Reasons[0].Funded || c.MoreMoney == nil {
		t.Errorf("%s", out)
	}
	code, text, errs := headwater(t, "portfolio", "solve", example, "--explain")
	for _, want := range []string{"Value 22, proven best", "P2      pilot", "Agency B 2027  300000.00  400000.50", "need P3 needs P2", "5 % more money", "next best"} {
		if code != 0 || !strings.Contains(text, want) {
			t.Errorf("exit %d %s: no %q in\n%s", code, errs, want, text)
		}
	}
}

func TestPortfolioSolveTable(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{
		"proposals.csv": "proposal,value,cost,field\na,5,60,x\nb,4,50,y\nc,3,50,y\n",
		"rules.json":    `{"budgets":[{"name":"2027","amount":100}],"limits":[{"name":"y","where":{"field":["y"]},"min":1}]}`,
		"tight.json":    `{"budgets":[{"name":"2027","amount":100}],"limits":[{"name":"y","where":{"field":["y"]},"min":2},{"name":"x","where":{"field":["x"]},"min":1},{"name":"all","max":3}]}`,
	})
	solve := func(rules string) chosen {
		code, out, errs := headwater(t, "portfolio", "solve", filepath.Join(dir, "proposals.csv"), "--format", "csv", "--rules", filepath.Join(dir, rules), "--json")
		var c chosen
		if err := json.Unmarshal([]byte(out), &c); err != nil || code != 0 {
			t.Fatalf("exit %d: %s, %v", code, errs, err)
		}
		return c
	}
	if c := solve("rules.json"); *c.Value != "7" || !slices.Equal(c.Chosen, []int{1, 2}) {
		t.Errorf("%+v", c)
	}
	if c := solve("tight.json"); c.Value != nil || !slices.Equal(c.Conflict, []string{"budget 2027", "floor y", "floor x"}) || !*c.Minimal {
		t.Errorf("%+v", c)
	}
}

// TestPortfolioSolveScenarios: one of two, the one with the greater mean fails in dry years.
func TestPortfolioSolveScenarios(t *testing.T) {
	t.Parallel()
	const rest = `"budgets":[{"name":"2027","amount":100}],"scenarios":[{"name":"dry"},{"name":"wet"}],
 "proposals":[{"id":"a","value":4,"cost":{"2027":60}},{"id":"b","value":10,"values":{"dry":0},"cost":{"2027":60}}]}`
	dir := files(t, map[string]string{"mean.json": `{` + rest, "worst.json": `{"risk":{"tail":0.5,"weight":1},` + rest})
	solve := func(file string, args ...string) (string, chosen) {
		code, out, errs := headwater(t, append([]string{"portfolio", "solve", filepath.Join(dir, file)}, args...)...)
		if code != 0 {
			t.Fatalf("exit %d: %s", code, errs)
		}
		var c chosen
		if len(args) > 1 {
			if err := json.Unmarshal([]byte(out), &c); err != nil {
				t.Fatal(err)
			}
		}
		return out, c
	}
	if out, c := solve("mean.json", "--json", "--time=0"); *c.Value != "5" || !slices.Equal(c.Chosen, []int{1}) || *c.Mean != 5 || c.Shortfall != nil || c.Scenarios[1] != (scenarioValue{"wet", 10}) {
		t.Errorf("%s", out)
	}
	if out, c := solve("worst.json", "--json", "--time=0"); *c.Value != "4" || !slices.Equal(c.Chosen, []int{0}) || *c.Mean != 4 || *c.Shortfall != 4 {
		t.Errorf("%s", out)
	}
	if out, _ := solve("worst.json", "--explain"); !strings.Contains(out, "mean of the worst  4") {
		t.Errorf("%s", out)
	}
}

// TestPortfolioSchema holds the published schema against the example and against what the reader refuses.
func TestPortfolioSchema(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("../../docs/portfolio.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	valid := func(text []byte) error {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v)
	}
	if err := valid(text); err != nil {
		t.Error(err)
	}
	if err := valid([]byte(`{"scenarios":[{"name":"dry","weight":2}],"risk":{"tail":0.1,"weight":"0.5"},"proposals":[{"id":"p","value":1,"values":{"dry":0}}]}`)); err != nil {
		t.Error(err)
	}
	for _, x := range []string{`{"risk":{"tail":0.1}}`, `{"scenarios":[{"weight":1}]}`, `{"budget":[]}`, `{"budgets":[{"name":"A"}]}`, `{"proposals":[{"id":"p"}]}`, `{"limits":[{"name":"x"}]}`, `{"groups":[{"name":"x","proposals":[]}]}`} {
		if valid([]byte(x)) == nil {
			t.Errorf("the schema takes %s", x)
		}
	}
}

package scheme_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/schemes"
)

func TestShippedSchemesAreClean(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(schemes.Files, "*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		if _, problems := scheme.Check(schemes.Files, file); len(problems) > 0 {
			t.Errorf("%s: %v", file, problems)
		}
	}
}

// broken is open-call with one thing changed.
func broken(t *testing.T, old, new string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(schemes.Files, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := schemes.Files.ReadFile(path)
		text := string(b)
		if path == "open-call.yaml" {
			if !strings.Contains(text, old) {
				t.Fatalf("open-call.yaml does not hold %q", old)
			}
			text = strings.Replace(text, old, new, 1)
		}
		out[path] = &fstest.MapFile{Data: []byte(text)}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCheckNamesTheFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new, want string }{
		{"misspelt key", "hours: 16", "huors: 16", `open-call.yaml:6:1: $: unknown field "huors"`},
		{"misspelt field in a rule", "form.budget <=", "form.bugdet <=", "open-call.yaml:13:11: eligible[1].rule: undeclared reference to 'form' (in container ''); did you mean form.budget?"},
		{"rule that is no question", "size(team.organisations) >= 1", "size(team.organisations)", "open-call.yaml:11:11: eligible[0].rule: a rule answers yes or no, this one gives int"},
		{"unknown form", "form: proposal", "form: propsal", `open-call.yaml:25:11: stages[0].form: "propsal" is no form of this scheme; did you mean proposal?`},
		{"hours", "hours: 16", "hours: 10", "open-call.yaml:6:8: hours: the forms take 16 hours together, the scheme may cost 10"},
		{"no translation", ", zh: 公开竞争项目", "", "open-call.yaml:2:8: title: has no text in 中文"},
		{"no way out", "    decide: {by: panel, signatures: 2, outcomes: [fund, reserve, reject]}\n", "", "open-call.yaml:23:7: stages[0]: the stage has no way out: say who decides"},
		{"weight", "weight: 1, low: 1", "weight: 0, low: 1", "open-call.yaml:21:31: criteria[2].weight: a weight above 0 is expected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, problems := scheme.Check(broken(t, c.old, c.new), "open-call.yaml")
			if len(problems) != 1 || problems[0].String() != c.want {
				t.Errorf("problems = %v\nwant %s", problems, c.want)
			}
			if scheme.Usable(problems) {
				t.Error("it could be published")
			}
		})
	}
}

func TestCountingIsWarnedOf(t *testing.T) {
	t.Parallel()
	_, problems := scheme.Check(broken(t, "Can it be done with these methods, this time and this money?", "What is the applicant's h-index?"), "open-call.yaml")
	if len(problems) != 1 || !problems[0].Warning || !scheme.Usable(problems) {
		t.Errorf("problems = %v, want one warning", problems)
	}
}

func openCall(t *testing.T) *scheme.Definition {
	t.Helper()
	d, problems := scheme.Check(schemes.Files, "open-call.yaml")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return d
}

func good() map[string]any {
	long := strings.Repeat("A sentence that says something. ", 5)
	return map[string]any{"title": "Grain boundaries as fuses", "summary": long, "aim": long, "approach": long, "risks": long, "months": float64(36), "data": long, "ethics": "none",
		"budget": []any{map[string]any{"category": "people", "year": float64(2027), "minor": float64(50_000_000)}}}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	f := openCall(t).Form("proposal")
	if faults := f.Validate(good()); len(faults) > 0 {
		t.Fatalf("good answers: %v", faults)
	}
	bad := good()
	bad["title"] = strings.Repeat("x", 163)
	bad["summary"] = "  "
	bad["months"] = float64(5)
	bad["ethics"] = "perhaps"
	bad["hobby"] = "chess"
	delete(bad, "aim")
	var got []string
	for _, e := range f.Validate(bad) {
		got = append(got, e.Error())
	}
	want := []string{"title: Shorten it by 3 characters.", "summary: Fill this in.", "aim: Fill this in.", "months: Give 6 or more.",
		"ethics: Choose one of the options offered.", "hobby: “hobby” is not asked for in this form."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	d := openCall(t)
	f := d.Form("proposal")
	facts := scheme.Facts{Answers: good(), Organisations: []string{"University of Ilvane"}, TeamSize: 1, Low: 250000, High: 1200000, Currency: "XCR"}
	met := func() (out []bool) {
		for _, v := range d.Judge(f, facts) {
			out = append(out, v.OK)
		}
		return out
	}
	if diff := cmp.Diff([]bool{true, true, true}, met()); diff != "" {
		t.Errorf("500,000 asked of 250,000 to 1,200,000:\n%s", diff)
	}
	facts.High, facts.Organisations = 400000, nil
	if diff := cmp.Diff([]bool{false, false, true}, met()); diff != "" {
		t.Errorf("no organisation, at most 400,000:\n%s", diff)
	}
}

func TestOverall(t *testing.T) {
	t.Parallel()
	d := openCall(t)
	if got, ok := scheme.Overall(d.Criteria, map[string]float64{"importance": 6, "approach": 3, "feasibility": 2}); !ok || got != 4 {
		t.Errorf("overall = %v, %v; want 4", got, ok)
	}
	if _, ok := scheme.Overall(d.Criteria, map[string]float64{"importance": 6}); ok {
		t.Error("a score is missing, yet there is an overall")
	}
}

func FuzzCheck(f *testing.F) {
	text, err := schemes.Files.ReadFile("open-call.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("scheme: [x"))
	f.Add([]byte("stages: [{next: a}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, problems := scheme.Check(fstest.MapFS{"x.yaml": {Data: text}}, "x.yaml")
		if len(problems) == 0 {
			t.Error("a scheme without its forms cannot be clean")
		}
	})
}

// TestProblemsComeInOneOrder: who corrects a definition finds what is left where it stood.
func TestProblemsComeInOneOrder(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"s.yaml": {Data: []byte("forms:\n  b: {file: b.json}\n  a: {file: a.json}\n  d: {file: d.json}\n  c: {file: c.json}\nchanges: {x: no, z: no, y: no, w: no}\n")}}
	_, first := scheme.Check(files, "s.yaml")
	for range 50 {
		if _, again := scheme.Check(files, "s.yaml"); !cmp.Equal(again, first) {
			t.Fatalf("%v\nand then\n%v", first, again)
		}
	}
}

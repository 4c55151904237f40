package scheme

import "testing"

// FuzzRule compiles and asks eligibility rules: each is refused with words or answered, at a bounded cost.
func FuzzRule(f *testing.F) {
	form := &Form{Name: "entry", Fields: map[string]*Field{"title": {Name: "title"}, "months": {Name: "months", Widget: "number"}, "works": {Name: "works", Widget: "works"}}}
	for _, rule := range []string{`size(team.organisations) >= 1`, `form.months <= 36 && call.high > 0.0`, `form.works.all(w, w.size() > 3)`, `form.title.matches("(a+)+$")`} {
		f.Add(rule, "aaaaaaaaaaaaaaaaaaaaaaaaaaaa!", 12.0)
	}
	env, err := environment(form)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, rule, text string, number float64) {
		c, err := compile(env, Rule{Rule: rule})
		if err != nil {
			if err.Error() == "" {
				t.Error("refused without a word")
			}
			return
		}
		d := &Definition{rules: map[string][]compiled{"entry": {c}}}
		if got := d.Judge(form, Facts{Answers: map[string]any{"title": text, "months": number, "works": []any{text}}, Organisations: []string{text}, Currency: "EUR"}); len(got) != 1 {
			t.Errorf("%d verdicts on one rule", len(got))
		}
	})
}

package scheme_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/schemes"
)

// edited is a shipped scheme with one thing changed, beside its forms.
func edited(t *testing.T, file, old, new string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	text, err := schemes.Files.ReadFile(file)
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%s does not hold %q (%v)", file, old, err)
	}
	out[file] = &fstest.MapFile{Data: []byte(strings.Replace(string(text), old, new, 1))}
	forms, err := schemes.Files.ReadDir("forms")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range forms {
		b, err := schemes.Files.ReadFile("forms/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		out["forms/"+f.Name()] = &fstest.MapFile{Data: b}
	}
	return out
}

func TestCheckOfRounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, old, new, want string }{
		{"loop", "race.yaml", "next: round-2", "next: entry", `stages[1].next: leads back to "entry"`},
		{"unknown stage", "race.yaml", "next: round-2", "next: round-3", `stages[1].next: "round-3" is no stage; did you mean round-1?`},
		{"unreached", "race.yaml", "next: round-2", "next: round-3", `stages[2].id: no stage leads to "round-2"`},
		{"own verifier", "race.yaml", "best: 3, verifier: independent", "best: 3, verifier: team", `stages[1].test.verifier: "team": independent or agency is expected`},
		{"nobody goes on", "race.yaml", "best: 3,", "best: 0,", "stages[1].test.best: say how many go on at most"},
		{"no direction", "challenge.yaml", "better: high", "better: more", `stages[1].test.better: "more": high or low is expected`},
		{"paid for what", "open-call.yaml", "award: {kind: lump-sum}", "award: {kind: lump-sum, pay: passing}", "award.pay: only who passes is paid, but the last stage has no test"},
		{"twice the same id", "race.yaml", "id: round-2", "id: round-1", `stages[2].id: "round-1": every stage needs an id of its own`},
		{"comma", "challenge.yaml", "zh: 验收}", "zh: 验收, or so}", `stages[1].title: "or so" is no language; put a text that holds a comma in quotes`},
		{"rule of one form only", "challenge.yaml", "form.months <= 12", "form.mouths <= 12", "undeclared reference to 'form'"},
		{"no hours of a review", "open-call.yaml", ", hours: 4}\n    decide", "}\n    decide", "warning: stages[0].review.hours: say how many hours a review takes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, problems := scheme.Check(edited(t, c.file, c.old, c.new), c.file)
			for _, p := range problems {
				if strings.Contains(p.String(), c.want) {
					return
				}
			}
			t.Errorf("problems = %v\nwant one with %s", problems, c.want)
		})
	}
}

func TestRulesAreAskedWhereTheirFieldsAre(t *testing.T) {
	t.Parallel()
	d := definition(t, "challenge.yaml")
	facts := scheme.Facts{Answers: map[string]any{"months": float64(18)}, TeamSize: 1}
	at := func(form string) (broken []int) {
		for _, v := range d.Judge(d.Form(form), facts) {
			if !v.OK {
				broken = append(broken, v.Rule)
			}
		}
		return broken
	}
	if got := at("entry"); len(got) != 1 || got[0] != 1 {
		t.Errorf("at the entry, rules %v are broken, want the second", got)
	}
	if got := at("handover"); len(got) != 0 {
		t.Errorf("at the handover, which does not ask for months, rules %v are broken", got)
	}
}

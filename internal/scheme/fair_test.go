package scheme_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/scheme"
)

// TestUnfairQuestions: criteria that ask for journals, indices, counts, titles or ranks are
// warned of, with what to ask instead; those that say not to look at them are not.
func TestUnfairQuestions(t *testing.T) {
	t.Parallel()
	const ask = "Can it be done with these methods, this time and this money?"
	for text, want := range map[string]string{
		"Has the team papers in journals with a high impact factor?":              "DORA, recommendation 1",
		"Are there works in top journals?":                                        "what did it find",
		"Judge the lead's h-index.":                                               "Who has built on the chosen works",
		"How many papers did they publish in five years?":                         "at most five works",
		"Count the number of recent publications.":                                "at most five works",
		"Weigh the academic titles of the team.":                                  "CoARA, commitment 1",
		"What is the ranking of the university?":                                  "CoARA, commitment 4",
		"Read the chosen works; do not look at impact factors or at the h-index.": "",
		"What do the works show, regardless of the reputation of the journals?":   "",
		"Can the host do what the work needs?":                                    "",
	} {
		d, problems := scheme.Check(broken(t, ask, text), "open-call.yaml")
		if want == "" {
			if len(problems) > 0 {
				t.Errorf("%q: %v", text, problems)
			}
			continue
		}
		if len(problems) != 1 || !problems[0].Warning || !strings.Contains(problems[0].String(), "criteria[2].ask: ") || !strings.Contains(problems[0].Message, want) || d.Scheme != "open-call" {
			t.Errorf("%q: %v", text, problems)
		}
	}
	_, problems := scheme.Check(broken(t, "以所列方法、时间与经费能否完成？", "申请人发表了多少一区论文？"), "open-call.yaml")
	if len(problems) != 1 || !problems[0].Warning || !strings.Contains(problems[0].Message, "哪一项最能说明") {
		t.Errorf("in Chinese: %v", problems)
	}
}

func TestHiddenIsChecked(t *testing.T) {
	t.Parallel()
	_, problems := scheme.Check(broken(t, "hidden: [", "hidden: [faces, "), "open-call.yaml")
	if len(problems) != 1 || scheme.Usable(problems) || !strings.Contains(problems[0].Message, "journals or metrics is expected") {
		t.Errorf("%v", problems)
	}
	_, problems = scheme.Check(broken(t, "anonymous: dual", "anonymous: open"), "open-call.yaml")
	if len(problems) != 1 || !scheme.Usable(problems) || !strings.Contains(problems[0].Message, "nothing is hidden") {
		t.Errorf("%v", problems)
	}
}

func TestVeil(t *testing.T) {
	t.Parallel()
	all := []string{scheme.HideTitles, scheme.HideAges, scheme.HideJournals, scheme.HideMetrics}
	for _, c := range []struct{ text, want string }{
		{"Prof. Mira Alder, born 12 May 1961: fatigue of joints, Journal of Applied Physics 12 (2024), impact factor 5.6, cited 120 times.", "[…] Mira Alder, […]: fatigue of joints, […] 12 (2024), […], […]."},
		{"Noise in spin ice. Nature Physics, Q1, h-index: 44", "Noise in spin ice. […], […], […]"},
		{"Dr. habil. R. Solberg (aged 52): a data set of 900 hours, 1,200 citations", "[…] R. Solberg ([…]): a data set of 900 hours, […]"},
		{"李明院士，1958 年 3 月生：烧结接头疲劳，《物理学报》，影响因子 4.2，被引 310 次", "李明[…]，[…]：烧结接头疲劳，[…]，[…]，[…]"},
		{"A program that reads 40 kinds of files; it is used in 12 laboratories.", "A program that reads 40 kinds of files; it is used in 12 laboratories."},
	} {
		if got := scheme.Veil(c.text, all); got != c.want {
			t.Errorf("%q\n became %q,\n not %q", c.text, got, c.want)
		}
		if got := scheme.Veil(c.text, []string{scheme.HideTeam}); got != c.text {
			t.Errorf("with nothing to take out %q became %q", c.text, got)
		}
	}
	if got := scheme.Veil("Prof. X, h-index 3", slices.Clone(all[3:])); got != "Prof. X, […]" {
		t.Errorf("metrics only: %q", got)
	}
}

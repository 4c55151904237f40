package scheme_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/scheme"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	a := openCall(t)
	if changes := scheme.Diff(a, openCall(t)); len(changes) > 0 {
		t.Errorf("the same twice: %v", changes)
	}
	for _, c := range []struct{ name, old, new, en, zh string }{
		{"hours", "hours: 16", "hours: 17", "scheme open-call: hours was “16”, is “17”", "方案 open-call：hours 由“16”改为“17”"},
		{"weight", "importance, weight: 2", "importance, weight: 3", "criterion importance: weight was “2”, is “3”", "评审标准 importance：weight 由“2”改为“3”"},
		{"review", "each: 3", "each: 4", "stage full: review.each was “3”, is “4”", "阶段 full：review.each 由“3”改为“4”"},
		{"change", "method: notify", "method: ask", "changes open-call: method was “notify”, is “ask”", "变更 open-call：method 由“notify”改为“ask”"},
		{"report", "{form: report, kind: final, months-after-end: 3}", "{form: report, kind: final, months-after-end: 4}", "report final: months_after_end was “3”, is “4”", "报告 final：months_after_end 由“3”改为“4”"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, problems := scheme.Check(broken(t, c.old, c.new), "open-call.yaml")
			if !scheme.Usable(problems) {
				t.Fatal(problems)
			}
			changes := scheme.Diff(a, b)
			if len(changes) != 1 {
				t.Fatalf("changes = %v, want one", changes)
			}
			if got := changes[0].Says().In(lang.English); got != c.en {
				t.Errorf("en = %q\nwant %q", got, c.en)
			}
			if got := changes[0].Says().In(lang.Chinese); got != c.zh {
				t.Errorf("zh = %q\nwant %q", got, c.zh)
			}
		})
	}
}

func TestCarry(t *testing.T) {
	t.Parallel()
	outline, full := definition(t, "two-stage-call.yaml").Form("outline"), definition(t, "two-stage-call.yaml").Form("proposal")
	c := scheme.Carry(outline, full)
	want := scheme.Carried{Check: []string{"title", "summary", "aim", "approach"}, Lost: []string{"amount"},
		New: []string{"field", "risks", "months", "plan_file", "budget", "contributions", "works", "data", "ethics", "ethics_note"}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("from outline to proposal (-want +got):\n%s", diff)
	}
	got := c.Answers(map[string]any{"title": "Fuses", "amount": 5.0})
	if diff := cmp.Diff(map[string]any{"title": "Fuses"}, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if same := scheme.Carry(full, full); len(same.Kept) != len(full.Fields) || len(same.New)+len(same.Lost)+len(same.Check) > 0 {
		t.Errorf("to itself: %+v", same)
	}
}

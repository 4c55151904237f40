package review

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDoubts(t *testing.T) {
	t.Parallel()
	due := time.Date(2027, 5, 1, 17, 0, 0, 0, time.UTC)
	long := func(about string) string { // no two share a run of words
		var b strings.Builder
		for c := 'a'; c <= 'z'; c++ {
			fmt.Fprintf(&b, "%s%c ", about, c)
		}
		return b.String()
	}
	copied := "While the comparison is fair on the whole, the second of the three steps rests on a sample that nobody outside the team has seen so far."
	r := func(id, number string, at time.Time, texts ...string) View {
		v := View{Review: Review{ID: id, DueAt: due, SubmittedAt: at, Answers: map[string]Answer{}}, Number: number}
		for i, text := range texts {
			v.Answers[string(rune('a'+i))] = Answer{Score: 4, Text: text}
		}
		return v
	}
	list := []View{
		r("good", "P-1", due, long("ice"), long("glaciers")),
		r("late", "P-2", due.Add(50*time.Hour), long("glass"), long("furnaces")),
		r("short", "P-3", due, "A good idea with a thin plan behind it.", "Feasible, I think, with more time."),
		r("bare", "P-4", due, long("wheat")+" "+long("roots"), "Good."),
		r("same", "P-5", due, long("bees"), strings.ToUpper(long("bees"))),
		r("copy", "P-6", due, copied+" "+long("clocks")),
		r("from", "P-7", due, long("bridges")+" "+copied),
		r("phrase", "P-9", due, long("dams")+" A clear plan; I miss a word on what happens when the first method fails."),
		r("again", "P-10", due, long("wells")+" A clear plan; I miss a word on what happens when the first method fails."),
		r("chinese", "P-8", due, "方案写明了测量的对象、步骤和判断依据，也说明了在何种情况下可以认定设想不成立，这一点值得肯定，建议优先开展第二步的工作。", "所列方法与经费相称，时间安排合理，数据公开的承诺具体可行，团队对风险有清楚的认识。"),
	}
	got, err := doubted(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]string{}
	for _, d := range got {
		for _, doubt := range d.Doubts {
			kinds[d.ID] += doubt.Kind + " " + doubt.Other + ";"
		}
	}
	want := map[string]string{"late": "late ;", "short": "short ;", "bare": "bare ;", "same": "same ;", "copy": "copied P-7;", "from": "copied P-6;"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Error(diff)
	}
}

// What reviews took is told of three at least, and never of who did not say.
func TestEffort(t *testing.T) {
	t.Parallel()
	list := []Review{{Minutes: 90}, {Minutes: 30}, {}}
	if got := effortOf(list); got != (Effort{}) {
		t.Errorf("two said it: %+v", got)
	}
	if got, want := effortOf(append(list, Review{Minutes: 240})), (Effort{Said: 3, Median: 90, Total: 360}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

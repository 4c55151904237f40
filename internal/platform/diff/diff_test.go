package diff_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/diff"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, a, b string
		want       []diff.Run
	}{
		{"same", "Grain boundaries.", "Grain boundaries.", []diff.Run{{diff.Same, "Grain boundaries."}}},
		{"both empty", "", "", nil},
		{"new", "", "A text.", []diff.Run{{diff.Ins, "A text."}}},
		{"a word", "We measure heat in clay.", "We measure heat in wet clay.", []diff.Run{{diff.Same, "We measure heat in "}, {diff.Ins, "wet "}, {diff.Same, "clay."}}},
		{"two words beside each other", "the old way here", "the new path here", []diff.Run{{diff.Same, "the "}, {diff.Del, "old way"}, {diff.Ins, "new path"}, {diff.Same, " here"}}},
		{"Chinese", "测量湿黏土的热量", "测量干黏土的热量", []diff.Run{{diff.Same, "测量"}, {diff.Del, "湿"}, {diff.Ins, "干"}, {diff.Same, "黏土的热量"}}},
		{"a sign", "Heat, then cold", "Heat then cold", []diff.Run{{diff.Same, "Heat"}, {diff.Del, ","}, {diff.Same, " then cold"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, diff.Words(c.a, c.b)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestWordsAreJoinedAgain: what Words gives makes both texts, and no more words
// differ than must (the longest common subsequence by dynamic programming).
func TestWordsAreJoinedAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.Custom(func(rt *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", ",", ";", "热", "ü", ".", "\n"}), 0, 40).Draw(rt, "words"), "")
		})
		a, b := text.Draw(rt, "a"), text.Draw(rt, "b")
		var first, second strings.Builder
		same := 0
		for _, r := range diff.Words(a, b) {
			if r.Kind != diff.Ins {
				first.WriteString(r.Text)
			}
			if r.Kind != diff.Del {
				second.WriteString(r.Text)
			}
			if r.Kind == diff.Same {
				same += len(diff.Split(r.Text))
			}
		}
		if first.String() != a || second.String() != b {
			rt.Fatalf("%q and %q came back as %q and %q", a, b, first.String(), second.String())
		}
		if best := common(diff.Split(a), diff.Split(b)); same != best {
			rt.Fatalf("%q and %q: %d words stay, %d could", a, b, same, best)
		}
	})
}

func common(a, b []string) int {
	row := make([]int, len(b)+1)
	for i := range a {
		last := 0
		for j := range b {
			was := row[j+1]
			if a[i] == b[j] {
				row[j+1] = last + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			last = was
		}
	}
	return row[len(b)]
}

func FuzzWords(f *testing.F) {
	f.Add("We measure heat.", "We measure \xff cold.")
	f.Fuzz(func(t *testing.T, a, b string) {
		var first, second strings.Builder
		for _, r := range diff.Words(a, b) {
			if r.Kind != diff.Ins {
				first.WriteString(r.Text)
			}
			if r.Kind != diff.Del {
				second.WriteString(r.Text)
			}
		}
		if first.String() != a || second.String() != b {
			t.Errorf("%q, %q came back as %q, %q", a, b, first.String(), second.String())
		}
	})
}

package calibrate

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	t.Parallel()
	p, err := Read(strings.NewReader("\ufeffproposal,Reviewer,score,panel,criterion\na,ada,4.5,x,plan\na,ada,5,x,team\nb,bob,,y,plan\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(p.Proposals, p.Reviewers, p.Panels, p.Criteria, p.Scores); got != "[a b] [ada bob] [x y] [plan team] [{0 0 0 0 4.5} {0 0 0 1 5}]" {
		t.Error(got)
	}
	for _, c := range []struct {
		text  string
		scale []string
		want  string
	}{
		{"", nil, "the file is empty: a header is expected"},
		{"a,b\n", nil, "line 1: columns reviewer, proposal and score are expected, not a, b"},
		{"reviewer,proposal,score\n", nil, "no scores: at least one is needed"},
		{"reviewer,proposal,score\na,p,good\n", nil, `line 2: score "good": a decimal number is expected`},
		{"reviewer,proposal,score\na,p,NaN\n", nil, `line 2: score "NaN": a decimal number is expected`},
		{"reviewer,proposal,score\na,p,E\n", []string{"B", "A"}, `line 2: score "E": one of B, A is expected`},
		{"reviewer,proposal,score\na,p,3\nb,p,3\na,p,4\n", nil, "line 4: a has scored p already, on line 2"},
		{"reviewer,proposal,score\n ,p,3\n", nil, "line 2: the reviewer is empty"},
	} {
		if _, err := Read(strings.NewReader(c.text), c.scale); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("reviewer,proposal,score,panel,criterion\na,p,1,x,y\nb,p,2.5,x,z\n")
	f.Add("\ufeffscore,proposal,reviewer\n,p,\"a\n\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := Read(strings.NewReader(text), nil); err == nil && p.Check() != nil {
			t.Error("read, but refused")
		}
	})
}

// TestAlpha: the example of Krippendorff, "Computing Krippendorff's
// Alpha-Reliability", 2011, section C and E: interval 0.849, ordinal 0.815.
func TestAlpha(t *testing.T) {
	t.Parallel()
	rows := []string{
		"1 2 3 3 2 1 4 1 2 . . .",
		"1 2 3 3 2 2 4 1 2 5 . 3",
		". 3 3 3 2 3 4 2 2 5 1 .",
		"1 2 3 3 2 4 4 1 2 5 1 .",
	}
	p := &Panel{Proposals: make([]string, 12), Reviewers: make([]string, 4)}
	for j, row := range rows {
		for i, f := range strings.Fields(row) {
			if f != "." {
				p.Scores = append(p.Scores, Score{Proposal: i, Reviewer: j, Value: float64(f[0] - '0')})
			}
		}
	}
	if got := Alpha(p, false); math.Abs(got-0.849) > 0.0006 {
		t.Errorf("interval alpha is %.4f", got)
	}
	if got := Alpha(p, true); math.Abs(got-0.815) > 0.0006 {
		t.Errorf("ordinal alpha is %.4f", got)
	}
	if got := Alpha(&Panel{Scores: p.Scores[:1]}, false); !math.IsNaN(got) {
		t.Errorf("one score has alpha %g", got)
	}
}

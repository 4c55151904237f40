package lottery

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

func example() *Record {
	r := &Record{Version: Version, Recorded: "2027-02-20T12:00:00Z", Seed: "07 13 21 28 40 44"}
	r.List = List{Call: "Open call 2027", Event: "6 of 49, the numbers in ascending order, two digits each, a space between", At: "2027-03-01T18:25:00+01:00", Draw: 2, List: []string{"P-4", "P-17", "P-21", "P-30"}}
	r.Digest = r.Commitment()
	r.Drawn = r.Drawing(r.Seed)
	return r
}

// The values were computed with the Python of docs/lottery.md.
func TestDrawingIsAsDocumented(t *testing.T) {
	t.Parallel()
	r := example()
	if r.Digest != documentedDigest || !slices.Equal(r.Drawn, documentedDraw) {
		t.Errorf("%s, %q", r.Digest, r.Drawn)
	}
	if differs := Verify(r, strings.ToUpper(documentedDigest)); len(differs) > 0 {
		t.Error(differs)
	}
}

func TestVerifySaysWhere(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*Record){
		"digest: the list as it stands has ":                                    func(r *Record) { r.List.List[1], r.List.List[2] = r.List.List[2], r.List.List[1] },
		"list, number, event or time":                                           func(r *Record) { r.Draw = 1 },
		"the one kept elsewhere is":                                             func(r *Record) { r.Event, r.Digest = "another", ""; r.Digest = r.Commitment() },
		"recorded: the list went on record at 2027-03-01T17:25:00Z, not before": func(r *Record) { r.Recorded = "2027-03-01T17:25:00Z" },
		`recorded: "yesterday": a time`:                                         func(r *Record) { r.Recorded = "yesterday" },
		"seed: there is none yet":                                               func(r *Record) { r.Seed = "" },
		"drawn[0]: ":                                                            func(r *Record) { slices.Reverse(r.Drawn) },
		"drawn: 1 entries, where 2 are expected":                                func(r *Record) { r.Drawn = r.Drawn[:1] },
	} {
		r := example()
		change(r)
		if got := strings.Join(Verify(r, documentedDigest), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: %s", want, got)
		}
	}
}

// TestEveryEntryIsDrawnAlike counts over many seeds: each of 5 is among the first 2
// in two fifths of them.
func TestEveryEntryIsDrawnAlike(t *testing.T) {
	t.Parallel()
	const seeds = 20000
	l := List{Call: "c", Event: "e", At: "2027-03-01T18:25:00Z", Draw: 2, List: []string{"a", "b", "c", "d", "e"}}
	count := map[string]int{}
	for s := range seeds {
		for _, e := range l.Drawing(fmt.Sprint(s)) {
			count[e]++
		}
	}
	sd := math.Sqrt(seeds * 0.4 * 0.6)
	for e, n := range count {
		if math.Abs(float64(n)-seeds*0.4) > 4*sd {
			t.Errorf("%s is drawn %d times of %d", e, n, seeds)
		}
	}
}

func TestReadSaysWhere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"version":"2"}`: `version: "2": headwater-lottery-1 is expected`,
		`{"version":"headwater-lottery-1","call":"a\nb"}`:                                                               `call: "a\nb": one line of text is expected`,
		`{"version":"headwater-lottery-1","call":"a","event":"b","at":"noon"}`:                                          `at: "noon": a time such as 2027-03-01T18:00:00+01:00 is expected`,
		`{"version":"headwater-lottery-1","call":"a","event":"b","at":"2027-03-01T18:00:00Z","draw":1}`:                 "draw: 1 of 0: a number from 0 to that is expected",
		`{"version":"headwater-lottery-1","call":"a","event":"b","at":"2027-03-01T18:00:00Z","list":["x","x"]}`:         `list[1]: "x" stands at 0 already`,
		`{"version":"headwater-lottery-1","call":"a","event":"b","at":"2027-03-01T18:00:00Z","list":["x"],"drawing":1}`: `a lottery as JSON is expected: json: unknown field "drawing"`,
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

const documentedDigest = "13d3c5f68f0490e797cfc262dacbeb75afc4e85584f718d30d7e3cc16082e97e"

var documentedDraw = []string{"P-17", "P-4"}

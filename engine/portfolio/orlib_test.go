package portfolio

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/published"
)

func TestReadORLib(t *testing.T) {
	t.Parallel()
	p, err := ReadORLib(strings.NewReader("1\n 3 2 0\n5 4 3\n\t2 3 1\r\n4 0 2\n5 6\n"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Solve(t.Context(), p[0], Options{})
	if err != nil || len(p) != 1 || s.Value != 9 || !s.Optimal() {
		t.Errorf("%d instances, %+v, %v", len(p), s, err)
	}
	for text, want := range map[string]string{
		"":                         "line 1: the file ends where the number of instances is expected",
		"x":                        `line 1: the number of instances is "x": a whole number from 0 to 1048576 is expected`,
		"1\n2 1 0\n5":              "instance 1: line 3: the file ends where the value of item 1 is expected",
		"1\n2 1 0\n5 4\n1 z\n3":    `instance 1: line 4: what item 1 takes of budget 1 is "z": a whole number from -1125899906842624 to 1125899906842624 is expected`,
		"1\n1 1 0\n5\n1\n3\nextra": `line 6: "extra" follows the last of 1 instances, where the end is expected`,
	} {
		if _, err := ReadORLib(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzReadORLib(f *testing.F) {
	f.Add("1\n2 1 0\n5 4\n1 2\n3\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadORLib(strings.NewReader(text))
		for _, p := range list {
			if err == nil && p.Check() != nil {
				t.Errorf("what was read does not pass its check: %v", p.Check())
			}
		}
	})
}

// TestPublished proves published instances and compares with what was known of them in 1998.
func TestPublished(t *testing.T) {
	t.Parallel()
	table, err := os.Open(published.File(t, "knapsack", "best_known.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	rows, err := csv.NewReader(table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(published.File(t, "knapsack", "mknapcb1.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := ReadORLib(f)
	if err != nil || len(list) != 30 {
		t.Fatalf("%d instances, %v", len(list), err)
	}
	for k := 0; k < len(list); k += 5 {
		known, err := strconv.ParseInt(rows[1+k][5], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		relaxation, err := strconv.ParseFloat(rows[1+k][6], 64)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Solve(t.Context(), list[k], Options{Seed: 1})
		if err != nil || !s.Optimal() || s.Value < known || float64(s.Value) > relaxation {
			t.Errorf("instance %d: %d to %d, %d was known, %v", k+1, s.Value, s.Bound, known, err)
		}
	}
}

package spreadsheet_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/spreadsheet"
)

// TestCellsAreHarmlessAndComeBack: whatever a cell holds, what is written begins with no
// sign of a formula unless it is a number, and is read back as it was.
func TestCellsAreHarmlessAndComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		cell := rapid.StringMatching(`'{0,3}[=+\-@\t\r\n＝＋－＠a-z0-9., "']{0,6}`).Draw(rt, "cell")
		got := spreadsheet.Harmless(cell)
		if strings.ContainsAny(first(got), "=+-@\t\r\n＝＋－＠") && got != cell {
			rt.Fatalf("%q is written as %q", cell, got)
		}
		if back := spreadsheet.Plain(got); back != cell {
			rt.Fatalf("%q is written as %q and read as %q", cell, got, back)
		}
	})
	for cell, want := range map[string]string{"=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "-2+3": "'-2+3", "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0", "\t=1": "'\t=1", "＝1": "'＝1", "'=1": "''=1",
		"-12.5": "-12.5", "+3": "+3", "-1e3": "-1e3", "a=1": "a=1", "": "", "'tis": "'tis"} {
		if got := spreadsheet.Harmless(cell); got != want {
			t.Errorf("%q is written as %q, want %q", cell, got, want)
		}
	}
}

func first(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

func TestWriter(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := spreadsheet.NewWriter(&b).WriteAll([][]string{{"name", "n"}, {`=HYPERLINK("x","y")`, "-3"}}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != `'=HYPERLINK("x","y")` || rows[1][1] != "-3" {
		t.Errorf("written %q, %v", rows, err)
	}
}

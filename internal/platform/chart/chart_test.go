package chart_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/chart"
)

var update = flag.Bool("update", false, "write the golden files")

func cut(n float64) *float64 { return &n }

func charts() map[string]chart.Chart {
	thousand := func(n float64) string { return fmt.Sprintf("%.0f k", n/1000) }
	day := func(m time.Month, d, h int) time.Time { return time.Date(2027, m, d, h, 0, 0, 0, time.UTC) }
	return map[string]chart.Chart{
		"bars": chart.Bars{Head: chart.Head{Finding: "Awards by year: 22, 26, 31, 30", Rows: "Year", Unit: "awards"},
			Labels: []string{"2023", "2024", "2025", "2026"}, Series: []chart.Series{{Name: "Awards", Values: chart.Of(22, 26, 31, 30)}}},
		"bars-kinds": chart.Bars{Head: chart.Head{Finding: "Awards by kind of organisation; firms have tripled since 2023", Rows: "Year"},
			Labels: []string{"2023", "2024", "2025", "2026"}, Series: []chart.Series{{Name: "Universities", Values: chart.Of(22, 26, 31, 30)},
				{Name: "Institutes", Values: chart.Of(18, 19, 17, math.NaN())}, {Name: "Firms", Values: chart.Of(7, 11, 16, 22)}}},
		"bars-across": chart.Bars{Head: chart.Head{Finding: "Success rate by field; materials highest with 24 %", Rows: "Field", Unit: "per cent"}, Across: true,
			Labels: []string{"Materials", "Oceans, rivers and the atmosphere above them", "数学与统计学", "Medicine"},
			Series: []chart.Series{{Name: "2025", Values: []chart.Value{{N: 24, Text: "24 %"}, {N: 18, Text: "18 %"}, {N: 9, Text: "9 %"}, {N: 0, Text: "0 %"}}},
				{Name: "2026", Values: []chart.Value{{N: 22, Text: "22 %"}, {N: 21, Text: "21 %"}, {Missing: true}, {N: 3.5, Text: "3.5 %"}}}}},
		"bars-below": chart.Bars{Head: chart.Head{Finding: "Change of the budget, from minus 12 to plus 30", Rows: "Line"}, Labels: []string{"A", "B", "C"},
			Series: []chart.Series{{Name: "Change", Values: chart.Of(-12, 30, 4)}}},
		"bars-many": chart.Bars{Head: chart.Head{Finding: "Forty values", Wide: true, Format: thousand}, Labels: many(40), Series: []chart.Series{{Name: "n", Values: rising(40)}}},
		"lines": chart.Lines{Head: chart.Head{Finding: "Proposals by month, 120 in May", Rows: "Month", Unit: "proposals", None: "missing"},
			Labels: []string{"Jan", "Feb", "Mar", "Apr", "May"}, Series: []chart.Series{{Name: "Open call", Values: chart.Of(80, 95, math.NaN(), 110, 120)},
				{Name: "Small grant", Values: chart.Of(78, 60, 62, 70, 119)}}},
		"steps": chart.Lines{Head: chart.Head{Finding: "Money committed, 12 million at the end", Rows: "Month", Wide: true}, Steps: true,
			Labels: many(24), Series: []chart.Series{{Name: "Committed", Values: rising(24)}}},
		"histogram": chart.Histogram{Head: chart.Head{Finding: "Scores: most between 3 and 4; 12 above the line at 3.5", Rows: "Score", Unit: "mean score"},
			Edges: []float64{1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5}, Counts: []int{1, 0, 3, 8, 14, 9, 2, 1}, CountsAs: "Proposals", Cut: cut(3.5), CutLabel: "funding line"},
		"intervals": chart.Intervals{Head: chart.Head{Finding: "Expected ranks; items 2 and 3 lie in the doubtful zone", Rows: "Proposal", Unit: "rank"}, Min: 1, Max: 41,
			Cut: cut(18.5), CutLabel: "funding line", Band: [2]float64{14, 20}, Estimate: "Rank", Range: "90 % interval",
			Items: items()},
		"share": chart.Share{Head: chart.Head{Finding: "Money: firm 10.04, in the band 2.38, free 0.18 of 12.6 million crowns", Rows: "State"}, Whole: 12.6, Size: "Million Cr",
			Parts: []chart.Part{{Name: "firm", Value: chart.Value{N: 10.04, Text: "10.04"}}, {Name: "in the band", Value: chart.Value{N: 2.38}}}},
		"weeks": chart.Weeks{Head: chart.Head{Finding: "Deadlines in the next weeks: 16, 17 and 29 March", Rows: "By"}, From: day(3, 15, 0), Now: day(3, 16, 9),
			Ticks: []string{"15 Mar", "22 Mar", "29 Mar", "5 Apr", "12 Apr", "19 Apr"}, What: "Task", Hours: "Hours",
			Items: []chart.Due{{day(3, 16, 17), "16 March", "Answer", 1}, {day(3, 17, 12), "17 March", "Review P-2027-0122", 3},
				{day(3, 29, 17), "29 March", "Proposal", 12}, {day(7, 1, 0), "1 July", "Report", 5}}},
	}
}

func items() []chart.Interval {
	return []chart.Interval{
		{Label: "Ice that forgets", Low: chart.Value{N: 1}, Mid: chart.Value{N: 3.1}, High: chart.Value{N: 7}},
		{Label: "Magnets from slag", Low: chart.Value{N: 9}, Mid: chart.Value{N: 18.3}, High: chart.Value{N: 28}},
		{Label: "A very long title of a proposal that goes on", Low: chart.Value{N: 10}, Mid: chart.Value{N: 18.9}, High: chart.Value{N: 28}},
		{Label: "Not judged yet", Low: chart.Value{Missing: true}, Mid: chart.Value{Missing: true}, High: chart.Value{Missing: true}},
	}
}

func many(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprint(2000+i))
	}
	return out
}

func rising(n int) []chart.Value {
	var out []chart.Value
	for i := range n {
		out = append(out, chart.Value{N: float64(i * i * 500)})
	}
	return out
}

// Golden holds every drawing with its table; -update writes it anew.
func TestGolden(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for name, c := range charts() {
		head, rows := c.Table()
		var b strings.Builder
		b.WriteString(chart.Drawing(c) + "\n")
		for _, r := range append([][]string{head}, rows...) {
			b.WriteString(strings.Join(r, " | ") + "\n")
		}
		texts[name] = b.String()
	}
	for name, got := range texts {
		path := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// Whatever is put in, the drawing is well-formed, holds no script or style, no
// number that is none, and the same text as given when read.
func TestAnyValue(t *testing.T) {
	t.Parallel()
	number := rapid.OneOf(rapid.Float64Range(-1e6, 1e6), rapid.SampledFrom([]float64{0, 1, -1, 1e-9, 1e12, math.NaN(), math.Inf(1)}))
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`"><script>alert(1)</script>`, "a&b", "' onload='x", "石墨烯", ""}))
	rapid.Check(t, func(t *rapid.T) {
		head := chart.Head{Finding: "A: " + text.Draw(t, "finding"), Unit: text.Draw(t, "unit"), Rows: text.Draw(t, "rows"), Wide: rapid.Bool().Draw(t, "wide")}
		labels := rapid.SliceOfN(text, 0, 12).Draw(t, "labels")
		var series []chart.Series
		for range rapid.IntRange(0, 7).Draw(t, "series") {
			series = append(series, chart.Series{Name: text.Draw(t, "name"), Values: chart.Of(rapid.SliceOfN(number, 0, 12).Draw(t, "values")...)})
		}
		var parts []chart.Part
		var rows []chart.Interval
		var due []chart.Due
		from := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
		for _, l := range labels {
			v := chart.Of(number.Draw(t, "a"), number.Draw(t, "b"), number.Draw(t, "c"))
			parts = append(parts, chart.Part{Name: l, Value: v[0]})
			rows = append(rows, chart.Interval{Label: l, Low: v[0], Mid: v[1], High: v[2]})
			due = append(due, chart.Due{At: from.Add(time.Duration(rapid.IntRange(-100, 2000).Draw(t, "hour")) * time.Hour), Label: l})
		}
		for _, c := range []chart.Chart{
			chart.Bars{Head: head, Labels: labels, Series: series}, chart.Bars{Head: head, Labels: labels, Series: series, Across: true},
			chart.Lines{Head: head, Labels: labels, Series: series}, chart.Lines{Head: head, Labels: labels, Series: series, Steps: true},
			chart.Share{Head: head, Parts: parts, Whole: rapid.Float64Range(0, 10).Draw(t, "whole")},
			chart.Intervals{Head: head, Items: rows},
			chart.Histogram{Head: head, Edges: []float64{0, 1, 3}, Counts: []int{len(labels), len(series)}},
			chart.Weeks{Head: head, From: from, Ticks: labels, Items: due, Now: from.AddDate(0, 0, 3)},
		} {
			drawing := chart.Drawing(c)
			wellFormed(t, drawing)
			head, rows := c.Table()
			for _, r := range rows {
				if len(r) != len(head) {
					t.Fatalf("a row of %d under a head of %d", len(r), len(head))
				}
			}
		}
	})
}

func wellFormed(t *rapid.T, drawing string) {
	d := xml.NewDecoder(strings.NewReader("<x>" + drawing + "</x>"))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in %s", err, drawing)
		}
		e, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if e.Name.Local == "script" || e.Name.Local == "style" {
			t.Fatalf("element %s", e.Name.Local)
		}
		for _, a := range e.Attr {
			if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
				t.Fatalf("attribute %s", a.Name.Local)
			}
			if a.Name.Local != "aria-label" && (strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf")) {
				t.Fatalf("%s=%q", a.Name.Local, a.Value)
			}
		}
	}
}

package measure_test

import (
	"encoding/csv"
	"errors"
	"math"
	"math/big"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/engine/measure"
	"github.com/headwater-platform/headwater/internal/platform/published"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func must[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestHHI(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		shares    []measure.Share
		low, high float64
	}{
		"one":                {[]measure.Share{measure.Known(1)}, 1, 1},
		"two halves":         {[]measure.Share{measure.Known(0.5), measure.Known(0.5)}, 0.5, 0.5},
		"a rest":             {[]measure.Share{measure.Known(0.6), measure.Known(0.2)}, 0.4, 0.44},
		"nothing known":      {nil, 0, 1},
		"rounded up to 1.02": {[]measure.Share{measure.Known(0.51), measure.Known(0.51)}, 0.5, 0.5},
	} {
		got, err := measure.HHI(c.shares)
		must(t, got, err)
		near(t, what+", low", got.Low, c.low, 1e-12)
		near(t, what+", high", got.High, c.high, 1e-12)
	}
	for what, bad := range map[string][]measure.Share{"over 1": {measure.Known(1.2)}, "below 0": {measure.Known(-0.1)}, "no number": {measure.Known(math.NaN())},
		"bounds exchanged": {{Low: 0.4, High: 0.3}}, "two wholes": {measure.Known(1), measure.Known(0.8)}} {
		if _, err := measure.HHI(bad); err == nil {
			t.Errorf("%s is accepted", what)
		}
	}
}

// TestBoundsHoldTheTruth hides part of a random supply and looks for the truth within the bounds.
func TestBoundsHoldTheTruth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Float64Range(0.001, 1), 1, 8).Draw(t, "parts")
		weights := rapid.SliceOfN(rapid.Float64Range(0, 10), len(parts), len(parts)).Draw(t, "weights")
		sum, truth, rest := 0.0, 0.0, 0.0
		for _, p := range parts {
			sum += p
		}
		var listed []measure.Share
		for i, p := range parts {
			s := p / sum
			truth += weights[i] * s * s
			switch rapid.IntRange(0, 2).Draw(t, "known") {
			case 0: // not listed
				rest = max(rest, weights[i])
			case 1:
				listed = append(listed, measure.Share{Low: s, High: s, Weight: weights[i]})
			case 2:
				listed = append(listed, measure.Share{Low: s * rapid.Float64Range(0, 1).Draw(t, "low"), High: s + (1-s)*rapid.Float64Range(0, 1).Draw(t, "high"), Weight: weights[i]})
			}
		}
		got, err := measure.Weighted(listed, rest)
		if err != nil {
			t.Fatal(err)
		}
		if truth < got.Low-1e-9 || truth > got.High+1e-9 {
			t.Errorf("the truth %v is outside %v", truth, got)
		}
	})
}

// TestLargest compares the bounds of the largest share with the ends that the open part can take.
func TestLargest(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		shares    []measure.Share
		low, high float64
		certainly bool // a sole supplier
		possibly  bool
	}{
		"one":                 {[]measure.Share{measure.Known(1)}, 1, 1, true, true},
		"a rest":              {[]measure.Share{measure.Known(0.6), measure.Known(0.1)}, 0.6, 0.6, false, false},
		"a rest that is most": {[]measure.Share{measure.Known(0.2)}, 0.2, 0.8, false, false},
		"bounds":              {[]measure.Share{{Low: 0.3, High: 0.5}, measure.Known(0.4)}, 0.4, 0.5, false, false},
		"at least":            {[]measure.Share{{Low: 0.7, High: 1}}, 0.7, 1, false, true},
		"nothing known":       {nil, 0, 1, false, true},
		"rounded up to 1.02":  {[]measure.Share{measure.Known(0.51), measure.Known(0.51)}, 0.5, 0.5, false, false},
	} {
		got, err := measure.Largest(c.shares)
		must(t, got, err)
		near(t, what+", low", got.Low, c.low, 1e-12)
		near(t, what+", high", got.High, c.high, 1e-12)
		if certainly, possibly := got.Reaches(measure.Sole); certainly != c.certainly || possibly != c.possibly {
			t.Errorf("%s: sole %v, possibly %v", what, certainly, possibly)
		}
	}
	if _, err := measure.Largest([]measure.Share{measure.Known(1.2)}); err == nil {
		t.Error("a share over 1 is accepted")
	}
}

func TestSupplyRisk(t *testing.T) {
	t.Parallel()
	known := func(v float64) measure.Interval { return measure.Interval{Low: v, High: v} }
	r := measure.SupplyRisk{Global: known(2), Sourcing: known(4), Reliance: known(0.8), Recycling: known(0.25), Substitute: known(0.9)}
	v, err := r.Value()
	must(t, v, err)
	near(t, "supply risk", v.Low, (2*0.4+4*0.6)*0.75*0.9, 1e-12) // by hand
	near(t, "supply risk", v.High, v.Low, 1e-12)
	r.Reliance, r.Recycling = measure.Interval{Low: 0, High: 1}, measure.Interval{Low: 0, High: 1}
	wide, err := r.Value()
	must(t, wide, err)
	near(t, "least, all recycled", wide.Low, 0, 1e-12)
	near(t, "most, nothing imported", wide.High, 4*0.9, 1e-12)
	r.Reliance = known(1.5)
	if _, err := r.Value(); err == nil {
		t.Error("a reliance of 1.5 is accepted")
	}
	ir, err := measure.ImportReliance(20, 100, 20)
	must(t, ir, err)
	near(t, "import reliance", ir, 0.8, 1e-12)
	if _, err := measure.ImportReliance(0, 1, 2); err == nil {
		t.Error("nothing used is accepted")
	}
	ei, err := measure.EconomicImportance([]measure.Use{{Share: 0.5, ValueAdded: 100}, {Share: 0.25, ValueAdded: 40}}, known(0.9), 200, 20)
	must(t, ei, err)
	near(t, "economic importance, least", ei.Low, 60*0.9/20, 1e-12)
	near(t, "economic importance, most", ei.High, (60+0.25*200)*0.9/20, 1e-12)
}

func TestLag(t *testing.T) {
	t.Parallel()
	curve := func(from float64, values ...float64) (list []measure.Point) {
		for i, v := range values {
			list = append(list, measure.Point{Year: from + float64(i), Low: v, High: v})
		}
		return list
	}
	for what, c := range map[string]struct {
		home, leader []measure.Point
		low, high    float64
		censored     bool
	}{
		"three years behind":   {curve(2020, 1, 2, 3, 4), curve(2017, 1, 2, 3, 4, 5, 6, 7), 3, 3, false},
		"between two years":    {curve(2020, 0, 2.5), curve(2015, 1, 2, 3, 4), 4.5, 4.5, false},
		"level":                {curve(2020, 1, 2), curve(2020, 1, 2), 0, 0, false},
		"two years ahead":      {curve(2018, 1, 2, 3, 4), curve(2018, 0, 0, 1, 2), -2, -2, false},
		"not yet reached":      {curve(2020, 0, 0.5), curve(2010, 1, 2, 3), 11, math.Inf(1), true},
		"a dip does not count": {curve(2020, 1, 2, 0), curve(2017, 1, 2, 3), 4, 4, false},
	} {
		got, err := measure.Behind(c.home, c.leader)
		must(t, got, err)
		if got.Censored != c.censored || math.Abs(got.Years.Low-c.low) > 1e-12 || got.Years.High != c.high && math.Abs(got.Years.High-c.high) > 1e-12 {
			t.Errorf("%s: %+v", what, got)
		}
	}
	wide := []measure.Point{{Year: 2020, Low: 2, High: 3}}
	got, err := measure.Behind(wide, curve(2015, 1, 2, 3, 4))
	must(t, got, err)
	near(t, "least lag", got.Years.Low, 3, 1e-12)
	near(t, "most lag", got.Years.High, 4, 1e-12)
	if _, err := measure.Behind(nil, wide); err == nil {
		t.Error("an empty curve is accepted")
	}
	years, diverging, err := measure.CatchUp(1, 2, 0.10, 0.05)
	must(t, years, err)
	near(t, "catch-up", years, math.Log(2)/0.05, 1e-12)
	if diverging {
		t.Error("a faster one diverges")
	}
	if _, diverging, _ := measure.CatchUp(1, 2, 0.05, 0.05); !diverging {
		t.Error("an equally fast one does not diverge")
	}
}

// data opens a table of the optional folder of data, or skips.
func data(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(published.File(t, name))
	must(t, f, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	return must(t, rows, err)[1:]
}

// TestRawMaterials computes the concentration of each material and stage of the EU's study of
// 2023 and compares it with exact arithmetic in fractions.
func TestRawMaterials(t *testing.T) {
	t.Parallel()
	shares, exact := map[string][]measure.Share{}, map[string]*big.Rat{}
	for _, row := range data(t, "crm/fact_GlobalSupplyShares&t.csv") {
		key := row[0] + " " + row[1]
		s := measure.Share{Weight: 1, High: 0.001}
		if exact[key] == nil {
			exact[key] = new(big.Rat)
		}
		if text := strings.TrimSuffix(row[3], "%"); !strings.HasPrefix(text, "<") {
			v, err := strconv.ParseFloat(text, 64)
			must(t, v, err)
			s.Low, s.High = v/100, v/100
			r, ok := new(big.Rat).SetString(text)
			if !ok {
				t.Fatalf("share %q", text)
			}
			r.Quo(r, big.NewRat(100, 1))
			exact[key].Add(exact[key], r.Mul(r, r))
		}
		shares[key] = append(shares[key], s)
	}
	if len(shares) != 122 {
		t.Errorf("%d materials and stages, want 122", len(shares))
	}
	for key, list := range shares {
		sum := 0.0
		for _, s := range list {
			sum += s.Low
		}
		got, err := measure.HHI(list)
		must(t, got, err)
		want, _ := exact[key].Float64()
		if sum > 1 {
			want /= sum * sum
		}
		near(t, key, got.Low, want, 1e-12)
		if got.High < got.Low || got.High > 1+1e-12 {
			t.Errorf("%s: bounds %v", key, got)
		}
	}
}

// exports is world exports by country and section.
func exports(t *testing.T) [][]float64 {
	rows := data(t, "exports/global_exports.csv")
	countries, sections := map[string]int{}, map[string]int{}
	for _, row := range rows {
		countries[row[0]], sections[row[2]] = 0, 0
	}
	number := func(m map[string]int) {
		var keys []string
		for k := range m {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for i, k := range keys {
			m[k] = i
		}
	}
	number(countries)
	number(sections)
	x := make([][]float64, len(countries))
	for i := range x {
		x[i] = make([]float64, len(sections))
	}
	for _, row := range rows {
		v, err := strconv.ParseFloat(row[4], 64)
		x[countries[row[0]]][sections[row[2]]] = must(t, v, err)
	}
	return x
}

// TestComplexityOfExports compares complexity with the method of reflections run to its end: an
// independent way to the same eigenvector (Hidalgo and Hausmann, 2009).
func TestComplexityOfExports(t *testing.T) {
	t.Parallel()
	advantage, err := measure.Advantage(exports(t))
	must(t, advantage, err)
	has := measure.Has(advantage)
	got, err := measure.Complex(has)
	must(t, got, err)
	if len(has) != 226 || len(has[0]) != 21 {
		t.Fatalf("%d × %d", len(has), len(has[0]))
	}
	places, activities := reflections(has)
	for c, want := range places {
		near(t, "complexity of country "+strconv.Itoa(c), got.Places[c], want, 1e-8)
	}
	for p, want := range activities {
		near(t, "complexity of section "+strconv.Itoa(p), got.Activities[p], want, 1e-8)
	}
	density := measure.Density(has, measure.Proximity(has))
	for c := range has {
		for p := range has[0] {
			near(t, "density", density[c][p], densityBySets(has, c, p), 1e-8)
		}
	}
}

// reflections averages to and fro between places and activities, and stretches what is left
// of the differences, until nothing changes any more.
func reflections(has [][]bool) (places, activities []float64) {
	n, m := len(has), len(has[0])
	places, activities = make([]float64, n), make([]float64, m)
	diversity, ubiquity := make([]float64, n), make([]float64, m)
	for c := range has {
		for p, yes := range has[c] {
			if yes {
				diversity[c]++
				ubiquity[p]++
			}
		}
		places[c] = diversity[c]
	}
	for range 20000 {
		for p := range m {
			activities[p] = 0
			for c := range n {
				if has[c][p] {
					activities[p] += places[c] / ubiquity[p]
				}
			}
		}
		mean, whole := 0.0, 0.0
		for c := range n {
			places[c] = 0
			for p := range m {
				if has[c][p] {
					places[c] += activities[p] / diversity[c]
				}
			}
			mean, whole = mean+diversity[c]*places[c], whole+diversity[c]
		}
		size := 0.0
		for c := range n {
			places[c] -= mean / whole // the first eigenvector is constant: take it away
			size += places[c] * places[c]
		}
		for c := range n {
			places[c] /= math.Sqrt(size)
		}
	}
	mean, variance := 0.0, 0.0
	for _, v := range places {
		mean += v / float64(n)
	}
	for _, v := range places {
		variance += (v - mean) * (v - mean) / float64(n)
	}
	with := 0.0
	for c := range places {
		places[c] = (places[c] - mean) / math.Sqrt(variance)
		with += places[c] * diversity[c]
	}
	for p := range m {
		activities[p] = 0
		for c := range n {
			if with < 0 && p == 0 {
				places[c] = -places[c]
			}
			if has[c][p] {
				activities[p] += places[c] / ubiquity[p]
			}
		}
	}
	return places, activities
}

// densityBySets is the density by counting places, without a matrix of proximities.
func densityBySets(has [][]bool, c, p int) float64 {
	near, whole := 0.0, 0.0
	for q := range has[0] {
		if q == p {
			continue
		}
		both, first, second := 0.0, 0.0, 0.0
		for i := range has {
			if has[i][p] && has[i][q] {
				both++
			}
			if has[i][p] {
				first++
			}
			if has[i][q] {
				second++
			}
		}
		phi := min(both/first, both/second)
		whole += phi
		if has[c][q] {
			near += phi
		}
	}
	return near / whole
}

func TestComplexRefusals(t *testing.T) {
	t.Parallel()
	if _, err := measure.Complex([][]bool{{true, false}, {false, true}}); !errors.Is(err, measure.ErrDivided) {
		t.Errorf("two parts that share nothing: %v", err)
	}
	if _, err := measure.Complex([][]bool{{true}}); err == nil {
		t.Error("one place is accepted")
	}
	if _, err := measure.Advantage([][]float64{{1, 2}, {3}}); err == nil {
		t.Error("rows of unequal length are accepted")
	}
	got, err := measure.Complex([][]bool{{true, true, false}, {false, true, false}, {false, false, false}})
	must(t, got, err)
	if !math.IsNaN(got.Places[2]) || !math.IsNaN(got.Activities[2]) {
		t.Errorf("who has nothing has the complexity %v", got)
	}
}

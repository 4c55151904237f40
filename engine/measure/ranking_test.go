package measure_test

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/headwater-platform/headwater/engine/measure"
)

// supplies is a table of shares of the EU's study of 2023 by material and stage, each share
// weighted by its trade factor.
func supplies(t *testing.T, name string) map[[2]string][]measure.Share {
	t.Helper()
	out := map[[2]string][]measure.Share{}
	for _, row := range data(t, name) {
		s := measure.Share{High: 0.001}
		if text := strings.TrimSuffix(row[3], "%"); !strings.HasPrefix(text, "<") {
			v, err := strconv.ParseFloat(text, 64)
			s = measure.Known(must(t, v, err) / 100)
		}
		weight, err := strconv.ParseFloat(row[4], 64)
		s.Weight = must(t, weight, err)
		out[[2]string{row[0], row[1]}] = append(out[[2]string{row[0], row[1]}], s)
	}
	return out
}

// assessed are the names under which the study scores materials that its tables name otherwise.
var assessed = map[string]string{"barytes": "baryte", "borate": "boron", "kaolin": "kaolin clay", "phosphorous": "phosphorus"}

func init() {
	for group, members := range map[string]string{"hrees": "dysprosium erbium europium gadolinium holmium lutetium terbium thulium ytterbium yttrium",
		"lrees": "cerium lanthanum neodymium praseodymium samarium", "pgms": "iridium palladium platinum rhodium ruthenium"} {
		for _, m := range strings.Fields(members) {
			assessed[m] = group
		}
	}
}

// scored is a measure of each assessed material: of a material the larger of its stages, of a
// group the mean of its members.
func scored(t *testing.T, measured func(key [2]string) float64) map[string]float64 {
	t.Helper()
	materials := map[string]float64{}
	for key := range supplies(t, "crm/fact_GlobalSupplyShares&t.csv") {
		materials[key[0]] = max(materials[key[0]], measured(key))
	}
	sum, members := map[string]float64{}, map[string]float64{}
	for name, v := range materials {
		name = strings.ToLower(name)
		name = cmp.Or(assessed[name], name)
		sum[name] += v
		members[name]++
	}
	for name := range sum {
		sum[name] /= members[name]
	}
	return sum
}

// ranks are mean ranks, equal values alike.
func ranks(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		below, equal := 0, 0
		for _, w := range values {
			switch {
			case w < v:
				below++
			case w == v:
				equal++
			}
		}
		out[i] = float64(below) + float64(equal+1)/2
	}
	return out
}

// TestPublishedRanking compares concentrations with the supply risks that the EU published in
// 2023, by Spearman's rank correlation (Spearman, 1904). The figures stand in docs/techmap.md.
func TestPublishedRanking(t *testing.T) {
	t.Parallel()
	published := map[string]float64{}
	for _, row := range data(t, "crm/dimension_CRMsOverTime.csv") {
		if row[1] == "2023" && row[2] != "-" {
			risk, err := strconv.ParseFloat(row[2], 64)
			published[strings.ToLower(strings.Join(strings.Fields(row[0]), " "))] = must(t, risk, err)
		}
	}
	world, sourcing := supplies(t, "crm/fact_GlobalSupplyShares&t.csv"), supplies(t, "crm/fact_EUSupplyShares&t.csv")
	plain := func(key [2]string) float64 {
		hhi, err := measure.HHI(world[key])
		return must(t, hhi, err).Low
	}
	traded := func(list []measure.Share) measure.Interval {
		hhi, err := measure.Weighted(list, 1)
		return must(t, hhi, err)
	}
	full := measure.Interval{Low: 1, High: 1}
	mixed := func(key [2]string) float64 { // all imported, nothing recycled or replaced: what the tables leave out
		r := measure.SupplyRisk{Global: traded(world[key]), Sourcing: traded(world[key]), Reliance: full, Substitute: full}
		if list := sourcing[key]; list != nil {
			r.Sourcing = traded(list)
		}
		risk, err := r.Value()
		return must(t, risk, err).Low
	}
	for what, c := range map[string]struct {
		measured func([2]string) float64
		want     float64
	}{"world supply alone": {plain, 0.725}, "world supply and EU sourcing, with trade factors": {mixed, 0.828}} {
		var ours, theirs []float64
		scores := scored(t, c.measured)
		for name, v := range scores {
			if risk, ok := published[name]; ok {
				ours, theirs = append(ours, v), append(theirs, risk)
			}
		}
		if len(ours) != 68 {
			t.Errorf("%s: %d materials are in both, want 68", what, len(ours))
		}
		if rho := stat.Correlation(ranks(ours), ranks(theirs), nil); math.Abs(rho-c.want) > 0.0015 {
			t.Errorf("%s: rank correlation %.4f, want %v", what, rho, c.want)
		}
	}
	if slices.Max(ranks([]float64{1, 2, 2})) != 2.5 {
		t.Error("equal values are ranked apart")
	}
}

// TestEconomicImportance computes the economic importance without substitution from shares of
// use and value added: the published score must be that times a plausible index.
func TestEconomicImportance(t *testing.T) {
	t.Parallel()
	published := map[string]float64{}
	for _, row := range data(t, "crm/dimension_CRMsOverTime.csv") {
		if row[1] == "2023" && row[3] != "-" {
			v, err := strconv.ParseFloat(row[3], 64)
			published[strings.ToLower(strings.Join(strings.Fields(row[0]), " "))] = must(t, v, err)
		}
	}
	uses, open, largest := map[string][]measure.Use{}, map[string]bool{}, 0.0
	for _, row := range data(t, "crm/fact_MaterialUseShares.csv") {
		name := strings.ToLower(strings.Join(strings.Fields(row[0]), " "))
		share, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(row[2]), "%"), 64)
		value, bad := strconv.ParseFloat(row[4], 64)
		if err != nil || bad != nil {
			open[name] = true
			continue
		}
		uses[name] = append(uses[name], measure.Use{Share: share / 100, ValueAdded: value})
		largest = max(largest, value)
	}
	compared := 0
	for name, list := range uses {
		score, ok := published[name]
		total := 0.0
		for _, u := range list {
			total += u.Share
		}
		if !ok || open[name] || math.Abs(total-1) > 0.02 {
			continue
		}
		ei, err := measure.EconomicImportance(list, measure.Interval{Low: 1, High: 1}, largest, largest/10)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		compared++
		if index := score / ei.Low; index < 0.7 || index > 1.05 { // 0.8 to 1 before rounding, in the lists of 2017
			t.Errorf("%s: published %v, without substitution %.2f: an index of %.2f", name, score, ei.Low, index)
		}
	}
	if compared != 26 {
		t.Errorf("%d materials are compared, want the 26 whose uses are all known", compared)
	}
}

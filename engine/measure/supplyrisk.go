package measure

import "fmt"

// Criticality thresholds of the EU's lists since 2017: a raw material is critical where
// both are reached.
const (
	CriticalSupplyRisk         = 1.0
	CriticalEconomicImportance = 2.8
)

// SupplyRisk is what the EU's supply risk is made of.
type SupplyRisk struct {
	Global     Interval // HHI_WGI,t of world supply, as [Weighted] gives it
	Sourcing   Interval // HHI_WGI,t of what the EU uses, home supply included
	Reliance   Interval // import reliance IR, from 0 to 1; see [ImportReliance]
	Recycling  Interval // end-of-life recycling input rate EoL-RIR, from 0 to 1
	Substitute Interval // substitution index for supply risk SI_SR, from 0 to 1; 1 where nothing substitutes
}

// ImportReliance is net imports over what is used, (imports - exports) / (production +
// imports - exports), kept within 0 and 1, in any unit that is the same for all.
// Errors: a quantity below 0, or nothing used.
func ImportReliance(production, imports, exports float64) (float64, error) {
	for what, v := range map[string]float64{"production": production, "imports": imports, "exports": exports} {
		if err := finite(what, v); err != nil {
			return 0, err
		}
	}
	used := production + imports - exports
	if used <= 0 {
		return 0, fmt.Errorf("production %v and imports %v less exports %v leave nothing used", production, imports, exports)
	}
	return min(1, max(0, (imports-exports)/used)), nil
}

// Value is the supply risk
//
//	SR = [HHI_global · IR/2 + HHI_sourcing · (1 - IR/2)] · (1 - EoL-RIR) · SI_SR
//
// of the EU's methodology of 2017 (European Commission: Methodology for establishing the EU
// list of critical raw materials, Guidelines, 2017; docs/techmap.md says how the formula was
// checked). Where only one of the two supplies is known the EU takes it alone: set both to it.
// Value has bounds: it grows with every
// concentration and with SI_SR, falls with recycling, and is linear in IR, so that its least
// and most lie at ends of the inputs. Errors: an input outside its range.
func (s SupplyRisk) Value() (Interval, error) {
	for what, v := range map[string]Interval{"import reliance": s.Reliance, "recycling": s.Recycling, "substitution": s.Substitute} {
		if !(v.Low >= 0 && v.Low <= v.High && v.High <= 1) {
			return Interval{}, fmt.Errorf("%s is from %v to %v: bounds from 0 to 1 are expected", what, v.Low, v.High)
		}
	}
	for what, v := range map[string]Interval{"the concentration of world supply": s.Global, "the concentration of EU sourcing": s.Sourcing} {
		if !(v.Low >= 0 && v.Low <= v.High) {
			return Interval{}, fmt.Errorf("%s is from %v to %v: bounds from 0 are expected", what, v.Low, v.High)
		}
	}
	mix := func(global, sourcing, reliance float64) float64 { return global*reliance/2 + sourcing*(1-reliance/2) }
	low := min(mix(s.Global.Low, s.Sourcing.Low, s.Reliance.Low), mix(s.Global.Low, s.Sourcing.Low, s.Reliance.High))
	high := max(mix(s.Global.High, s.Sourcing.High, s.Reliance.Low), mix(s.Global.High, s.Sourcing.High, s.Reliance.High))
	return Interval{low * (1 - s.Recycling.High) * s.Substitute.Low, high * (1 - s.Recycling.Low) * s.Substitute.High}, nil
}

// Use is one use of a material: its share of the whole use and the value added of the
// sector (NACE, two digits) that it serves, in any unit that is the same for all.
type Use struct{ Share, ValueAdded float64 }

// EconomicImportance is EI = Σ A Q · SI_EI over the uses of a material (European Commission, 2017, as the
// Joint Research Centre prints it in its Raw Materials Information System): A the share of use, Q the value added of the sector, SI_EI the substitution index
// for economic importance. whole scales it: the EU's scale from 0 to 10 takes a tenth of the
// value added of the largest sector of the assessment. What the shares leave open lies
// between no value and that of a sector of largest.
// Errors: shares outside 0 to 1 or adding up to more than 1.1, a substitution outside 0 to 1, whole not above 0.
func EconomicImportance(uses []Use, substitute Interval, largest, whole float64) (Interval, error) {
	if !(substitute.Low >= 0 && substitute.Low <= substitute.High && substitute.High <= 1) {
		return Interval{}, fmt.Errorf("substitution is from %v to %v: bounds from 0 to 1 are expected", substitute.Low, substitute.High)
	}
	if !(whole > 0) {
		return Interval{}, fmt.Errorf("the scale is %v: a number above 0 is expected", whole)
	}
	sum, share := 0.0, 0.0
	for i, u := range uses {
		if !(u.Share >= 0 && u.Share <= 1) || !(u.ValueAdded >= 0) {
			return Interval{}, fmt.Errorf("use number %d: share %v of value added %v: a share from 0 to 1 and a value from 0 are expected", i+1, u.Share, u.ValueAdded)
		}
		sum, share = sum+u.Share*u.ValueAdded, share+u.Share
	}
	if share > 1+tolerance {
		return Interval{}, fmt.Errorf("the shares of use add up to %.3f: at most 1 is expected", share)
	}
	sum /= max(1, share)
	open := max(0, 1-share) * largest
	return Interval{sum * substitute.Low / whole, (sum + open) * substitute.High / whole}, nil
}

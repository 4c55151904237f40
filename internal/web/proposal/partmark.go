package proposal

import "github.com/headwater-platform/headwater/internal/scheme"

// left counts what a section still lacks, and whether anything in it is written.
func (p part) left(s scheme.Section) (open int, begun bool) {
	for _, name := range s.Fields {
		if len(p.Answers[name].Value) > 0 {
			begun = true
		}
		for _, e := range p.checked.Faults {
			if e.Field == name {
				open++
			}
		}
	}
	return open, begun
}

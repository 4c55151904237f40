package scheme

import (
	"slices"
	"strings"
)

// The rules about conflicts of interest that a scheme sets. That somebody applies with the
// proposal itself, or declared a conflict with it, keeps them apart in every scheme.
const (
	SameOrganisation = "same-organisation" // of somebody in the team
	SameDepartment   = "same-department"
	CoAuthor         = "co-author"
	CoApplicant      = "co-applicant"
	Adviser          = "adviser" // one advised the other, as either says in their profile
	Family           = "family"  // likewise
	Competitor       = "competitor"
	SameCall         = "same-call"  // the reviewer applies in the same call
	Reciprocal       = "reciprocal" // two applicants review each other
	Circle           = "circle"     // three do, in a ring
)

// ConflictRules are all of them, in the order in which reasons are told.
var ConflictRules = []string{SameOrganisation, SameDepartment, CoAuthor, CoApplicant, Adviser, Family, Competitor, SameCall, Reciprocal, Circle}

// How a rule holds.
const (
	Hard = "hard" // keeps a pair apart; of Reciprocal and Circle: breaks every ring, and leaves places empty rather
	Soft = "soft" // is shown to who assigns; of Reciprocal and Circle: breaks a ring where that costs no place
	Off  = "off"
)

// Bar is how one rule about conflicts of interest holds.
type Bar struct {
	Hold  string `yaml:"hold" json:"hold"`             // Hard, Soft, Off
	Years int    `yaml:"years" json:"years,omitempty"` // that it goes on after what made it has ended
	Kin   bool   `yaml:"kin" json:"kin,omitempty"`     // SameOrganisation: the organisations above and below count as the same
	Most  int    `yaml:"most" json:"most,omitempty"`   // CoAuthor: works of more authors make no conflict; 0: all do
}

// Bars are how all rules hold in a scheme: as it says, else as is usual. d may be nil, for
// what was imported without a scheme.
func (d *Definition) Bars() map[string]Bar {
	bars := map[string]Bar{
		SameOrganisation: {Hold: Hard}, SameDepartment: {Hold: Off},
		CoAuthor: {Hold: Hard, Years: 3, Most: 20}, CoApplicant: {Hold: Hard, Years: 3},
		Adviser: {Hold: Hard, Years: 5}, Family: {Hold: Hard}, Competitor: {Hold: Hard},
		SameCall: {Hold: Off}, Reciprocal: {Hold: Off}, Circle: {Hold: Off},
	}
	if d == nil {
		return bars
	}
	for rule, bar := range d.Conflicts {
		bars[rule] = bar
	}
	return bars
}

const (
	mostYears       = 50
	mostCompetitors = 20
)

// lasting are the rules whose conflicts have an end, after which years can be counted.
var lasting = []string{SameOrganisation, SameDepartment, CoAuthor, CoApplicant, Adviser}

// conflicts checks the rules about conflicts of interest.
func (c *checker) conflicts() {
	for _, rule := range keys(c.d.Conflicts) {
		c.bar("$.conflicts."+rule, rule, c.d.Conflicts[rule])
	}
	n := c.d.Competitors
	if n < 0 || n > mostCompetitors {
		c.add("$.competitors", "%d: 0 to %d people and organisations are expected", n, mostCompetitors)
	}
	if n > 0 && c.d.Bars()[Competitor].Hold == Off {
		c.warn("$.competitors", "applicants name who should not review, and the rule competitor is off: nobody looks at it")
	}
}

func (c *checker) bar(at, rule string, bar Bar) {
	if !slices.Contains(ConflictRules, rule) {
		c.add(at, "%q is no rule%s; one of %s is expected", rule, nearest(rule, slices.Clone(ConflictRules)), strings.Join(ConflictRules, ", "))
		return
	}
	if !slices.Contains([]string{Hard, Soft, Off}, bar.Hold) {
		c.add(at+".hold", "%q: hard, soft or off is expected", bar.Hold)
	}
	if !slices.Contains(lasting, rule) && bar.Years != 0 {
		c.add(at+".years", "only %s can go on for years", strings.Join(lasting, ", "))
	} else if bar.Years < 0 || bar.Years > mostYears {
		c.add(at+".years", "%d: 0 to %d years are expected", bar.Years, mostYears)
	}
	if bar.Kin && rule != SameOrganisation {
		c.add(at+".kin", "only %s looks at the organisations above and below", SameOrganisation)
	}
	if bar.Most != 0 && rule != CoAuthor {
		c.add(at+".most", "only %s counts the authors of a work", CoAuthor)
	} else if bar.Most < 0 || bar.Most == 1 {
		c.add(at+".most", "%d: 2 authors or more are expected, or 0 for works of any number", bar.Most)
	}
}

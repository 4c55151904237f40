package scheme

import (
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Definition is one way of making awards.
type Definition struct {
	Scheme   string             `yaml:"scheme" json:"scheme"`
	Title    lang.Text          `yaml:"title" json:"title"`
	Summary  lang.Text          `yaml:"summary" json:"summary"`
	Hours    float64            `yaml:"hours" json:"hours"` // what it may cost an applicant, all forms together
	Forms    map[string]FormRef `yaml:"forms" json:"forms"`
	Eligible []Rule             `yaml:"eligible" json:"eligible,omitempty"`
	Hidden   []string           `yaml:"hidden" json:"hidden,omitempty"` // never shown to who judges; see HideLead and the others
	Criteria []Criterion        `yaml:"criteria" json:"criteria"`
	Stages   []Stage            `yaml:"stages" json:"stages"`
	Award    Award              `yaml:"award" json:"award"`
	Changes  map[string]string  `yaml:"changes" json:"changes,omitempty"` // kind of change → notify or ask
	Reports  []Report           `yaml:"reports" json:"reports,omitempty"`
	Approval *Approval          `yaml:"approval" json:"approval,omitempty"`

	Conflicts   map[string]Bar `yaml:"conflicts" json:"conflicts,omitempty"`     // by rule, one of ConflictRules; see Bars
	Competitors int            `yaml:"competitors" json:"competitors,omitempty"` // how many people and organisations that should not review an applicant may name

	forms map[string]*Form
	rules map[string][]compiled // by form: the rules that can be asked of it
}

// FormRef names a form's file and the hours it takes.
type FormRef struct {
	File  string  `yaml:"file" json:"file"`
	Hours float64 `yaml:"hours" json:"hours"`
}

// Rule is a condition in CEL with the message an applicant sees while it fails.
type Rule struct {
	Rule string    `yaml:"rule" json:"rule"`
	Say  lang.Text `yaml:"say" json:"say"`
}

// Criterion is one thing that is judged, on a scale from Low to High (best).
type Criterion struct {
	ID     string    `yaml:"id" json:"id"`
	Title  lang.Text `yaml:"title" json:"title"`
	Ask    lang.Text `yaml:"ask" json:"ask"`
	Weight float64   `yaml:"weight" json:"weight"`
	Low    int       `yaml:"low" json:"low"`
	High   int       `yaml:"high" json:"high"`
}

// Stage is one round: a form, its review, its decision, and what comes next.
type Stage struct {
	ID     string    `yaml:"id" json:"id"`
	Title  lang.Text `yaml:"title" json:"title"`
	Form   string    `yaml:"form" json:"form"`
	Public lang.Text `yaml:"public" json:"public,omitzero"` // what the stage is called outside; its title if empty
	Run    *Run      `yaml:"run" json:"run,omitempty"`      // teams work before the form is due
	Test   *Test     `yaml:"test" json:"test,omitempty"`    // what they reached is measured
	Review *Review   `yaml:"review" json:"review,omitempty"`
	Decide *Decide   `yaml:"decide" json:"decide,omitempty"`
	Next   string    `yaml:"next" json:"next,omitempty"`
}

// Anonymity says who is hidden from whom.
type Anonymity string

// The kinds of anonymity.
const (
	Open   Anonymity = "open"   // both know each other
	Single Anonymity = "single" // applicants do not know the reviewers
	Dual   Anonymity = "dual"   // neither knows the other
)

// Review is how proposals of a stage are judged.
type Review struct {
	Each      int       `yaml:"each" json:"each"`
	Criteria  []string  `yaml:"criteria" json:"criteria,omitempty"` // ids; all if empty
	Anonymous Anonymity `yaml:"anonymous" json:"anonymous"`
	OwnFirst  bool      `yaml:"own-first" json:"own_first"` // own review before others are visible
	Days      int       `yaml:"days" json:"days"`
	Hours     float64   `yaml:"hours" json:"hours,omitempty"` // that one review takes
}

// Decide is who decides and with how many signatures.
type Decide struct {
	By         string   `yaml:"by" json:"by"` // officer, panel
	Signatures int      `yaml:"signatures" json:"signatures"`
	Outcomes   []string `yaml:"outcomes" json:"outcomes"`   // fund, reserve, reject, invite
	Most       int      `yaml:"most" json:"most,omitempty"` // at most so many are invited or funded; 0: as the money allows
}

// Award is what is given.
type Award struct {
	Kind  string `yaml:"kind" json:"kind"`             // lump-sum, itemised
	Pay   string `yaml:"pay" json:"pay,omitempty"`     // signing (the default) or passing: only who passes the test is paid
	Prize int64  `yaml:"prize" json:"prize,omitempty"` // whole units of the call's currency; 0: what was asked for
}

// Run is work that teams do in parallel before a stage's form is due.
type Run struct {
	Months int   `yaml:"months" json:"months"`
	Each   int64 `yaml:"each" json:"each"` // money a team gets for it, whole units of the call's currency
}

// Test is a measure that decides who goes on; the decision confirms it.
type Test struct {
	Metric   lang.Text `yaml:"metric" json:"metric"`
	Unit     string    `yaml:"unit" json:"unit"`
	Better   string    `yaml:"better" json:"better"`     // high, low
	Floor    float64   `yaml:"floor" json:"floor"`       // what must be reached
	Best     int       `yaml:"best" json:"best"`         // at most so many go on or are paid
	Verifier string    `yaml:"verifier" json:"verifier"` // independent, agency
	Days     int       `yaml:"days" json:"days"`         // that measuring takes
}

// Passes reports whether a measured value reaches what the test asks.
func (t Test) Passes(value float64) bool {
	if t.Better == "low" {
		return value <= t.Floor
	}
	return value >= t.Floor
}

// Called is the name of the stage outside.
func (s Stage) Called() lang.Text {
	if s.Public.Empty() {
		return s.Title
	}
	return s.Public
}

// Report is one report that an award owes.
type Report struct {
	Form           string `yaml:"form" json:"form"`
	Kind           string `yaml:"kind" json:"kind"`
	MonthsAfterEnd int    `yaml:"months-after-end" json:"months_after_end"`
}

// Approval says which research offices agree to a proposal, beside those whose
// organisations ask for it themselves, and by when.
type Approval struct {
	Of   string `yaml:"of" json:"of,omitempty"`     // holder (of the money), every (organisation of the team); "": none but those that ask
	When string `yaml:"when" json:"when,omitempty"` // before: nothing is submitted without; after (the default): it may follow the deadline
	Days int    `yaml:"days" json:"days,omitempty"` // how long after the deadline; 7 if not said
}

// Agreement is the scheme's approval with what is not said filled in.
func (d *Definition) Agreement() Approval {
	a := Approval{When: "after", Days: 7}
	if d.Approval == nil {
		return a
	}
	a.Of = d.Approval.Of
	switch {
	case d.Approval.When == "before":
		a.When, a.Days = "before", 0
	case d.Approval.Days > 0:
		a.Days = d.Approval.Days
	}
	return a
}

// Form is the form of that name, nil if there is none.
func (d *Definition) Form(name string) *Form { return d.forms[name] }

// Stage is the stage of that id; the first for "".
func (d *Definition) Stage(id string) (Stage, bool) {
	for _, s := range d.Stages {
		if s.ID == id || id == "" {
			return s, true
		}
	}
	return Stage{}, false
}

// Judged lists the criteria of a stage.
func (d *Definition) Judged(s Stage) []Criterion {
	if s.Review == nil {
		return nil
	}
	var out []Criterion
	for _, c := range d.Criteria {
		if len(s.Review.Criteria) == 0 || slices.Contains(s.Review.Criteria, c.ID) {
			out = append(out, c)
		}
	}
	return out
}

// Overall is the weighted mean of scores by criterion; false while one is missing.
func Overall(criteria []Criterion, scores map[string]float64) (float64, bool) {
	sum, weight := 0.0, 0.0
	for _, c := range criteria {
		s, ok := scores[c.ID]
		if !ok {
			return 0, false
		}
		sum += c.Weight * s
		weight += c.Weight
	}
	return sum / weight, weight > 0
}

// StageHours is what a stage's form takes an applicant.
func (d *Definition) StageHours(s Stage) float64 { return d.Forms[s.Form].Hours }

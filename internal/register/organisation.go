package register

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Kinds are what an organisation can be.
var Kinds = []string{"university", "institute", "company", "government", "nonprofit", "funder", "facility", "other"}

// Approvals are when an organisation's research office agrees to proposals: not
// at all, where the organisation holds the money, or wherever it takes part.
var Approvals = []string{"", "holder", "every"}

// OrganisationInput is what is written of an organisation.
type OrganisationInput struct {
	Name                                           lang.Text
	Acronym, Kind, Country, Place, Website, Parent string
	ROR                                            string
	Approval                                       string // one of Approvals
	// Renamed keeps the name before as a former name that ended on this day; ""
	// mends a slip in the name without keeping it.
	Renamed string
}

func (in *OrganisationInput) apply(o *Organisation) error {
	in.Country = strings.ToUpper(in.Country)
	o.Name, o.Acronym, o.Kind, o.Country, o.Place, o.Website, o.ParentID = in.Name, in.Acronym, in.Kind, in.Country, in.Place, in.Website, in.Parent
	o.Approval = in.Approval
	o.ROR = strings.TrimPrefix(strings.TrimPrefix(in.ROR, "https://"), "ror.org/")
	var list []*fault.Error
	if o.Name.Empty() {
		list = append(list, fault.Field("name", "fault.required"))
	}
	list = append(list, among("kind", o.Kind, Kinds), among("approval", o.Approval, Approvals), country(o.Country), site("website", o.Website), plainDay("renamed", in.Renamed))
	if o.ROR != "" && !ValidROR(o.ROR) {
		list = append(list, fault.Field("ror", "register.ror", o.ROR))
	}
	if o.ParentID != "" && o.ParentID == o.ID {
		list = append(list, fault.Field("parent", "register.parent"))
	}
	return fault.Join(list...)
}

func among(field, v string, list []string) *fault.Error {
	for _, s := range list {
		if s == v {
			return nil
		}
	}
	return fault.Field(field, "fault.choice")
}

func country(c string) *fault.Error {
	ok := c == "" || len(c) == 2
	for _, r := range c {
		ok = ok && r >= 'A' && r <= 'Z'
	}
	if ok {
		return nil
	}
	return fault.Field("country", "register.country")
}

func site(field, s string) *fault.Error {
	if s == "" {
		return nil
	}
	if u, err := url.Parse(s); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fault.Field(field, "register.website")
	}
	return nil
}

// crockford is the alphabet of ROR's keys: base 32 without i, l, o and u.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// ValidROR reports whether s is a ROR key with its check digits right: "0", six
// characters of Crockford's base 32, and two digits that make the whole 1 modulo 97
// (ISO 7064, MOD 97-10, as ror.org computes them).
func ValidROR(s string) bool {
	if len(s) != 9 || s[0] != '0' {
		return false
	}
	n := 0
	for _, c := range s[1:7] {
		i := strings.IndexRune(crockford, c)
		if i < 0 {
			return false
		}
		n = n*32 + i
	}
	if s[7] < '0' || s[7] > '9' || s[8] < '0' || s[8] > '9' {
		return false
	}
	check := 98 - (n*100)%97
	return int(s[7]-'0')*10+int(s[8]-'0') == check
}

// OldName is a name that an organisation has or had beside its own.
type OldName struct{ Name, Language, Kind, From, Until string }

// Succession is what became of an organisation, or what it came from.
type Succession struct {
	From, To, Kind, Day, Note string
	FromName, ToName          string
	Stands                    bool // of a merger: it can be taken back
}

// Likely is an organisation that may be the same as another, with the reason: "name" or "acronym".
type Likely struct {
	Found
	Why string
}

// key is a name without what people write differently: case, order, blanks, signs, "the" and "of".
func key(name string) string {
	var words []string
	for w := range strings.FieldsFuncSeq(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if w != "the" && w != "of" && w != "and" && w != "for" {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// longest is the word of a key that narrows a search the most.
func longest(key string) (word string) {
	for w := range strings.FieldsSeq(key) {
		if len(w) > len(word) {
			word = w
		}
	}
	return word
}

// set is the audiences that a belongs to for an organisation: its research office may mend it.
func (o Organisation) set(a access.Actor) access.Set {
	have := a.Staffing("", "", "")
	if a.HasAny(access.Officer) {
		have |= access.Staff
	}
	if a.Has(access.Research, access.Organisation(o.ID)) && o.ID != "" {
		have |= access.Office
	}
	return have
}

// OrganisationFilter narrows the list of organisations.
type OrganisationFilter struct {
	Text, Kind, Country string
	Page, Size          int
}

// Facet is one value of a facet with how many records have it.
type Facet struct {
	Value string
	Count int
}

// OrganisationView is an organisation with what surrounds it.
type OrganisationView struct {
	Organisation
	Parent     string
	Merged     []Found // what was merged into it and has a ROR key, by which others go on naming it: the key is the note
	Names      []OldName
	Succession []Succession
	Parts      []Found
	Facilities []Facility
	People     []Found // who works there now and lets it be shown; the first of them
	PeopleAll  int     // how many these are
	MayEdit    bool
	MayMerge   bool
}

package register

import (
	"strings"
	"unicode"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// Organisation is a university, institute, company, office …
type Organisation struct {
	ID, Kind, Country, Place, Website string
	Name                              lang.Text
	Acronym                           string
	Others                            []string // names besides, as a source has them: former spellings, other languages
	ROR                               string
	ParentID, RedirectTo              string
	Approval                          string // when its research office agrees to proposals: one of Approvals
	Version                           int64
}

// Person is somebody who applies, reviews, decides or holds an award.
type Person struct {
	ID, Given, Family, Name string
	ORCID, Email, Country   string
	Keywords                []string
	ReviewLimit             int64
	CareerStage             string // one of CareerStages, or ""; only taken in here: a Profile shows it to the person
	Affiliations            []Affiliation
	Version                 int64
}

// Affiliation is where a person works, from a day to a day ("" open).
type Affiliation struct{ OrganisationID, Organisation, Position, From, Until string }

// Agency gives money.
type Agency struct {
	ID, OrganisationID, Slug, Short string
	Name                            lang.Text
	Currency, Zone                  string
}

// Programme is a lasting aim of an agency.
type Programme struct {
	ID, AgencyID, Slug string
	Name               lang.Text
}

// BudgetLine is money of one agency in one year.
type BudgetLine struct {
	ID, AgencyID, ProgrammeID string
	Name                      lang.Text
	Year                      int
	Amount                    money.Amount
}

// ValidORCID reports whether s is an ORCID iD with its check digit right (ISO
// 7064, MOD 11-2), written 0000-0000-0000-0000.
func ValidORCID(s string) bool {
	if len(s) != 19 || s[4] != '-' || s[9] != '-' || s[14] != '-' {
		return false
	}
	digits := strings.ReplaceAll(s, "-", "")
	total := 0
	for _, c := range digits[:15] {
		if c < '0' || c > '9' {
			return false
		}
		total = (total + int(c-'0')) * 2
	}
	check := (12 - total%11) % 11
	want := byte('0' + check)
	if check == 10 {
		want = 'X'
	}
	return digits[15] == want
}

// SortName is a name as lists sort it: lower case, the family name first.
func SortName(given, family string) string {
	return strings.ToLower(strings.TrimSpace(family + ", " + given))
}

// FullName is a name as it is usually written where a person does not say: in Chinese characters, Kana or Hangul the family name
// first and without a blank, else the given name first.
func FullName(given, family string) string {
	if eastAsian(given) && eastAsian(family) {
		return family + given
	}
	return strings.TrimSpace(given + " " + family)
}

func eastAsian(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return !unicode.In(c, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
	})
}

var rules = access.Rules{
	"register.edit":         access.Of(access.Operator, access.Staff),
	"register.organisation": access.Of(access.Operator, access.Staff, access.Office),
	"register.merge":        access.Of(access.Operator, access.Staff),
	"register.profile":      access.Of(access.Self, access.Operator),
	"register.budget":       access.Of(access.Staff),
}

// For returns what viewers of the set may see of p.
func (p Person) For(set access.Set) Person {
	if !set.Any(access.Of(access.Self, access.Staff, access.Operator, access.Audit)) {
		p.Email, p.ReviewLimit = "", 0
	}
	return p
}

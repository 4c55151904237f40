package review

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Credit is a review as a record of ORCID holds it: peer-review of ORCID's message schema
// 3.0, in its JSON. It names the agency and the year, and nothing by which the
// proposal or its call could be found: the identifier is a hash that only says that two
// records are of the same review.
type Credit struct {
	Role        string      `json:"reviewer-role"`
	Identifiers externalIDs `json:"review-identifiers"`
	Type        string      `json:"review-type"`
	Completed   fuzzyDate   `json:"review-completion-date"`
	Group       string      `json:"review-group-id"` // the agency must have made it at ORCID before records with it are accepted
	SubjectType string      `json:"subject-type"`
	Convener    convener    `json:"convening-organization"`
}

type externalIDs struct {
	List []externalID `json:"external-id"`
}

type externalID struct {
	Type         string `json:"external-id-type"`
	Value        string `json:"external-id-value"`
	Relationship string `json:"external-id-relationship"`
}

type fuzzyDate struct {
	Year value `json:"year"`
}

type value struct {
	Value string `json:"value"`
}

type convener struct {
	Name    string         `json:"name"`
	Address address        `json:"address"`
	Known   *disambiguated `json:"disambiguated-organization,omitempty"`
}

type address struct {
	City    string `json:"city,omitempty"`
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2
}

type disambiguated struct {
	ID     string `json:"disambiguated-organization-identifier"`
	Source string `json:"disambiguation-source"`
}

// credited is a submitted review of a call's stage in which everything is decided.
type credited struct {
	id, agency string
	at         time.Time
}

// Credits are a's submitted reviews of calls that are decided, as records for ORCID, the
// newest first. Who acts for somebody else gets none: credit is the person's own.
func (s *Service) Credits(ctx context.Context, a access.Actor) ([]Credit, error) {
	if a.Person == "" || a.Delegation != "" {
		return nil, nil
	}
	list, err := s.credited(ctx, a.Person)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	conveners, groups := map[string]convener{}, map[string]string{}
	agencies, err := s.Register.Agencies(ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range agencies {
		if !slices.ContainsFunc(list, func(c credited) bool { return c.agency == g.ID }) {
			continue
		}
		org, err := s.Register.OrganisationView(ctx, access.Actor{}, g.OrganisationID)
		if err != nil {
			return nil, err
		}
		c := convener{Name: g.Name.In(lang.English), Address: address{org.Place, org.Country}}
		if org.ROR != "" {
			c.Known = &disambiguated{"https://ror.org/" + org.ROR, "ROR"}
		}
		conveners[g.ID], groups[g.ID] = c, "orcid-generated:"+g.Slug+"-review"
	}
	out := make([]Credit, len(list))
	for i, r := range list {
		sum := sha256.Sum256([]byte("headwater credit " + r.id))
		out[i] = Credit{Role: "reviewer", Type: "review", SubjectType: "grant", Group: groups[r.agency], Convener: conveners[r.agency],
			Identifiers: externalIDs{[]externalID{{"source-work-id", hex.EncodeToString(sum[:16]), "self"}}},
			Completed:   fuzzyDate{value{strconv.Itoa(r.at.Year())}}}
	}
	return out, nil
}

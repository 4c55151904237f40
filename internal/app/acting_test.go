package app_test

import (
	"iter"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// lentOut is a record in the middle of its course in which ravi has a part everywhere, with maps of which he is let in to what is
// sealed. He and nele, who has a part in nothing, let the clerk act for them about awards, of which neither has any.
var lentOut = scene{name: "who acts for somebody", build: (*swapped).lends, deep: "/maps"}

func (s *swapped) lends() {
	s.t.Helper()
	s.must(s.Register.TakeIn(s.ctx, access.System, &register.Batch{People: []register.Person{{ID: "nele", Given: "Nele", Family: "Alder", Affiliations: at("tarn", "", "")}}}))
	s.account("nele", "nele")
	s.halfWay()
	s.charts()
	ravi, officer := s.actor["ravi"], s.actor["officer"]
	for _, m := range must1(s.Maps.Maps(s.ctx, officer)) {
		s.must(s.Maps.Admit(s.ctx, officer, m.ID, techmap.Reader{Person: "ravi"}))
		if _, sealed := m.Graph.Node(s.secret().node); sealed {
			s.must(s.Maps.Admit(s.ctx, officer, m.ID, techmap.Reader{Person: "ravi", NodeID: s.secret().node}))
		}
	}
	p, err := s.Register.Profile(s.ctx, ravi, "ravi")
	s.must(err)
	hidden := map[string]string{}
	for _, field := range register.Shown {
		hidden[field] = register.ToNobody
	}
	s.must(s.Register.UpdateProfile(s.ctx, ravi, "ravi", p.Version, register.ProfileInput{Given: p.Given, Family: p.Family, ReviewLimit: 3, CareerStage: "leading", Country: "XB", About: lang.In1("en", "I keep bees."),
		Keywords: []string{"bees"}, Shown: hidden}))
	s.must(s.Register.AddRelation(s.ctx, ravi, register.RelationInput{Other: "edda", Kind: register.Family}))
	_, err = s.DB.SQL().ExecContext(s.ctx, `UPDATE account SET email_verified_at = 1 WHERE id = $1`, s.actor["clerk"].Account) // the way by mail has its own test
	s.must(err)
	for _, of := range []string{"ravi", "nele"} {
		lent, err := s.Accounts.Delegate(s.ctx, s.actor[of], account.Offer{Email: "clerk@example.org", Scope: "awards", Until: s.now.Source().Now().AddDate(0, 1, 0)})
		s.must(err)
		s.must(s.Accounts.AcceptDelegation(s.ctx, s.actor["clerk"], lent))
		s.actor["for "+of], s.acting["for "+of] = s.actor["clerk"], lent
	}
}

var lengthOf = regexp.MustCompile(`Content-Length \[\d+\]`)

// TestActingTellsNothingElse: who acts for somebody about one thing learns of all else that is theirs - profile, family, councils,
// panels, funding meetings, reviews, what maps let them see - as much as who acts for a person who has nothing of it, and can do as little.
func TestActingTellsNothingElse(t *testing.T) {
	t.Parallel()
	s := installation(t, lentOut, 0)
	k := s.keys()
	writings := s.writings(k, []string{"ravi"})
	alike := strings.NewReplacer("Ravi", "Nele", "ravi", "nele", s.acting["for ravi"], s.acting["for nele"])
	answers := func(viewer string) iter.Seq[answer] {
		return func(yield func(answer) bool) {
			for _, of := range []iter.Seq[answer]{s.gets(viewer, k), s.writes(viewer, writings)} {
				for a := range of {
					says := strings.HasPrefix(a.asked[strings.IndexByte(a.asked, ' ')+1:], "/account/acting") // for whom one acts
					if a.got = alike.Replace(lengthOf.ReplaceAllString(a.got, "")); !says && !yield(a) {
						return
					}
				}
			}
		}
	}
	asked, found := compare(answers("for ravi"), answers("for nele"))
	report(t, "who acts for ravi", asked, found)
	own, other := s.enter("ravi"), s.enter("nele")
	for _, path := range []string{"/me/profile", "/me/relations", "/maps", "/decisions", "/advice"} {
		r := request{method: http.MethodGet, path: "/api/v1" + path}
		if alike.Replace(s.ask(own, r).got) == alike.Replace(s.ask(other, r).got) {
			t.Errorf("ravi himself finds nothing of his own in %s", path)
		}
	}
}

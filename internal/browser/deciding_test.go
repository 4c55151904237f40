package browser_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// TestDeciding: without script an officer binds proposals to each other and reads what it costs,
// a list says what its letters will name, risk is read years later, and another agency refuses.
func TestDeciding(t *testing.T) {
	t.Parallel()
	s := start(t)
	officer := s.as(t, "Jonas Adeyemi-Voss")
	list, _, err := s.Decisions.List(s.ctx, officer, 1, 50)
	must(t, err)
	by := map[string]string{}
	for _, d := range list {
		by[d.State] = "/decisions/" + d.ID
	}
	jonas := s.window(t, lang.English, false)
	jonas.signIn("Jonas Adeyemi-Voss")
	id := strings.TrimPrefix(by[decision.Draft], "/decisions/")
	m, err := s.Decisions.Meet(s.ctx, officer, id)
	must(t, err)
	pair := m.View.Rows[0].Number + " " + m.View.Rows[1].Number
	jonas.open(by[decision.Draft] + "/meeting")
	jonas.fill(map[string]string{"tie_0": decision.AtMost, "of_0": m.View.Rows[0].Number + " P-1999-0001"})
	jonas.press(".whatif .btn.main", http.StatusUnprocessableEntity)
	jonas.reads("P-1999-0001")
	jonas.audit()
	jonas.open(by[decision.Draft] + "/meeting")
	jonas.fill(map[string]string{"tie_0": decision.AtMost, "of_0": pair})
	jonas.press(".whatif .btn.main", http.StatusOK)
	jonas.reads("At most 1 of " + m.View.Rows[0].Number + ", " + m.View.Rows[1].Number)
	jonas.audit()
	jonas.open(by[decision.Proposed])
	jonas.reads("The letter says: Money of the list")
	jonas.audit()
	jonas.open("/decisions/risks")
	jonas.says("decision.risks.said", "decision.risks.table")
	jonas.audit()

	partner := s.window(t, lang.Chinese, true)
	people, err := s.Accounts.Invented(s.ctx)
	must(t, err)
	i := slices.IndexFunc(people, func(p account.Profile) bool { return p.Email == "partner@demo.example" })
	partner.signIn(people[i].Name)
	partner.open("/home")
	partner.press("main a[href^='/agreements/']", http.StatusOK)
	partner.lacks("main a[href^='/decisions/']") // the list is not theirs
	partner.audit()
	partner.fill(map[string]string{"answer": "refuse", "words": "The river freezes no more where warm water runs in."})
	partner.press("main form .btn.main", http.StatusOK)
	partner.says("council.agreement.state.returned", "council.answer.refuse")
	partner.audit()
}

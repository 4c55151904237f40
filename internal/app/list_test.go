package app_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
)

// TestListsAreWhatCanBeRead: whoever asks for a list finds each proposal that they may read and that the filter is about, once and in
// order, and no other, however the pages are cut: by what a role shows, by what one has a part in, and where both say so.
func TestListsAreWhatCanBeRead(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.must(w.Register.TakeIn(w.ctx, access.System, &register.Batch{People: []register.Person{{ID: "kai", Given: "Kai", Family: "Alder", Affiliations: []register.Affiliation{{OrganisationID: "tarn"}}}}}))
		one := w.openCall("open-call.yaml")
		other := w.openCallOf(one.SchemeVersionID)
		w.account("kai", "kai", access.Grant{Role: access.Officer, Scope: access.Agency("arc")}) // what Tarn takes part in is withheld from kai
		w.account("one", "", access.Grant{Role: access.Officer, Scope: access.Call(one.ID)})
		w.account("desk", "", access.Grant{Role: access.Research, Scope: access.Organisation("tarn")})
		all := w.manyProposals(one, other)
		for _, who := range []string{"officer", "kai", "one", "desk", "auditor", "mira", "ravi"} {
			var seen, own []proposal.Proposal
			for _, p := range all {
				v, err := w.Proposals.Get(w.ctx, w.actor[who], p.ID)
				if fault.Is(err, fault.NotFound) {
					continue
				}
				w.must(err)
				seen = append(seen, p)
				if v.Set.Any(access.Lead | access.Team) {
					own = append(own, p)
				}
			}
			if len(seen) == 0 || who != "auditor" && len(seen) == len(all) {
				t.Fatalf("%s sees %d of %d: nothing is tested", who, len(seen), len(all))
			}
			w.lists(who, proposal.Filter{}, seen)
			w.lists(who, proposal.Filter{Mine: true, Sort: "money"}, own)
			for _, sort := range []string{"title", "-title", "lead", "-money", "state", "number"} {
				w.lists(who, proposal.Filter{CallID: one.ID, Sort: sort}, only(seen, func(p proposal.Proposal) bool { return p.CallID == one.ID }))
			}
			w.lists(who, proposal.Filter{State: proposal.Draft, Sort: "-number"}, only(seen, func(p proposal.Proposal) bool { return p.State == proposal.Draft }))
			w.lists(who, proposal.Filter{CallID: one.ID, Text: " sTone"}, only(seen, func(p proposal.Proposal) bool { return p.CallID == one.ID && strings.Contains(p.Title, "Stone") }))
			w.lists(who, proposal.Filter{Text: "p-9001", Sort: "title"}, only(seen, func(p proposal.Proposal) bool { return strings.Contains(p.Number, "P-9001") }))
			w.lists(who, proposal.Filter{Text: "e 5%"}, only(seen, func(p proposal.Proposal) bool { return strings.Contains(p.Title, "e 5%") })) // the pattern's own signs stand for themselves
			w.lists(who, proposal.Filter{Text: "p_900"}, nil)
			w.lists(who, proposal.Filter{Text: "alder", Sort: "-title"}, only(seen, func(p proposal.Proposal) bool { return p.LeadPerson != "" }))
		}
	})
}

func only(list []proposal.Proposal, which func(proposal.Proposal) bool) (out []proposal.Proposal) {
	for _, p := range list {
		if which(p) {
			out = append(out, p)
		}
	}
	return out
}

// manyProposals are of every state, with every kind of part that somebody can have in one.
func (w *world) manyProposals(calls ...call.Call) (all []proposal.Proposal) {
	w.t.Helper()
	leads := []string{"", "mira", "ravi", "kai"}
	things := []string{"Stone", "Water", "Grain", "Light", "Salt"}
	states := []string{proposal.Draft, proposal.Submitted, proposal.Withdrawn}
	teams := [][]proposal.Member{nil, {{PersonID: "ravi", OrganisationID: "tarn", State: "confirmed"}}, {{PersonID: "ravi", OrganisationID: "tarn", State: "left"}}, {{PersonID: "kai", OrganisationID: "ilvane", State: "invited"}},
		{{PersonID: "mira", OrganisationID: "ilvane", State: "confirmed"}}, {{Name: "Nobody", OrganisationID: "tarn", State: "declined"}}}
	stage, err := w.Schemes.Get(w.ctx, calls[0].SchemeVersionID)
	w.must(err)
	first, _ := stage.Stage("")
	w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
		for i := range 120 {
			c := calls[i/3%2]
			p := proposal.Proposal{ID: clock.ID(ctx), Number: fmt.Sprintf("P-9%03d", i), CallID: c.ID, AgencyID: "arc", SchemeVersionID: c.SchemeVersionID, Stage: first.ID, State: states[i%3], Title: fmt.Sprintf("%s %d%%", things[i%5], i%7),
				Language: "en", LeadPerson: leads[i%4], Requested: money.Whole(int64(100+i%9), "XCR"), CreatedAt: clock.Now(ctx), Version: 1}
			if i%13 == 0 {
				p.CreatedBy = w.actor["one"].Account
			}
			var team []proposal.Member
			for _, m := range teams[i%len(teams)] {
				m.Role = "member"
				team = append(team, m)
			}
			if err := w.Proposals.TakeIn(ctx, p, team, "", nil); err != nil {
				return err
			}
			all = append(all, p)
		}
		return nil
	}))
	return all
}

// lists reads a list page by page.
func (w *world) lists(who string, f proposal.Filter, want []proposal.Proposal) {
	w.t.Helper()
	var got []proposal.Proposal
	for f.Page, f.Size = 1, 7; ; f.Page++ {
		rows, total, err := w.Proposals.List(w.ctx, w.actor[who], f)
		w.must(err)
		if total != len(want) {
			w.t.Errorf("%s, %+v: %d in all, want %d", who, f, total, len(want))
		}
		for _, r := range rows {
			got = append(got, r.Proposal)
		}
		if len(rows) < f.Size {
			break
		}
	}
	column, down := strings.CutPrefix(f.Sort, "-")
	slices.SortFunc(want, func(a, b proposal.Proposal) int {
		by := map[string]int{"title": strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)), "lead": strings.Compare(a.LeadPerson, b.LeadPerson),
			"money": cmp.Compare(a.Requested.Minor, b.Requested.Minor), "state": strings.Compare(a.State, b.State), "number": strings.Compare(a.Number, b.Number), "": strings.Compare(b.Number, a.Number)}[column]
		if down {
			by = -by
		}
		return cmp.Or(by, strings.Compare(a.Number, b.Number))
	})
	ids := func(list []proposal.Proposal) (out []string) {
		for _, p := range list {
			out = append(out, p.Number)
		}
		return out
	}
	if !slices.Equal(ids(got), ids(want)) {
		w.t.Errorf("%s, %+v:\n%v, want\n%v", who, f, ids(got), ids(want))
	}
}

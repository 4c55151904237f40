package app_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
)

// swapAll asks for everything (see whole), as every viewer. Without it, the first three viewers of each
// scene ask for a sample that still touches every route.
var swapAll = os.Getenv("HEADWATER_SWAP") == "all"

// exchange is what the two installations of a scene have exchanged between two records.
type exchange int

const (
	authors   exchange = 1 << iota // who wrote which proposal: lead, team, organisations, works
	reviewers                      // who reviews under which letter
	texts                          // what the proposals say beyond title and summary, with their money
	titles                         // title and summary
	reviews                        // what the reviews say, their scores and hours, and what is decided
	drafts                         // calls and awards that are not public yet
	contacts                       // addresses, language and time zone of accounts
	sittings                       // what a council keeps to itself
)

// scene is one pair of installations: what they have exchanged, and who must not notice.
type scene struct {
	name      string
	exchanged exchange
	signed    bool // the decision is signed, with letters; else it is proposed
	viewers   []string
	build     func(*swapped) // the record; nil: a call from its opening to its decision
	deep      string         // in the addresses that are asked for in every way; "" for none
}

// scenes are the promises of docs/security.md on who learns what of whom.
var scenes = []scene{
	{name: "reviewers learn nothing of authors", exchanged: authors, viewers: []string{"olena", "ines", "edda", "jonas", "ursa", "mira", "desk", "stranger", "visitor", ""}},
	{name: "authors learn nothing of reviewers", exchanged: reviewers, signed: true, viewers: []string{"xenia", "xdesk", "olena", "xaver", "ines", "mira", "stranger", ""}},
	{name: "who has a conflict learns nothing of the item", exchanged: authors | reviewers | texts | reviews | sittings, viewers: []string{"jonas", "edda"}},
	{name: "the public learns nothing of what is sealed", exchanged: authors | reviewers | texts | titles | reviews | drafts | contacts | sittings, viewers: []string{"", "mira", "stranger", "visitor", "desk", "transfer"}},
	sealedMaps,
	underWay,
}

// pair are two people who are exchanged: no attribute and no key of theirs is the same,
// and none is as long (TestSwappedDifferInEverything).
type pair [2]register.Person

var (
	leads = pair{
		{ID: "0-xenia", Given: "Xenia", Family: "Aa", Name: "Xenia Aa", ORCID: "0000-0002-1825-0097", Country: "XA", Email: "x@a.example", Keywords: []string{"fatigue"}, ReviewLimit: 2, CareerStage: "first", Affiliations: at("0-aalto", "Tutor", "2020-01-01")},
		{ID: "zz-yaroslava-key", Given: "Yaroslava-Kateryna", Family: "Szczepańska-Østergård", Name: "Prof. Y.-K. Szczepańska-Østergård", ORCID: "0000-0001-5109-3700", Country: "XB", Email: "yaroslava.kateryna@institution-y.example",
			Keywords: []string{"moisture fronts", "glaciers", "sediment"}, ReviewLimit: 14, CareerStage: "established", Affiliations: at("zz-ylem", "Professor of Glaciology", "1998-10-01")},
	}
	fellows = pair{
		{ID: "0-xaver", Given: "Xaver", Family: "Ab", Name: "Xaver Ab", ORCID: "0000-0001-5000-0074", Country: "XA", Email: "xaver@a.example", Keywords: []string{"creep"}, ReviewLimit: 3, CareerStage: "first", Affiliations: at("0-aalto", "Fellow", "2021-03-01")},
		{ID: "zz-yngve-key", Given: "Yngve Maximilian", Family: "Żółkiewski", Name: "Dr. Yngve M. Żółkiewski", ORCID: "0000-0002-1694-233X", Country: "XB", Email: "yngve.maximilian@institution-y.example",
			Keywords: []string{"permafrost", "isotopes of oxygen"}, ReviewLimit: 25, CareerStage: "recognised", Affiliations: at("zz-ylem", "Senior scientist", "2011-09-15")},
	}
	judges = pair{
		{ID: "0-ursa", Given: "Ursa", Family: "Ac", Name: "Ursa Ac", ORCID: "0000-0003-4417-8022", Country: "XA", Email: "u@c.example", Keywords: []string{"fracture"}, ReviewLimit: 4, CareerStage: "leading", Affiliations: at("0-crag", "Reader", "2015-05-01")},
		{ID: "zz-valentina-key", Given: "Valentina Aurelia", Family: "Przybyszewska", Name: "Valentina Aurelia z Przybyszewskich", ORCID: "0000-0001-9999-1235", Country: "XB", Email: "valentina.aurelia@institution-v.example",
			Keywords: []string{"water in glaciers", "sediment", "moisture"}, ReviewLimit: 11, CareerStage: "established", Affiliations: at("zz-vellum", "Head of laboratory", "2003-02-01")},
	}
)

func at(organisation, position, from string) []register.Affiliation {
	return []register.Affiliation{{OrganisationID: organisation, Position: position, From: from}}
}

// TestSwappedDifferInEverything: a field that people get later has to be filled here too.
func TestSwappedDifferInEverything(t *testing.T) {
	t.Parallel()
	elsewhere := []string{"Version", "Organisation", "Until"} // counted by the database, read from the organisation, and empty for who works there still
	differ := func(of string, a, b reflect.Value) {
		for i := range a.NumField() {
			name := a.Type().Field(i).Name
			if slices.Contains(elsewhere, name) {
				continue
			}
			if x, y := a.Field(i), b.Field(i); x.IsZero() || y.IsZero() || reflect.DeepEqual(x.Interface(), y.Interface()) {
				t.Errorf("%s: %s is %v and %v", of, name, x, y)
			}
		}
	}
	for _, p := range []pair{leads, fellows, judges} {
		of := p[0].Given
		differ(of, reflect.ValueOf(p[0]), reflect.ValueOf(p[1]))
		differ(of, reflect.ValueOf(p[0].Affiliations[0]), reflect.ValueOf(p[1].Affiliations[0]))
		for _, q := range p {
			if !register.ValidORCID(q.ORCID) || !slices.Contains(register.CareerStages, q.CareerStage) {
				t.Errorf("%s is not as people are: %+v", of, q)
			}
		}
	}
}

// two are two values, in the order of one of the two installations.
func two[T any](side int, exchanged bool, a, b T) [2]T {
	if exchanged && side == 1 {
		return [2]T{b, a}
	}
	return [2]T{a, b}
}

// swapped is one of the two installations of a scene.
type swapped struct {
	*world
	scene
	side int

	call      call.Call
	proposals [2]proposal.Proposal
	third     proposal.Proposal       // of mira, who is not exchanged
	mask      func(string) string     // see commitments
	all       bool                    // everything is asked for, not a sample
	only      string                  // the one route that is asked; "" for all
	held      map[string][]request    // what is sent with a secret that no page shows, or by a script, by route
	acting    map[string]string       // viewers who act for another, by the key of their delegation
	entered   uint64                  // how often somebody signed in
	listed    func([]string) []string // the routes in another order; nil for that of the program
}

func (s *swapped) has(h exchange) bool { return s.exchanged&h != 0 }

// installation builds the record of a scene from nothing. Both sides make the same acts in
// the same order at the same instants, so that keys, numbers and secrets are the same.
func installation(t testing.TB, sc scene, side int) *swapped {
	t.Helper()
	s := &swapped{scene: sc, side: side, mask: func(text string) string { return text }, held: map[string][]request{}, acting: map[string]string{}}
	s.world = country(t, dbtest.SQLitePath(t), func(c *app.Config) { c.Demo = false }) // in the demonstration everybody reads everybody's mail
	s.people()
	if sc.build != nil {
		sc.build(s)
		s.commitments()
		return s
	}
	s.call = s.openCall("open-call.yaml")
	s.furnish()
	s.unpublished()
	s.apply()
	s.judge()
	s.allot()
	s.meet()
	s.decide()
	s.convened()
	s.keep()
	s.owned()
	s.now.Advance(30 * time.Hour)
	for _, remind := range []func() error{
		func() error { _, err := s.Reviews.Remind(s.ctx); return err },
		func() error { _, err := s.Proposals.Remind(s.ctx); return err },
		func() error { _, err := s.Awards.Remind(s.ctx); return err },
	} {
		s.must(remind())
	}
	s.doors()
	s.troubled()
	s.commitments()
	return s
}

// people are those who are exchanged, their offices, and two more agencies, one with its officer and one with who signs for it.
func (s *swapped) people() {
	s.t.Helper()
	b := &register.Batch{Agencies: []register.Agency{{ID: "ati", OrganisationID: "ati-office", Slug: "ati", Short: "ATI", Name: lang.In1("en", "Agency for Technology"), Currency: "XCR", Zone: "Europe/Vienna"},
		{ID: "lwf", OrganisationID: "lwf-office", Slug: "lwf", Short: "LWF", Name: lang.In1("en", "Land and Water Fund"), Currency: "XCR", Zone: "Europe/Vienna"}}}
	for id, name := range map[string]string{"0-aalto": "Aa College", "zz-ylem": "Ylem Polytechnic Institute of the Northern Provinces", "0-crag": "Crag School", "zz-vellum": "Vellum Academy of Sciences and Letters"} {
		b.Organisations = append(b.Organisations, register.Organisation{ID: id, Name: lang.In1("en", name), Kind: "university"})
	}
	slices.SortFunc(b.Organisations, func(a, b register.Organisation) int { return strings.Compare(a.ID, b.ID) })
	b.Organisations = append(b.Organisations, register.Organisation{ID: "ati-office", Name: lang.In1("en", "Office of Technology"), Kind: "funder"}, register.Organisation{ID: "lwf-office", Name: lang.In1("en", "Office of Land and Water"), Kind: "funder"})
	for _, p := range []pair{leads, fellows, judges} {
		b.People = append(b.People, p[0], p[1])
	}
	s.must(s.Register.TakeIn(s.ctx, access.System, b))
	for i, p := range []pair{leads, fellows, judges} {
		mails := two(s.side, s.has(contacts), p[0].Email, p[1].Email)
		zones := two(s.side, s.has(contacts), "Europe/Vienna", "Asia/Shanghai")
		locales := two(s.side, s.has(contacts), "en", "zh")
		for j, name := range [3][2]string{{"xenia", "yaroslava"}, {"xaver", "yngve"}, {"ursa", "valentina"}}[i] {
			s.signUp(name, account.New{Email: mails[j], Person: p[j].ID, Zone: zones[j], Locale: locales[j]})
		}
	}
	s.account("desk", "", access.Grant{Role: access.Research, Scope: access.Organisation("ilvane")})
	s.account("xdesk", "", access.Grant{Role: access.Research, Scope: access.Organisation("0-aalto")})
	s.account("transfer", "", access.Grant{Role: access.Transfer, Scope: access.Organisation("ilvane")})
	s.account("stranger", "", access.Grant{Role: access.Officer, Scope: access.Agency("ati")}, access.Grant{Role: access.Analyst, Scope: access.Agency("ati")})
	s.account("signer", "", access.Grant{Role: access.Decider, Scope: access.Agency("lwf")})
	s.account("visitor", "")
	s.account("clerk", "")
	s.account("scribe", "")
	s.account("root", "", access.Grant{Role: access.Admin, Scope: access.Platform()})
	s.account("purse", "", access.Grant{Role: access.Finance, Scope: access.Agency("arc")})
}

func (s *swapped) signUp(name string, in account.New) {
	s.t.Helper()
	id, err := s.Accounts.Create(s.ctx, access.System, in)
	s.must(err)
	s.actor[name], err = s.Accounts.ActorOf(s.ctx, id)
	s.must(err)
}

// accountName is what these tests call the account of a person.
func accountName(person string) string {
	_, name, _ := strings.Cut(strings.TrimSuffix(person, "-key"), "-")
	return name
}

// unpublished are two drafts of calls and two awards under embargo.
func (s *swapped) unpublished() {
	s.t.Helper()
	names := two(s.side, s.has(drafts), "Dust", "A far longer name for something that nobody may know of before spring")
	for i, name := range names {
		_, err := s.Calls.Create(s.ctx, s.actor["officer"], call.Input{AgencyID: "arc", SchemeVersionID: s.call.SchemeVersionID, Title: lang.In1("en", name), Summary: lang.In1("en", name+"."),
			Zone: "Europe/Vienna", Opens: "2027-05-16T08:00", Closes: "2027-06-15T17:00", Low: "100,000", High: "200,000", Total: "900,000"})
		s.must(err)
		s.must(work.Do(s.ctx, s.DB, func(ctx context.Context) error {
			return s.Awards.TakeIn(ctx, award.Award{ID: fmt.Sprintf("embargo-%d", i), Number: fmt.Sprintf("E-%d", i), Title: lang.In1("en", name), State: award.Running, Year: 2027, AgencyID: "arc", SchemeVersionID: s.call.SchemeVersionID,
				StartDay: "2027-05-01", EndDay: "2029-04-30", Amount: money.Whole(400_000, "XCR"), PublicAt: s.now.Source().Now().AddDate(1, 0, 0)}, nil, nil)
		}))
	}
}

// said are what two proposals say: one short, one long and in another language.
func (s *swapped) said() [2][]proposal.Change {
	short := strings.Repeat("We measure where it breaks. ", 4)
	long := strings.Repeat("我们在高海拔冰川上测量水分前沿的推进，并说明每一步的判断依据。", 9)
	title := two(s.side, s.has(titles), "Short fuses", "Moisture fronts in sediment under glaciers, over eighty days")
	summary := two(s.side, s.has(titles), strings.Repeat("Where it breaks. ", 4), strings.Repeat("How far the water goes, and what it carries. ", 9))
	text := two(s.side, s.has(texts), short, long)
	minor := two(s.side, s.has(texts), int64(20_000_000), int64(117_000_000))
	works := two(s.side, s.has(authors), "Aa: fatigue", "Szczepańska-Østergård, Żółkiewski: a long title about sediment")
	var out [2][]proposal.Change
	for i := range out {
		for _, c := range []struct {
			field string
			value any
		}{{"title", title[i]}, {"summary", summary[i]}, {"aim", text[i]}, {"approach", text[i]}, {"risks", text[i]}, {"data", text[i] + " " + aim}, {"months", 36}, {"ethics", "none"}, {"works", []string{works[i]}},
			{"budget", []map[string]any{{"category": "people", "year": 2027, "minor": minor[i]}}}} {
			out[i] = append(out[i], proposal.Change{Field: c.field, Value: raw(c.value)})
		}
	}
	return out
}

// apply: two proposals of people who are exchanged, one of somebody who is not, and two
// drafts that are never handed in.
func (s *swapped) apply() {
	s.t.Helper()
	lead := two(s.side, s.has(authors), leads[0].ID, leads[1].ID)
	fellow := two(s.side, s.has(authors), fellows[0].ID, fellows[1].ID)
	said := s.said()
	files := two(s.side, s.has(texts), string(aPDF), strings.Replace(string(aPDF), "\n", "\n% Drawn anew, with a second step.\n", 1))
	why := two(s.side, s.has(authors), "A race.", "They contest our patent on the second step, before the court of the northern provinces.")
	for i := range lead {
		s.now.Advance(time.Hour)
		author, with := s.actor[accountName(lead[i])], s.actor[accountName(fellow[i])]
		p, err := s.Proposals.Begin(s.ctx, author, s.call.ID)
		s.must(err)
		_, err = s.Proposals.Save(s.ctx, author, p.ID, said[i])
		s.must(err)
		_, err = s.Proposals.Attach(s.ctx, author, p.ID, "plan_file", author.Name+".pdf", strings.NewReader(files[i]))
		s.must(err)
		_, err = s.Proposals.Invite(s.ctx, author, p.ID, with.Person, "member", 25)
		s.must(err)
		s.must(s.Proposals.Answer(s.ctx, with, p.ID, true))
		s.must(s.Proposals.AddCompetitor(s.ctx, author, p.ID, proposal.Competitor{Person: "ravi", Reason: why[i]}))
		_, err = s.Proposals.Submit(s.ctx, author, p.ID, s.now.Source().Now())
		s.must(err)
		s.proposals[i] = p
		draft, err := s.Proposals.Begin(s.ctx, author, s.call.ID)
		s.must(err)
		_, err = s.Proposals.Save(s.ctx, author, draft.ID, said[i][:2])
		s.must(err)
	}
	s.now.Advance(time.Hour)
	s.third, _ = s.handIn("mira", s.call, "A proposal of somebody else", 600_000)
	s.now.Set(s.call.ClosesAt.Add(time.Hour))
}

// judge: two reviewers who are exchanged and olena hand in; the others were only asked.
func (s *swapped) judge() {
	s.t.Helper()
	judge := two(s.side, s.has(reviewers), judges[0].ID, judges[1].ID)
	words := two(s.side, s.has(reviews), "It is clear what is measured.", strings.Repeat("The second step is the least worked out of all. ", 7))
	score := two(s.side, s.has(reviews), 2.0, 6.0)
	minutes := two(s.side, s.has(reviews), 45, 310)
	for i, p := range s.proposals {
		for j, who := range []string{judge[i], judge[1-i], "olena"} {
			s.now.Advance(time.Minute)
			name := who
			if strings.Contains(who, "-") {
				name = accountName(who)
			}
			r, err := s.Reviews.Invite(s.ctx, s.actor["officer"], p.ID, who)
			s.must(err)
			s.must(s.Reviews.Answer(s.ctx, s.actor[name], r.ID, "accept", ""))
			s.must(s.Reviews.PromiseFor(s.ctx, s.actor[name], r.ID))
			k := i // what the exchanged reviewers say goes with the proposal, what olena says does not
			list := map[string]review.Answer{}
			for _, c := range []string{"importance", "approach", "feasibility"} {
				list[c] = review.Answer{Score: score[k], Text: words[k]}
				if j == 2 {
					list[c] = review.Answer{Score: 4, Text: "Good enough to be tried, and not more than that."}
				}
			}
			_, err = s.Reviews.Save(s.ctx, s.actor[name], r.ID, list, minutes[k])
			s.must(err)
			s.must(s.Reviews.Submit(s.ctx, s.actor[name], r.ID))
		}
		for _, a := range []struct{ who, answer, reason string }{{"ines", "", ""}, {"edda", "decline", "No time."}, {"jonas", "conflict", "We wrote a book together."}} {
			r, err := s.Reviews.Invite(s.ctx, s.actor["officer"], p.ID, a.who)
			s.must(err)
			if a.answer != "" {
				s.must(s.Reviews.Answer(s.ctx, s.actor[a.who], r.ID, a.answer, a.reason))
			}
		}
	}
}

// meet: a panel treats everything. olena leads it, ines owes her reviews, and jonas has a
// conflict with both proposals of people who are exchanged.
func (s *swapped) meet() {
	s.t.Helper()
	s.now.Advance(time.Hour)
	officer, chair := s.actor["officer"], s.actor["olena"]
	_, err := s.Panels.Form(s.ctx, officer, s.call.ID, "", panel.Plan{Groups: 1})
	s.must(err)
	b, err := s.Panels.Board(s.ctx, officer, s.call.ID, "")
	s.must(err)
	id := b.Panels[0].ID
	s.must(s.Panels.Settle(s.ctx, officer, id, "Ice", s.now.Source().Now().Add(time.Hour), 0))
	for i, who := range []string{"olena", "ines", "jonas"} {
		s.must(s.Panels.Seat(s.ctx, officer, id, who, []string{panel.Chair, panel.Seat}[min(i, 1)]))
		s.must(s.Reviews.Promise(s.ctx, s.actor[who], s.call.ID))
	}
	s.must(s.Panels.Announce(s.ctx, officer, id))
	s.must(s.Panels.Begin(s.ctx, chair, id))
	score := two(s.side, s.has(reviews), 2.0, 5.5)
	words := two(s.side, s.has(reviews), "Thin.", "A clear question, and a plan that says what would show that it is wrong.")
	v, err := s.Panels.Get(s.ctx, chair, id)
	s.must(err)
	for i, l := range v.Lines[:2] {
		s.must(s.Panels.Comment(s.ctx, chair, id, l.ID, words[i]))
		s.must(s.Panels.Call(s.ctx, chair, id, l.ID))
		s.must(s.Panels.Vote(s.ctx, chair, id, l.ID, score[i]))
		s.must(s.Panels.Summarise(s.ctx, chair, id, l.ID, words[i]))
		if i == 0 { // the second stays open
			s.must(s.Panels.Close(s.ctx, chair, id, l.ID))
		}
	}
}

// decide: the list is proposed, and in some scenes signed.
func (s *swapped) decide() {
	s.t.Helper()
	s.now.Advance(24 * time.Hour)
	d, err := s.Decisions.Begin(s.ctx, s.actor["officer"], s.call.ID, "")
	s.must(err)
	s.drawLots(d.ID)
	v, err := s.Decisions.Get(s.ctx, s.actor["officer"], d.ID)
	s.must(err)
	outcome := two(s.side, s.has(reviews), decision.Fund, decision.Reject)
	var choices []decision.Choice
	for _, r := range v.Rows {
		c := decision.Choice{ProposalID: r.ProposalID, Outcome: decision.Reject, Reasons: "Others were better."}
		if i := slices.IndexFunc(s.proposals[:], func(p proposal.Proposal) bool { return p.ID == r.ProposalID }); i >= 0 {
			c.Outcome = outcome[i]
		} else if s.signed {
			c.Outcome = decision.Fund // whose report is still owed
		}
		choices = append(choices, c)
	}
	slices.SortFunc(choices, func(a, b decision.Choice) int { return strings.Compare(a.ProposalID, b.ProposalID) })
	s.must(s.Decisions.Save(s.ctx, s.actor["officer"], d.ID, "By the reviews.", choices))
	s.must(s.Decisions.Propose(s.ctx, s.actor["officer"], d.ID))
	if s.signed {
		s.must(s.Decisions.Sign(s.ctx, s.actor["decider"], d.ID))
		s.must(s.Awards.Approve(s.ctx, s.actor["purse"], s.keys()["payment"][:1]))
		s.reported()
		s.must(s.Decisions.Lodge(s.ctx, s.actor["yaroslava"], s.proposals[1].ID, "The second step was worked out on page four, which nobody quotes."))
	}
}

// reported is an award that has begun: a milestone, and a report that waits.
func (s *swapped) reported() {
	s.t.Helper()
	lead := s.actor[accountName(leads[0].ID)]
	list, err := s.Awards.Mine(s.ctx, lead)
	s.must(err)
	s.must(s.Awards.AddMilestone(s.ctx, lead, list[0].ID, "The second step is shown.", list[0].EndDay))
	long := strings.Repeat("We know now how fast it fails. ", 4)
	s.must(s.Awards.SubmitReport(s.ctx, lead, list[0].ID, map[string]any{"found": long, "use": long}))
}

// commitments places the ledger anew in one batch, so that it does not matter how the
// background cut it, and masks what stands for all of it: the root is a hash over salted
// hashes of everything, so it differs where anything does, and tells nobody what (docs/ledger.md).
func (s *swapped) commitments() {
	s.t.Helper()
	s.must(work.Do(s.ctx, s.DB, s.displace))
	for waiting := 1; waiting > 0; {
		_, err := s.Ledger.Sequence(s.ctx)
		s.must(err)
		s.must(s.DB.Q(s.ctx).QueryRowContext(s.ctx, `SELECT count(*) FROM ledger_entry WHERE position IS NULL`).Scan(&waiting))
	}
	head, err := s.Ledger.Head(s.ctx)
	s.must(err)
	s.mask = masked(head)
}

// displace takes everything in the ledger from its place.
func (s *swapped) displace(ctx context.Context) error {
	for _, q := range []string{`UPDATE ledger_entry SET position = NULL`, `DELETE FROM ledger_batch`, `UPDATE ledger_head SET size = 0, compact = '[]', version = version + 1`} {
		if _, err := s.DB.Q(ctx).ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// TestSwap is anonymity as a property: whoever must not know what two installations have
// exchanged gets the same bytes from both: from every page and operation, asked for with
// every key, search and order, by mail, and in a copy of their data; status, headers, body and order.
func TestSwap(t *testing.T) {
	t.Parallel()
	for _, sc := range scenes {
		t.Run(strings.ReplaceAll(sc.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			both := twinsOf(t, sc)
			both.one.all, both.other.all = swapAll, swapAll
			if !swapAll {
				sc.viewers = sc.viewers[:min(3, len(sc.viewers))]
			}
			for _, viewer := range sc.viewers {
				asked, found := both.gets(viewer)
				report(t, viewer, asked, found)
			}
			writings := both.writings(slices.Concat([]string{"officer", "decider", "root", "purse", "signer", "clerk", "ravi", "xenia", "xaver", "ursa", "xdesk"}, sc.viewers))
			for _, viewer := range sc.viewers {
				asked, found := both.writes(viewer, writings)
				report(t, viewer, asked, found)
				asked, found = both.letters(viewer)
				report(t, viewer, asked, found)
				asked, found = both.copies(viewer)
				report(t, viewer, asked, found)
			}
			if sc.build == nil {
				if _, found := both.copies(both.one.exchangedPerson()); len(found) == 0 {
					t.Error("who is exchanged finds no difference in the copy of their own data: it holds nothing")
				}
			}
			if _, found := both.gets("officer"); len(found) == 0 {
				t.Error("the officer, who may know, finds no difference either: nothing was exchanged")
			}
		})
	}
}

func report(t *testing.T, viewer string, asked int, found []string) {
	t.Helper()
	if viewer == "" {
		viewer = "the public"
	}
	t.Logf("%s: %d answers compared", viewer, asked)
	for i, f := range found {
		if i == 8 {
			t.Errorf("%s: and %d more differences", viewer, len(found)-i)
			return
		}
		t.Errorf("%s can tell: %s", viewer, f)
	}
}

// exchangedPerson is somebody whose own record differs between the two installations.
func (s *swapped) exchangedPerson() string {
	if s.has(authors) {
		return "xenia"
	}
	return "ursa"
}

// TestSwapIsDeterministic: two installations with nothing exchanged are equal even for who
// may see everything, so that what TestSwap finds is what was exchanged and not chance.
func TestSwapIsDeterministic(t *testing.T) {
	t.Parallel()
	sc := scene{name: "nothing", signed: true}
	both := twinsOf(t, sc)
	for _, viewer := range keepers {
		asked, found := both.gets(viewer)
		report(t, viewer, asked, found)
	}
}

// TestSwapFindsLeaks plants leaks of each kind into the answers of a scene whose reviewers
// must not know the authors: each is found.
func TestSwapFindsLeaks(t *testing.T) {
	t.Parallel()
	both := twinsOf(t, scenes[0])
	clean, found := both.gets("olena")
	if len(found) > 0 || clean < 300 {
		t.Fatalf("without a leak: %d answers, %q", clean, found)
	}
	for _, name := range slices.Sorted(maps.Keys(leaks)) {
		for _, s := range []*swapped{both.one, both.other} {
			whole := s.Handler
			s.Handler = leaking(whole, leads[two(s.side, true, 0, 1)[0]], leaks[name])
			afterwards(t, func() { s.Handler = whole })
		}
		_, found := both.gets("olena")
		if len(found) == 0 {
			t.Errorf("a leak by %s is not found", name)
		}
		t.Logf("a leak by %s: %d differences, first %.200s", name, len(found), append(found, "")[0])
		for _, s := range []*swapped{both.one, both.other} {
			s.Handler = s.Web.Handler()
		}
	}
}

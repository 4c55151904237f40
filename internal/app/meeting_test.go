package app_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// meeting is the funding meeting about the ten proposals of scored, with ines and olena in the room.
func (w *world) meeting() (d decision.Decision, ids []string) {
	w.t.Helper()
	c, ids := w.scored()
	d, err := w.Decisions.Begin(w.ctx, w.actor["officer"], c.ID, "")
	w.must(err)
	for _, who := range []string{"ines", "olena"} {
		w.must(w.Decisions.Sit(w.ctx, w.actor["officer"], d.ID, who))
	}
	return d, ids
}

func (w *world) meet(who, id string) decision.Meeting {
	w.t.Helper()
	m, err := w.Decisions.Meet(w.ctx, w.actor[who], id)
	w.must(err)
	return m
}

// floor is the rules of a list with its money and a floor for high risk.
func floor(m decision.Meeting, least string) decision.RulesInput {
	in := m.Write(m.Rules)
	in.Limits = []decision.LimitInput{{What: "risk:high", By: decision.ByNumber, Min: least}}
	return in
}

// TestMeetingFindsTheBestChoice: a floor for high risk costs what the proposals that it
// drives out were worth more, and rules that cannot hold together are named.
func TestMeetingFindsTheBestChoice(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		for _, i := range []int{7, 9} {
			w.must(w.Decisions.Class(w.ctx, w.actor["ines"], d.ID, ids[i], "high", "Nobody has grown one before."))
		}
		w.refused(w.Decisions.Class(w.ctx, w.actor["ines"], d.ID, ids[0], "huge", "So."), fault.Invalid, "a class that is none")
		w.refused(w.Decisions.Class(w.ctx, w.actor["ines"], d.ID, ids[0], "high", ""), fault.Invalid, "a class without a reason")
		w.refused(w.Decisions.Class(w.ctx, w.actor["auditor"], d.ID, ids[0], "high", "So."), fault.NotAllowed, "an auditor classes")
		m := w.meet("officer", d.ID)
		best, err := w.Decisions.WhatIf(w.ctx, m, m.Rules)
		w.must(err)
		sum := 0.0
		for i, r := range m.View.Rows {
			if best.Funded[r.ProposalID] != (i < 4) {
				w.t.Errorf("%s: funded %v at place %d", r.Number, !(i < 4), i+1)
			}
			if i < 4 {
				sum += r.Rank.Score
			}
		}
		if !best.Optimal || best.Value-sum > 1e-5 || sum-best.Value > 1e-5 || m.Spent(best) != 80_000_000 {
			w.t.Errorf("the best choice: %+v, where the four best have %v", best, sum)
		}
		for n := 1; len(best.Others) < 3 && n < 20; n++ { // a machine that was held up finds fewer in its time: asked again, by rules that differ in nothing that counts
			again := m.Rules
			again.Bar = float64(n) / 1000
			best, err = w.Decisions.WhatIf(w.ctx, m, again)
			w.must(err)
		}
		if len(best.Others) != 3 {
			w.t.Fatalf("the nearest other choices: %+v", best.Others)
		}
		last, next := m.View.Rows[3], m.View.Rows[4]
		less := next.Rank.Score - last.Rank.Score // the nearest other choice exchanges the two at the line
		if c := best.Others[0]; math.Abs(c.Low-less) > 1e-4 || math.Abs(c.High-less) > 1e-4 || !slices.Equal(c.In, []string{next.ProposalID}) || !slices.Equal(c.Out, []string{last.ProposalID}) {
			w.t.Errorf("the nearest other choice: %+v, want %v for %v with %v points less", c, next.Number, last.Number, less)
		}
		if !slices.IsSortedFunc(best.Others, func(a, b decision.Change) int { return cmp.Compare(b.High, a.High) }) {
			w.t.Errorf("the nearest other choices: %+v", best.Others)
		}
		rules, err := m.Read(floor(m, "2"))
		w.must(err)
		held, err := w.Decisions.WhatIf(w.ctx, m, rules)
		w.must(err)
		lost := m.View.Rows[2].Rank.Score + m.View.Rows[3].Rank.Score - m.View.Rows[7].Rank.Score - m.View.Rows[9].Rank.Score
		if !held.Funded[ids[7]] || !held.Funded[ids[9]] || len(held.Funded) != 4 {
			w.t.Errorf("with a floor it funds %v", held.Funded)
		}
		for _, p := range held.Prices {
			if p.Kind == "floor" && (p.Low < lost-1e-4 || p.High > lost+1e-4 || p.Used != 2) {
				w.t.Errorf("the floor costs %+v, it drives out %v", p, lost)
			}
		}
		if w := held.Why[ids[9]]; w.Margin < 0 {
			t.Errorf("what the floor holds in has a margin of %+v", w)
		}
		rules, err = m.Read(floor(m, "3"))
		w.must(err)
		if none, err := w.Decisions.WhatIf(w.ctx, m, rules); err != nil || none.Found || len(none.Conflict) != 1 || none.Conflict[0].Kind != "floor" {
			w.t.Errorf("three of two: %+v, %v", none, err)
		}
		if len(held.More.In) == 0 && held.More.High > 0 {
			w.t.Errorf("more money adds points without a proposal: %+v", held.More)
		}
	})
}

// TestMeetingFundsDearProposals: worth is counted by money unless somebody chooses otherwise,
// so that a dear proposal of a good rank is not exchanged for two cheap ones of a lower rank.
func TestMeetingFundsDearProposals(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		w.asks(ids[1], 50_000_000)
		m := w.meet("officer", d.ID)
		best, err := w.Decisions.WhatIf(w.ctx, m, m.Rules)
		w.must(err)
		if len(best.Funded) != 3 || !best.Funded[ids[0]] || !best.Funded[ids[1]] || !best.Funded[ids[2]] {
			w.t.Errorf("by money it funds %v", best.Funded)
		}
		in := m.Write(m.Rules)
		in.Worth = decision.ByAward
		rules, err := m.Read(in)
		w.must(err)
		if best, err = w.Decisions.WhatIf(w.ctx, m, rules); err != nil || len(best.Funded) != 4 || best.Funded[ids[1]] {
			w.t.Errorf("by award it funds %v, %v", best.Funded, err)
		}
		w.asks(ids[9], 0)
		if m = w.meet("officer", d.ID); m.Rules.Worth != decision.ByAward {
			w.t.Errorf("where something asks for nothing, worth is counted by %q", m.Rules.Worth)
		}
	})
}

// asks sets what a proposal asks for, in minor units.
func (w *world) asks(id string, minor int64) {
	w.t.Helper()
	w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
		_, err := w.DB.Q(ctx).ExecContext(ctx, `UPDATE proposal SET requested_minor = $2 WHERE id = $1`, id, minor)
		return err
	}))
}

// TestMeetingRefusesRules: each rule that cannot be read is named at its field.
func TestMeetingRefusesRules(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, _ := w.meeting()
		at := "/decisions/" + d.ID + "/meeting?try=yes&pot_all=800000"
		for query, say := range map[string]string{
			"&what_0=risk:high&by_0=number":                                       "at least, at most, or both",
			"&what_0=risk:high&by_0=number&min_0=many":                            "#min_0",
			"&what_0=risk:high&by_0=share&max_0=120":                              "0 to 100",
			"&what_0=weather:good&by_0=number&min_0=1":                            "#what_0",
			"&what_0=all&by_0=number&min_0=5&max_0=3":                             "at least as large as the lower bound",
			"&in=P-1999-0001":                                                     "P-1999-0001",
			"&in=P-2027-9001&out=P-2027-9001":                                     "stands in both",
			"&bar=high":                                                           "#bar",
			"&pot_all=much":                                                       "#pot_all",
			"&pot_all=much&what_0=all&by_0=money&min_0=nothing":                   "#min_0",
			"&tie_0=often&of_0=P-2027-9001+P-2027-9002":                           "#tie_0",
			"&tie_0=needs&of_0=P-2027-9001":                                       "at least two",
			"&tie_0=none&of_0=P-2027-9001+P-2027-9002":                            "#tie_0",
			"&tie_0=none&tie_1=least&of_1=P-1999-0001":                            "#of_1",
			"&tie_0=least&of_0=P-2027-9001+9002&amount_0=2":                       "#of_0",
			"&tie_0=least&of_0=P-2027-9001+P-2027-9002&amount_0=3":                "from 1 to 2",
			"&tie_0=covers&of_0=P-2027-9001+P-2027-9002&amount_0=1+2&name_0=Glue": "none more than the one before",
			"&tie_0=covers&of_0=P-2027-9001+P-2027-9002&amount_0=2":               "#name_0",
		} {
			q := at + query
			if strings.Contains(query, "pot_all") {
				q = "/decisions/" + d.ID + "/meeting?try=yes" + query
			}
			w.visitor("officer").ask("GET", q, nil, 422, say)
		}
		w.visitor("officer").ask("GET", at+"&what_0=all&by_0=money-share&min_0=10&bar=3.5&out=p-2027-9000", nil, 200, "P-2027-9000", "Price:")
	})
}

// TestTies: proposals that exclude or need each other, groups of which some are funded, and
// bottlenecks that are worth less when they are covered again, all by the page's form; who is
// recused from one of them sees the rest.
func TestTies(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		at := "/decisions/" + d.ID + "/meeting"
		try := func(who string, lines ...string) (*decision.Plan, decision.Meeting) {
			m := w.meet(who, d.ID)
			in := m.Write(m.Rules)
			for _, l := range lines {
				part := strings.Split(l, "|")
				in.Ties = append(in.Ties, decision.TieInput{Kind: part[0], Of: part[1], Amount: part[2], Name: part[3]})
			}
			rules, err := m.Read(in)
			w.must(err)
			p, err := w.Decisions.WhatIf(w.ctx, m, rules)
			w.must(err)
			return p, m
		}
		funds := func(p *decision.Plan, what string, places ...int) {
			for i, id := range ids {
				if p.Funded[id] != slices.Contains(places, i) {
					w.t.Errorf("%s: the proposal at place %d is in: %v", what, i+1, p.Funded[id])
				}
			}
		}
		p, m := try("officer", "most|P-2027-9000 P-2027-9001||")
		funds(p, "two that exclude each other", 0, 2, 3, 4)
		lost := m.View.Rows[1].Rank.Score - m.View.Rows[4].Rank.Score
		if x := p.Prices[len(p.Prices)-1]; x.Kind != decision.AtMost || x.Used != 1 || x.Low < lost-1e-4 || x.High > lost+1e-4 {
			w.t.Errorf("an exclusion costs %+v, it drives out %v", x, lost)
		}
		p, _ = try("officer", "needs|P-2027-9000 P-2027-9008 P-2027-9009||")
		funds(p, "one that needs two of the last", 1, 2, 3, 4)
		p, _ = try("officer", "needs|P-2027-9000 P-2027-9004||")
		funds(p, "one that needs the next", 0, 1, 2, 4)
		p, _ = try("officer", "least|P-2027-9008 P-2027-9009||")
		funds(p, "one of the two last", 0, 1, 2, 8)
		p, _ = try("officer", "covers|P-2027-9007 P-2027-9008 P-2027-9009|4 0.1|Glue")
		funds(p, "a bottleneck that is worth covering once", 0, 1, 2, 7)
		if n, points := p.Covered(p.Rules.Ties[0]); n != 1 || points != 4 {
			w.t.Errorf("it is covered by %d for %v points", n, points)
		}
		p, _ = try("officer", "covers|P-2027-9007 P-2027-9008 P-2027-9009|4 4|Glue")
		funds(p, "a bottleneck that is worth covering twice", 0, 1, 7, 8)
		p, _ = try("officer", "least|P-2027-9008 P-2027-9009|2|", "most|P-2027-9008 P-2027-9009||")
		if p.Found || len(p.Conflict) != 2 {
			w.t.Errorf("two of which both and one must be in: %+v", p)
		}
		w.must(w.Decisions.Class(w.ctx, w.actor["officer"], d.ID, ids[9], "high", "Nobody has grown one before."))

		form := values("try", "yes", "pot_all", "900000", "tie_0", "most", "of_0", "P-2027-9000 P-2027-9002", "amount_0", "1", "name_0", "", "tie_1", "covers", "of_1", "P-2027-9002 P-2027-9008 P-2027-9009", "amount_1", "4 0.5", "name_1", "Glue", "tie_2", "none")
		olena := w.visitor("olena")
		olena.ask("GET", at+"?"+form.Encode(), nil, 200, "At most 1 of P-2027-9000, P-2027-9002", "Price:", "Bottleneck “Glue”: 1 of 3", `value="P-2027-9002 P-2027-9008 P-2027-9009"`)
		form.Set("name", "Glue first")
		form.Set("why", "It is the bottleneck.")
		olena.ask("POST", "/decisions/"+d.ID+"/scenarios", form, 303)
		w.must(w.Decisions.Recuse(w.ctx, w.actor["officer"], d.ID, ids[2], "ines", "A joint paper."))
		seen := w.meet("ines", d.ID).Scenarios[0].Rules.Ties
		if len(seen) != 2 || len(seen[0].Proposals) != 1 || len(seen[1].Proposals) != 2 {
			w.t.Errorf("who is recused sees %+v", seen)
		}
		w.visitor("ines").ask("GET", at+"?scenario="+w.meet("ines", d.ID).Scenarios[0].ID, nil, 200, `value="P-2027-9008 P-2027-9009"`)
	})
}

// TestCaution: a cautious choice has the best worst tenth of all choices, by draws of what the scores leave
// possible, and the page says what that changes beside the choice without caution.
func TestCaution(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		m := w.meet("officer", d.ID)
		in := m.Write(m.Rules)
		in.Caution = decision.Guarded
		rules, err := m.Read(in)
		w.must(err)
		p, err := w.Decisions.WhatIf(w.ctx, m, rules)
		w.must(err)
		if p.Careful == nil || len(p.Funded) != 4 {
			w.t.Fatalf("a cautious choice: %+v", p)
		}
		worst := func(set []int) float64 { // the mean of the ten worst of a hundred draws; the list is in the order of the reviewed
			var sums []float64
			for _, effects := range m.Calibration.Sample {
				sum := 0.0
				for _, i := range set {
					sum += m.Calibration.Overall + effects[i]
				}
				sums = append(sums, sum)
			}
			slices.Sort(sums)
			sum := 0.0
			for _, x := range sums[:len(sums)/10] {
				sum += x / float64(len(sums)/10)
			}
			return sum
		}
		best := math.Inf(-1)
		for set := range 1 << len(ids) {
			var chosen []int
			for i := range ids {
				if set>>i&1 == 1 {
					chosen = append(chosen, i)
				}
			}
			if len(chosen) == 4 {
				best = max(best, worst(chosen))
			}
		}
		if c := p.Careful; math.Abs(c.Worst-best) > 1e-4 || c.Worst < c.BoldWorst-1e-6 || c.Mean > c.BoldMean+1e-6 || len(c.In) != len(c.Out) {
			w.t.Errorf("its worst tenth: %+v, the best of all choices has %v", c, best)
		}
		at := "/decisions/" + d.ID + "/meeting?try=yes&pot_all=800000&caution="
		w.visitor("olena").ask("GET", at+"half", nil, 200, "What caution changes", "In the worst tenth, on average")
		w.visitor("olena").ask("GET", at+"wild", nil, 422, "#caution")
		x, err := w.Decisions.SaveScenario(w.ctx, w.actor["officer"], d.ID, "Careful", "Few reviews.", in)
		w.must(err)
		if saved := w.meet("ines", d.ID).Scenarios[0]; saved.Rules.Caution != decision.Guarded || !maps.Equal(saved.Plan.Funded, x.Plan.Funded) {
			w.t.Errorf("saved: %+v", saved)
		}
	})
}

// TestMoneyOfYears: money of one year binds where all of it would not.
func TestMoneyOfYears(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			for i, id := range ids {
				for k, minor := range []int64{2_000_000 * int64(i+1), 20_000_000 - 2_000_000*int64(i+1)} {
					if _, err := w.DB.Q(ctx).ExecContext(ctx, `INSERT INTO proposal_budget (proposal_id, line, category, year, currency, amount_minor) VALUES ($1, $2, 'people', $3, 'XCR', $4)`, id, k, 2027+k, minor); err != nil {
						return err
					}
				}
			}
			return nil
		}))
		m := w.meet("officer", d.ID)
		if pots := m.Pots(); len(pots) != 3 || pots[1].Year != 2027 || pots[2].Year != 2028 {
			w.t.Fatalf("pots: %+v", pots)
		}
		page := "/decisions/" + d.ID + "/meeting?try=yes&pot_all=900000&pot_arc-2027=60000"
		w.visitor("officer").ask("GET", page, nil, 200, "Money of 2027", "at most Cr\u00a060,000")
		in := m.Write(m.Rules)
		in.Pots["arc-2027"] = "60000"
		rules, err := m.Read(in)
		w.must(err)
		p, err := w.Decisions.WhatIf(w.ctx, m, rules)
		w.must(err)
		if len(p.Funded) != 2 || p.Prices[1].Used > 6_000_000 || p.Prices[1].High <= 0 {
			w.t.Errorf("60,000 in 2027 funds %v: %+v", p.Funded, p.Prices)
		}
	})
}

// TestLetterNamesTheRule: each letter says which floor, ceiling or money decided about its
// proposal, in both languages, and nothing of others; the list says it before it is signed.
func TestLetterNamesTheRule(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		officer := w.actor["officer"]
		for i, class := range map[int]string{0: "low", 1: "low", 9: "high"} {
			w.must(w.Decisions.Class(w.ctx, officer, d.ID, ids[i], class, "By its plan."))
		}
		in := floor(w.meet("officer", d.ID), "1")
		in.Limits = append(in.Limits, decision.LimitInput{What: "risk:low", By: decision.ByNumber, Max: "1"})
		x, err := w.Decisions.SaveScenario(w.ctx, officer, d.ID, "Dare", "One of high risk, one of low.", in)
		w.must(err)
		p, err := w.Decisions.Application(w.ctx, officer, d.ID, x.ID)
		w.must(err)
		w.must(w.Decisions.Apply(w.ctx, officer, d.ID, x.ID, p.Key(), decision.Reject, "As the meeting agreed."))
		w.must(w.Decisions.Save(w.ctx, officer, d.ID, "As the meeting agreed.", nil))
		said := map[int][2]string{
			1: {"“Risk: low” is limited to 1 award. That was used up at rank 1: what was left did not suffice for this proposal.", "“风险：低”的上限（1 项）至第 1 名已用尽"},
			4: {"At least 1 award must go to “Risk: high”, to which this proposal does not belong; proposals of a lower rank were funded for that.", "“风险：高”设有下限（1 项），本申请不属此类"},
			9: {"it is funded because at least 1 award must go to “Risk: high”.", "因“风险：高”设有下限（1 项）而获资助"},
		}
		for _, words := range said {
			w.visitor("officer").ask("GET", "/decisions/"+d.ID, nil, 200, "The letter says:", words[0])
		}
		w.visitor("olena").ask("GET", "/decisions/"+d.ID+"/rows/"+ids[4], nil, 200, said[4][0])
		w.sign(d.ID)
		for i, words := range said {
			letter := "/proposals/" + ids[i] + "/letter"
			mira := w.visitor("mira")
			mira.ask("GET", letter, nil, 200, "What decided besides the rank", words[0])
			mira.ask("GET", letter+"?lang=zh", nil, 200, words[1])
			page := mira.body(letter)
			for k, id := range ids {
				if k != i && (strings.Contains(page, id) || strings.Contains(page, fmt.Sprintf("P-2027-90%02d", k))) {
					w.t.Errorf("the letter of the proposal at place %d names the one at place %d", i+1, k+1)
				}
			}
		}
		var mails strings.Builder
		for _, l := range w.outboxOf("mira") {
			mails.WriteString(l.Body)
		}
		if !strings.Contains(mails.String(), said[1][0]) {
			w.t.Error("no mail names the rule")
		}
	})
}

// TestRecusal: who has a conflict sees the list as if the proposal were not there, in the
// room, in scenarios, in what is live and over the API; whatever happens to it, to them
// nothing changes, to the byte.
func TestRecusal(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		out := ids[2]
		w.refused(w.Decisions.Recuse(w.ctx, w.actor["ines"], d.ID, out, "", ""), fault.Invalid, "a conflict without a reason")
		w.refused(w.Decisions.Recuse(w.ctx, w.actor["ines"], d.ID, out, "olena", "She knows them."), fault.NotAllowed, "a member recuses another")
		before := w.meet("olena", d.ID).Stamp
		w.must(w.Decisions.Recuse(w.ctx, w.actor["officer"], d.ID, out, "ines", "A joint paper of 2025."))
		all, part := w.meet("olena", d.ID), w.meet("ines", d.ID)
		if all.Stamp == before {
			w.t.Error("the others in the room do not learn who is out")
		}
		if len(all.View.Rows) != 10 || len(part.View.Rows) != 9 || part.Reviewed != 9 || part.View.Rows[8].Rank.High > 9 {
			w.t.Fatalf("%d and %d rows, ranks among %d, the last at %+v", len(all.View.Rows), len(part.View.Rows), part.Reviewed, part.View.Rows[8].Rank)
		}
		if names := all.Out[out]; len(names) != 1 || !strings.Contains(names[0], "Ines") {
			w.t.Errorf("out of the room for it are %q", names)
		}
		ines := w.visitor("ines")
		pages := func() string {
			var b strings.Builder
			for _, path := range []string{"/meeting", "/meeting/stamp", "/meeting?try=yes&pot_all=600000&what_0=risk:high&by_0=number&max_0=1", "/rows/" + ids[0], "/rows/" + out} {
				rec := ines.send("GET", "/decisions/"+d.ID+path, nil)
				fmt.Fprintln(&b, rec.Code, rec.Body.String())
			}
			return b.String()
		}
		was := pages()
		for _, trace := range []string{"P-2027-9002", "Idea 2", out} {
			if strings.Contains(strings.ReplaceAll(was, "/rows/"+out, ""), trace) {
				w.t.Errorf("a recused member sees %q", trace)
			}
		}
		officer := w.actor["officer"]
		w.must(w.Decisions.Class(w.ctx, officer, d.ID, out, "high", "It may fail."))
		w.must(w.Decisions.Save(w.ctx, officer, d.ID, "", []decision.Choice{{ProposalID: out, Outcome: decision.Fund}}))
		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			_, err := w.DB.Q(ctx).ExecContext(ctx, `UPDATE review SET overall = 1 WHERE proposal_id = $1`, out)
			return err
		}))
		if now := pages(); now != was {
			w.t.Errorf("what happens to a proposal reaches who is recused from it: %s", parting(was, now))
		}
		if w.meet("olena", d.ID).Stamp == all.Stamp {
			w.t.Error("the others do not learn of it")
		}
		rules := part.Write(part.Rules)
		rules.In = "P-2027-9002"
		_, err := part.Read(rules)
		w.refused(err, fault.Invalid, "a recused member names what she cannot see")
		w.refused(w.Decisions.Recuse(w.ctx, w.actor["ines"], d.ID, out, "", "Again."), fault.NotFound, "a conflict with what she cannot see")
	})
}

// parting is where two texts part.
func parting(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	return fmt.Sprintf("%.200q and %.200q", a[max(0, i-60):], b[max(0, i-60):])
}

// TestRecusedStaff: an officer with a conflict works on the list without it, in all that
// the room shows, and can neither propose nor sign it.
func TestRecusedStaff(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		c, ids := w.scored()
		officer := w.actor["officer"]
		officer.Person = "mira" // who leads all of them
		d, err := w.Decisions.Begin(w.ctx, officer, c.ID, "")
		w.must(err)
		v, err := w.Decisions.Get(w.ctx, officer, d.ID)
		w.must(err)
		if len(v.Rows) != 0 || v.Calibration != nil || v.MayPropose() {
			w.t.Errorf("an officer sees her own proposals: %+v", v.Rows)
		}
		w.refused(w.Decisions.Save(w.ctx, officer, d.ID, "x", []decision.Choice{{ProposalID: ids[0], Outcome: decision.Fund}}), fault.NotFound, "deciding on one's own")
		w.refused(w.Decisions.Propose(w.ctx, officer, d.ID), fault.NotAllowed, "proposing a list with one's own")
		choices := make([]decision.Choice, len(ids))
		for i, id := range ids {
			choices[i] = decision.Choice{ProposalID: id, Outcome: decision.Reject, Reasons: "The money ends above it."}
		}
		w.must(w.Decisions.Save(w.ctx, w.actor["officer"], d.ID, "By the reviews.", choices))
		w.must(w.Decisions.Propose(w.ctx, w.actor["officer"], d.ID))
		signer := w.actor["decider"]
		signer.Person = "mira"
		w.refused(w.Decisions.Sign(w.ctx, signer, d.ID), fault.NotAllowed, "signing a list with one's own")
		w.refused(w.Decisions.Return(w.ctx, signer, d.ID, "No."), fault.NotAllowed, "returning a list with one's own")
		w.must(w.Decisions.Sign(w.ctx, w.actor["decider"], d.ID))
		w.must(w.Decisions.Lodge(w.ctx, w.actor["mira"], ids[0], "It was overlooked."))
		list, _, err := w.Decisions.List(w.ctx, officer, 1, 10)
		w.must(err)
		if list[0].Appealed != 0 {
			w.t.Error("the list counts an appeal that the officer must not know of")
		}
		if list, _, err := w.Decisions.List(w.ctx, w.actor["officer"], 1, 10); err != nil || list[0].Appealed != 1 {
			w.t.Errorf("appeals for another officer: %+v, %v", list, err)
		}
		if l, err := w.Decisions.Letter(w.ctx, w.actor["mira"], ids[0]); err != nil || l.Body.Outcome != decision.Reject {
			w.t.Errorf("the lead does not get her own letter: %v", err)
		}
	})
}

// TestScenarios: rules are saved under a name with who and why, laid side by side, and one
// is written into the list as it was looked at; then the list is decided as ever.
func TestScenarios(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		w.must(w.Decisions.Class(w.ctx, w.actor["ines"], d.ID, ids[9], "high", "Nobody has grown one before."))
		m := w.meet("ines", d.ID)
		ines, at := w.visitor("ines"), "/decisions/"+d.ID
		form := func(name, why string, more ...string) url.Values {
			return values(append([]string{"try", "yes", "pot_all", "800000", "name", name, "why", why}, more...)...)
		}
		ines.ask("POST", at+"/scenarios", form("", ""), 422, "#name", "#why")
		ines.ask("POST", at+"/scenarios", form("Best value", "What the panel wished at the start."), 303)
		ines.ask("POST", at+"/scenarios", form("best value", "Again."), 422, "of this name")
		ines.ask("POST", at+"/scenarios", form("Dare", "A reserved share.", "what_0", "risk:high", "by_0", "number", "min_0", "2"), 422, "Nothing keeps all of these rules")
		ines.ask("POST", at+"/scenarios", form("Dare", "A reserved share.", "what_0", "risk:high", "by_0", "number", "min_0", "1"), 303)
		w.visitor("olena").ask("GET", at+"/meeting", nil, 200, "Best value", "Dare", "A reserved share.", "1 in, 1 out", "Ines Alder")
		_, err := w.Decisions.SaveScenario(w.ctx, w.actor["auditor"], d.ID, "Mine", "So.", m.Write(m.Rules))
		w.refused(err, fault.NotAllowed, "an auditor saves a scenario")

		officer := w.actor["officer"]
		list := w.meet("officer", d.ID).Scenarios
		dare := list[1]
		p, err := w.Decisions.Application(w.ctx, officer, d.ID, dare.ID)
		w.must(err)
		if dare.Name != "Dare" || len(p.Steps) != 10 || !p.MayApply() {
			w.t.Fatalf("%q would change %d rows", dare.Name, len(p.Steps))
		}
		apply := func(who, key, other, reason string) error {
			return w.Decisions.Apply(w.ctx, w.actor[who], d.ID, dare.ID, key, other, reason)
		}
		w.refused(apply("ines", p.Key(), "reject", "The money ends above it."), fault.NotAllowed, "a member applies a scenario")
		w.refused(apply("officer", p.Key(), "fund", "The money ends above it."), fault.Invalid, "everything is funded")
		w.refused(apply("officer", p.Key(), "reject", ""), fault.Invalid, "no reason for the rest")
		w.must(w.Decisions.Save(w.ctx, officer, d.ID, "", []decision.Choice{{ProposalID: ids[8], Outcome: decision.Reject, Reasons: "The second step is the least worked out."}}))
		w.refused(apply("officer", p.Key(), "reject", "The money ends above it."), fault.Conflict, "applying what was looked at before the list changed")
		visitor := w.visitor("officer")
		visitor.ask("GET", at+"/scenarios/"+dare.ID, nil, 200, "9 rows would change")
		p, err = w.Decisions.Application(w.ctx, officer, d.ID, dare.ID)
		w.must(err)
		visitor.ask("POST", at+"/scenarios/"+dare.ID, values("key", p.Key(), "other", "reject", "reason", "The money ends above it."), 303)
		v, err := w.Decisions.Get(w.ctx, officer, d.ID)
		w.must(err)
		for i, r := range v.Rows {
			switch funded := i < 3 || i == 9; {
			case funded && r.Outcome != decision.Fund, !funded && r.Outcome != decision.Reject, i == 8 && r.Reasons != "The second step is the least worked out.":
				w.t.Errorf("place %d has the outcome %s: %s", i+1, r.Outcome, r.Reasons)
			}
		}
		visitor.ask("GET", at+"/scenarios/"+dare.ID, nil, 200, "The list is as the scenario has it")
		w.must(w.Decisions.Save(w.ctx, officer, d.ID, "As the meeting agreed: by the reviews, with one of high risk.", nil))
		w.sign(d.ID)
		w.whole()
	})
}

// TestGround: a decision names its criteria and who dissented; a dissent about a proposal is hidden from who is recused from it; all of it is in the ledger and the letters.
func TestGround(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		officer, at := w.actor["officer"], "/decisions/"+d.ID
		choices := make([]decision.Choice, len(ids))
		for i, id := range ids {
			choices[i] = decision.Choice{ProposalID: id, Outcome: decision.Reject, Reasons: "The money ends above it."}
			if i < 4 {
				choices[i] = decision.Choice{ProposalID: id, Outcome: decision.Fund}
			}
		}
		w.must(w.Decisions.Save(w.ctx, officer, d.ID, "By the reviews.", choices))
		visitor := w.visitor("officer")
		w.must(w.Decisions.Recuse(w.ctx, officer, d.ID, ids[3], "ines", "A joint paper."))
		olena := w.visitor("olena")
		olena.ask("POST", at+"/dissents", values("number", "P-1999-0001", "dissent", "No."), 422, "P-1999-0001")
		olena.ask("POST", at+"/dissents", values("number", "", "dissent", ""), 422)
		olena.ask("POST", at+"/dissents", values("number", "P-2027-9003", "dissent", "It repeats what was done."), 303)
		w.must(w.Decisions.Dissent(w.ctx, w.actor["ines"], d.ID, "", "Four are too many."))
		w.refused(w.Decisions.Dissent(w.ctx, w.actor["auditor"], d.ID, "", "No."), fault.NotAllowed, "an auditor dissents")
		visitor.ask("GET", at, nil, 200, "It repeats what was done.", "Four are too many.", "Importance")
		if page := w.visitor("ines").body(at + "/meeting"); strings.Contains(page, "It repeats") || !strings.Contains(page, "Four are too many.") {
			w.t.Error("a recused member reads a dissent about the proposal, or not the other")
		}
		w.sign(d.ID)
		w.refused(w.Decisions.Dissent(w.ctx, w.actor["olena"], d.ID, "", "Late."), fault.Conflict, "a dissent after the signature")
		entries, err := w.Ledger.Of(w.ctx, "decision", d.ID)
		w.must(err)
		signed := false
		for _, e := range entries {
			signed = signed || e.Act == "decision.sign" && strings.Contains(fmt.Sprint(e.Payload), "Olena Alder") && strings.Contains(fmt.Sprint(e.Payload), "Importance")
		}
		if !signed {
			w.t.Error("the ledger does not say who dissented, and by which criteria was judged")
		}
		w.visitor("mira").ask("GET", "/proposals/"+ids[4]+"/letter", nil, 200, "How it was decided", "Importance (weight 2)")
		v, err := w.Decisions.Get(w.ctx, officer, d.ID)
		w.must(err)
		band, above := v.Band()
		if l, err := w.Decisions.Letter(w.ctx, w.actor["mira"], ids[4]); err != nil || l.Body.Band != len(band) || l.Body.Above != above {
			w.t.Errorf("the letter says %d in the band, %d above: %+v, %v", len(band), above, l.Body, err)
		}
	})
}

// TestBalance: who asked and who is funded by every dimension, of the list and of a
// scenario, against its aims; who is recused counts without the proposal.
func TestBalance(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		officer := w.actor["officer"]
		for i, id := range ids {
			w.must(w.Decisions.Class(w.ctx, officer, d.ID, id, decision.Risks[i%3], "By its plan."))
		}
		w.must(w.Decisions.Recuse(w.ctx, officer, d.ID, ids[2], "ines", "A joint paper."))
		w.must(w.Decisions.Save(w.ctx, officer, d.ID, "", []decision.Choice{{ProposalID: ids[0], Outcome: decision.Fund}, {ProposalID: ids[2], Outcome: decision.Fund}}))
		x, err := w.Decisions.SaveScenario(w.ctx, officer, d.ID, "Dare", "A reserved share.", floor(w.meet("officer", d.ID), "2"))
		w.must(err)
		line := func(who, scenario, dimension, value string) decision.Balanced {
			b, err := w.Decisions.Balance(w.ctx, w.actor[who], d.ID, scenario)
			w.must(err)
			for _, p := range b.Parts {
				for _, l := range p.Lines {
					if p.Dimension == dimension && l.Value == value {
						return l
					}
				}
			}
			return decision.Balanced{}
		}
		if l := line("officer", "", "risk", "high"); l.Asked.Number != 3 || l.Given.Number != 1 || l.Given.Share != 0.5 || l.Given.Part != 0.5 || len(l.Aims) != 0 {
			w.t.Errorf("high risk on the list: %+v", l)
		}
		if l := line("officer", x.ID, "risk", "high"); l.Given.Number != 2 || len(l.Aims) != 1 || *l.Aims[0].Min != 2 {
			w.t.Errorf("high risk in the scenario: %+v", l)
		}
		if l := line("ines", "", "risk", "high"); l.Asked.Number != 2 || l.Given.Number != 0 {
			w.t.Errorf("high risk for who is recused: %+v", l)
		}
		if l := line("officer", "", "organisation", "university"); l.Asked.Number != 10 || l.Asked.Share != 1 {
			w.t.Errorf("universities: %+v", l)
		}
		w.visitor("olena").ask("GET", "/decisions/"+d.ID+"/balance?scenario="+x.ID, nil, 200, "Dare", "at least 2")
		w.visitor("olena").ask("GET", "/decisions/"+d.ID+"/balance?scenario=none", nil, 404)
		w.visitor("ravi").ask("GET", "/decisions/"+d.ID+"/balance", nil, 404)
	})
}

// TestAppealStatistics: an appeal has a day until which it is answered; what became of
// appeals is counted by call.
func TestAppealStatistics(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, _, two := w.decided()
		officer := w.actor["officer"]
		w.must(w.Decisions.Lodge(w.ctx, w.actor["ravi"], two.ID, "The second step is in section 3."))
		v, err := w.Decisions.Get(w.ctx, officer, d.ID)
		w.must(err)
		if days := v.Appeals[0].AnswerBy.Sub(v.Appeals[0].LodgedAt).Hours() / 24; days < 59 || days > 61 || v.AnswerBy.IsZero() {
			w.t.Errorf("the answer is due after %v days", days)
		}
		w.visitor("ravi").ask("GET", "/proposals/"+two.ID+"/letter", nil, 200, "The agency answers by")
		w.now.Advance(70 * 24 * time.Hour)
		w.visitor("officer").ask("GET", "/decisions/"+d.ID, nil, 200, "overdue")
		sums, err := w.Decisions.AppealStatistics(w.ctx, officer)
		w.must(err)
		if len(sums) != 1 || sums[0].Letters != 2 || sums[0].Lodged != 1 || sums[0].Waiting != 1 || sums[0].Overdue != 1 {
			w.t.Errorf("while it waits: %+v", sums)
		}
		_, err = w.Decisions.AnswerAppeal(w.ctx, officer, v.Appeals[0].ID, false, "Section 3 does not say it.")
		w.must(err)
		sums, err = w.Decisions.AppealStatistics(w.ctx, officer)
		w.must(err)
		if sums[0].Dismissed != 1 || sums[0].Overdue != 0 || sums[0].Days < 69 || sums[0].Days > 71 {
			w.t.Errorf("once it is answered: %+v", sums)
		}
		w.visitor("officer").ask("GET", "/decisions/appeals", nil, 200, "Open questions 2027")
		w.visitor("ravi").ask("GET", "/decisions/appeals", nil, 200, "No appeals yet")
		recused := officer
		recused.Person = "ravi"
		if sums, err := w.Decisions.AppealStatistics(w.ctx, recused); err != nil || len(sums) != 0 {
			w.t.Errorf("for who must not know of it: %+v, %v", sums, err)
		}
	})
}

// TestFates: what came of awards stands beside how their risk was classed before they were given;
// a class of later does not count, and what one has a conflict with is left out.
func TestFates(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		officer := w.actor["officer"]
		choices := make([]decision.Choice, len(ids))
		for i, id := range ids {
			choices[i] = decision.Choice{ProposalID: id, Outcome: decision.Reject, Reasons: "The money ends above it."}
			if i < 3 {
				choices[i] = decision.Choice{ProposalID: id, Outcome: decision.Fund}
				w.must(w.Decisions.Class(w.ctx, officer, d.ID, id, []string{"high", "high", "low"}[i], fmt.Sprint("Reason ", i)))
			}
		}
		w.must(w.Decisions.Save(w.ctx, officer, d.ID, "By the reviews.", choices))
		w.sign(d.ID)
		w.now.Advance(time.Hour)
		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			if err := w.Decisions.TakeInRisk(ctx, ids[2], decision.Risk{Class: "high", Reason: "Said when it was over.", By: "Nobody"}); err != nil {
				return err
			}
			for _, q := range []string{
				`INSERT INTO milestone (id, award_id, title, due_day, state) SELECT 'm' || p.number, w.id, 'One', '2028-01-01', CASE WHEN p.number = 'P-2027-9000' THEN 'reached' ELSE 'missed' END FROM award w JOIN proposal p ON p.id = w.proposal_id`,
				`INSERT INTO result (id, award_id, kind, title, state, created_at) SELECT 'r' || p.number, w.id, 'data', '{"en":"Data"}', CASE WHEN p.number = 'P-2027-9001' THEN 'reported' ELSE 'public' END, 0 FROM award w JOIN proposal p ON p.id = w.proposal_id`,
				`UPDATE award SET state = 'terminated' WHERE proposal_id = (SELECT id FROM proposal WHERE number = 'P-2027-9001')`,
			} {
				if _, err := w.DB.Q(ctx).ExecContext(ctx, q); err != nil {
					return err
				}
			}
			return nil
		}))
		fates, list, err := w.Decisions.Fates(w.ctx, officer)
		w.must(err)
		want := []decision.Fate{{Class: "high", Awards: 2, Running: 1, Terminated: 1, Reached: 1, Missed: 1, Fruitful: 1}, {Class: "low", Awards: 1, Running: 1, Missed: 1, Fruitful: 1}}
		if !slices.Equal(fates, want) || len(list) != 3 {
			w.t.Errorf("what came of risk:\n got %+v\nwant %+v", fates, want)
		}
		page := w.visitor("officer").body("/decisions/risks")
		for _, words := range []string{"Reason 0", "Reason 1", "Milestones: 1 reached, 0 missed", `<td class="num">50</td>`} {
			if !strings.Contains(page, words) {
				w.t.Errorf("the page does not say %q", words)
			}
		}
		if strings.Contains(page, "Reason 2") || strings.Contains(page, "Said when it was over.") {
			w.t.Error("high risk shows what was classed low, or what was said later")
		}
		w.visitor("officer").ask("GET", "/decisions/risks?class=low", nil, 200, "Reason 2")
		w.visitor("ravi").ask("GET", "/decisions/risks", nil, 200, "No award was classed by risk yet")
		officer.Person = "mira" // who leads all of them
		if fates, list, err := w.Decisions.Fates(w.ctx, officer); err != nil || len(fates)+len(list) != 0 {
			w.t.Errorf("who leads them reads %+v, %+v, %v", fates, list, err)
		}
	})
}

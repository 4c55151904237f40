package app_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/schemes"
)

// openCallUnder is an open call under the open-call scheme with other rules about conflicts of interest.
func (w *world) openCallUnder(rules ...string) call.Call {
	w.t.Helper()
	src, err := scheme.ReadSource(schemes.Files, "open-call.yaml")
	w.must(err)
	before, _, cut := strings.Cut(src.YAML, "\nconflicts:\n")
	if !cut {
		w.t.Fatal("open-call.yaml says nothing of conflicts")
	}
	files := fstest.MapFS{"open-call.yaml": {Data: []byte(before + "\nconflicts:\n  " + strings.Join(rules, "\n  ") + "\ncompetitors: 2\n")}}
	for name, text := range src.Forms {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	v, err := w.Schemes.Publish(w.ctx, w.actor["officer"], files, "open-call.yaml")
	w.must(err)
	return w.openCallOf(v.ID)
}

// TestConflictRulesOfAScheme: what keeps people apart, for how long, and what is only shown, is the scheme's to say.
func TestConflictRulesOfAScheme(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer := w.actor["officer"]
		w.judges()
		c := w.openCallUnder("same-organisation: {hold: hard, years: 2, kin: true}", "same-department: {hold: soft}", "co-author: {hold: soft, years: 1}", "same-call: {hold: hard}")
		p, _ := w.closeWithTwo(c)
		job := func(person, organisation, department, from, until string) {
			w.must(w.Register.AddJob(w.ctx, access.System, person, register.JobInput{OrganisationID: organisation, Department: department, From: from, Until: until}))
		}
		wrote := func(person string, year int) {
			w.must(w.Register.AddWork(w.ctx, access.System, person, register.WorkInput{Title: "Joints", Kind: "publication", DOI: "10.5555/joints", Year: year}))
		}
		if got := w.rule("ravi", p); got != scheme.SameCall {
			w.t.Errorf("ravi, who applies too, has %q", got)
		}
		for person, until := range map[string]string{"gala": "2025-06-30", "hugo": "2024-06-30"} {
			job(person, "ilvane", "", "2020-01-01", until)
		}
		if got := w.rule("gala", p); got != scheme.SameOrganisation {
			w.t.Errorf("gala, who left within two years, has %q", got)
		}
		if got := w.rule("hugo", p); got != "" {
			w.t.Errorf("hugo, who left before, has %q", got)
		}
		w.must(work.Do(w.ctx, w.DB, func(ctx context.Context) error {
			_, err := w.DB.Q(ctx).ExecContext(ctx, `UPDATE organisation SET parent_id = 'ilvane' WHERE id = 'brask'`)
			return err
		}))
		if got := w.rule("ines", p); got != scheme.SameOrganisation {
			w.t.Errorf("ines, of a part of the university, has %q", got)
		}
		wrote("mira", 2026)
		wrote("hugo", 2026)
		w.must(w.Reviews.SetPool(w.ctx, officer, c.ID, "hugo", 0, 3))
		found, err := w.Reviews.Conflicts(w.ctx, "hugo", p.ID)
		w.must(err)
		if len(found) != 1 || found[0].Rule != scheme.CoAuthor || !found[0].Soft || found[0].Evidence != "Joints" {
			w.t.Errorf("hugo, who wrote with her, has %+v", found)
		}
		at := "/calls/" + c.ID + "/assignment/" + p.ID
		page := w.visitor("officer")
		page.ask("GET", at, nil, 200, "To be weighed: Wrote “Joints”", "in the team. From ", " until ", "Lock")
		page.ask("POST", at, values("act", "lock hugo"), 303)
		_, err = w.Reviews.Suggest(w.ctx, officer, c.ID, "", review.Settings{Each: 1})
		w.must(err)
		page.ask("GET", "/calls/"+c.ID+"/assignment", nil, 200, ": To be weighed: Wrote “Joints”")
		if _, err := w.Reviews.Invite(w.ctx, officer, p.ID, "hugo"); err != nil {
			w.t.Errorf("a soft rule forbids: %v", err)
		}
		w.visitor("").ask("GET", "/schemes/open-call", nil, 200, "a work written together, and for 1 year after it", "or one above or below it, and for 2 years after it", "up to 2 people or organisations")
	})
}

// TestDepartments: people of one department are told from people of one organisation, by its name as it is written.
func TestDepartments(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		c := w.openCallUnder("same-organisation: {hold: off}", "same-department: {hold: hard}")
		p, _ := w.handIn("mira", c, "Grain boundaries as fuses in ceramics", 700_000)
		for person, department := range map[string]string{"mira": "Ceramics ", "gala": "ceramics", "hugo": "Glass"} {
			w.must(w.Register.AddJob(w.ctx, access.System, person, register.JobInput{OrganisationID: "ilvane", Department: department, From: "2020-01-01"}))
		}
		for person, want := range map[string]string{"gala": scheme.SameDepartment, "hugo": "", "edda": ""} {
			if got := w.rule(person, p); got != want {
				w.t.Errorf("%s has %q, want %q", person, got, want)
			}
		}
	})
}

// TestCompetitors: the applicants name who should not review, as many as the scheme takes; officers read it, and nobody
// who judges; who is named, and who works where is named, is kept apart.
func TestCompetitors(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer, mira := w.actor["officer"], w.visitor("mira")
		w.judges()
		c := w.openCallUnder("same-organisation: {hold: hard}")
		p, _ := w.handIn("mira", c, "Grain boundaries as fuses in ceramics", 700_000)
		at, another := "/proposals/"+p.ID+"/competitors", proposal.Competitor{Person: "ines", Reason: "They race us."}
		mira.ask("GET", "/proposals/"+p.ID, nil, 200, "Who should not review", at)
		mira.ask("GET", at, nil, 200, "up to 2 people or organisations", "Everybody who works there")
		mira.ask("POST", at, values("kind", "person", "person", "jonas", "reason", ""), 422)
		mira.ask("POST", at, values("kind", "person", "person_text", "Jonas", "reason", "We race for the same patent."), 303)
		mira.ask("POST", at, values("kind", "person", "person", "jonas", "reason", "Again."), 422, "on the list already")
		mira.ask("POST", at, values("kind", "organisation", "organisation", "far", "reason", "They sued us."), 303)
		mira.ask("POST", at, values("kind", "person", "person", "ines", "reason", "One too many."), 422, "at most 2")
		mira.ask("GET", at, nil, 200, "We race for the same patent.", "They sued us.", "Far University", "as many as this call takes")
		w.refused(w.Proposals.AddCompetitor(w.ctx, w.actor["ravi"], p.ID, another), fault.NotFound, "somebody else names")
		for person, want := range map[string]string{"jonas": "We race for the same patent.", "gala": "They sued us."} {
			found, err := w.Reviews.Conflicts(w.ctx, person, p.ID)
			w.must(err)
			if len(found) != 1 || found[0].Rule != scheme.Competitor || found[0].Soft || found[0].Evidence != want {
				w.t.Errorf("%s has %+v", person, found)
			}
		}
		w.now.Set(c.ClosesAt.Add(time.Hour))
		w.visitor("mira").ask("GET", at, nil, 404)
		w.refused(w.Proposals.AddCompetitor(w.ctx, w.actor["mira"], p.ID, another), fault.Conflict, "after the deadline")
		w.visitor("officer").ask("GET", "/proposals/"+p.ID, nil, 200, "We race for the same patent.")
		w.must(w.Reviews.SetPool(w.ctx, officer, c.ID, "jonas", 0, 3))
		w.visitor("officer").ask("GET", "/calls/"+c.ID+"/assignment/"+p.ID, nil, 200, "We race for the same patent.")
		_, err := w.Reviews.Invite(w.ctx, officer, p.ID, "jonas")
		w.refused(err, fault.Conflict, "asking who was named")
		r, err := w.Reviews.Invite(w.ctx, officer, p.ID, "olena")
		w.must(err)
		w.must(w.Reviews.Answer(w.ctx, w.actor["olena"], r.ID, "accept", ""))
		w.must(w.Reviews.PromiseFor(w.ctx, w.actor["olena"], r.ID))
		var told json.RawMessage
		w.caller("olena").do("GET", "/reviews/"+r.ID, nil, 200, &told)
		for _, text := range []string{string(told), w.visitor("olena").body("/reviews/" + r.ID)} {
			if strings.Contains(text, "patent") || strings.Contains(text, "sued") {
				w.t.Errorf("the reviewer is told whom the applicants named: %s", text)
			}
		}
		w.whole()
	})
}

// TestRelations: what either side says of the other keeps them apart, as long as the scheme says; nobody else reads it.
func TestRelations(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		c := w.openCallUnder("adviser: {hold: hard, years: 5}", "family: {hold: soft}")
		p, _ := w.handIn("mira", c, "Grain boundaries as fuses in ceramics", 700_000)
		jonas, mira := w.visitor("jonas"), w.visitor("mira")
		const at = "/profile/relations"
		jonas.ask("GET", at, nil, 200, "You have noted nobody")
		jonas.ask("POST", at, values("person", "jonas", "kind", "family"), 422, "other than yourself")
		jonas.ask("POST", at, values("person", "mira", "kind", "advisee", "from", "2019-01-01", "until", "2018-01-01"), 422)
		jonas.ask("POST", at, values("person_text", "Mira", "kind", "advisee", "from", "2017-01-01", "until", "2023-06-30"), 303)
		jonas.ask("POST", at, values("person", "mira", "kind", "advisee"), 422, "noted this already")
		jonas.ask("GET", at, nil, 200, "Mira Alder", "My advisee")
		mira.ask("POST", at, values("person", "olena", "kind", "family"), 303)
		if text := mira.body(at); strings.Contains(text, "Jonas") {
			w.t.Error("mira reads what jonas says of her")
		}
		for person, want := range map[string]review.Conflict{"jonas": {Rule: scheme.Adviser}, "olena": {Rule: scheme.Family, Soft: true}} {
			found, err := w.Reviews.Conflicts(w.ctx, person, p.ID)
			w.must(err)
			if len(found) != 1 || found[0].Rule != want.Rule || found[0].Soft != want.Soft || !strings.Contains(found[0].Evidence, "Mira Alder") {
				w.t.Errorf("%s has %+v, want %+v", person, found, want)
			}
		}
		w.now.Set(time.Date(2028, 7, 1, 9, 0, 0, 0, time.UTC)) // five years after it ended
		if got := w.rule("jonas", p); got != "" {
			w.t.Errorf("long after, jonas has %q", got)
		}
		list, err := w.Register.Relations(w.ctx, w.actor["mira"])
		w.must(err)
		w.visitor("jonas").ask("POST", at+"/"+list[0].ID+"/remove", nil, 404)
		w.visitor("mira").ask("POST", at+"/"+list[0].ID+"/remove", nil, 303)
		if got := w.rule("olena", p); got != "" {
			w.t.Errorf("taken back, olena has %q", got)
		}
		w.whole()
	})
}

// TestRings: applicants who are in the pool do not review each other, as far as the scheme says; it is shown whom that
// left out, and it costs a place only where the rule is hard.
func TestRings(t *testing.T) {
	t.Parallel()
	for _, rule := range []string{scheme.Off, scheme.Soft, scheme.Hard} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) { w.rings(rule) })
		})
	}
}

func (w *world) rings(rule string) {
	w.t.Helper()
	officer := w.actor["officer"]
	w.judges()
	c := w.openCallUnder("reciprocal: {hold: " + rule + "}")
	grain, joint := w.closeWithTwo(c)
	suggest := func(pool ...string) review.Run {
		for _, person := range pool {
			w.must(w.Reviews.SetPool(w.ctx, officer, c.ID, person, 0, 1))
		}
		w.now.Advance(time.Minute)
		run, err := w.Reviews.Suggest(w.ctx, officer, c.ID, "", review.Settings{Each: 1})
		w.must(err)
		return run
	}
	run := suggest("mira", "ravi")
	want := map[string][3]int{scheme.Off: {2, 0, 0}, scheme.Soft: {2, 1, 0}, scheme.Hard: {1, 0, 1}}[rule] // places, rings that stay, and that were broken
	got := [3]int{run.Result.Filled}
	for _, r := range run.Result.Rings {
		got[1+min(r.Cut, 1)]++
	}
	if got != want {
		w.t.Errorf("places filled, rings that stay, rings that were broken: %v, want %v (%+v)", got, want, run.Result.Rings)
	}
	page := w.visitor("officer")
	at := "/calls/" + c.ID + "/assignment"
	switch rule {
	case scheme.Soft:
		page.ask("GET", at, nil, 200, "Applicants who would review each other (1 case)", "It stays")
	case scheme.Hard:
		page.ask("GET", at, nil, 200, "Applicants who would review each other (1 case)", "was left out of", "1 would review each other")
	}
	run = suggest("gala") // somebody else can
	by := map[string]string{}
	for _, pair := range run.Result.Pairs {
		by[pair.Proposal] = pair.Person
	}
	if rings := by[grain.ID] == "ravi" && by[joint.ID] == "mira"; run.Result.Filled != 2 || rings && rule != scheme.Off {
		w.t.Errorf("with somebody else: %v, rings %+v", by, run.Result.Rings)
	}
	if rule == scheme.Hard {
		_, err := w.Reviews.Invite(w.ctx, officer, grain.ID, "ravi")
		w.must(err)
		if got := w.rule("mira", joint); got != scheme.Reciprocal {
			w.t.Errorf("whose reviewer applies has %q", got)
		}
	}
}

// TestRingsOfThree: three applicants do not review each other in a ring, neither by a suggestion nor one asked after the other by
// hand or by a table, as far as the scheme says.
func TestRingsOfThree(t *testing.T) {
	t.Parallel()
	for _, rule := range []string{scheme.Off, scheme.Soft, scheme.Hard} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) { w.ringOfThree(rule) })
		})
	}
}

func (w *world) ringOfThree(rule string) {
	w.t.Helper()
	officer := w.actor["officer"]
	c := w.openCallUnder("reciprocal: {hold: off}", "circle: {hold: "+rule+"}")
	grain, _ := w.handIn("mira", c, "Grain boundaries as fuses in ceramics", 300_000)
	joint, _ := w.handIn("ravi", c, "Cold joints for hot power modules", 300_000)
	glaze, _ := w.handIn("olena", c, "Glazes without lead", 300_000)
	w.now.Set(c.ClosesAt.Add(time.Hour))
	for _, person := range []string{"mira", "ravi", "olena"} {
		w.must(w.Reviews.SetPool(w.ctx, officer, c.ID, person, 0, 1))
	}
	run, err := w.Reviews.Suggest(w.ctx, officer, c.ID, "", review.Settings{Each: 1}) // whoever reviews one each makes a ring of three
	w.must(err)
	want := map[string]int{scheme.Off: 3, scheme.Soft: 3, scheme.Hard: 2}[rule]
	if run.Result.Filled != want || (len(run.Result.Rings) > 0) != (rule != scheme.Off) {
		w.t.Errorf("%d places are filled, want %d; rings %+v", run.Result.Filled, want, run.Result.Rings)
	}

	_, err = w.Reviews.Invite(w.ctx, officer, glaze.ID, "mira")
	w.must(err)
	if got := w.rule("ravi", grain); got != "" {
		w.t.Errorf("one review asked for, ravi has %q", got)
	}
	_, err = w.Reviews.Invite(w.ctx, officer, joint.ID, "olena")
	w.must(err)
	found, err := w.Reviews.Conflicts(w.ctx, "ravi", grain.ID)
	w.must(err)
	w.rule("ravi", grain) // all that he is kept from says the same
	page, at := w.visitor("officer"), "/calls/"+c.ID+"/assignment/"+grain.ID
	if rule == scheme.Off {
		if len(found) != 0 {
			w.t.Errorf("no rule speaks of rings, and ravi has %+v", found)
		}
		return
	}
	if len(found) != 1 || found[0].Rule != scheme.Circle || found[0].Soft != (rule == scheme.Soft) || found[0].Evidence != glaze.Number+", "+joint.Number {
		w.t.Fatalf("who would close the ring has %+v", found)
	}
	page.ask("GET", at, nil, 200, "Would close a ring of three reviews ("+glaze.Number+", "+joint.Number+")")
	page.ask("GET", at+"?lang=zh", nil, 200, "将形成三方循环互评")
	b, err := w.Reviews.TryBulk(w.ctx, officer, c.ID, "", "proposal,reviewer,do\n"+grain.Number+",ravi,ask\n")
	w.must(err)
	_, err = w.Reviews.Invite(w.ctx, officer, grain.ID, "ravi")
	if rule == scheme.Soft {
		w.must(err)
		if b.Problems != 0 {
			w.t.Errorf("a soft rule keeps a line of a table from being done: %+v", b.Lines)
		}
		return
	}
	w.refused(err, fault.Conflict, "asking who would close the ring")
	if b.Problems != 1 {
		w.t.Errorf("the table that would close the ring: %+v", b.Lines)
	}
	w.refused(w.Reviews.Wish(w.ctx, officer, c.ID, grain.ID, "ravi", review.Lock), fault.Conflict, "locking who would close the ring")
}

package app_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/review"
)

// TestBulk: a table is tried first, with what is wrong by line; it is applied whole or not at all, and undone.
func TestBulk(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		officer := w.actor["officer"]
		call, p := w.stage("gala", "hugo", "iris", "edda")
		at := func(lines ...string) string { return "proposal,reviewer,do\n" + strings.Join(lines, "\n") }
		try := func(text string) review.Bulk {
			w.t.Helper()
			b, err := w.Reviews.TryBulk(w.ctx, officer, call, "", text)
			w.must(err)
			return b
		}
		for _, text := range []string{"", "a,b\n1,2", at(`"`)} {
			_, err := w.Reviews.TryBulk(w.ctx, officer, call, "", text)
			w.refused(err, fault.Invalid, "the table "+text)
		}
		_, err := w.Reviews.TryBulk(w.ctx, w.actor["mira"], call, "", at())
		w.refused(err, fault.NotFound, "an applicant tries a table")

		wrong := at("P-0,gala,lock", p.Number+",Nobody,lock", p.Number+",edda,lock", p.Number+",gala,praise", p.Number+",gala,forbid", p.Number+",Gala Beck,lock")
		b := try(wrong)
		var bad []int
		for _, l := range b.Lines {
			if l.Problem != nil {
				bad = append(bad, l.Line)
			}
		}
		if b.Problems != 5 || len(bad) != 5 || bad[0] != 2 || bad[4] != 7 || b.Changes != 1 { // edda works where mira does
			w.t.Errorf("%d problems in lines %v, %d changes", b.Problems, bad, b.Changes)
		}
		_, err = w.Reviews.ApplyBulk(w.ctx, officer, call, "", wrong)
		w.refused(err, fault.Invalid, "applying a table with problems")

		good := "do;extra;reviewer;proposal\nforbid;x;gala@far.example;" + p.Number + "\nlock;;Hugo Beck;" + p.Number + "\nask;;iris;" + p.Number + "\n"
		if b := try(good); b.Problems != 0 || b.Changes != 3 || b.Asked != 1 {
			w.t.Fatalf("the good table: %+v", b)
		}
		change, err := w.Reviews.ApplyBulk(w.ctx, officer, call, "", good)
		w.must(err)
		if got := w.by(p); got["iris"] != review.Invited || len(got) != 1 {
			w.t.Errorf("after the table: %v", got)
		}
		if letters := w.outbox(mail.About{Kind: "assignment", ID: change.ID}); len(letters) == 0 {
			w.t.Error("iris was not mailed")
		}
		if b := try(at(p.Number+",gala,forbid", p.Number+",iris,ask")); b.Changes != 0 || b.Problems != 1 || !b.Lines[0].Same {
			w.t.Errorf("the same once more: %+v", b)
		}
		w.now.Advance(time.Minute)
		run, err := w.Reviews.Suggest(w.ctx, officer, call, "", review.Settings{Each: 2})
		w.must(err)
		if len(run.Result.Pairs) != 2 || run.Result.Pairs[0].Person != "hugo" || run.Result.Pairs[1].Person != "iris" {
			w.t.Errorf("suggested: %+v", run.Result.Pairs)
		}
		w.must(w.Reviews.UndoBulk(w.ctx, officer, call, change.ID))
		w.refused(w.Reviews.UndoBulk(w.ctx, officer, call, change.ID), fault.Conflict, "undoing twice")
		if b := try(at(p.Number+",gala,free", p.Number+",hugo,free")); len(w.by(p)) != 0 || b.Changes != 0 {
			w.t.Errorf("after the undo: %v, %+v", w.by(p), b.Lines)
		}

		// a table puts people of the register into the pool
		pool := func() map[string][2]int {
			_, list, _, err := w.Reviews.Pool(w.ctx, officer, call, "", "", 1, 100)
			w.must(err)
			out := map[string][2]int{}
			for _, m := range list {
				out[m.Person] = [2]int{m.Least, m.Most}
			}
			return out
		}
		before := pool()
		joins := "proposal,reviewer,do,least,most\n,Ines Alder,pool,1,4\n,olena,pool,,\n,gala@far.example,pool,0,9\n"
		for _, wrong := range []string{",Nobody,pool,,", ",jonas,pool,x,", ",jonas,pool,5,2", ",jonas,pool,,9999", p.Number + ",jonas,pool,,", ",,pool,,"} {
			if b := try(joins + wrong); b.Problems != 1 || b.Lines[3].Problem == nil || b.Changes != 3 {
				w.t.Errorf("%q: %d problems, %+v", wrong, b.Problems, b.Lines[3])
			}
		}
		joined, err := w.Reviews.ApplyBulk(w.ctx, officer, call, "", joins)
		w.must(err)
		after := maps.Clone(before)
		after["ines"], after["olena"], after["gala"] = [2]int{1, 4}, [2]int{0, 6}, [2]int{0, 9}
		if got := pool(); !maps.Equal(got, after) {
			w.t.Errorf("the pool is %v, want %v", got, after)
		}
		if b := try(joins); b.Changes != 0 || b.Problems != 0 {
			w.t.Errorf("the same people once more: %+v", b.Lines)
		}
		w.must(w.Reviews.SetPool(w.ctx, officer, call, "olena", 0, 2)) // somebody has changed it since: it stays
		w.must(w.Reviews.UndoBulk(w.ctx, officer, call, joined.ID))
		before["olena"] = [2]int{0, 2}
		if got := pool(); !maps.Equal(got, before) {
			w.t.Errorf("after the undo the pool is %v, want %v", got, before)
		}

		page := w.visitor("officer")
		page.ask("POST", "/calls/"+call+"/assignment/changes", values("csv", joins), 200, "comes into the pool, 1 to 4 reviews")
		at2 := "/calls/" + call + "/assignment/changes"
		page.ask("GET", at2, nil, 200, "Undone")
		page.ask("POST", at2, values("csv", wrong), 200, "6 lines", "is none of lock, forbid, free, ask", "Nobody in the pool is called")
		page.ask("POST", at2, values("csv", wrong, "apply", "yes"), 422, "Nothing was changed")
		page.ask("POST", at2, values("csv", good), 200, "Apply 3 changes")
		page.ask("POST", at2, values("csv", good, "apply", "yes"), 303)
		w.visitor("mira").ask("POST", at2, values("csv", good), 403)
		w.whole()
	})
}

// TestRepair: a decline shows the gentle repair beside the new optimum; who has accepted stays.
func TestRepair(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		c := w.openCall("open-call.yaml")
		grain, joint := w.closeWithTwo(c)
		officer := w.actor["officer"]
		for _, person := range []string{"gala", "hugo", "iris", "ines"} {
			w.must(w.Reviews.SetPool(w.ctx, officer, c.ID, person, 0, 1))
		}
		w.assign(c.ID, 1)
		_, err := w.Reviews.RepairOf(w.ctx, officer, c.ID, grain.ID, 2)
		w.refused(err, fault.Conflict, "repairing what nobody turned down")
		list, err := w.Reviews.OfProposal(w.ctx, officer, grain.ID)
		w.must(err)
		w.must(w.Reviews.Answer(w.ctx, access.Actor{Account: "g", Person: list[0].Reviewer}, list[0].ID, "decline", ""))
		v, err := w.Reviews.RepairOf(w.ctx, officer, c.ID, grain.ID, 1)
		w.must(err)
		if v.Lost.Person != list[0].Reviewer || len(v.Gentle.Asked) != 1 || v.Gentle.Asked[0].Number != grain.Number || len(v.Gentle.Dropped) != 0 || v.Gentle.Empty != 0 {
			w.t.Errorf("the gentle repair: %+v", v)
		}
		if v.Best.Total < v.Gentle.Total-1e-9 || v.Best.Empty != 0 {
			w.t.Errorf("the optimum %+v is worse than %+v", v.Best, v.Gentle)
		}
		none, err := w.Reviews.RepairOf(w.ctx, officer, c.ID, grain.ID, 0)
		w.must(err)
		if none.Gentle.Empty != 1 || none.Gentle.Changes() != 0 || none.Best.Changes() != v.Best.Changes() {
			w.t.Errorf("without a change: %+v", none)
		}
		_, err = w.Reviews.RepairOf(w.ctx, officer, c.ID, joint.ID, 99)
		w.refused(err, fault.Invalid, "99 changes")
		at := "/calls/" + c.ID + "/assignment/" + grain.ID + "/repair"
		w.visitor("officer").ask("GET", at+"?most=1", nil, 200, "New optimum", grain.Number)
		w.visitor("officer").ask("GET", at+"?most=99", nil, 422)
		w.visitor("mira").ask("GET", at, nil, 403)
	})
}

// TestMend: the new optimum moves an invitation that nobody has answered; it is carried out as it was seen, as one step, and
// undone as one: who was taken back is asked again, and nobody was mailed.
func TestMend(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.judges()
		c := w.openCall("open-call.yaml")
		grain, joint := w.closeWithTwo(c)
		officer := w.actor["officer"]
		for _, person := range []string{"gala", "hugo"} {
			w.must(w.Reviews.SetPool(w.ctx, officer, c.ID, person, 0, 1))
		}
		w.assign(c.ID, 1)
		list, err := w.Reviews.OfProposal(w.ctx, officer, grain.ID)
		w.must(err)
		w.must(w.Reviews.Answer(w.ctx, access.Actor{Account: "g", Person: "gala"}, list[0].ID, "decline", ""))
		w.now.Advance(time.Minute)
		v, err := w.Reviews.RepairOf(w.ctx, officer, c.ID, grain.ID, 1)
		w.must(err)
		if v.Gentle.Changes() != 0 || len(v.Best.Asked) != 2 || len(v.Best.Dropped) != 1 {
			w.t.Fatalf("the ways are %+v", v)
		}
		mend := func(way review.Way) error {
			_, err := w.Reviews.Mend(w.ctx, officer, c.ID, grain.ID, way)
			return err
		}
		w.refused(mend(review.Way{Name: review.Best, Most: 1}), fault.Invalid, "taking an invitation back without a reason")
		w.refused(mend(review.Way{Name: "other", Most: 1}), fault.Invalid, "a way that is none")
		w.refused(mend(review.Way{Name: review.Gentle, Most: 1}), fault.Conflict, "a way that asks nobody")
		w.refused(mend(review.Way{Name: review.Best, Most: 1, Why: "Moved.", Seen: "another"}), fault.Conflict, "what was not looked at")
		_, err = w.Reviews.Mend(w.ctx, w.actor["mira"], c.ID, grain.ID, review.Way{Name: review.Best, Why: "Mine."})
		w.refused(err, fault.NotFound, "an applicant mends")

		at := "/calls/" + c.ID + "/assignment/" + grain.ID + "/repair"
		page := w.visitor("officer")
		page.ask("GET", at, nil, 200, "Carry one out", v.Seen)
		page.ask("POST", at, values("way", "best", "most", "2", "seen", v.Seen), 422, "Carry one out")
		page.ask("POST", at, values("way", "best", "most", "2", "seen", v.Seen, "why", "You are needed elsewhere."), 303)
		is := func(what string, wantGrain, wantJoint map[string]string) {
			w.t.Helper()
			if got := w.by(grain); !maps.Equal(got, wantGrain) {
				w.t.Errorf("%s: reviews of the first proposal are %v, want %v", what, got, wantGrain)
			}
			if got := w.by(joint); !maps.Equal(got, wantJoint) {
				w.t.Errorf("%s: reviews of the second are %v, want %v", what, got, wantJoint)
			}
		}
		is("mended", map[string]string{"gala": review.Declined, "hugo": review.Invited}, map[string]string{"hugo": review.Cancelled, "gala": review.Invited})
		b, err := w.Reviews.Board(w.ctx, officer, c.ID, "", review.AssignFilter{Size: 10})
		w.must(err)
		about := mail.About{Kind: "assignment", ID: b.Run.ID}
		if n := len(w.outbox(about)); n < 3 {
			w.t.Errorf("%d mails of the step, want two invitations and one that is taken back", n)
		}
		page.ask("GET", "/calls/"+c.ID+"/assignment", nil, 200, "A repair: the new optimum")
		page.ask("GET", "/calls/"+c.ID+"/assignment/undo?run="+b.Run.ID, nil, 200, "1 person whose invitation the repair took back is asked again")
		_, err = w.Reviews.Undo(w.ctx, officer, c.ID, b.Run.ID, "Better as it was.")
		w.must(err)
		is("undone", map[string]string{"gala": review.Declined}, map[string]string{"hugo": review.Invited})
		if letters := w.outbox(about); len(letters) != 0 {
			w.t.Errorf("mails of the step that was undone: %+v", letters)
		}
		w.whole()
	})
}

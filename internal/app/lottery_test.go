package app_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/engine/lottery"
	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

// TestLottery: the list goes on record before the event, with a receipt; the draw follows
// from its outcome; another program recomputes it; the letters say it.
func TestLottery(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		d, ids := w.meeting()
		officer := w.actor["officer"]
		at := w.now.Source().Now().Add(48 * time.Hour).Truncate(time.Minute)
		in := decision.LotteryInput{Numbers: "P-2027-9003, P-2027-9004 p-2027-9005", Draw: 1, Event: "6 of 49, ascending, two digits each", At: at}
		commit := func(change func(*decision.LotteryInput)) error {
			bad := in
			change(&bad)
			_, err := w.Decisions.Commit(w.ctx, officer, d.ID, bad)
			return err
		}
		w.refused(commit(func(x *decision.LotteryInput) { x.At = at.Add(-72 * time.Hour) }), fault.Invalid, "an event that is past")
		w.refused(commit(func(x *decision.LotteryInput) { x.Draw = 3 }), fault.Invalid, "all of three")
		w.refused(commit(func(x *decision.LotteryInput) { x.Event = "6 of\n49" }), fault.Invalid, "two lines")
		w.refused(commit(func(x *decision.LotteryInput) { x.Numbers = "P-2027-9003" }), fault.Invalid, "one alone")
		_, err := w.Decisions.Commit(w.ctx, w.actor["ines"], d.ID, in)
		w.refused(err, fault.NotAllowed, "a member puts a list on record")
		w.must(w.Decisions.Recuse(w.ctx, officer, d.ID, ids[4], "ines", "A joint paper."))
		l, err := w.Decisions.Commit(w.ctx, officer, d.ID, in)
		w.must(err)
		w.refused(commit(func(x *decision.LotteryInput) { x.Numbers = "P-2027-9005 P-2027-9006" }), fault.Invalid, "a second draw of the same")
		w.refused(w.Decisions.Draw(w.ctx, officer, d.ID, l.ID, "07 13", "The gazette."), fault.Conflict, "drawing before the event")
		keys, err := w.Ledger.Keys(w.ctx)
		w.must(err)
		receipt, err := w.Decisions.LotteryReceipt(w.ctx, officer, d.ID, l.ID)
		w.must(err)
		if r, err := ledger.VerifyReceipt(receipt.Note, keys); err != nil || r.Content != l.Record.Digest || !r.Recorded.Before(at) {
			w.t.Errorf("the receipt says %+v, %v", r, err)
		}

		w.now.Set(at.Add(time.Hour))
		page, visitor := "/decisions/"+d.ID+"/lottery", w.visitor("officer")
		visitor.ask("POST", page+"/"+l.ID, values("seed", "", "source", ""), 422)
		visitor.ask("POST", page+"/"+l.ID, values("seed", "07 13 21 28 40 44", "source", "The gazette of today."), 303)
		w.refused(w.Decisions.Draw(w.ctx, officer, d.ID, l.ID, "01 02 03", "Another."), fault.Conflict, "drawing again")
		visitor.ask("GET", page, nil, 200, l.Record.Digest, "07 13 21 28 40 44", "The gazette of today.", "Not drawn")
		if strings.Contains(w.visitor("ines").body(page), "P-2027-9003") {
			w.t.Error("who is recused from one sees the lottery")
		}
		file := visitor.body(page + "/" + l.ID + "/lottery.json")
		w.recompute(file, l.Record.Digest)

		visitor.ask("POST", page+"/"+l.ID, values("other", "fund", "reason", "Lots were drawn."), 422)
		visitor.ask("POST", page+"/"+l.ID, values("other", "reject", "reason", "Lots were drawn."), 303)
		w.letters(d.ID, ids, file)
	})
}

// recompute checks a published lottery by the engine and, as another program, by the few
// lines of Python of the manual; that `headwater lottery verify` reads it is tested with that command.
func (w *world) recompute(file, digest string) {
	w.t.Helper()
	r, err := lottery.Read(strings.NewReader(file))
	w.must(err)
	if differs := lottery.Verify(r, digest); len(differs) > 0 {
		w.t.Errorf("the published lottery: %q", differs)
	}
	python, err := exec.LookPath("python3")
	if errors.Is(err, exec.ErrNotFound) {
		w.t.Log("no python3: the manual's own check is left out")
		return
	}
	name := filepath.Join(w.t.(*testing.T).TempDir(), "lottery.json")
	w.must(os.WriteFile(name, []byte(file), 0o600))
	manual, err := os.ReadFile("../../docs/lottery.md")
	w.must(err)
	_, code, _ := strings.Cut(string(manual), "```python\n")
	code, _, _ = strings.Cut(code, "```")
	if out, err := exec.CommandContext(w.ctx, python, "-c", code, name).CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "True" {
		w.t.Errorf("the manual's Python: %v, %s", err, out)
	}
}

// letters decides the rest of the list and reads the letters of one who was drawn and one who was not.
func (w *world) letters(id string, ids []string, file string) {
	w.t.Helper()
	var r lottery.Record
	w.must(json.Unmarshal([]byte(file), &r))
	var choices []decision.Choice
	for i, p := range ids {
		switch {
		case i < 3:
			choices = append(choices, decision.Choice{ProposalID: p, Outcome: decision.Fund})
		case i > 5:
			choices = append(choices, decision.Choice{ProposalID: p, Outcome: decision.Reject, Reasons: "The money ends above it."})
		}
	}
	w.must(w.Decisions.Save(w.ctx, w.actor["officer"], id, "By the reviews, and by lot where they cannot tell.", choices))
	w.sign(id)
	for i, p := range ids[3:6] {
		l, err := w.Decisions.Letter(w.ctx, w.actor["mira"], p)
		w.must(err)
		won := r.Drawn[0] == r.List.List[i]
		if got := l.Body.Lottery; got == nil || got.Won != won || got.Entries != 3 || (l.Body.Outcome == decision.Fund) != won {
			w.t.Errorf("the letter of %s says %+v", l.Body.Number, got)
		}
	}
	mira := w.visitor("mira")
	mira.ask("GET", "/proposals/"+ids[3]+"/letter", nil, 200, "Lots were drawn among 3 proposals", "07 13 21 28 40 44", "lottery.json")
	if mira.body("/proposals/"+ids[3]+"/lottery.json") != file {
		w.t.Error("the team gets another file")
	}
	mira.ask("GET", "/proposals/"+ids[0]+"/lottery.json", nil, 404)
	w.visitor("ravi").ask("GET", "/proposals/"+ids[3]+"/lottery.json", nil, 404)
}

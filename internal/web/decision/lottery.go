package decision

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Lots is GET /decisions/{id}/lottery.
func (p *Pages) Lots(w http.ResponseWriter, r *http.Request) error {
	return p.lots(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) lots(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form) error {
	v, err := p.Decisions.Lots(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, lotsPage(v, refusal, typed))
}

// Commit is POST /decisions/{id}/lottery: the list goes on record.
func (p *Pages) Commit(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	in := decision.LotteryInput{Numbers: f.Get("numbers"), Draw: int(f.Int("draw")), Event: f.Text("event")}
	if in.At, err = time.ParseInLocation("2006-01-02T15:04", f.Text("at"), shell.Of(r.Context()).Zone); err != nil {
		f.Refuse("at", "fault.date")
	}
	if err = f.Err(); err == nil {
		_, err = p.Decisions.Commit(r.Context(), shell.Actor(r), id, in)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.lots(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id+"/lottery", "decision.done.lottery")
}

// Draw is POST /decisions/{id}/lottery/{lottery}: the seed, or with "other" the draw into the list.
func (p *Pages) Draw(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, key, a, done := r.PathValue("id"), r.PathValue("lottery"), shell.Actor(r), "decision.done.draw"
	if f.Has("other") {
		done, err = "decision.done.applied", p.Decisions.ApplyDraw(r.Context(), a, id, key, f.Text("other"), f.Text("reason"))
	} else {
		err = p.Decisions.Draw(r.Context(), a, id, key, f.Text("seed"), f.Text("source"))
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.lots(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id+"/lottery", done)
}

// LotteryFile is GET /decisions/{id}/lottery/{lottery}/{file}: lottery.json, which `headwater
// lottery verify` checks, or receipt.txt, which says that the digest was on record before.
func (p *Pages) LotteryFile(w http.ResponseWriter, r *http.Request) error {
	id, key, a := r.PathValue("id"), r.PathValue("lottery"), shell.Actor(r)
	switch r.PathValue("file") {
	case "lottery.json":
		l, err := p.Decisions.Lottery(r.Context(), a, id, key)
		if err != nil {
			return err
		}
		return writeLottery(w, l)
	case "receipt.txt":
		receipt, err := p.Decisions.LotteryReceipt(r.Context(), a, id, key)
		if err != nil {
			return err
		}
		shell.Attachment(w, "receipt.txt", "text/plain; charset=utf-8")
		_, err = strings.NewReader(receipt.Note).WriteTo(w)
		return err
	}
	return fault.Missing()
}

// LotteryOf is GET /proposals/{id}/lottery.json: the same file, for the team.
func (p *Pages) LotteryOf(w http.ResponseWriter, r *http.Request) error {
	l, err := p.Decisions.LotteryOf(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeLottery(w, l)
}

func writeLottery(w http.ResponseWriter, l decision.Lottery) error {
	shell.Attachment(w, "lottery.json", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(l.Record)
}

// suggested is what the form of a new lottery begins with: the band that did not take
// part in one yet.
func suggested(v decision.Lots, typed *shell.Form) (numbers, draw string) {
	if typed.Typed("numbers") != "" {
		return typed.Typed("numbers"), typed.Typed("draw")
	}
	rows, above := v.Band()
	var list []string
	for _, r := range rows {
		if !slices.ContainsFunc(v.List, func(l decision.Lottery) bool { return slices.Contains(l.Proposals, r.ProposalID) }) {
			list = append(list, r.Number)
		}
	}
	return strings.Join(list, " "), strconv.Itoa(max(1, min(above, len(list)-1)))
}

// awaits reports whether the outcome of the event can be entered now.
func awaits(ctx context.Context, l decision.Lottery) bool {
	return !l.Drawn() && !shell.Of(ctx).Now.Before(l.Event())
}

// restOptions are the outcomes that the scheme has for who is not drawn.
func restOptions(ctx context.Context, v decision.Lots) []shell.Option {
	var out []shell.Option
	for _, o := range v.Outcomes {
		if o != decision.Fund && o != decision.Invite {
			out = append(out, shell.Option{Value: o, Label: shell.T(ctx, "decision.outcome."+o)})
		}
	}
	return out
}

// drawnWords says in a letter whether its proposal was drawn.
func drawnWords(ctx context.Context, l decision.LetterLottery) string {
	if l.Won {
		return shell.T(ctx, "decision.letter.lottery.won", l.Entries, l.Draw)
	}
	return shell.T(ctx, "decision.letter.lottery.lost", l.Entries, l.Draw)
}

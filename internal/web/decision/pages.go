// Package decision is the pages on which a list is made, proposed and signed,
// and the letter that each applicant gets.
package decision

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Pages are the decisions' pages.
type Pages struct {
	Decisions *decision.Service
	Register  *register.Service
	// Beside is what another room shows on the page of a list: its advice, and what other agencies say.
	Beside func(ctx context.Context, a access.Actor, d decision.Decision) (templ.Component, error)
}

// List is GET /decisions.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	page := shell.PageOf(r.URL.Query().Get("page"))
	list, total, err := p.Decisions.List(r.Context(), shell.Actor(r), page, pageSize)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, listPage(list, shell.Paging{Page: page, Size: pageSize, Total: total}))
}

// Begin is GET /calls/{id}/decision: it asks; POST makes the list.
func (p *Pages) Begin(w http.ResponseWriter, r *http.Request) error {
	d, err := p.Decisions.Begin(r.Context(), shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"))
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+d.ID, "")
}

// AskBegin is GET /calls/{id}/decision.
func (p *Pages) AskBegin(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.Decisions.MayBegin(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, beginPage(r.PathValue("id")))
}

// Show is GET /decisions/{id}.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form) error {
	v, err := p.Decisions.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if typed != nil && typed.Has("reasons") {
		v.Reasons = typed.Text("reasons")
		for i, row := range v.Rows {
			if !typed.Has("outcome_" + row.ProposalID) {
				continue
			}
			v.Rows[i].Outcome, v.Rows[i].Reasons = typed.Get("outcome_"+row.ProposalID), typed.Text("reasons_"+row.ProposalID)
		}
	}
	part := partOf(r, v)
	if part.beside, err = p.Beside(r.Context(), shell.Actor(r), v.Decision); err != nil {
		return err
	}
	return shell.Render(w, r, status, showPage(v, part, refusal, typed))
}

const pageSize = 50

// part is the rows of a list that a page shows.
type part struct {
	filter decision.RowFilter
	rows   []decision.Row
	paging shell.Paging
	beside templ.Component // of another room
}

func partOf(r *http.Request, v decision.View) part {
	q := r.URL.Query()
	p := part{filter: decision.RowFilter{Text: q.Get("q"), Only: q.Get("only")}, paging: shell.Paging{Page: shell.PageOf(q.Get("page")), Size: pageSize}}
	var all []decision.Row
	for _, row := range v.Rows {
		if p.filter.Takes(row) {
			all = append(all, row)
		}
	}
	p.paging.Total = len(all)
	from := min((p.paging.Page-1)*pageSize, len(all))
	p.rows = all[from:min(from+pageSize, len(all))]
	return p
}

// Save is POST /decisions/{id}: the draft, or with "propose" the proposal to decide.
func (p *Pages) Save(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, a := r.PathValue("id"), shell.Actor(r)
	v, err := p.Decisions.Get(r.Context(), a, id)
	if err != nil {
		return err
	}
	var choices []decision.Choice
	for _, row := range v.Rows {
		if !f.Has("outcome_" + row.ProposalID) {
			continue // on another page of the list
		}
		choices = append(choices, decision.Choice{ProposalID: row.ProposalID, Outcome: f.Get("outcome_" + row.ProposalID), Reasons: f.Text("reasons_" + row.ProposalID), Amount: f.Text("amount_" + row.ProposalID)})
	}
	if f.Has("public_from") {
		err = p.Decisions.SetPublicFrom(r.Context(), a, id, publicWord(f), "")
	}
	if err == nil {
		err = p.Decisions.Save(r.Context(), a, id, f.Text("reasons"), choices)
	}
	done := "decision.done.saved"
	if err == nil && f.Has("propose") {
		done, err = "decision.done.proposed", p.Decisions.Propose(r.Context(), a, id)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.show(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, r.URL.RequestURI(), done)
}

// SetPublic is POST /decisions/{id}/public: another day for what was signed, or with "now" none.
func (p *Pages) SetPublic(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	from := f.Text("public_from")
	switch {
	case f.Has("now"):
		from = ""
	case from == "": // a field that was cleared by mistake makes nothing public
		err = fault.Field("public_from", "fault.required")
	}
	if err == nil {
		err = p.Decisions.SetPublicFrom(r.Context(), shell.Actor(r), r.PathValue("id"), from, f.Text("public_why"))
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.show(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+r.PathValue("id"), "decision.done.public")
}

// Sign is POST /decisions/{id}/sign: sign, or return with a reason.
func (p *Pages) Sign(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, done := r.PathValue("id"), "decision.done.signed"
	if f.Has("return") {
		done, err = "decision.done.returned", p.Decisions.Return(r.Context(), shell.Actor(r), id, f.Text("why"))
	} else {
		err = p.Decisions.Sign(r.Context(), shell.Actor(r), id)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.show(w, r, http.StatusUnprocessableEntity, refusal, nil)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id, done)
}

// Letter is GET /proposals/{id}/letter: the newest, or with ?letter= one before it.
func (p *Pages) Letter(w http.ResponseWriter, r *http.Request) error {
	return p.letter(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) letter(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form) error {
	list, err := p.Decisions.Letters(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := mail{all: list, letter: list[0], refusal: refusal, typed: typed}
	if id := r.URL.Query().Get("letter"); id != "" {
		i := slices.IndexFunc(list, func(l decision.Letter) bool { return l.ID == id })
		if i < 0 {
			return fault.Missing()
		}
		v.letter = list[i]
	}
	if v.appeals, v.mayAppeal, err = p.Decisions.AppealsOf(r.Context(), shell.Actor(r), v.letter); err != nil {
		return err
	}
	return shell.Render(w, r, status, letterPage(v))
}

// mail is a letter with what belongs to it.
type mail struct {
	letter    decision.Letter
	all       []decision.Letter
	appeals   []decision.Appeal
	mayAppeal bool
	refusal   shell.Refusal
	typed     *shell.Form
}

// newest reports whether no other letter took its place.
func (m mail) newest() bool { return m.letter.ID == m.all[0].ID }

// Appeal is POST /proposals/{id}/appeal.
func (p *Pages) Appeal(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = p.Decisions.Lodge(r.Context(), shell.Actor(r), id, f.Text("grounds"))
	if refusal, ok := shell.Refused(err); ok {
		return p.letter(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+id+"/letter", "decision.done.appeal")
}

// AnswerAppeal is POST /decisions/{id}/appeals/{appeal}: dismiss it, or with "uphold" begin a correction.
func (p *Pages) AnswerAppeal(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, appeal := r.PathValue("id"), r.PathValue("appeal")
	next, err := p.Decisions.AnswerAppeal(r.Context(), shell.Actor(r), appeal, f.Has("uphold"), f.Text("answer"))
	if refusal, ok := shell.Refused(err); ok {
		return p.show(w, r, http.StatusUnprocessableEntity, refusal, nil)
	}
	if err != nil {
		return err
	}
	if next.ID != "" {
		return shell.Go(w, r, "/decisions/"+next.ID, "decision.done.upheld")
	}
	return shell.Go(w, r, "/decisions/"+id, "decision.done.dismissed")
}

// Correct is POST /decisions/{id}/correct.
func (p *Pages) Correct(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	next, err := p.Decisions.Correct(r.Context(), shell.Actor(r), r.PathValue("id"), f.Text("kind"), f.Text("why"))
	if refusal, ok := shell.Refused(err); ok {
		return p.show(w, r, http.StatusUnprocessableEntity, refusal, nil)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+next.ID, "decision.done.correct")
}

// Money is GET /decisions/{id}/items/{proposal}: the funding lines of one proposal.
func (p *Pages) Money(w http.ResponseWriter, r *http.Request) error {
	return p.money(w, r, http.StatusOK, shell.Refusal{}, nil)
}

// spare is how many empty lines the form offers.
const spare = 2

func (p *Pages) money(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed []decision.LineInput) error {
	v, row, err := p.Decisions.Item(r.Context(), shell.Actor(r), r.PathValue("id"), r.PathValue("proposal"))
	if err != nil {
		return err
	}
	agencies, err := p.Register.Agencies(r.Context())
	if err != nil {
		return err
	}
	if typed == nil {
		for _, l := range row.Lines {
			typed = append(typed, decision.LineInput{BudgetLineID: l.BudgetLineID, AgencyID: l.AgencyID, Year: l.Year, Amount: l.Amount.Plain(), Condition: l.Condition})
		}
	}
	return shell.Render(w, r, status, moneyPage(v, row, append(typed, make([]decision.LineInput, spare)...), agencies, refusal))
}

// SaveMoney is POST /decisions/{id}/items/{proposal}.
func (p *Pages) SaveMoney(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	var list []decision.LineInput
	for i := 0; f.Has("amount_" + strconv.Itoa(i)); i++ {
		n := "_" + strconv.Itoa(i)
		if f.Text("amount"+n) == "" {
			continue // an empty line is no line
		}
		in := decision.LineInput{Year: int(f.Int("year" + n)), Amount: f.Text("amount" + n), Condition: f.Text("condition" + n)}
		switch kind, id, _ := strings.Cut(f.Text("budget"+n), " "); kind {
		case "line":
			in.BudgetLineID = id
		case "agency":
			in.AgencyID = id
		}
		list = append(list, in)
	}
	id, proposal := r.PathValue("id"), r.PathValue("proposal")
	if err = f.Err(); err == nil {
		err = p.Decisions.SetLines(r.Context(), shell.Actor(r), id, proposal, list)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.money(w, r, http.StatusUnprocessableEntity, refusal, list)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id, "decision.done.lines")
}

// Tasks is what waits for those who prepare, sign, or have a seat in a meeting.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	list, _, err := p.Decisions.List(ctx, a, 1, pageSize)
	var out []shell.Task
	for _, d := range list {
		switch {
		case d.State == decision.Draft && !a.Staffing(d.AgencyID, "", d.CallID).Any(access.Staff|access.Signer|access.Audit):
			out = append(out, shell.Task{Title: shell.T(ctx, "decision.task.meeting", d.Number), Href: "/decisions/" + d.ID + "/meeting", What: shell.T(ctx, "decision.task.meeting.what"), Button: shell.T(ctx, "decision.task.meeting.go")})
		case d.State == decision.Proposed && d.ProposedBy != a.Account && a.HasAny(access.Decider):
			out = append(out, shell.Task{Title: shell.T(ctx, "decision.task.sign", d.Number), Href: "/decisions/" + d.ID, What: shell.T(ctx, "decision.task.sign.what"), Button: shell.T(ctx, "decision.task.sign.go")})
		case d.Appealed > 0 && a.HasAny(access.Officer):
			out = append(out, shell.Task{Due: d.AnswerBy, Title: shell.T(ctx, "decision.task.appeal", d.Appealed, d.Number), Href: "/decisions/" + d.ID + "#appeals", What: shell.T(ctx, "decision.task.appeal.what"), Button: shell.T(ctx, "decision.task.appeal.go")})
		case d.State == decision.Draft && d.CreatedBy == a.Account:
			out = append(out, shell.Task{Title: shell.T(ctx, "decision.task.draft", d.Number), Href: "/decisions/" + d.ID, What: shell.T(ctx, "decision.task.draft.what"), Button: shell.T(ctx, "proposal.goon")})
		}
	}
	return out, err
}

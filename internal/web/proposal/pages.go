// Package proposal is the pages on which applicants write together, hand in,
// and follow what becomes of it; and the lists of officers and research offices.
package proposal

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/arrival"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/web/home"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

const pageSize = 50

// Pages are the proposals' pages.
type Pages struct {
	Proposals *proposal.Service
	Calls     *call.Service
	Reviews   *review.Service
	Register  *register.Service
	// Lettered reports whether a letter about a proposal went out, and from when what was decided is
	// public: a decision that was taken in from elsewhere has none here.
	Lettered func(context.Context, string) (bool, time.Time, error)
}

// Begin is POST /calls/{id}/begin.
func (p *Pages) Begin(w http.ResponseWriter, r *http.Request) error {
	made, err := p.Proposals.Begin(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+made.ID, "proposal.done.begun")
}

// Mine is GET /proposals: the actor's own, or all that a research office or officer may see.
func (p *Pages) Mine(w http.ResponseWriter, r *http.Request) error {
	a := shell.Actor(r)
	f := p.filter(r)
	f.Mine = !a.HasAny(access.Officer) && !a.HasAny(access.Research) && !a.HasAny(access.Decider) && !a.HasAny(access.Auditor)
	rows, total, err := p.Proposals.List(r.Context(), a, f)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, minePage(f, rows, total))
}

func (p *Pages) filter(r *http.Request) proposal.Filter {
	q := r.URL.Query()
	return proposal.Filter{Text: q.Get("q"), State: q.Get("state"), Sort: q.Get("sort"), Page: shell.PageOf(q.Get("page")), Size: pageSize}
}

// OfCall is GET /calls/{id}/proposals, for staff.
func (p *Pages) OfCall(w http.ResponseWriter, r *http.Request) error {
	a := shell.Actor(r)
	c, err := p.Calls.Get(r.Context(), a, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !a.Staffing(c.AgencyID, c.ProgrammeID, c.ID).Any(access.Staff | access.Signer | access.Audit) {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	f := p.filter(r)
	f.CallID = c.ID
	rows, total, err := p.Proposals.List(r.Context(), a, f)
	if err != nil {
		return err
	}
	standings, err := p.Reviews.Standings(r.Context(), c.ID, firstStage(rows))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, ofCallPage(c, f, rows, total, standings))
}

func firstStage(rows []proposal.Row) string {
	if len(rows) == 0 {
		return ""
	}
	return rows[0].Stage
}

// Show is GET /proposals/{id}: where it stands and what comes next.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Proposals.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.show(w, r, http.StatusOK, v, shell.Refusal{})
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, v proposal.View, refusal shell.Refusal) error {
	spent, people, err := p.Proposals.Effort(r.Context(), v.ID)
	if err != nil {
		return err
	}
	list, err := p.Proposals.Submissions(r.Context(), shell.Actor(r), v.ID)
	if err != nil {
		return err
	}
	var checked proposal.Checked
	if v.Form != nil {
		checked = p.Proposals.Check(v)
	}
	lettered, public, err := p.Lettered(r.Context(), v.ID)
	if err != nil {
		return err
	}
	o := overview{View: v, checked: checked, submissions: list, spent: spent, people: people, lettered: lettered, public: public, asks: asked(shell.Actor(r), v), refusal: refusal.At(place(r.Context(), v))}
	if o.earlier, err = p.earlier(r, v); err != nil {
		return err
	}
	if o.before, err = p.revisedFrom(r, v); err != nil {
		return err
	}
	return shell.Render(w, r, status, showPage(o))
}

// overview is all that the page of a proposal shows.
type overview struct {
	proposal.View
	checked     proposal.Checked
	submissions []proposal.Submission
	spent       time.Duration
	people      int
	lettered    bool
	public      time.Time          // from which what was decided is public
	asks        *proposal.Approval // the viewer's office is asked to agree
	earlier     int                // proposals of the viewer's own that may have answers for it
	before      *proposal.View     // it is a new version of
	refusal     shell.Refusal
}

// asked is the agreement that waits for the actor's own office, nil if none does.
func asked(a access.Actor, v proposal.View) *proposal.Approval {
	for _, one := range v.Approvals {
		if one.State == proposal.Asking && a.Has(access.Research, access.Organisation(one.OrganisationID)) {
			return &one
		}
	}
	return nil
}

// part is one section of the form while it is written.
type part struct {
	proposal.View
	section scheme.Section
	checked proposal.Checked
	typed   map[string]json.RawMessage // what was sent and not stored
	sent    url.Values                 // the same as it was typed, readable or not
	refusal shell.Refusal
	kept    []proposal.Kept
}

// Section is GET /proposals/{id}/parts/{section}.
func (p *Pages) Section(w http.ResponseWriter, r *http.Request) error {
	v, s, err := p.section(r)
	if err != nil {
		return err
	}
	if !v.Edits {
		return shell.Go(w, r, "/proposals/"+v.ID+"/read", "")
	}
	return shell.Render(w, r, http.StatusOK, sectionPage(part{View: v, section: s, checked: p.Proposals.Check(v)}))
}

func (p *Pages) section(r *http.Request) (proposal.View, scheme.Section, error) {
	v, err := p.Proposals.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return v, scheme.Section{}, err
	}
	s, err := namedSection(v, r.PathValue("section"))
	return v, s, err
}

// namedSection is a section of a proposal's form; NotFound for none.
func namedSection(v proposal.View, id string) (scheme.Section, error) {
	if v.Form != nil {
		for _, s := range v.Form.Sections {
			if s.ID == id {
				return s, nil
			}
		}
	}
	return scheme.Section{}, fault.Missing()
}

func firstOf(err error, other error) error {
	if err != nil {
		return err
	}
	return other
}

// Save is POST /proposals/{id}/parts/{section}: the whole section, by the button,
// or what changed in it, by the page's script (which asks for JSON).
func (p *Pages) Save(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	if shell.FromScript(r) {
		_, saved, err := p.Proposals.SaveRead(r.Context(), shell.Actor(r), r.PathValue("id"), func(v proposal.View) ([]proposal.Change, error) {
			s, err := namedSection(v, r.PathValue("section"))
			if err != nil {
				return nil, err
			}
			return read(f, v, s)
		})
		return p.answerJSON(w, r, saved, err)
	}
	v, s, err := p.section(r)
	if err != nil {
		return err
	}
	changes, err := read(f, v, s)
	var saved proposal.Saved
	if err == nil {
		saved, err = p.Proposals.Save(r.Context(), shell.Actor(r), v.ID, changes)
	}
	if refusal, ok := shell.Refused(err); ok || len(saved.Kept) > 0 {
		typed := map[string]json.RawMessage{}
		for _, c := range changes {
			typed[c.Field] = c.Value
		}
		return shell.Render(w, r, http.StatusUnprocessableEntity, sectionPage(part{View: v, section: s, checked: p.Proposals.Check(v), typed: typed, sent: f.Values, refusal: refusal, kept: saved.Kept}))
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+v.ID+next(v, s), "proposal.done.saved")
}

// next is the section after s, or the page of the proposal after the last.
func next(v proposal.View, s scheme.Section) string {
	for i, other := range v.Form.Sections {
		if other.ID == s.ID && i+1 < len(v.Form.Sections) {
			return "/parts/" + v.Form.Sections[i+1].ID
		}
	}
	return ""
}

// answerJSON tells the page's script what was stored.
func (p *Pages) answerJSON(w http.ResponseWriter, r *http.Request, saved proposal.Saved, err error) error {
	answer := map[string]any{"versions": saved.Versions, "others": p.others(r, saved), "at": saved.At.In(shell.Of(r.Context()).Zone).Format("15:04:05")}
	status := http.StatusOK
	if err != nil {
		f := db.Fault(err)
		status = f.Kind.Status()
		answer = map[string]any{"error": f.Msg.In(shell.Of(r.Context()).Locale), "field": f.Field}
	}
	if len(saved.Kept) > 0 {
		var kept []map[string]string
		for _, k := range saved.Kept {
			kept = append(kept, map[string]string{"field": k.Field, "there": plain(k.There), "version": fmt.Sprint(k.Version)})
		}
		answer["kept"] = kept
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(answer)
}

// other is a field that somebody else wrote, for the page that still shows what stood there before.
type other struct {
	Field   string `json:"field"`
	Text    string `json:"text"`
	Version int64  `json:"version"`
	Say     string `json:"say"`
}

// others leaves out what is no plain text: tables and choices are drawn again with their page.
func (p *Pages) others(r *http.Request, saved proposal.Saved) []other {
	out := []other{}
	for _, o := range saved.Others {
		var text string
		if json.Unmarshal(o.Value, &text) != nil {
			continue
		}
		say := shell.T(r.Context(), "proposal.joined", o.Name)
		if o.Name == "" {
			say = shell.T(r.Context(), "proposal.joined.else")
		}
		out = append(out, other{Field: o.Field, Text: text, Version: o.Version, Say: say})
	}
	return out
}

// Checks is GET /proposals/{id}/check: the check list alone, for a page that is being written.
func (p *Pages) Checks(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Proposals.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil || v.Form == nil {
		return firstOf(err, fault.Missing())
	}
	return shell.Render(w, r, http.StatusOK, checklist(v, p.Proposals.Check(v)))
}

func plain(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) == nil {
		return s
	}
	return string(value)
}

// Attach is POST /proposals/{id}/files/{field}: a form's file, or from a script the file itself.
func (p *Pages) Attach(w http.ResponseWriter, r *http.Request) error {
	id, field, back := r.PathValue("id"), r.PathValue("field"), r.URL.Query().Get("part")
	name, content, err := uploaded(w, r, field)
	if err == nil {
		_, err = p.Proposals.Attach(r.Context(), shell.Actor(r), id, field, name, content)
	}
	if refusal, ok := shell.Refused(err); ok && !shell.FromScript(r) {
		r.SetPathValue("section", back)
		v, s, err := p.section(r)
		if err != nil {
			return err
		}
		return shell.Render(w, r, http.StatusUnprocessableEntity, sectionPage(part{View: v, section: s, checked: p.Proposals.Check(v), refusal: refusal}))
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+id+"/parts/"+back, "proposal.done.attached")
}

// mostUploaded bounds what is read of an upload before its field's own limit is known.
const mostUploaded = 64 << 20

// uploaded is the file that r brings for a field, with its name. One that comes by itself has it in a header; nothing of it has to be
// looked through for where it ends, which is an eighth of what a form with a file costs.
func uploaded(w http.ResponseWriter, r *http.Request, field string) (name string, content io.Reader, err error) {
	body := http.MaxBytesReader(w, r.Body, mostUploaded)
	if r.Header.Get("Content-Type") == "application/octet-stream" {
		name, err := file.NameIn(r.Header.Get("Content-Disposition"))
		if err != nil {
			return "", nil, fault.From(err).At(field)
		}
		return name, body, nil
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{bufio.NewReaderSize(body, 64<<10), body} // a form is read 4 KB at a time, each of which would be a read of the connection
	m, err := r.MultipartReader()
	if err != nil {
		return "", nil, fault.New(fault.Invalid, "fault.form").Because(err)
	}
	for {
		piece, err := m.NextPart()
		if err != nil {
			return "", nil, fault.Field(field, "proposal.file.none").Because(err)
		}
		if piece.FormName() == "file" && piece.FileName() != "" {
			return piece.FileName(), piece, nil
		}
	}
}

// Detach is POST /proposals/{id}/files/{field}/remove.
func (p *Pages) Detach(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.Proposals.Detach(r.Context(), shell.Actor(r), id, r.PathValue("field")); err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+id+"/parts/"+r.URL.Query().Get("part"), "proposal.done.detached")
}

// File is GET /proposals/{id}/files/{ref}.
func (p *Pages) File(w http.ResponseWriter, r *http.Request) error {
	ref, content, err := p.Proposals.File(r.Context(), shell.Actor(r), r.PathValue("id"), r.PathValue("ref"))
	if err != nil {
		return err
	}
	return shell.File(w, r, ref, content)
}

// Invitation is GET /proposals/{id}/invitation.
func (p *Pages) Invitation(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Proposals.Invitations(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	for _, i := range list {
		if i.ProposalID == r.PathValue("id") {
			return shell.Render(w, r, http.StatusOK, invitationPage(i))
		}
	}
	return fault.Missing()
}

// Answer is POST /proposals/{id}/invitation.
func (p *Pages) Answer(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, yes := r.PathValue("id"), f.Get("answer") == "yes"
	if err := p.Proposals.Answer(r.Context(), shell.Actor(r), id, yes); err != nil {
		return err
	}
	if !yes {
		return shell.Go(w, r, "/home", "proposal.done.declined")
	}
	return shell.Go(w, r, "/proposals/"+id, "proposal.done.confirmed")
}

// Submit is POST /proposals/{id}/submit.
func (p *Pages) Submit(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	_, err := p.Proposals.Submit(r.Context(), shell.Actor(r), id, arrival.At(r.Context()))
	if refusal, ok := shell.Refused(err); ok {
		v, err := p.Proposals.Get(r.Context(), shell.Actor(r), id)
		if err != nil {
			return err
		}
		return p.show(w, r, http.StatusUnprocessableEntity, v, refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+id+"/receipt", "proposal.done.submitted")
}

// AskWithdraw is GET /proposals/{id}/withdraw.
func (p *Pages) AskWithdraw(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Proposals.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !v.Set.Any(access.Lead) {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	return shell.Render(w, r, http.StatusOK, withdrawPage(v))
}

// Withdraw is POST /proposals/{id}/withdraw.
func (p *Pages) Withdraw(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	if err := p.Proposals.Withdraw(r.Context(), shell.Actor(r), r.PathValue("id"), f.Text("why")); err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+r.PathValue("id"), "proposal.done.withdrawn")
}

// Receipt is GET /proposals/{id}/receipt.
func (p *Pages) Receipt(w http.ResponseWriter, r *http.Request) error {
	v, receipt, err := p.receipt(r)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, receiptPage(v, receipt))
}

func (p *Pages) receipt(r *http.Request) (proposal.View, ledger.Receipt, error) {
	v, err := p.Proposals.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return v, ledger.Receipt{}, err
	}
	receipt, err := p.Proposals.Receipt(r.Context(), shell.Actor(r), v.ID)
	return v, receipt, err
}

// ReceiptText is GET /proposals/{id}/receipt.txt: the file that verifies offline.
func (p *Pages) ReceiptText(w http.ResponseWriter, r *http.Request) error {
	v, receipt, err := p.receipt(r)
	if err != nil {
		return err
	}
	shell.Attachment(w, "receipt-"+v.Number+".txt", "text/plain; charset=utf-8")
	_, err = strings.NewReader(receipt.Note).WriteTo(w)
	return err
}

// Tasks is what waits for an applicant: drafts by their deadline, and teams to join.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	var out []shell.Task
	invitations, err := p.Proposals.Invitations(ctx, a)
	if err != nil {
		return nil, err
	}
	for _, i := range invitations {
		out = append(out, shell.Task{Title: shell.T(ctx, "proposal.task.join"), Href: "/proposals/" + i.ProposalID + "/invitation",
			What: shell.T(ctx, "proposal.task.join.what", i.Lead, i.Title, i.Share), Button: shell.T(ctx, "proposal.task.join.go")})
	}
	waiting, err := p.approvalTasks(ctx, a)
	if err != nil {
		return nil, err
	}
	out = append(out, waiting...)
	drafts, _, err := p.Proposals.List(ctx, a, proposal.Filter{Mine: true, State: proposal.Draft, Size: 20})
	for _, d := range drafts {
		due := time.UnixMicro(d.CloseAt)
		if d.StageOf != "" {
			due = d.CreatedAt.Add(60 * 24 * time.Hour)
		}
		if due.Before(shell.Of(ctx).Now) {
			continue
		}
		out = append(out, shell.Task{Due: due, Title: shell.T(ctx, "proposal.task.finish", titleOf(ctx, d.Proposal)), Href: "/proposals/" + d.ID,
			What: shell.T(ctx, "proposal.task.finish.what", d.Number, d.Call), Button: shell.T(ctx, "proposal.task.finish.go")})
	}
	return out, err
}

// Moving lists what the actor handed in and others work on now.
func (p *Pages) Moving(ctx context.Context, a access.Actor) ([]home.Item, error) {
	rows, _, err := p.Proposals.List(ctx, a, proposal.Filter{Mine: true, Size: 20})
	var out []home.Item
	for _, r := range rows {
		if r.State == proposal.Draft || r.State == proposal.Withdrawn {
			continue
		}
		state := stateOf(r.Proposal)
		out = append(out, home.Item{Title: titleOf(ctx, r.Proposal), Href: "/proposals/" + r.ID, Kind: shell.T(ctx, "proposal.of", r.Number, r.Call),
			Chip: stateChip(state), State: shell.T(ctx, "proposal.state."+state), Next: shell.T(ctx, "proposal.next."+state)})
	}
	return out, err
}

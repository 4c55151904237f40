package proposal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// content is what is submitted: canonical JSON (keys in order, no blanks), and its SHA-256.
func (s *Service) content(ctx context.Context, v View) (c Content, text, hash string, err error) {
	c = Content{Proposal: v.Number, Form: v.StageIn.Form, Scheme: v.Scheme.Hash, Answers: map[string]json.RawMessage{}, Files: map[string]string{}}
	for name, a := range v.Answers {
		if v.Form.Fields[name] == nil {
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, a.Value); err != nil {
			return c, "", "", err
		}
		c.Answers[name] = compact.Bytes()
		if v.Form.Fields[name].Widget == "file" && v.Text(name) != "" {
			ref, err := s.Files.Info(ctx, v.Text(name))
			if err != nil {
				return c, "", "", err
			}
			c.Files[name] = ref.Hash
		}
	}
	for _, m := range v.Team {
		if m.State == "confirmed" {
			c.Team = append(c.Team, ContentMember{m.PersonID, m.Name, m.Role, m.OrganisationID, m.Share})
		}
	}
	b, err := json.Marshal(c)
	if err != nil {
		return c, "", "", err
	}
	sum := sha256.Sum256(b)
	return c, string(b), hex.EncodeToString(sum[:]), nil
}

// Attach stores a file as the answer to a field; the one before it goes.
func (s *Service) Attach(ctx context.Context, a access.Actor, id, field, name string, r io.Reader) (file.Ref, error) {
	v, err := s.writing(ctx, a, id)
	if err != nil {
		return file.Ref{}, err
	}
	f := v.Form.Fields[field]
	if f == nil || f.Widget != "file" {
		return file.Ref{}, fault.Field(field, "scheme.unasked", field)
	}
	// The content is written before the unit of work: with SQLite's one writer a slow upload must not hold others up.
	ref, err := s.Files.Receive(ctx, r, file.Meta{Name: name, OwnerKind: "proposal", OwnerID: id, Field: field, By: a.Account, MaxBytes: f.MaxBytes, PDF: f.Accept == "application/pdf"})
	if err != nil {
		return ref, err
	}
	return ref, work.Together(ctx, s.DB, func(ctx context.Context) error {
		if err := s.Files.Keep(ctx, ref, a.Account); err != nil {
			return err
		}
		return s.setFile(ctx, a, v, field, ref.ID)
	})
}

// Detach removes the file of a field.
func (s *Service) Detach(ctx context.Context, a access.Actor, id, field string) error {
	v, err := s.writing(ctx, a, id)
	if err != nil {
		return err
	}
	if f := v.Form.Fields[field]; f == nil || f.Widget != "file" {
		return fault.Missing()
	}
	return s.setFile(ctx, a, v, field, "")
}

func (s *Service) setFile(ctx context.Context, a access.Actor, v View, field, refID string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.unerased(ctx, v.ID); err != nil {
			return err
		}
		value, err := json.Marshal(refID)
		if err != nil {
			return err
		}
		// A file is not merged like text: who uploads last has seen the one before.
		if v.Answers, err = s.answersOf(ctx, v.ID, v.StageIn.Form, field); err != nil {
			return err
		}
		old := v.Text(field)
		if old == "" && refID == "" {
			return fault.Missing()
		}
		out := Saved{At: clock.Now(ctx), Versions: map[string]int64{}}
		if err := s.saveAnswer(ctx, a, v, Change{Field: field, Value: value, Version: v.Answers[field].Version}, &out); err != nil {
			return err
		}
		if len(out.Kept) > 0 {
			return fault.New(fault.Conflict, "fault.stale")
		}
		// A file that was submitted stays with its submission.
		if old != "" && v.State == Draft {
			return s.Files.Delete(ctx, old)
		}
		return nil
	})
}

// File opens a file of a proposal for who may read the proposal.
func (s *Service) File(ctx context.Context, a access.Actor, id, refID string) (file.Ref, io.ReadSeekCloser, error) {
	if _, _, _, err := s.load(ctx, a, id, "proposal.read"); err != nil {
		return file.Ref{}, nil, err
	}
	return s.openFile(ctx, id, refID)
}

func (s *Service) openFile(ctx context.Context, id, refID string) (file.Ref, io.ReadSeekCloser, error) {
	ref, err := s.Files.Info(ctx, refID)
	if err != nil {
		return ref, nil, err
	}
	if ref.OwnerKind != "proposal" || ref.OwnerID != id {
		return file.Ref{}, nil, fault.Missing()
	}
	content, err := s.Files.Open(ctx, ref)
	return ref, content, err
}

// Receipt is the receipt of the submission that counts, as full as it can be now.
func (s *Service) Receipt(ctx context.Context, a access.Actor, id string) (ledger.Receipt, error) {
	if _, _, _, err := s.load(ctx, a, id, "proposal.receipt"); err != nil {
		return ledger.Receipt{}, err
	}
	list, err := s.submissions(ctx, id)
	if err != nil {
		return ledger.Receipt{}, err
	}
	if len(list) == 0 {
		return ledger.Receipt{}, fault.Missing()
	}
	return s.Ledger.ReceiptOf(ctx, list[0].EntryID)
}

// Submissions lists what was submitted, the newest first.
func (s *Service) Submissions(ctx context.Context, a access.Actor, id string) ([]Submission, error) {
	if _, _, _, err := s.load(ctx, a, id, "proposal.read"); err != nil {
		return nil, err
	}
	return s.submissions(ctx, id)
}

// For review and decision, the rooms below: they have decided who may know.

// ReviewText is the submitted text for who judges it, without what the scheme hides,
// unless reviews are open. Under dual anonymity the
// fields that the form hides, the team and every key of it are left out, and so are names of files.
func (s *Service) ReviewText(ctx context.Context, id string, anonymity scheme.Anonymity) (View, error) {
	p, team, err := s.whole(ctx, id, "")
	if err != nil {
		return View{}, err
	}
	v, err := s.view(ctx, p, team, 0)
	if err != nil {
		return v, err
	}
	v.Open = false
	if anonymity != scheme.Open {
		veil(&v)
	}
	if anonymity == scheme.Dual {
		blind(&v)
	}
	return v, nil
}

// veil leaves out what the scheme keeps from who judges.
func veil(v *View) {
	hides := func(part string) bool { return slices.Contains(v.Scheme.Hidden, part) }
	v.Team = slices.DeleteFunc(slices.Clone(v.Team), func(m Member) bool {
		return m.Role == "member" && hides(scheme.HideTeam) || m.Role != "member" && hides(scheme.HideLead)
	})
	if hides(scheme.HideLead) {
		v.LeadPerson, v.CreatedBy = "", ""
	}
	if hides(scheme.HideOrganisations) {
		v.Holder, v.Approvals = "", nil
		for i := range v.Team {
			v.Team[i].OrganisationID, v.Team[i].Organisation = "", ""
		}
	}
	if v.Form == nil {
		return
	}
	for name, f := range v.Form.Fields {
		if answer, is := v.Answers[name]; is && (f.Widget == "works" || f.People) {
			answer.Value = veiled(answer.Value, v.Scheme.Hidden)
			v.Answers[name] = answer
		}
	}
}

// veiled is an answer about people, a text or a list of texts, without what is hidden.
func veiled(answer json.RawMessage, hidden []string) json.RawMessage {
	var one string
	var many []string
	var left any
	switch {
	case json.Unmarshal(answer, &one) == nil:
		left = scheme.Veil(one, hidden)
	case json.Unmarshal(answer, &many) == nil:
		for i := range many {
			many[i] = scheme.Veil(many[i], hidden)
		}
		left = many
	default:
		return answer
	}
	b, err := json.Marshal(left)
	if err != nil {
		panic(err) // texts always encode
	}
	return b
}

// asSubmitted puts what was handed in last in place of the answers. A record
// that was imported as handed in has its answers only.
func (s *Service) asSubmitted(ctx context.Context, v *View) error {
	list, err := s.submissions(ctx, v.ID)
	if err != nil || len(list) == 0 {
		return err
	}
	v.Answers = map[string]Answer{}
	for name, value := range list[0].Content.Answers {
		v.Answers[name] = Answer{Value: value}
	}
	return nil
}

func blind(v *View) {
	v.Blind, v.Team, v.Approvals, v.Agreement = true, nil, nil, Agreement{}
	v.LeadPerson, v.Holder, v.CreatedBy, v.ResubmissionOf, v.StageOf = "", "", "", "", ""
	v.Version, v.CreatedAt, v.SubmittedAt, v.Closes = 0, v.Call.ClosesAt, v.Call.ClosesAt, v.Call.ClosesAt
	if v.Form == nil { // imported: without a form nobody said what would show who wrote it
		v.Answers, v.Summary = nil, ""
		return
	}
	for name, f := range v.Form.Fields {
		if f.Hidden {
			delete(v.Answers, name)
		}
	}
}

// ReviewFile opens a file of a proposal for who judges it.
func (s *Service) ReviewFile(ctx context.Context, id, refID string) (file.Ref, io.ReadSeekCloser, error) {
	return s.openFile(ctx, id, refID)
}

// Known is the proposal itself.
func (s *Service) Known(ctx context.Context, id string) (Proposal, error) { return s.byID(ctx, id) }

// Team is the proposal's team, for conflicts of interest and awards.
func (s *Service) Team(ctx context.Context, id string) ([]Member, error) { return s.team(ctx, id) }

// Set is the audiences that a is in for a proposal.
func (s *Service) Set(ctx context.Context, a access.Actor, p Proposal) (access.Set, error) {
	team, err := s.team(ctx, p.ID)
	if err != nil {
		return 0, err
	}
	return s.audiences(ctx, a, p, team)
}

// Move sets state and outcome inside the unit of work of another room.
func (s *Service) Move(ctx context.Context, p Proposal, state, outcome string) error {
	return s.move(ctx, p, state, outcome)
}

// Invited begins the next stage of a proposal for its lead, inside the unit of work of a decision.
func (s *Service) Invited(ctx context.Context, p Proposal, stage scheme.Stage) (Proposal, error) {
	c, err := s.Calls.Known(ctx, p.CallID)
	if err != nil {
		return Proposal{}, err
	}
	next, err := s.begin(ctx, access.Actor{Account: p.CreatedBy, Person: p.LeadPerson}, c, stage, p.ID)
	if err != nil {
		return next, err
	}
	if err := s.carryCompetitors(ctx, p, next); err != nil {
		return next, err
	}
	return next, s.carry(ctx, p, next, stage)
}

// carry takes the answers over that the next stage asks for too.
func (s *Service) carry(ctx context.Context, from, to Proposal, stage scheme.Stage) error {
	v, err := s.Schemes.Get(ctx, to.SchemeVersionID)
	if err != nil {
		return err
	}
	old, _ := v.Stage(from.Stage)
	answers, err := s.answers(ctx, from.ID, old.Form)
	if err != nil {
		return err
	}
	form := v.Form(stage.Form)
	for name, a := range answers {
		if f, before := form.Fields[name], v.Form(old.Form).Fields[name]; f == nil || f.Widget != before.Widget || f.Widget == "file" {
			continue
		}
		if _, _, err := s.putAnswer(ctx, to.ID, stage.Form, to.CreatedBy, Change{Field: name, Value: a.Value}, to.CreatedAt); err != nil {
			return err
		}
	}
	now, err := s.answers(ctx, to.ID, stage.Form)
	if err != nil {
		return err
	}
	return s.projectAll(ctx, View{Proposal: to, StageIn: stage, Form: form}, now)
}

package proposal

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"github.com/headwater-platform/headwater/internal/call"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// The states of an organisation's agreement.
const (
	NotAsked = "open"
	Asking   = "asked"
	Approved = "approved"
	Returned = "returned"
	Lapsed   = "lapsed" // agreed, but to other money or another team
	NoOffice = "none"   // nobody here could agree: not waited for
)

// Approval is what the research office of one organisation says to a proposal.
type Approval struct {
	OrganisationID, Organisation string
	State, Note, By              string // By: name of who answered
	AskedAt, AnsweredAt          time.Time
	covers                       string
}

// Waits reports whether the organisation has still to agree.
func (a Approval) Waits() bool { return a.State != Approved && a.State != NoOffice }

// Unanswered reports whether somebody has to ask its office first.
func (a Approval) Unanswered() bool {
	return a.State == NotAsked || a.State == Returned || a.State == Lapsed
}

// Agreement is when the offices agree: before the proposal is submitted, or by a
// time after the deadline.
type Agreement struct {
	Before bool
	By     time.Time
}

// covered is the hash of what an office agrees to: the money and the team.
func (v View) covered() string {
	type part struct {
		Person, Email, Organisation, Role string
		Share                             float64
	}
	what := struct {
		Holder string
		Money  map[string]any
		Team   []part
	}{v.Holder, map[string]any{}, nil}
	values := decoded(v.Answers)
	for name, f := range v.Form.Fields {
		if f.Widget == "budget" || f.Widget == "money" {
			what.Money[name] = values[name]
		}
	}
	for _, m := range present(v.Team) {
		what.Team = append(what.Team, part{m.PersonID, m.Email, m.OrganisationID, m.Role, m.Share})
	}
	slices.SortFunc(what.Team, func(a, b part) int {
		return strings.Compare(a.Person+"\n"+a.Email, b.Person+"\n"+b.Email)
	})
	b, err := json.Marshal(what)
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// approvals lists the organisations that have to agree. While the text can be
// changed they follow from the rules; afterwards they are those that were asked.
func (s *Service) approvals(ctx context.Context, v View) ([]Approval, error) {
	rows, err := s.approvalRows(ctx, v.ID)
	if err != nil || v.Form == nil {
		return nil, err
	}
	if !v.Open {
		return rows, nil
	}
	ids, err := s.demanding(ctx, v)
	if err != nil {
		return nil, err
	}
	now := v.covered()
	_, names := organisations(v.Team)
	known, _ := organisations(v.Team)
	out := make([]Approval, 0, len(ids))
	for _, id := range ids {
		a := Approval{OrganisationID: id, State: NotAsked}
		if i := slices.Index(known, id); i >= 0 {
			a.Organisation = names[i]
		}
		if i := slices.IndexFunc(rows, func(r Approval) bool { return r.OrganisationID == id }); i >= 0 {
			a = rows[i]
			if a.State == Approved && a.covers != now {
				a.State = Lapsed
			}
		}
		if a.State != Approved {
			accounts, err := s.offices(ctx, id)
			if err != nil {
				return nil, err
			}
			if len(accounts) == 0 {
				a.State = NoOffice
			}
		}
		out = append(out, a)
	}
	return out, nil
}

// demanding are the organisations of the team that have to agree: by the scheme, or because they ask to.
func (s *Service) demanding(ctx context.Context, v View) ([]string, error) {
	ids, _ := organisations(v.Team)
	of := v.Scheme.Agreement().Of
	var out []string
	for _, id := range ids {
		o, err := s.Register.Organisation(ctx, id)
		if err != nil {
			return nil, err
		}
		holds := id == v.Holder
		if of == "every" || o.Approval == "every" || holds && (of == "holder" || o.Approval == "holder") {
			out = append(out, id)
		}
	}
	return out, nil
}

// agreement is when the offices of v agree.
func (s *Service) agreement(v View) Agreement {
	rule := v.Scheme.Agreement()
	return Agreement{Before: rule.When == "before", By: v.Closes.AddDate(0, 0, rule.Days)}
}

// AskApproval asks the research offices that have to agree and are not asked or
// sent the proposal back. Lead only.
// Errors: Conflict when the proposal can no longer be changed, or no office has to be asked.
func (s *Service) AskApproval(ctx context.Context, a access.Actor, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, team, set, err := s.load(ctx, a, id, "proposal.submit")
		if err != nil {
			return err
		}
		v, err := s.view(ctx, p, team, set)
		if err != nil {
			return err
		}
		if !v.Open {
			return fault.New(fault.Conflict, "proposal.closed")
		}
		n, err := s.ask(ctx, a, v)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "proposal.approval.nobody")
		}
		return err
	})
}

// ask asks whom it can, inside a unit of work, and counts them.
func (s *Service) ask(ctx context.Context, a access.Actor, v View) (n int, err error) {
	for _, one := range v.Approvals {
		if !one.Unanswered() {
			continue
		}
		if err := s.putApproval(ctx, v.ID, one.OrganisationID, Asking, "", "", ""); err != nil {
			return n, err
		}
		if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "proposal.approval.ask", Kind: "proposal", ID: v.ID, Agency: v.AgencyID, Payload: map[string]string{"organisation": one.OrganisationID}}); err != nil {
			return n, err
		}
		accounts, err := s.offices(ctx, one.OrganisationID)
		if err != nil {
			return n, err
		}
		for _, account := range accounts {
			if err := s.tell(ctx, Notice{Account: account, Kind: "proposal.mail.approve", Args: []any{v.Number, a.Name, one.Organisation, titled(v.Proposal), v.Agreement.By}, ProposalID: v.ID, Path: "/approval?organisation=" + one.OrganisationID}); err != nil {
				return n, err
			}
		}
		n++
	}
	return n, nil
}

func titled(p Proposal) string {
	if p.Title == "" {
		return p.Number
	}
	return p.Title
}

// AnswerApproval is a research office's own: it agrees for its organisation, or
// sends the proposal back with a note. It may change its answer until the time in
// which offices agree is over.
// Errors: NotAllowed for others, Invalid for sending back without a note,
// Conflict for an organisation that does not have to agree and after that time.
func (s *Service) AnswerApproval(ctx context.Context, a access.Actor, id, organisation string, yes bool, note string) error {
	note = strings.TrimSpace(note)
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, team, set, err := s.load(ctx, a, id, "proposal.read")
		if err != nil {
			return err
		}
		if !a.Has(access.Research, access.Organisation(organisation)) {
			return fault.New(fault.NotAllowed, "fault.denied")
		}
		v, err := s.view(ctx, p, team, set)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(v.Approvals, func(x Approval) bool { return x.OrganisationID == organisation })
		switch {
		case i < 0:
			return fault.New(fault.Conflict, "proposal.approval.notyours")
		case clock.Now(ctx).After(v.Agreement.By) || v.State == Decided || v.State == InReview:
			return fault.New(fault.Conflict, "proposal.approval.over")
		case !yes && note == "":
			return fault.Field("note", "proposal.approval.why")
		}
		state, act, kind := Returned, "proposal.approval.return", "proposal.mail.returned"
		if yes {
			state, act, kind = Approved, "proposal.approval.approve", "proposal.mail.approved"
		}
		if err := s.putApproval(ctx, id, organisation, state, note, a.Account, v.covered()); err != nil {
			return err
		}
		if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: "proposal", ID: id, Agency: p.AgencyID, Why: note, Payload: map[string]string{"organisation": organisation}}); err != nil {
			return err
		}
		return s.tell(ctx, Notice{Account: p.CreatedBy, Kind: kind, Args: []any{p.Number, v.Approvals[i].Organisation, titled(p), note}, ProposalID: id})
	})
}

// Cleared refuses a submitted proposal to which an office that was asked has not
// agreed: it is not reviewed.
// Errors: Conflict with the organisation.
func (s *Service) Cleared(ctx context.Context, p Proposal) error {
	rows, err := s.approvalRows(ctx, p.ID)
	for _, r := range rows {
		if r.Waits() {
			return fault.New(fault.Conflict, "proposal.approval.missing", r.Organisation)
		}
	}
	return err
}

// ToApprove is a proposal that waits for a research office.
type ToApprove struct {
	Proposal
	OrganisationID, Organisation string
	Lead, Call                   string
	AskedAt, By                  time.Time
}

// ToApprove lists what waits for the research offices that a is in, what is due first.
func (s *Service) ToApprove(ctx context.Context, a access.Actor) ([]ToApprove, error) {
	list, err := s.toApprove(ctx, a)
	if err != nil {
		return nil, err
	}
	now := clock.Now(ctx)
	var out []ToApprove
	for _, t := range list {
		v := View{Proposal: t.Proposal}
		c, err := s.Calls.Standing(ctx, t.CallID, call.Mark{})
		if err != nil {
			return nil, err
		}
		if v.Scheme, err = s.Schemes.Get(ctx, t.SchemeVersionID); err != nil {
			return nil, err
		}
		v.Closes, _ = t.deadline(c)
		if t.By = s.agreement(v).By; now.Before(t.By) {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(x, y ToApprove) int { return x.By.Compare(y.By) })
	return out, nil
}

// ReturnedTo lists what a's research offices sent back to a as lead of a draft.
func (s *Service) ReturnedTo(ctx context.Context, a access.Actor) ([]ToApprove, error) {
	if a.Person == "" || !covered(a) {
		return nil, nil
	}
	return s.approvalsOf(ctx, `a.state = 'returned' AND p.state IN ('draft', 'submitted') AND p.lead_person = $1`, a.Person)
}

func (s *Service) toApprove(ctx context.Context, a access.Actor) ([]ToApprove, error) {
	offices, all := a.Scopes("organisation", access.Research)
	if !covered(a) {
		return nil, nil
	}
	if all {
		return s.approvalsOf(ctx, `a.state = 'asked' AND p.state IN ('draft', 'submitted')`)
	}
	if len(offices) == 0 {
		return nil, nil
	}
	in, args := db.In(1, offices)
	return s.approvalsOf(ctx, `a.state = 'asked' AND p.state IN ('draft', 'submitted') AND a.organisation_id IN `+in, args...)
}

func (s *Service) approvalsOf(ctx context.Context, where string, args ...any) ([]ToApprove, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (t ToApprove, err error) {
		var organisation, title textScanner
		organisation.s, title.s = &t.Organisation, &t.Call
		err = r.Scan(append(t.scanners(), &t.OrganisationID, organisation, &t.Lead, title, db.Time(&t.AskedAt))...)
		return t, err
	}, `SELECT `+columns+`, a.organisation_id, o.name, COALESCE(l.name, ''), c.title, a.asked_at FROM proposal_approval a JOIN proposal p ON p.id = a.proposal_id
		JOIN organisation o ON o.id = a.organisation_id JOIN call c ON c.id = p.call_id LEFT JOIN person l ON l.id = p.lead_person WHERE `+where+` ORDER BY a.asked_at, p.number`, args...)
}

func (s *Service) approvalRows(ctx context.Context, id string) ([]Approval, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (a Approval, err error) {
		return a, r.Scan(&a.OrganisationID, textScanner{&a.Organisation}, &a.State, &a.Note, &a.By, db.Time(&a.AskedAt), db.Time(&a.AnsweredAt), &a.covers)
	}, `SELECT a.organisation_id, o.name, a.state, a.note, COALESCE(n.name, ''), a.asked_at, a.answered_at, a.covers FROM proposal_approval a JOIN organisation o ON o.id = a.organisation_id
		LEFT JOIN account b ON b.id = a.by_account LEFT JOIN person n ON n.id = b.person_id WHERE a.proposal_id = $1 ORDER BY o.sort_name, o.id`, id)
}

func (s *Service) putApproval(ctx context.Context, id, organisation, state, note, by, covers string) error {
	now := db.At(clock.Now(ctx))
	if state == Asking {
		return s.exec(ctx, `INSERT INTO proposal_approval (proposal_id, organisation_id, state, asked_at) VALUES ($1, $2, 'asked', $3)
			ON CONFLICT (proposal_id, organisation_id) DO UPDATE SET state = 'asked', asked_at = excluded.asked_at`, id, organisation, now)
	}
	return s.exec(ctx, `INSERT INTO proposal_approval (proposal_id, organisation_id, state, note, by_account, asked_at, answered_at, covers) VALUES ($1, $2, $3, $4, $5, $6, $6, $7)
		ON CONFLICT (proposal_id, organisation_id) DO UPDATE SET state = excluded.state, note = excluded.note, by_account = excluded.by_account, answered_at = excluded.answered_at, covers = excluded.covers`,
		id, organisation, state, note, by, now, covers)
}

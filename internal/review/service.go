package review

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/expertise"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Service is the only way to the reviews.
type Service struct {
	DB         *db.DB
	Ledger     *ledger.Ledger
	Register   *register.Service
	Schemes    *scheme.Service
	Calls      *call.Service
	Proposals  *proposal.Service
	Notify     Notifier           // nil: nobody is told
	Tickets    Tickets            // nil: invitations are answered by who signs in
	Jobs       *job.Queue         // nil: every suggestion is made at once
	Embedder   expertise.Embedder // nil: scores are of words alone
	EmbedShare float64            // of a score that the embedder settles
	Remembered access.Conflicted  // what Conflicted finds, remembered; nil: it is found anew each time
	Lists      Lists              // nil: none is ever signed
	LongFrom   int                // from how many pairs of proposals and people on one is made by a job; longFrom where 0

	measures measures
}

// Invite asks a person to review a proposal that is submitted, or whose appeal
// was upheld. Conflicts are looked for before anything is sent.
// Errors: Invalid for who is not in the register; Conflict where the person must not judge it, was asked already, or took part
// in deciding on it.
func (s *Service) Invite(ctx context.Context, a access.Actor, proposalID, person string) (Review, error) {
	var r Review
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, plan, err := s.staffed(ctx, a, proposalID, "review.invite")
		if err != nil {
			return err
		}
		if p.State == proposal.Decided && s.Lists != nil {
			if err := s.Lists.Hold(ctx, p.CallID, p.Stage); err != nil {
				return err
			}
		}
		if err := s.reviewable(ctx, p); err != nil {
			return err
		}
		if err := s.Proposals.Cleared(ctx, p); err != nil {
			return err
		}
		if _, known, err := s.reviewLimit(ctx, person); err != nil {
			return err
		} else if !known {
			return fault.Field("person", "review.pool.unknown")
		}
		if err := s.fresh(ctx, p, person); err != nil {
			return err
		}
		found, err := s.Conflicts(ctx, person, proposalID)
		if err != nil {
			return err
		}
		if err := refusal(found); err != nil {
			return err
		}
		if r, err = s.ask(ctx, a, p, plan, person, nil, Pair{}); err != nil {
			return err
		}
		return s.tellInvited(ctx, p.CallID, person, []Review{r}, mail.About{Kind: "call", ID: p.CallID})
	})
	return r, err
}

// ask writes an invitation; run and pair say which suggestion it comes from, if any.
func (s *Service) ask(ctx context.Context, a access.Actor, p proposal.Proposal, plan scheme.Review, person string, run *Run, pair Pair) (Review, error) {
	now := clock.Now(ctx)
	r := Review{ID: clock.ID(ctx), ProposalID: p.ID, CallID: p.CallID, Stage: p.Stage, Reviewer: person, State: Invited,
		InvitedAt: now, DueAt: now.Add(time.Duration(plan.Days) * 24 * time.Hour)}
	days, err := s.answerDays(ctx, p.CallID, p.Stage)
	if err != nil {
		return r, err
	}
	if days > 0 {
		r.AnswerBy = now.Add(time.Duration(days) * 24 * time.Hour)
	}
	if r.Alias, err = s.NextAlias(ctx, p.ID, p.Stage); err != nil {
		return r, err
	}
	if err := s.insert(ctx, r); db.IsUnique(err) {
		return r, fault.New(fault.Conflict, "review.asked.already").At("person")
	} else if err != nil {
		return r, err
	}
	payload := map[string]string{"proposal": p.ID}
	if run != nil {
		payload["assignment"] = run.ID
		if err := s.setOrigin(ctx, r.ID, run.ID, pair); err != nil {
			return r, err
		}
	}
	if p.State == proposal.Submitted {
		if err := s.Proposals.Move(ctx, p, proposal.InReview, ""); err != nil {
			return r, err
		}
	}
	_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.invite", Kind: "review", ID: r.ID, Agency: p.AgencyID, Payload: payload})
	return r, err
}

// staffed is a proposal and its review plan for an officer's act. Errors: NotFound also for
// who has a conflict with it.
func (s *Service) staffed(ctx context.Context, a access.Actor, proposalID string, act access.Act) (proposal.Proposal, scheme.Review, error) {
	p, err := s.Proposals.Known(ctx, proposalID)
	if err != nil {
		return p, scheme.Review{}, err
	}
	set := a.Staffing(p.AgencyID, "", p.CallID)
	if p.State == proposal.Draft {
		return p, scheme.Review{}, fault.Missing()
	}
	if err := rules.Check(a, act, set, rules["review.list"]); err != nil {
		return p, scheme.Review{}, err
	}
	if err := s.unconflicted(ctx, a, proposalID); err != nil {
		return p, scheme.Review{}, err
	}
	if p.SchemeVersionID == "" && act == "review.list" { // imported: its reviews are there, and no plan
		return p, scheme.Review{}, nil
	}
	_, plan, _, err := s.plan(ctx, p)
	return p, plan, err
}

func (s *Service) plan(ctx context.Context, p proposal.Proposal) (scheme.Stage, scheme.Review, []scheme.Criterion, error) {
	v, err := s.Schemes.Get(ctx, p.SchemeVersionID)
	if err != nil {
		return scheme.Stage{}, scheme.Review{}, nil, err
	}
	stage, ok := v.Stage(p.Stage)
	if !ok || stage.Review == nil {
		return stage, scheme.Review{}, nil, fault.New(fault.Conflict, "review.none")
	}
	return stage, *stage.Review, v.Judged(stage), nil
}

// own is the actor's own review; not found for everybody else.
func (s *Service) own(ctx context.Context, a access.Actor, id string) (Review, error) {
	r, err := s.byID(ctx, id)
	if err != nil {
		return r, err
	}
	if a.Person == "" || r.Reviewer != a.Person {
		return r, fault.Missing()
	}
	if err := rules.Check(a, "review.write", a.Staffing("", "", "")|access.Reviewer, access.Reviewer); err != nil {
		return r, err
	}
	return r, s.lent(ctx, a, r.ProposalID)
}

// Get is a review as a may see it. A reviewer reads the proposal only after
// accepting, and the others' reviews only after submitting their own.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (View, error) {
	r, err := s.byID(ctx, id)
	if err != nil {
		return View{}, err
	}
	p, err := s.Proposals.Known(ctx, r.ProposalID)
	if err != nil {
		return View{}, err
	}
	set := a.Staffing(p.AgencyID, "", p.CallID)
	if a.Person != "" && a.Person == r.Reviewer {
		set |= access.Reviewer
	}
	if err := rules.Check(a, "review.read", set, rules["review.read"]); err != nil {
		return View{}, err
	}
	keep := s.unconflicted
	if set.Any(access.Reviewer) {
		keep = s.lent
	}
	if err := keep(ctx, a, p.ID); err != nil {
		return View{}, err
	}
	v := View{Review: r, Set: set, Title: p.Title, Summary: p.Summary, Number: p.Number}
	if _, v.Plan, v.Criteria, err = s.plan(ctx, p); err != nil {
		return v, err
	}
	anonymity := v.Plan.Anonymous
	mayRead := r.State == Accepted || r.State == Submitted
	if set.Any(access.Staff | access.Signer | access.Audit) {
		anonymity, mayRead, v.Promised = scheme.Open, true, true
	} else if v.Promised, err = s.Promised(ctx, r.Reviewer, r.CallID); err != nil {
		return v, err
	}
	mayRead = mayRead && v.Promised
	if mayRead {
		if v.Proposal, err = s.Proposals.ReviewText(ctx, r.ProposalID, anonymity); err != nil {
			return v, err
		}
		if v.Earlier, err = s.Earlier(ctx, r.ProposalID); err != nil {
			return v, err
		}
	}
	if v.Answers, err = s.answers(ctx, id); err != nil {
		return v, err
	}
	closed, err := s.closedOf(ctx, r)
	if err != nil {
		return v, err
	}
	v.Closed = closed[r.ID]
	if names, err := s.Register.Names(ctx, []string{r.Reviewer}, nil); err != nil {
		return v, err
	} else if set.Any(access.Staff|access.Audit) || set.Any(access.Reviewer) {
		v.Name = names[r.Reviewer]
	}
	if r.State == Submitted || !set.Any(access.Reviewer) || !v.Plan.OwnFirst && mayRead {
		v.Others, err = s.others(ctx, r)
	}
	return v, err
}

// others are the submitted reviews of the same proposal, by letter.
func (s *Service) others(ctx context.Context, r Review) ([]Review, error) {
	list, err := s.Submitted(ctx, r.ProposalID, r.Stage)
	return slices.DeleteFunc(list, func(o Review) bool { return o.ID == r.ID }), err
}

// Submitted lists the submitted reviews of a proposal's stage without who wrote
// them: for letters, decisions and other reviewers.
func (s *Service) Submitted(ctx context.Context, proposalID, stage string) ([]Review, error) {
	list, err := s.list(ctx, `r.proposal_id = $1 AND r.stage = $2 AND r.state = 'submitted'`, proposalID, stage)
	for i := range list {
		if err == nil {
			list[i].Answers, err = s.answers(ctx, list[i].ID)
		}
		list[i].Reviewer, list[i].Reason = "", ""
	}
	return list, err
}

// Save stores fields of a review that is being written; those that are not named
// stay. A field that was changed elsewhere since its version is not written over
// but given back. minutes below 0 stay as they are. What is typed after the list was signed is kept too, as a draft that
// nobody needs, and refused all the same.
// Errors: Conflict for a review that is not being written, or no longer needed; Invalid for an unknown field, or a score that is none.
func (s *Service) Save(ctx context.Context, a access.Actor, id string, answers map[string]Answer, minutes int) (Saved, error) {
	var out Saved
	var over error
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		out = Saved{At: clock.Now(ctx), Versions: map[string]int64{}, Kept: map[string]Answer{}}
		r, err := s.own(ctx, a, id)
		if err != nil {
			return err
		}
		if r.State != Accepted {
			return fault.New(fault.Conflict, "review.closed")
		}
		p, err := s.Proposals.Known(ctx, r.ProposalID)
		if err != nil {
			return err
		}
		_, _, criteria, err := s.plan(ctx, p)
		if err != nil {
			return err
		}
		for field, a := range answers {
			i := slices.IndexFunc(criteria, func(c scheme.Criterion) bool { return c.ID == field })
			switch {
			case i < 0 && field != "overall":
				return fault.Field(field, "review.unasked", field)
			case i >= 0 && a.Score != 0 && !scored(criteria[i], a):
				return fault.Field(field, "review.score", criteria[i].Low, criteria[i].High)
			}
		}
		if over = s.open(ctx, r); over != nil && !fault.Is(over, fault.Conflict) {
			return over
		}
		if err := s.putAnswers(ctx, id, answers, &out); err != nil || minutes < 0 {
			return err
		}
		return s.setMinutes(ctx, id, minutes)
	})
	if err == nil {
		err = over
	}
	return out, err
}

// Submit hands the review in: every criterion scored and explained. It can no
// longer be changed then. Errors: Conflict for one that is not being written, or no longer needed; Invalid for what is missing.
func (s *Service) Submit(ctx context.Context, a access.Actor, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		r, err := s.own(ctx, a, id)
		if err != nil {
			return err
		}
		if r.State != Accepted {
			return fault.New(fault.Conflict, "review.closed")
		}
		if err := s.open(ctx, r); err != nil {
			return err
		}
		p, err := s.Proposals.Known(ctx, r.ProposalID)
		if err != nil {
			return err
		}
		_, _, criteria, err := s.plan(ctx, p)
		if err != nil {
			return err
		}
		answers, err := s.answers(ctx, id)
		if err != nil {
			return err
		}
		if err := finished(criteria, answers); err != nil {
			return err
		}
		overall, _ := scheme.Overall(criteria, scores(answers))
		entry, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.submit", Kind: "review", ID: id, Agency: p.AgencyID, Payload: map[string]any{"answers": answers}})
		if err != nil {
			return err
		}
		if err := s.setSubmitted(ctx, r, overall, entry); err != nil {
			return err
		}
		return s.tellThanks(ctx, p, r)
	})
}

// Cancel takes an invitation back, or a review that is not handed in: it is no
// longer needed. The reviewer is told why.
func (s *Service) Cancel(ctx context.Context, a access.Actor, id, why string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		r, err := s.byID(ctx, id)
		if err != nil {
			return err
		}
		p, _, err := s.staffed(ctx, a, r.ProposalID, "review.assign")
		if err != nil {
			return err
		}
		if !r.Pending() {
			return fault.New(fault.Conflict, "review.cancel.not")
		}
		if why = strings.TrimSpace(why); why == "" {
			return fault.Field("why", "fault.required")
		}
		if err := s.setState(ctx, r, Cancelled, why); err != nil {
			return err
		}
		if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "review.cancel", Kind: "review", ID: id, Agency: p.AgencyID, Why: why}); err != nil {
			return err
		}
		return s.tellCancelled(ctx, p, r, why, mailOf(r))
	})
}

// File opens a file of the proposal for a reviewer who may read it.
func (s *Service) File(ctx context.Context, a access.Actor, id, refID string) (file.Ref, io.ReadSeekCloser, error) {
	v, err := s.Get(ctx, a, id)
	if err != nil {
		return file.Ref{}, nil, err
	}
	for name, f := range v.Proposal.Answers {
		if string(f.Value) == `"`+refID+`"` && v.Proposal.Form.Fields[name].Widget == "file" {
			ref, content, err := s.Proposals.ReviewFile(ctx, v.ProposalID, refID)
			return ref.Called(name), content, err
		}
	}
	return file.Ref{}, nil, fault.Missing()
}

// Mine lists the reviews of the actor, what is due first. Who acts for a reviewer finds those that their delegation covers and from which
// no conflict of their own keeps them.
func (s *Service) Mine(ctx context.Context, a access.Actor) ([]View, error) {
	if a.Person == "" || rules.Check(a, "review.write", access.Reviewer, access.Reviewer) != nil {
		return nil, nil
	}
	list, err := s.list(ctx, `r.reviewer_person = $1 AND r.state <> 'cancelled'`, a.Person)
	if own := a.Own(); err == nil && own != "" {
		var kept map[string]bool
		kept, err = s.Conflicted(ctx, own)
		list = slices.DeleteFunc(list, func(r Review) bool { return kept[r.ProposalID] })
	}
	if err != nil {
		return nil, err
	}
	closed, err := s.closedOf(ctx, list...)
	if err != nil {
		return nil, err
	}
	out := make([]View, 0, len(list))
	for _, r := range list {
		p, err := s.Proposals.Known(ctx, r.ProposalID)
		if err != nil {
			return nil, err
		}
		out = append(out, View{Review: r, Set: access.Reviewer, Title: p.Title, Number: p.Number, Summary: p.Summary, Closed: closed[r.ID]})
	}
	return out, err
}

// OfProposal lists every review of a proposal, with names, for staff who have no conflict with it.
func (s *Service) OfProposal(ctx context.Context, a access.Actor, proposalID string) ([]View, error) {
	if _, _, err := s.staffed(ctx, a, proposalID, "review.list"); err != nil {
		return nil, err
	}
	list, err := s.list(ctx, `r.proposal_id = $1`, proposalID)
	if err != nil {
		return nil, err
	}
	people := make([]string, 0, len(list))
	for _, r := range list {
		people = append(people, r.Reviewer)
	}
	names, err := s.Register.Names(ctx, people, nil)
	out := make([]View, 0, len(list))
	for _, r := range list {
		out = append(out, View{Review: r, Set: access.Staff, Name: names[r.Reviewer]})
	}
	return out, err
}

// TakeAgain puts a review that was taken in from elsewhere as its source has it now,
// inside the unit of work of the caller. Errors: Conflict for one that was written here.
func (s *Service) TakeAgain(ctx context.Context, r Review) error {
	was, err := s.byID(ctx, r.ID)
	if err != nil {
		return err
	}
	p, err := s.Proposals.Known(ctx, was.ProposalID)
	if err != nil {
		return err
	}
	if p.SchemeVersionID != "" {
		return fault.New(fault.Conflict, "review.ours", p.Number)
	}
	if err := s.exec(ctx, `DELETE FROM review_answer WHERE review_id = $1`, r.ID); err != nil {
		return err
	}
	return s.takeText(ctx, r)
}

// takeText stores what a review says, as its source has it.
func (s *Service) takeText(ctx context.Context, r Review) error {
	if err := s.putAnswers(ctx, r.ID, r.Answers, &Saved{Versions: map[string]int64{}, Kept: map[string]Answer{}}); err != nil {
		return err
	}
	if err := s.setMinutes(ctx, r.ID, r.Minutes); err != nil {
		return err
	}
	if r.State == Submitted {
		return s.setSubmitted(ctx, r, r.Overall, "")
	}
	return nil
}

// TakeIn stores reviews as they are, inside the unit of work of the caller.
func (s *Service) TakeIn(ctx context.Context, r Review) error {
	if err := s.insert(ctx, r); err != nil {
		return err
	}
	return s.takeText(ctx, r)
}

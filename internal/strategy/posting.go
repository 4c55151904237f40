package strategy

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Needs lists needs, the newest first, and counts them.
func (s *Service) Needs(ctx context.Context, a access.Actor, f Filter) ([]NeedView, int, error) {
	var q query
	q.filter(s.DB, f, "n")
	needs, total, err := list(ctx, s.DB, q, f, scanNeed, needColumns, "need n", "n.created_at DESC, n.number DESC")
	if err != nil {
		return nil, 0, err
	}
	var organisations []string
	for _, n := range needs {
		organisations = append(organisations, n.OrganisationID)
	}
	names, err := s.Register.Names(ctx, nil, organisations)
	var out []NeedView
	for _, n := range needs {
		out = append(out, NeedView{Need: n.For(n.set(a)), Organisation: names[n.OrganisationID]})
	}
	return out, total, err
}

// Need is one need with the questions written from it.
func (s *Service) Need(ctx context.Context, a access.Actor, id string) (NeedView, error) {
	n, err := s.need(ctx, id)
	if err != nil {
		return NeedView{}, err
	}
	have := n.set(a)
	v := NeedView{Need: n.For(have), MayEdit: rules.Check(a, "strategy.mend", have, access.Public) == nil && n.State != Closed && n.State != Met,
		MayTakeUp: rules.Check(a, "strategy.question", have, access.Public) == nil}
	v.Stale = v.MayEdit && n.stale(clock.Now(ctx))
	questions, err := s.questionsOf(ctx, id)
	if err != nil {
		return v, err
	}
	v.Questions = shown(a, questions)
	names, err := s.Register.Names(ctx, nil, []string{n.OrganisationID})
	if err != nil {
		return v, err
	}
	v.Organisation = names[n.OrganisationID]
	v.Agency, err = s.agency(ctx, n.AgencyID)
	return v, err
}

// Organisations is where a may post needs from: where the person works now, and
// those whose transfer or research office a is.
func (s *Service) Organisations(ctx context.Context, a access.Actor) ([]string, error) {
	ids, _ := a.Scopes("organisation", access.Transfer, access.Research)
	if a.Person != "" {
		where, err := s.Register.Where(ctx, []string{a.Person})
		if err != nil {
			return nil, err
		}
		ids = append(ids, where[a.Person]...)
	}
	slices.Sort(ids)
	return s.Register.Present(ctx, slices.Compact(ids))
}

// MayPost says whether a may post a need in anybody's name.
func (s *Service) MayPost(a access.Actor) error {
	return rules.Check(a, "strategy.post", a.Staffing("", "", ""), access.Public)
}

// Post publishes a need in the name of one of a's organisations.
// Errors: Invalid with every field at fault, with "organisation" for one that a does not belong to.
func (s *Service) Post(ctx context.Context, a access.Actor, in NeedInput) (Need, error) {
	n := Need{OrganisationID: in.OrganisationID, PersonID: a.Person, AgencyID: in.AgencyID, State: Posted, Version: 1}
	if err := s.MayPost(a); err != nil {
		return n, err
	}
	mine, err := s.Organisations(ctx, a)
	if err != nil {
		return n, err
	}
	if !slices.Contains(mine, in.OrganisationID) && !a.System {
		return n, fault.Field("organisation", "strategy.need.organisation")
	}
	if err := in.apply(&n); err != nil {
		return n, err
	}
	if err := s.knownAgency(ctx, in.AgencyID, true); err != nil {
		return n, err
	}
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		var err error
		if n.Number, err = number.Next(ctx, s.DB, "N"); err != nil {
			return err
		}
		n.ID, n.Stood = clock.ID(ctx), clock.Now(ctx)
		if err := s.insertNeed(ctx, n); err != nil {
			return err
		}
		return s.note(ctx, a, "strategy.post", "need", n.ID, n.AgencyID, "", map[string]string{"number": n.Number})
	})
	return n, err
}

func (s *Service) knownAgency(ctx context.Context, id string, optional bool) error {
	if id == "" && optional {
		return nil
	}
	name, err := s.agency(ctx, id)
	if err == nil && name.Empty() {
		return fault.Field("agency", "fault.choice")
	}
	return err
}

func (s *Service) note(ctx context.Context, a access.Actor, act, kind, id, agency, why string, what any) error {
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: kind, ID: id, Agency: agency, Why: why, Payload: what})
	return err
}

// MendNeed writes a need anew; version is the one that the writer saw. Whom it is
// from and addressed to stays. By who posted it, or an officer.
func (s *Service) MendNeed(ctx context.Context, a access.Actor, id string, version int64, in NeedInput) (Need, error) {
	n, err := s.onNeed(ctx, a, id, version, "strategy.mend", "", in.apply)
	if err == nil {
		n.Stood = clock.Now(ctx)
	}
	return n, err
}

// EndNeed marks a need as met or closed, with a reason.
func (s *Service) EndNeed(ctx context.Context, a access.Actor, id string, version int64, state, why string) (Need, error) {
	return s.onNeed(ctx, a, id, version, "strategy.end", why, func(n *Need) error {
		if f := oneOf("state", state, []string{Met, Closed}); f != nil {
			return f
		}
		if why == "" {
			return fault.Field("why", "fault.required")
		}
		n.State = state
		return nil
	})
}

func (s *Service) onNeed(ctx context.Context, a access.Actor, id string, version int64, act, why string, apply func(*Need) error) (Need, error) {
	var n Need
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		var err error
		if n, err = s.need(ctx, id); err != nil {
			return err
		}
		if err := rules.Check(a, "strategy.mend", n.set(a), access.Public); err != nil {
			return err
		}
		if n.State == Met || n.State == Closed {
			return fault.New(fault.Conflict, "strategy.need.over")
		}
		if err := apply(&n); err != nil {
			return err
		}
		n.Version = version
		if err := s.updateNeed(ctx, n); err != nil {
			return err
		}
		n.Version++
		if act == "strategy.mend" { // who writes it anew says that it stands
			if err := s.exec(ctx, `UPDATE need SET confirmed_at = $2 WHERE id = $1`, id, db.At(clock.Now(ctx))); err != nil {
				return err
			}
		}
		return s.note(ctx, a, act, "need", id, n.AgencyID, why, map[string]string{"state": n.State})
	})
	return n, err
}

// Questions lists questions that a may see, the newest first, and counts them.
func (s *Service) Questions(ctx context.Context, a access.Actor, f Filter) ([]Question, int, error) {
	var q query
	q.filter(s.DB, f, "q")
	if agencies, all := a.Scopes("agency", access.Officer, access.Decider, access.Auditor, access.Admin); !all && !a.System {
		var in []string
		for _, id := range agencies {
			in = append(in, q.arg(id))
		}
		own := ""
		for _, p := range in {
			own += " OR q.agency_id = " + p
		}
		q.where = append(q.where, "(q.state <> 'draft'"+own+")") // the same rule as Question.visible
	}
	return list(ctx, s.DB, q, f, scanQuestion, questionColumns, "question q", "q.created_at DESC, q.number DESC")
}

// Question is one question with its need and its priorities.
func (s *Service) Question(ctx context.Context, a access.Actor, id string) (QuestionView, error) {
	q, err := s.question(ctx, id)
	if err != nil {
		return QuestionView{}, err
	}
	have := q.set(a)
	if !q.visible(have) {
		return QuestionView{}, fault.Missing()
	}
	v := QuestionView{Question: q, MayEdit: rules.Check(a, "strategy.question", have, access.Public) == nil}
	if q.NeedID != "" {
		n, err := s.need(ctx, q.NeedID)
		if err != nil {
			return v, err
		}
		n = n.For(n.set(a))
		v.Need = &n
	}
	if v.Priorities, err = s.LinksOf(ctx, a, "question", id); err != nil {
		return v, err
	}
	v.Agency, err = s.agency(ctx, q.AgencyID)
	return v, err
}

// WriteQuestion writes a question, from a need or free. Officers of the agency.
// The need is taken up by it.
func (s *Service) WriteQuestion(ctx context.Context, a access.Actor, in QuestionInput) (Question, error) {
	q := Question{NeedID: in.NeedID, AgencyID: in.AgencyID, Version: 1}
	if err := rules.Check(a, "strategy.question", q.set(a), access.Public); err != nil {
		return q, err
	}
	if err := in.apply(&q); err != nil {
		return q, err
	}
	if err := s.knownAgency(ctx, in.AgencyID, false); err != nil {
		return q, err
	}
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.takeUp(ctx, q.NeedID); err != nil {
			return err
		}
		var err error
		if q.Number, err = number.Next(ctx, s.DB, "Q"); err != nil {
			return err
		}
		q.ID = clock.ID(ctx)
		if err := s.insertQuestion(ctx, a, q); err != nil {
			return err
		}
		if in.PriorityID != "" {
			if err := s.Serve(ctx, a, in.PriorityID, "question", q.ID); err != nil {
				return err
			}
		}
		return s.note(ctx, a, "strategy.question", "question", q.ID, q.AgencyID, "", map[string]string{"number": q.Number, "need": q.NeedID})
	})
	return q, err
}

func (s *Service) takeUp(ctx context.Context, needID string) error {
	if needID == "" {
		return nil
	}
	n, err := s.need(ctx, needID)
	if fault.Is(err, fault.NotFound) {
		return fault.Field("need", "fault.choice")
	}
	if err != nil || n.State != Posted {
		return err
	}
	n.State = TakenUp
	return s.updateNeed(ctx, n)
}

// EditQuestion writes a question anew; version is the one that the officer saw.
func (s *Service) EditQuestion(ctx context.Context, a access.Actor, id string, version int64, in QuestionInput) (Question, error) {
	var q Question
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		var err error
		if q, err = s.question(ctx, id); err != nil {
			return err
		}
		have := q.set(a)
		if !q.visible(have) {
			return fault.Missing()
		}
		if err := rules.Check(a, "strategy.question", have, access.Public); err != nil {
			return err
		}
		if err := in.apply(&q); err != nil {
			return err
		}
		q.Version = version
		if err := s.updateQuestion(ctx, q); err != nil {
			return err
		}
		q.Version++
		return s.note(ctx, a, "strategy.edit", "question", id, q.AgencyID, "", map[string]string{"state": q.State})
	})
	return q, err
}

// InCall notes that an open question was put into a call; the call's own link is
// the call room's. A question that is further on stays as it is.
func (s *Service) InCall(ctx context.Context, a access.Actor, id string) error {
	q, err := s.question(ctx, id)
	if err != nil || q.State != "open" {
		return err
	}
	_, err = s.EditQuestion(ctx, a, id, q.Version, QuestionInput{Title: q.Title, Body: q.Body, Orientation: q.Orientation, State: "in a call"})
	return err
}

// Batch is records to be taken in together, by an import or a demonstration.
type Batch struct {
	Priorities []Priority // parents before children; Kind and Number are kept
	Needs      []Need     // an empty number takes the next
	Questions  []Question
	Links      []Tie
}

// Tie links a record to a priority.
type Tie struct{ PriorityID, Kind, ID string }

// TakeIn adds a batch in one unit of work with one ledger entry that counts it. Keys
// that are empty are made. Operators, officers of the platform, and the program itself.
func (s *Service) TakeIn(ctx context.Context, a access.Actor, b *Batch) error {
	have := a.Staffing("", "", "")
	if err := rules.Check(a, "strategy.take-in", have, access.Public); err != nil {
		return err
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.storeBatch(ctx, a, b); err != nil {
			return err
		}
		return s.note(ctx, a, "strategy.take-in", "strategy", clock.ID(ctx), "", "", map[string]int{
			"priorities": len(b.Priorities), "needs": len(b.Needs), "questions": len(b.Questions), "links": len(b.Links)})
	})
}

func (s *Service) storeBatch(ctx context.Context, a access.Actor, b *Batch) error {
	for i := range b.Priorities {
		p := &b.Priorities[i]
		fill(&p.ID, clock.ID(ctx))
		fill(&p.State, "active")
		if err := s.insertPriority(ctx, *p); err != nil {
			return err
		}
	}
	for i := range b.Needs {
		n := &b.Needs[i]
		fill(&n.ID, clock.ID(ctx))
		fill(&n.State, Posted)
		if err := s.numbered(ctx, &n.Number, "N"); err != nil {
			return err
		}
		if err := s.insertNeed(ctx, *n); err != nil {
			return err
		}
	}
	for i := range b.Questions {
		q := &b.Questions[i]
		fill(&q.ID, clock.ID(ctx))
		fill(&q.State, "open")
		if err := s.numbered(ctx, &q.Number, "Q"); err != nil {
			return err
		}
		if err := s.insertQuestion(ctx, a, *q); err != nil {
			return err
		}
	}
	for _, l := range b.Links {
		if err := s.insertLink(ctx, a, l.PriorityID, l.Kind, l.ID); err != nil {
			return err
		}
	}
	return nil
}

func fill(s *string, v string) {
	if *s == "" {
		*s = v
	}
}

func (s *Service) numbered(ctx context.Context, n *string, letter string) (err error) {
	if *n == "" {
		*n, err = number.Next(ctx, s.DB, letter)
	}
	return err
}

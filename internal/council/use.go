package council

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Followings are how a decision, or a synthesis, takes an advice.
var Followings = []string{"yes", "partly", "no"}

// Use is one advice that a decision had. Followed is "" while nobody has said whether it does.
type Use struct {
	AdviceID, Number string
	Question         lang.Text
	Kind, SubjectID  string // OfItem, OfDecision
	Followed, Why    string
	By               string
	At               time.Time
	Where            string // of an advice's own page: number of the list, or body and meeting
	Reach            bool   // the viewer may see the decision itself
}

// About is one record that advice is asked about.
type About struct{ Kind, ID string }

// Cite says of a decision whether it follows an advice, and why; once, for it is part of
// the decision's reasons. By those who prepare the decision.
// Errors: Invalid with every field at fault; Conflict when it is cited already.
func (s *Service) Cite(ctx context.Context, a access.Actor, kind, subject, advice, followed, why string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.Get(ctx, a, advice)
		if fault.Is(err, fault.NotFound) || err == nil && v.State != Closed {
			return fault.Field("advice", "council.cite.none")
		}
		if err != nil {
			return err
		}
		agency, err := s.citable(ctx, a, kind, subject)
		if err != nil {
			return err
		}
		if err := fault.Join(choice("followed", followed, Followings...), plain("why", why)); err != nil {
			return err
		}
		u := Use{AdviceID: advice, Kind: kind, SubjectID: subject, Followed: followed, Why: why, By: a.Name}
		if err := s.insertUse(ctx, u); db.IsUnique(err) {
			return fault.New(fault.Conflict, "council.cite.twice").At("advice")
		} else if err != nil {
			return err
		}
		return s.note(ctx, a, Advice{ID: advice, AgencyID: agency}, "council.cite", why, map[string]string{"decision": kind + "/" + subject, "followed": followed})
	})
}

// citable is the agency of a decision for which a may say what advice it follows.
func (s *Service) citable(ctx context.Context, a access.Actor, kind, id string) (agency string, err error) {
	switch kind {
	case OfItem:
		sit, _, err := s.sitItem(ctx, a, id, "council.run")
		return sit.body.AgencyID, err
	case OfDecision:
		r, err := s.Subjects.Find(ctx, a, kind, id)
		if err != nil {
			return "", err
		}
		return r.AgencyID, rules.Check(a, "council.ask", a.Staffing(r.AgencyID, "", ""), access.Public)
	}
	return "", fault.Missing()
}

// Advised is the advice that a decision had: what it cites, and the closed advice about
// its records of which nothing was said yet. The caller has decided that a may see the decision.
func (s *Service) Advised(ctx context.Context, a access.Actor, kind, id string, about []About) ([]Use, error) {
	out, err := s.uses(ctx, kind, id)
	if err != nil {
		return nil, err
	}
	said := map[string]bool{}
	for _, u := range out {
		said[u.AdviceID] = true
	}
	for _, r := range about {
		list, _, err := s.List(ctx, a, Filter{Kind: r.Kind, Subject: r.ID, State: Closed, Size: mostAdvised})
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			if !said[v.ID] {
				said[v.ID] = true
				out = append(out, Use{AdviceID: v.ID, Number: v.Number, Question: v.Question, Kind: kind, SubjectID: id})
			}
		}
	}
	return out, nil
}

// mostAdvised bounds the advice about one record that a decision shows.
const mostAdvised = 50

// Became are the decisions that had an advice, as far as a may know of them: what is not
// decided yet is for who sees it already, and who is recused from an item does not learn of it.
func (s *Service) Became(ctx context.Context, a access.Actor, advice string) ([]Use, error) {
	list, err := s.usesOf(ctx, advice)
	if err != nil {
		return nil, err
	}
	recused, err := s.recusedFrom(ctx, a.Person)
	if err != nil {
		return nil, err
	}
	var out []Use
	for _, u := range list {
		if recused[u.SubjectID] {
			continue
		}
		decided, err := s.where(ctx, a, &u)
		if err != nil {
			return nil, err
		}
		if decided || u.Reach {
			out = append(out, u)
		}
	}
	return out, nil
}

// where names a decision for those who read the advice that it had, and finds out whether
// a may see it and whether it is decided.
func (s *Service) where(ctx context.Context, a access.Actor, u *Use) (decided bool, err error) {
	if u.Kind == OfDecision {
		r, err := s.Subjects.Find(ctx, access.System, u.Kind, u.SubjectID)
		if err != nil {
			return false, err
		}
		_, err = s.Subjects.Find(ctx, a, u.Kind, u.SubjectID)
		u.Where, u.Reach = r.Number+" "+r.Title.In(lang.Of(ctx)), err == nil
		return r.Settled, nil
	}
	i, err := s.item(ctx, u.SubjectID)
	if err != nil {
		return false, err
	}
	sit, err := s.sitting(ctx, a, i.MeetingID)
	if err != nil {
		return false, err
	}
	u.Where, u.Reach = sit.body.Name.In(lang.Of(ctx))+" "+sit.meeting.Number, sit.check(a, "council.see") == nil
	return i.Outcome != "", nil
}

package council

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/register"
)

// Subjects finds the records of other rooms that advice is asked about: number and
// title of one that a may see, NotFound for others.
type Subjects interface {
	About(ctx context.Context, a access.Actor, kind, id string) (number string, title lang.Text, err error)
}

// Service is the only way to advice.
type Service struct {
	DB       *db.DB
	Ledger   *ledger.Ledger
	Register *register.Service
	Subjects Subjects
}

// Ask puts a question to a first adviser. By officers and those who sign, of the agency.
// Errors: Invalid with every field at fault; NotFound for a record that a may not see.
func (s *Service) Ask(ctx context.Context, a access.Actor, in Input) (Advice, error) {
	now := clock.Now(ctx)
	v := Advice{AgencyID: in.AgencyID, Kind: in.Kind, SubjectID: in.SubjectID, Question: in.Question, Background: in.Background, Due: in.Due,
		State: Open, AskedBy: a.Account, CreatedAt: now, Version: 1}
	if err := rules.Check(a, "council.ask", a.Staffing(in.AgencyID, "", ""), access.Public); err != nil {
		return v, err
	}
	if !slices.Contains(Kinds, in.Kind) {
		return v, fault.Missing()
	}
	if _, _, err := s.Subjects.About(ctx, a, in.Kind, in.SubjectID); err != nil {
		return v, err
	}
	if err := in.check(now); err != nil {
		return v, err
	}
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		var err error
		if v.Number, err = number.Next(ctx, s.DB, "A"); err != nil {
			return err
		}
		v.ID = clock.ID(ctx)
		if err := s.insert(ctx, v); err != nil {
			return err
		}
		if err := s.note(ctx, a, v, "council.ask", "", map[string]string{"number": v.Number, "about": v.Kind + "/" + v.SubjectID}); err != nil {
			return err
		}
		return s.add(ctx, a, v, in.Adviser)
	})
	return v, err
}

// Add asks one more adviser, as long as nobody has read an answer.
// Errors: Conflict once answers can be read, or for somebody who is asked already.
func (s *Service) Add(ctx context.Context, a access.Actor, id, person string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, answers, err := s.load(ctx, a, id, "council.ask")
		if err != nil {
			return err
		}
		if v.together(answers, clock.Now(ctx)) {
			return fault.New(fault.Conflict, "council.read.already")
		}
		return s.add(ctx, a, v, person)
	})
}

func (s *Service) add(ctx context.Context, a access.Actor, v Advice, person string) error {
	if _, err := s.Register.Person(ctx, a, person); fault.Is(err, fault.NotFound) {
		return fault.Field("adviser", "council.adviser.unknown")
	} else if err != nil {
		return err
	}
	if err := s.insertAnswer(ctx, v.ID, person); db.IsUnique(err) {
		return fault.New(fault.Conflict, "council.adviser.twice").At("adviser")
	} else if err != nil {
		return err
	}
	return s.note(ctx, a, v, "council.invite", "", map[string]string{"person": person})
}

// load is a request with its answers, for an act.
func (s *Service) load(ctx context.Context, a access.Actor, id string, act access.Act) (Advice, []Answer, error) {
	v, answers, err := s.whole(ctx, id)
	if err != nil {
		return v, nil, err
	}
	return v, answers, rules.Check(a, act, v.set(a, answers), v.see())
}

func (s *Service) whole(ctx context.Context, id string) (Advice, []Answer, error) {
	v, err := s.byID(ctx, id)
	if err != nil {
		return v, nil, err
	}
	answers, err := s.answers(ctx, id)
	return v, answers, err
}

// Reply is an adviser's own answer. It stands as given.
// Errors: Invalid with every field at fault; Conflict when it is given already or the request is closed.
func (s *Service) Reply(ctx context.Context, a access.Actor, id string, r Reply) error {
	return s.answer(ctx, a, id, func() (Answer, error) {
		return Answer{State: Answered, Interests: r.Interests, Answer: r.Answer, Evidence: r.Evidence, Confidence: r.Confidence}, r.check()
	})
}

// Decline is an adviser's no, with its reason: an interest in the matter, no time.
func (s *Service) Decline(ctx context.Context, a access.Actor, id, reason string) error {
	return s.answer(ctx, a, id, func() (Answer, error) {
		if reason == "" {
			return Answer{}, fault.Field("reason", "fault.required")
		}
		return Answer{State: Declined, Reason: reason}, nil
	})
}

func (s *Service) answer(ctx context.Context, a access.Actor, id string, make func() (Answer, error)) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, answers, err := s.load(ctx, a, id, "council.answer")
		if err != nil {
			return err
		}
		mine := slices.IndexFunc(answers, func(x Answer) bool { return x.Person == a.Person })
		if v.State != Open || answers[mine].State != Asked {
			return fault.New(fault.Conflict, "council.answered")
		}
		x, err := make()
		if err != nil {
			return err
		}
		x.Person, x.At = a.Person, clock.Now(ctx)
		if err := s.setAnswer(ctx, id, x); err != nil {
			return err
		}
		return s.note(ctx, a, v, "council."+x.State, x.Reason, x)
	})
}

// Close ends a request with a synthesis, and what of the advice it does not follow.
// Everybody may read it then. Errors: Conflict before the answers can be read.
func (s *Service) Close(ctx context.Context, a access.Actor, id string, version int64, synthesis, minority lang.Text) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, answers, err := s.load(ctx, a, id, "council.ask")
		if err != nil {
			return err
		}
		if v.State != Open || !v.together(answers, clock.Now(ctx)) || v.Given == 0 {
			return fault.New(fault.Conflict, "council.close.early")
		}
		if err := fault.Join(text("synthesis", synthesis, mostText, true), text("minority", minority, mostText, false)); err != nil {
			return err
		}
		if err := s.setClosed(ctx, id, version, synthesis, minority); err != nil {
			return err
		}
		return s.note(ctx, a, v, "council.close", "", map[string]lang.Text{"synthesis": synthesis, "minority": minority})
	})
}

// Follow says what became of a closed request's advice.
func (s *Service) Follow(ctx context.Context, a access.Actor, id string, version int64, became lang.Text) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, _, err := s.load(ctx, a, id, "council.ask")
		if err != nil {
			return err
		}
		if v.State != Closed {
			return fault.New(fault.Conflict, "council.follow.early")
		}
		if err := fault.Join(text("became", became, mostText, true)); err != nil {
			return err
		}
		if err := s.setBecame(ctx, id, version, became); err != nil {
			return err
		}
		return s.note(ctx, a, v, "council.follow", "", became)
	})
}

// Get is a request as a may see it. Advisers see the others' answers once it is
// closed, its agency once they can be read together.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (View, error) {
	v, answers, err := s.whole(ctx, id)
	if err != nil {
		return View{}, err
	}
	if v.State != Closed { // closed advice is public
		if err := rules.Check(a, "council.read", v.set(a, answers), v.see()); err != nil {
			return View{}, err
		}
	}
	out := View{Advice: v, Set: v.set(a, answers), Together: v.together(answers, clock.Now(ctx))}
	if err := s.name(ctx, answers); err != nil {
		return out, err
	}
	out.Answers = out.shown(answers)
	for i := range answers {
		if a.Person != "" && answers[i].Person == a.Person {
			out.Mine = &answers[i]
		}
	}
	agencies, err := s.Register.Agencies(ctx)
	if err != nil {
		return out, err
	}
	for _, g := range agencies {
		if g.ID == v.AgencyID {
			out.Agency = g.Name
		}
	}
	out.Subject, err = s.subject(ctx, a, v)
	return out, err
}

// shown are the answers as the viewer may read them: whole, by name only, or none.
func (v View) shown(answers []Answer) []Answer {
	switch {
	case v.State == Closed:
		return answers
	case !v.Set.Any(access.Of(access.Staff, access.Signer, access.Audit)):
		return nil
	case v.Together:
		return answers
	}
	bare := make([]Answer, 0, len(answers))
	for _, x := range answers {
		bare = append(bare, Answer{Person: x.Person, Name: x.Name, State: x.State})
	}
	return bare
}

func (s *Service) name(ctx context.Context, answers []Answer) error {
	people := make([]string, 0, len(answers))
	for _, x := range answers {
		people = append(people, x.Person)
	}
	names, err := s.Register.Names(ctx, people, nil)
	for i := range answers {
		answers[i].Name = names[answers[i].Person]
	}
	return err
}

// subject names the record that v is about; nothing where a may not see it.
func (s *Service) subject(ctx context.Context, a access.Actor, v Advice) (string, error) {
	num, title, err := s.Subjects.About(ctx, a, v.Kind, v.SubjectID)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return num + " " + title.In(lang.Of(ctx)), err
}

// Filter narrows a list; Kind and Subject together are what is asked about one record.
type Filter struct {
	Kind, Subject, State, Text string
	Mine                       bool // where the actor is asked
	Page, Size                 int
}

// List is the requests that a may see, what is due first, and how many there are.
func (s *Service) List(ctx context.Context, a access.Actor, f Filter) ([]Advice, int, error) {
	return s.list(ctx, a, f)
}

func (s *Service) note(ctx context.Context, a access.Actor, v Advice, act, why string, what any) error {
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: "advice", ID: v.ID, Agency: v.AgencyID, Why: why, Payload: what})
	return err
}

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
	"github.com/headwater-platform/headwater/internal/strategy"
)

// Subjects finds the records of other rooms: one that a may see as it stands now,
// NotFound for others.
type Subjects interface {
	Find(ctx context.Context, a access.Actor, kind, id string) (Record, error)
}

// Service is the only way to bodies with their meetings, to agreements and to advice.
type Service struct {
	DB       *db.DB
	Ledger   *ledger.Ledger
	Register *register.Service
	Strategy *strategy.Service
	Subjects Subjects
	Notify   Notifier // nil: nobody is written to
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
	if _, err := s.Subjects.Find(ctx, a, in.Kind, in.SubjectID); err != nil {
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
		if in.Body != "" {
			if err := s.addBody(ctx, a, v, nil, in.Body); err != nil || in.Adviser == "" {
				return err
			}
		}
		return s.add(ctx, a, v, in.Adviser, "")
	})
	return v, err
}

// Add asks one more adviser, as long as nobody has read an answer.
// Errors: Conflict once answers can be read, or for somebody who is asked already.
func (s *Service) Add(ctx context.Context, a access.Actor, id, person string) error {
	return s.adding(ctx, a, id, func(ctx context.Context, v Advice, _ []Answer) error { return s.add(ctx, a, v, person, "") })
}

// AddBody asks those who have a vote in a body today, each for an answer of their own.
// Who is asked already is not asked twice. Errors: as of Add; Invalid for a body that nobody sits in.
func (s *Service) AddBody(ctx context.Context, a access.Actor, id, body string) error {
	return s.adding(ctx, a, id, func(ctx context.Context, v Advice, answers []Answer) error {
		return s.addBody(ctx, a, v, answers, body)
	})
}

func (s *Service) adding(ctx context.Context, a access.Actor, id string, do func(context.Context, Advice, []Answer) error) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, answers, err := s.load(ctx, a, id, "council.ask")
		if err != nil {
			return err
		}
		if v.together(answers, clock.Now(ctx)) {
			return fault.New(fault.Conflict, "council.read.already")
		}
		return do(ctx, v, answers)
	})
}

func (s *Service) addBody(ctx context.Context, a access.Actor, v Advice, answers []Answer, body string) error {
	seats, err := s.seats(ctx, body)
	if err != nil {
		return err
	}
	asked := false
	for _, x := range seatsOn(seats, today(ctx)) {
		if x.Role != Chair && x.Role != Member || slices.ContainsFunc(answers, func(y Answer) bool { return y.Person == x.Person }) {
			continue
		}
		asked = true
		if err := s.add(ctx, a, v, x.Person, body); err != nil {
			return err
		}
	}
	if !asked {
		return fault.Field("body", "council.body.nobody")
	}
	return nil
}

func (s *Service) add(ctx context.Context, a access.Actor, v Advice, person, body string) error {
	if _, err := s.Register.Person(ctx, a, person); fault.Is(err, fault.NotFound) {
		return fault.Field("adviser", "council.adviser.unknown")
	} else if err != nil {
		return err
	}
	if err := s.insertAnswer(ctx, v.ID, person, body); db.IsUnique(err) {
		return fault.New(fault.Conflict, "council.adviser.twice").At("adviser")
	} else if err != nil {
		return err
	}
	return s.note(ctx, a, v, "council.invite", "", map[string]string{"person": person, "body": body})
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

// Synthesis is what the answers come to: Followed says of each answer, by person, whether
// it is followed, and Minority keeps what is not.
type Synthesis struct {
	Text, Minority lang.Text
	Followed       map[string]string
}

// check wants every answer that was given to be taken in some way, and the minority
// where one is not followed whole.
func (in Synthesis) check(answers []Answer) error {
	var faults []*fault.Error
	kept := false
	for _, x := range answers {
		if x.State != Answered {
			continue
		}
		faults = append(faults, choice("followed_"+x.Person, in.Followed[x.Person], Followings...))
		kept = kept || in.Followed[x.Person] != "yes"
	}
	return fault.Join(append(faults, text("synthesis", in.Text, mostText, true), text("minority", in.Minority, mostText, kept))...)
}

// Close ends a request with a synthesis. Everybody may read it then.
// Errors: Conflict before the answers can be read; Invalid with every field at fault.
func (s *Service) Close(ctx context.Context, a access.Actor, id string, version int64, in Synthesis) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, answers, err := s.load(ctx, a, id, "council.ask")
		if err != nil {
			return err
		}
		if v.State != Open || !v.together(answers, clock.Now(ctx)) || v.Given == 0 {
			return fault.New(fault.Conflict, "council.close.early")
		}
		if err := in.check(answers); err != nil {
			return err
		}
		if err := s.setClosed(ctx, id, version, in.Text, in.Minority); err != nil {
			return err
		}
		for _, x := range answers {
			if x.State == Answered {
				if err := s.setFollowed(ctx, id, x.Person, in.Followed[x.Person]); err != nil {
					return err
				}
			}
		}
		return s.note(ctx, a, v, "council.close", "", map[string]any{"synthesis": in.Text, "minority": in.Minority, "followed": in.Followed})
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
		if a.Alone() != "" && answers[i].Person == a.Alone() {
			out.Mine = &answers[i]
		}
	}
	agencies, err := s.agencies(ctx)
	if err != nil {
		return out, err
	}
	out.Agency = agencies[v.AgencyID]
	if out.Uses, err = s.Became(ctx, a, id); err != nil {
		return out, err
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
		bare = append(bare, Answer{Person: x.Person, Name: x.Name, State: x.State, Body: x.Body})
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
	r, err := s.Subjects.Find(ctx, a, v.Kind, v.SubjectID)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return r.Number + " " + r.Title.In(lang.Of(ctx)), err
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

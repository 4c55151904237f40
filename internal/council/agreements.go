package council

import (
	"context"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// refer sends a carried motion to the agencies that it touches.
func (s *Service) refer(ctx context.Context, a access.Actor, sit sitting, i Item) error {
	_, err := s.begin(ctx, a, Agreement{AgencyID: sit.body.AgencyID, Kind: OfItem, SubjectID: i.ID, Title: i.Title, Text: i.Motion, Refusal: i.Refusal,
		Due: clock.Now(ctx).AddDate(0, 0, i.Days).Format(time.DateOnly)}, i.Touches)
	return err
}

// MayRefer is the decision that a may send to the agencies that it touches.
func (s *Service) MayRefer(ctx context.Context, a access.Actor, decision string) (Record, error) {
	r, err := s.Subjects.Find(ctx, a, OfDecision, decision)
	if err == nil {
		err = rules.Check(a, "council.refer", a.Staffing(r.AgencyID, "", ""), access.Public)
	}
	return r, err
}

// Refer sends a list of proposals to the agencies that it touches: until all agree it
// cannot be signed. By officers of its agency.
// Errors: Invalid with every field at fault; Conflict for what is signed, or while a case about it is open.
func (s *Service) Refer(ctx context.Context, a access.Actor, decision string, in AgreementInput) (Agreement, error) {
	var v Agreement
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		r, err := s.MayRefer(ctx, a, decision)
		if err != nil {
			return err
		}
		if err := in.check(clock.Now(ctx)); err != nil {
			return err
		}
		agencies, err := s.agencies(ctx)
		if err != nil {
			return err
		}
		for _, g := range in.Agencies {
			if _, known := agencies[g]; !known || g == r.AgencyID {
				return fault.Field("agencies", "council.touches")
			}
		}
		before, err := s.casesOf(ctx, OfDecision, decision)
		if err != nil {
			return err
		}
		if r.Settled || len(before) > 0 && (before[0].State == Open || before[0].State == Returned) {
			return fault.New(fault.Conflict, "council.refer.turn")
		}
		v, err = s.begin(ctx, a, Agreement{AgencyID: r.AgencyID, Kind: OfDecision, SubjectID: decision, Title: in.Title, Text: in.Text, Refusal: in.Refusal, Due: in.Due}, in.Agencies)
		return err
	})
	return v, err
}

func (s *Service) begin(ctx context.Context, a access.Actor, v Agreement, agencies []string) (Agreement, error) {
	v.State, v.Round, v.CreatedAt, v.Version = Open, 1, clock.Now(ctx), 1
	var err error
	if v.Number, err = number.Next(ctx, s.DB, "G"); err != nil {
		return v, err
	}
	v.ID = clock.ID(ctx)
	if err := s.insertCase(ctx, v, a.Account); err != nil {
		return v, err
	}
	slices.Sort(agencies)
	for _, g := range slices.Compact(agencies) {
		if err := s.insertParty(ctx, v.ID, v.Round, g, v.Text); err != nil {
			return v, err
		}
	}
	return v, s.tell(ctx, a, v, "council.refer", "", map[string]any{"number": v.Number, "agencies": agencies, "text": v.Text, "due": v.Due})
}

func (s *Service) tell(ctx context.Context, a access.Actor, v Agreement, act, why string, what any) error {
	_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: "agreement", ID: v.ID, Agency: v.AgencyID, Why: why, Payload: what})
	return err
}

// known is a case that a may see, with all its answers. Errors: NotFound for others, and
// for who is recused from the item that it is about.
func (s *Service) known(ctx context.Context, a access.Actor, id string) (Agreement, []Party, error) {
	v, err := s.agreement(ctx, id)
	if err != nil {
		return v, nil, err
	}
	parties, err := s.parties(ctx, id)
	if err != nil {
		return v, nil, err
	}
	seen := rules.Check(a, "council.case", v.set(a, parties), access.Public) == nil
	if v.Kind == OfItem {
		if _, _, err := s.sitItem(ctx, a, v.SubjectID, "council.see"); err == nil {
			seen = true
		} else if recused, err := s.recusedFrom(ctx, a.Person); err != nil || recused[v.SubjectID] {
			return v, nil, fault.Missing().Because(err)
		}
	}
	if !seen {
		return v, nil, fault.Missing()
	}
	return v, parties, nil
}

// Agreement is a case as a sees it: all parties see all answers.
func (s *Service) Agreement(ctx context.Context, a access.Actor, id string) (AgreementView, error) {
	v, parties, err := s.known(ctx, a, id)
	if err != nil {
		return AgreementView{}, err
	}
	out := AgreementView{Agreement: v}
	for _, p := range parties {
		if p.Round == v.Round {
			out.Parties = append(out.Parties, p)
		} else {
			out.Earlier = append(out.Earlier, p)
		}
	}
	own := a.Staffing(v.AgencyID, "", "")
	out.Late = v.State == Open && v.Due < today(ctx)
	out.MayAgain = v.State == Returned && own.Any(rules["council.refer"])
	out.MayWithdraw = (v.State == Open || v.State == Returned) && own.Any(rules["council.agree"])
	if v.State == Open {
		out.Mine = mine(a, out.Parties)
	}
	if out.MayOpen, err = s.mayOpen(ctx, a, v); err != nil {
		return out, err
	}
	agencies, err := s.agencies(ctx)
	out.Agency = agencies[v.AgencyID]
	return out, err
}

// mayOpen reports whether a sees what a case is about: who answers for another agency sees the case only.
func (s *Service) mayOpen(ctx context.Context, a access.Actor, v Agreement) (may bool, err error) {
	if v.Kind == OfItem {
		_, _, err = s.sitItem(ctx, a, v.SubjectID, "council.see")
	} else {
		_, err = s.Subjects.Find(ctx, a, OfDecision, v.SubjectID)
	}
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.NotAllowed) {
		return false, nil
	}
	return err == nil, err
}

// Agreements are the cases that a may see, what is open first.
func (s *Service) Agreements(ctx context.Context, a access.Actor) ([]Agreement, error) {
	if a.Delegation != "" { // nobody acts for another in a council
		return nil, nil
	}
	return s.cases(ctx, a)
}

// AgreementsOn are the cases about one decision that a may see, the newest first.
func (s *Service) AgreementsOn(ctx context.Context, a access.Actor, kind, id string) ([]AgreementView, error) {
	list, err := s.casesOf(ctx, kind, id)
	var out []AgreementView
	for _, v := range list {
		one, err := s.Agreement(ctx, a, v.ID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, err
}

// Answer is what an agency says, by who signs for it. It stands as given. A refusal ends
// the case or sends it back; when all agree, what was asked takes effect.
// Errors: Invalid without words for conditions or a refusal; Conflict when the case is closed or the agency has answered.
func (s *Service) Answer(ctx context.Context, a access.Actor, id, agency, answer, words string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, all, err := s.known(ctx, a, id)
		if err != nil {
			return err
		}
		if err := rules.Check(a, "council.agree", a.Staffing(agency, "", ""), access.Public); err != nil {
			return err
		}
		parties := slices.DeleteFunc(all, func(p Party) bool { return p.Round != v.Round })
		i := slices.IndexFunc(parties, func(p Party) bool { return p.AgencyID == agency })
		if i < 0 {
			return fault.Field("agency", "fault.choice")
		}
		if v.State != Open || parties[i].Answer != "" {
			return fault.New(fault.Conflict, "council.agreement.answered")
		}
		if err := checkAnswer(answer, words); err != nil {
			return err
		}
		parties[i].Answer, parties[i].Words, parties[i].By = answer, words, a.Name
		if err := s.answerParty(ctx, v, parties[i]); err != nil {
			return err
		}
		v.State = v.settle(parties)
		if err := s.setCase(ctx, v); err != nil {
			return err
		}
		if err := s.tell(ctx, a, v, "council.agree", words, map[string]string{"agency": agency, "answer": answer, "state": v.State}); err != nil {
			return err
		}
		if v.State != Agreed || v.Kind != OfItem {
			return nil
		}
		return s.agreed(ctx, a, v.SubjectID)
	})
}

func checkAnswer(answer, words string) error {
	faults := []*fault.Error{choice("answer", answer, Agree, Conditions, Refuse)}
	if words == "" && (answer == Conditions || answer == Refuse) {
		faults = append(faults, fault.Field("words", "council.agreement.words"))
	}
	if over := len([]rune(words)) - mostText; over > 0 {
		faults = append(faults, fault.Field("words", "fault.long", over))
	}
	return fault.Join(faults...)
}

// agreed lets a motion take effect that all agencies agree to.
func (s *Service) agreed(ctx context.Context, a access.Actor, item string) error {
	i, err := s.item(ctx, item)
	if err != nil {
		return err
	}
	m, err := s.meeting(ctx, i.MeetingID)
	if err != nil {
		return err
	}
	return s.effect(ctx, a, m, i)
}

// Again asks all agencies anew, with another text, after one sent it back.
func (s *Service) Again(ctx context.Context, a access.Actor, id string, version int64, words lang.Text, due string) error {
	return s.asking(ctx, a, id, "council.refer", func(ctx context.Context, v Agreement, parties []Party) error {
		if v.State != Returned {
			return fault.New(fault.Conflict, "council.agreement.turn")
		}
		in := AgreementInput{Title: v.Title, Text: words, Agencies: []string{v.AgencyID}, Refusal: v.Refusal, Due: due}
		if err := in.check(clock.Now(ctx)); err != nil {
			return err
		}
		last := v.Round
		v.Text, v.State, v.Round, v.Due, v.Version = words, Open, last+1, due, version
		for _, p := range parties {
			if p.Round != last {
				continue
			}
			if err := s.insertParty(ctx, id, v.Round, p.AgencyID, words); err != nil {
				return err
			}
		}
		if err := s.setCase(ctx, v); err != nil {
			return err
		}
		return s.tell(ctx, a, v, "council.refer.again", "", map[string]any{"round": v.Round, "text": words, "due": due})
	})
}

// Withdraw ends a case that is no longer needed, by who signs for the agency that asks.
func (s *Service) Withdraw(ctx context.Context, a access.Actor, id string, version int64, why string) error {
	return s.asking(ctx, a, id, "council.agree", func(ctx context.Context, v Agreement, _ []Party) error {
		if v.State != Open && v.State != Returned {
			return fault.New(fault.Conflict, "council.agreement.turn")
		}
		if why == "" {
			return fault.Field("why", "fault.required")
		}
		v.State, v.Why, v.Version = Withdrawn, why, version
		if err := s.setCase(ctx, v); err != nil {
			return err
		}
		return s.tell(ctx, a, v, "council.withdraw", why, nil)
	})
}

// asking is an act of the agency that asks, in a unit of work.
func (s *Service) asking(ctx context.Context, a access.Actor, id string, act access.Act, do func(context.Context, Agreement, []Party) error) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, parties, err := s.known(ctx, a, id)
		if err != nil {
			return err
		}
		if err := rules.Check(a, act, a.Staffing(v.AgencyID, "", ""), access.Public); err != nil {
			return err
		}
		return do(ctx, v, parties)
	})
}

// Holds refuses what waits for the agreement of other agencies, or was refused it. The
// decision room asks before a list is signed.
// Errors: Conflict, naming the case.
func (s *Service) Holds(ctx context.Context, decision string) error {
	list, err := s.casesOf(ctx, OfDecision, decision)
	if err != nil || len(list) == 0 {
		return err
	}
	if st := list[0].State; st == Agreed || st == Withdrawn {
		return nil
	}
	return fault.New(fault.Conflict, "council.agreement.holds", list[0].Number)
}

package council

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Note writes what the minutes say of an item besides the record, while they are a draft.
func (s *Service) Note(ctx context.Context, a access.Actor, item string, version int64, notes lang.Text) error {
	return s.onItem(ctx, a, item, func(ctx context.Context, sit sitting, i Item) error {
		if sit.meeting.State != InRoom && sit.meeting.State != Over {
			return fault.New(fault.Conflict, "council.minutes.fixed")
		}
		if err := fault.Join(text("notes", notes, mostText, false)); err != nil {
			return err
		}
		i.Notes, i.Version = notes, version
		if err := s.setNotes(ctx, i); err != nil {
			return err
		}
		return s.log(ctx, a, sit.body, "council.note", "council-item", item, "", notes)
	})
}

// Approve fixes the minutes of a meeting that is over. By its chair; where the chair was
// recused from an item by any member in attendance who was recused from none.
// Errors: NotAllowed for others; Conflict out of turn.
func (s *Service) Approve(ctx context.Context, a access.Actor, meeting string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		sit, err := s.sit(ctx, a, meeting, "council.approve")
		if err != nil {
			return err
		}
		if sit.meeting.State != Over {
			return fault.New(fault.Conflict, "council.minutes.turn")
		}
		may, err := s.approvers(ctx, meeting, sit.seats)
		if err != nil {
			return err
		}
		if a.Person == "" || !may[a.Person] {
			return fault.New(fault.NotAllowed, "council.minutes.who")
		}
		v, err := s.Meeting(ctx, a, meeting)
		if err != nil {
			return err
		}
		body := db.JSON(Draft(v))
		sum := sha256.Sum256([]byte(body))
		e := Edition{ID: clock.ID(ctx), MeetingID: meeting, Number: len(v.Editions) + 1, Hash: hex.EncodeToString(sum[:]), Correction: sit.meeting.Correction, ApprovedBy: a.Person, ApprovedAt: clock.Now(ctx)}
		if err := s.insertEdition(ctx, e, body); err != nil {
			return err
		}
		if err := s.setMeeting(ctx, sit.meeting, Minuted, ""); err != nil {
			return err
		}
		if err := s.tellMembers(ctx, sit, "council.mail.minutes", "/council-meetings/"+meeting+"/minutes?edition="+e.ID); err != nil {
			return err
		}
		return s.log(ctx, a, sit.body, "council.minutes", "meeting", meeting, e.Correction, map[string]any{"edition": e.Number, "sha256": e.Hash})
	})
}

// approvers are those of a meeting's seats who may approve its minutes.
func (s *Service) approvers(ctx context.Context, meeting string, seats []Seat) (map[string]bool, error) {
	here, err := s.present(ctx, meeting)
	if err != nil {
		return nil, err
	}
	recused, err := s.recusedAt(ctx, meeting)
	return approvers(seats, here, recused), err
}

// Correct begins another edition of approved minutes, which stay as they are.
func (s *Service) Correct(ctx context.Context, a access.Actor, meeting, why string) error {
	return s.running(ctx, a, meeting, func(ctx context.Context, sit sitting) error {
		if sit.meeting.State != Minuted {
			return fault.New(fault.Conflict, "council.minutes.turn")
		}
		if why == "" {
			return fault.Field("why", "fault.required")
		}
		if err := s.setMeeting(ctx, sit.meeting, Over, why); err != nil {
			return err
		}
		return s.log(ctx, a, sit.body, "council.minutes.correct", "meeting", meeting, why, nil)
	})
}

// ConditionInput is what somebody has to do until a day.
type ConditionInput struct {
	Text        lang.Text
	Person, Due string
}

// Require sets a condition on a motion that was carried, until the minutes are approved.
func (s *Service) Require(ctx context.Context, a access.Actor, item string, in ConditionInput) error {
	return s.onItem(ctx, a, item, func(ctx context.Context, sit sitting, i Item) error {
		if i.Outcome != Carried || sit.meeting.State == Minuted {
			return fault.New(fault.Conflict, "council.condition.turn")
		}
		var who *fault.Error
		if _, err := s.Register.Person(ctx, a, in.Person); fault.Is(err, fault.NotFound) {
			who = fault.Field("person", "council.adviser.unknown")
		} else if err != nil {
			return err
		}
		if err := fault.Join(text("condition", in.Text, mostText, true), who, day("due", in.Due, true)); err != nil {
			return err
		}
		c := Condition{ID: clock.ID(ctx), ItemID: item, Text: in.Text, Person: in.Person, Due: in.Due, State: Awaited}
		if err := s.insertCondition(ctx, c); err != nil {
			return err
		}
		return s.log(ctx, a, sit.body, "council.condition", "council-item", item, "", in)
	})
}

// Condition is one condition, for who has to meet it and for who sees the item.
// May says whether a may settle it.
func (s *Service) Condition(ctx context.Context, a access.Actor, id string) (c Condition, may bool, err error) {
	list, err := s.conditions(ctx, `c.id = $1`, id)
	if c, err = db.One(list, err); err != nil {
		return c, false, err
	}
	if _, _, err := s.sitItem(ctx, a, c.ItemID, "council.see"); err != nil {
		if a.Alone() != "" && a.Alone() == c.Person {
			return c, false, nil
		}
		return Condition{}, false, fault.Missing()
	}
	_, _, err = s.sitItem(ctx, a, c.ItemID, "council.run")
	return c, err == nil, nil
}

// Report is what the person who has to meet a condition says of it.
func (s *Service) Report(ctx context.Context, a access.Actor, id string, version int64, report string) error {
	return s.onCondition(ctx, a, id, version, func(c *Condition, _ bool) error {
		if a.Alone() != c.Person {
			return fault.New(fault.NotAllowed, "fault.denied")
		}
		c.State, c.Report = Reported, report
		return fault.Join(plain("report", report))
	})
}

// Settle closes a condition, as met or waived, with a reason. By those who run the meeting.
func (s *Service) Settle(ctx context.Context, a access.Actor, id string, version int64, state, answer string) error {
	return s.onCondition(ctx, a, id, version, func(c *Condition, may bool) error {
		if !may {
			return fault.New(fault.NotAllowed, "fault.denied")
		}
		c.State, c.Answer = state, answer
		return fault.Join(choice("state", state, Met, Waived), plain("answer", answer))
	})
}

func (s *Service) onCondition(ctx context.Context, a access.Actor, id string, version int64, do func(*Condition, bool) error) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		c, may, err := s.Condition(ctx, a, id)
		if err != nil {
			return err
		}
		if c.State == Met || c.State == Waived {
			return fault.New(fault.Conflict, "council.condition.settled")
		}
		if err := do(&c, may); err != nil {
			return err
		}
		c.Version = version
		if err := s.setCondition(ctx, c); err != nil {
			return err
		}
		b, err := s.body(ctx, c.BodyID)
		if err != nil {
			return err
		}
		return s.log(ctx, a, b, "council.condition."+c.State, "council-item", c.ItemID, "", map[string]string{"condition": id, "report": c.Report, "answer": c.Answer})
	})
}

// plain checks a needed text in one language.
func plain(field, v string) *fault.Error {
	if v == "" {
		return fault.Field(field, "fault.required")
	}
	if over := len([]rune(v)) - mostText; over > 0 {
		return fault.Field(field, "fault.long", over)
	}
	return nil
}

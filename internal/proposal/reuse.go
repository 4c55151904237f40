package proposal

import (
	"context"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Offer is what an earlier proposal of somebody's own can put into one that is being written.
type Offer struct {
	To, From View
	Fields   []Offered // in the order of the form
}

// Offered is a question that both forms ask and the earlier proposal answers.
type Offered struct {
	Field    *scheme.Field
	Answer   Answer
	File     string // its name, where the answer is a file
	Answered bool   // here too: what stands stays
	Long     bool   // longer than this form allows: to be shortened once it is here
}

// MayRevise reports whether the proposal may call itself a new version of the
// earlier one, which has to have run its course.
func (o Offer) MayRevise() bool { return o.From.State == Decided || o.From.State == Withdrawn }

// Empty are the names of the fields that can be filled.
func (o Offer) Empty() []string {
	var out []string
	for _, f := range o.Fields {
		if !f.Answered {
			out = append(out, f.Field.Name)
		}
	}
	return out
}

// Offer compares the form of a proposal with what an earlier one answers. Questions
// go together by name and kind; a budget does not, its years are its call's.
// Errors: NotFound unless a is in the team of both; as of Save for the one being written.
func (s *Service) Offer(ctx context.Context, a access.Actor, id, from string) (Offer, error) {
	var o Offer
	var err error
	if o.To, err = s.writing(ctx, a, id); err != nil {
		return o, err
	}
	if o.To.Answers, err = s.answers(ctx, id, o.To.StageIn.Form); err != nil {
		return o, err
	}
	if o.From, err = s.Get(ctx, a, from); err != nil {
		return o, err
	}
	if id == from || o.From.Form == nil || !o.From.Set.Any(insiders) {
		return o, fault.Missing()
	}
	for _, f := range o.To.Form.Ordered() {
		answer := o.From.Answers[f.Name]
		if empty(answer.Value) || !o.fits(f, answer.Value) {
			continue
		}
		one := Offered{Field: f, Answer: answer, Answered: !empty(o.To.Answers[f.Name].Value), Long: tooLong(f, answer.Value)}
		if f.Widget == "file" {
			ref, err := s.Files.Info(ctx, o.From.Text(f.Name))
			if err != nil {
				return o, err
			}
			one.File = ref.Name
		}
		o.Fields = append(o.Fields, one)
	}
	return o, nil
}

// fits reports whether an answer of the earlier form says the same under f.
func (o Offer) fits(f *scheme.Field, value json.RawMessage) bool {
	before := o.From.Form.Fields[f.Name]
	if before == nil || before.Widget != f.Widget {
		return false
	}
	switch f.Widget {
	case "budget":
		return false
	case "money":
		return o.From.Call.Low.Currency == o.To.Call.Low.Currency
	case "choice":
		text, _ := textOf(value)
		return slices.Contains(f.Enum, text)
	case "file":
		return before.Accept == f.Accept
	}
	return true
}

func tooLong(f *scheme.Field, value json.RawMessage) bool {
	text, _ := textOf(value)
	return f.MaxLength > 0 && utf8.RuneCountInString(text) > f.MaxLength
}

// Reuse takes answers over from an earlier proposal of a's own into fields that have
// none, and says in the ledger where they came from; revised says whether this
// proposal is a new version of that one. It returns the fields it filled: one that
// somebody answered meanwhile keeps their answer.
// Errors: Invalid for a field that is not offered, and where nothing would change.
func (s *Service) Reuse(ctx context.Context, a access.Actor, id, from string, fields []string, revised bool) (filled []string, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		o, err := s.Offer(ctx, a, id, from)
		if err != nil {
			return err
		}
		for _, name := range fields {
			if !slices.ContainsFunc(o.Fields, func(f Offered) bool { return f.Field.Name == name }) {
				return fault.Field(name, "proposal.reuse.unknown", name, o.From.Number)
			}
		}
		if filled, err = s.takeOver(ctx, a, o, fields); err != nil {
			return err
		}
		changed, err := s.revise(ctx, o, revised)
		if err != nil {
			return err
		}
		if len(filled) == 0 && !changed {
			return fault.Field("fields", "proposal.reuse.nothing")
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "proposal.reuse", Kind: "proposal", ID: id, Agency: o.To.AgencyID,
			Payload: map[string]any{"from": o.From.Number, "fields": filled, "revised": revised}})
		return err
	})
	return filled, err
}

// revise says, or takes back, that the one is a new version of the other.
func (s *Service) revise(ctx context.Context, o Offer, revised bool) (changed bool, err error) {
	switch is := o.To.ResubmissionOf == o.From.ID; {
	case revised && !is && o.MayRevise():
		return true, s.setRevised(ctx, o.To.ID, o.From.ID)
	case is && !revised:
		return true, s.setRevised(ctx, o.To.ID, "")
	}
	return false, nil
}

func (s *Service) takeOver(ctx context.Context, a access.Actor, o Offer, fields []string) ([]string, error) {
	out := Saved{At: clock.Now(ctx), Versions: map[string]int64{}}
	var changes []Change
	for _, f := range o.Fields {
		name := f.Field.Name
		if f.Answered || !slices.Contains(fields, name) {
			continue
		}
		c := Change{Field: name, Value: f.Answer.Value, Version: o.To.Answers[name].Version}
		if f.Field.Widget == "file" {
			ref, err := s.Files.Copy(ctx, o.From.Text(name), file.Meta{OwnerKind: "proposal", OwnerID: o.To.ID, Field: name, By: a.Account})
			if err != nil {
				return nil, err
			}
			if c.Value, err = json.Marshal(ref.ID); err != nil {
				return nil, err
			}
		}
		if err := s.saveAnswer(ctx, a, o.To, c, &out); err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	filled := []string{}
	for _, c := range changes {
		if !slices.ContainsFunc(out.Kept, func(k Kept) bool { return k.Field == c.Field }) {
			filled = append(filled, c.Field)
		}
	}
	if o.To.State != Draft {
		return filled, nil
	}
	return filled, s.project(ctx, o.To, changes)
}

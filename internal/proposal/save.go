package proposal

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Change is one field that somebody wrote.
type Change struct {
	Field   string
	Value   json.RawMessage
	Version int64 // that it was written on; 0 for a field that had no answer
}

// Saved is the answer to Save.
type Saved struct {
	At       time.Time
	Versions map[string]int64 // of every field that was sent, as it stands now
	Kept     []Kept           // fields that somebody else wrote meanwhile: nothing of either is lost
	Others   []Other          // fields of the form that others wrote last, as they stand now
}

// Other is a field that somebody else wrote last.
type Other struct {
	Field string
	Answer
	Name string // who wrote it
}

// maxAnswer bounds one answer.
const maxAnswer = 256 << 10

// Save stores answers, one row a field. Different fields written by two people at
// once are both kept; where somebody else changed the same field since Version,
// theirs stays and both are returned. Saving writes no ledger entry.
// Errors: Conflict when the proposal can no longer be changed; Invalid for a field that the form does not have.
func (s *Service) Save(ctx context.Context, a access.Actor, id string, changes []Change) (Saved, error) {
	for _, c := range changes {
		if !json.Valid(c.Value) {
			return Saved{}, fault.Field(c.Field, "scheme.invalid")
		}
	}
	_, saved, err := s.SaveRead(ctx, a, id, func(View) ([]Change, error) { return changes, nil })
	return saved, err
}

// holdsZero reports whether a JSON text holds a zero byte, which PostgreSQL's texts
// cannot: \u0000 whose backslash is not itself escaped.
func holdsZero(text []byte) bool {
	for {
		at := bytes.Index(text, []byte(`\u0000`))
		if at < 0 {
			return false
		}
		escapes := at - len(bytes.TrimRight(text[:at], `\`))
		if escapes%2 == 0 {
			return true
		}
		text = text[at+1:]
	}
}

// SaveRead is Save for a page that needs the form to read what was sent: read gets
// the proposal without its answers, and gives values that are JSON. It is the path of
// every autosave, so that it reads and writes no more than the fields that were sent, and those
// that come at the same moment are read and written by common statements. read may be called more than once.
func (s *Service) SaveRead(ctx context.Context, a access.Actor, id string, read func(View) ([]Change, error)) (View, Saved, error) {
	one := &saving{actor: a, id: id, read: read, at: clock.Now(ctx)}
	err := s.savings().Run(ctx, s.DB, one)
	return one.view, one.out, err
}

// saving is one call of SaveRead.
type saving struct {
	actor access.Actor
	id    string
	read  func(View) ([]Change, error)
	at    time.Time

	view    View
	changes []Change
	out     Saved
}

// savings are what saves, made with the first.
func (s *Service) savings() *work.Group[*saving] {
	s.grouped.Do(func() {
		s.group = &work.Group[*saving]{All: s.saveAll, Apart: func(one *saving) string { return one.id }}
	})
	return s.group
}

// saveAll saves for several people at once. Each proposal stands once among them.
func (s *Service) saveAll(ctx context.Context, some []*work.Unit[*saving]) error {
	slices.SortFunc(some, func(a, b *work.Unit[*saving]) int { return strings.Compare(a.Of.id, b.Of.id) }) // rows are locked in one order, whoever saves
	found, err := s.wholes(ctx, some)
	if err != nil {
		return err
	}
	var able []*work.Unit[*saving]
	for _, u := range some {
		if u.Err = s.readChanges(u, found); u.Err == nil {
			able = append(able, u)
		}
	}
	stored, err := s.putAll(ctx, able)
	if err != nil {
		return err
	}
	if err := s.effortAll(ctx, able); err != nil {
		return err
	}
	for _, u := range able {
		if err := s.settle(u.Ctx, u.Of, stored); err != nil {
			return err
		}
	}
	return nil
}

// readChanges finds out whether one may save, and reads what.
func (s *Service) readChanges(u *work.Unit[*saving], found map[string]*wholeOne) (err error) {
	one := u.Of
	one.out = Saved{At: one.at, Versions: map[string]int64{}}
	w, ok := found[one.id]
	if !ok {
		return fault.Missing()
	}
	p := w.asked(one.actor.Account)
	if err := p.unerased(); err != nil {
		return err
	}
	set, err := s.audiences(u.Ctx, one.actor, p, w.team)
	if err != nil {
		return err
	}
	if err := p.admit(one.actor, set, "proposal.write"); err != nil {
		return err
	}
	if one.view, err = s.writable(u.Ctx, one.actor, p, w.team, set); err != nil {
		return err
	}
	if one.changes, err = one.read(one.view); err != nil {
		return err
	}
	return acceptable(one.view, one.changes)
}

// settle is what follows from what was stored of one saving: what others wrote, and what lists show.
func (s *Service) settle(ctx context.Context, one *saving, stored map[answerKey]int64) error {
	v := one.view
	for _, c := range one.changes {
		if version, ok := stored[answerKey{v.ID, c.Field}]; ok {
			one.out.Versions[c.Field] = version
			continue
		}
		if err := s.keep(ctx, v, c, &one.out); err != nil {
			return err
		}
	}
	// Lists, reviewers and decisions go by what was handed in: it moves with the next submission.
	if v.State == Draft {
		if err := s.project(ctx, v, one.changes); err != nil {
			return err
		}
	}
	if !v.shared {
		return nil
	}
	var err error
	one.out.Others, err = s.others(ctx, one.actor, v)
	return err
}

// acceptable refuses changes that the form does not ask for or that no database can hold.
func acceptable(v View, changes []Change) error {
	for i, c := range changes {
		if v.Form.Fields[c.Field] == nil {
			return fault.Field(c.Field, "scheme.unasked", c.Field)
		}
		if slices.ContainsFunc(changes[:i], func(before Change) bool { return before.Field == c.Field }) {
			return fault.Field(c.Field, "scheme.invalid") // one statement writes a field once
		}
		if len(c.Value) > maxAnswer {
			return fault.Field(c.Field, "scheme.invalid")
		}
		if !utf8.Valid(c.Value) || holdsZero(c.Value) {
			return fault.Field(c.Field, "fault.letters")
		}
	}
	return nil
}

// others are the fields that somebody else wrote last, in the order of the form.
func (s *Service) others(ctx context.Context, a access.Actor, v View) ([]Other, error) {
	theirs, err := s.answersBut(ctx, v.ID, v.StageIn.Form, a.Account)
	if err != nil || len(theirs) == 0 {
		return nil, err
	}
	var out []Other
	for _, f := range v.Form.Ordered() {
		if answer, ok := theirs[f.Name]; ok {
			out = append(out, Other{Field: f.Name, Answer: answer})
		}
	}
	return out, s.nameOthers(ctx, out)
}

func (s *Service) saveAnswer(ctx context.Context, a access.Actor, v View, c Change, out *Saved) error {
	version, stored, err := s.putAnswer(ctx, v.ID, v.StageIn.Form, a.Account, c, out.At)
	if err != nil {
		return err
	}
	if stored {
		out.Versions[c.Field] = version
		return nil
	}
	return s.keep(ctx, v, c, out)
}

// keep is the answer to a change that was not stored, as the field has another version by now: both are returned
// where they differ.
func (s *Service) keep(ctx context.Context, v View, c Change, out *Saved) error {
	there, err := s.answersOf(ctx, v.ID, v.StageIn.Form, c.Field)
	if err != nil {
		return err
	}
	now := there[c.Field]
	out.Versions[c.Field] = now.Version
	if string(now.Value) != string(c.Value) {
		out.Kept = append(out.Kept, Kept{Field: c.Field, Yours: c.Value, There: now.Value, Version: now.Version, By: now.By})
	}
	return nil
}

// projected are the fields that lists need.
func projected(f *scheme.Form) []string {
	names := []string{"title", "summary", "months"}
	for _, field := range f.Ordered() {
		if field.Widget == "budget" || field.Widget == "money" {
			names = append(names, field.Name)
		}
	}
	return names
}

// project keeps the columns that lists need (title, money, months) in step with
// the answers, where one of these was changed.
func (s *Service) project(ctx context.Context, v View, changes []Change) error {
	names := projected(v.Form)
	if !slices.ContainsFunc(changes, func(c Change) bool { return slices.Contains(names, c.Field) }) {
		return nil
	}
	now, err := s.answersOf(ctx, v.ID, v.StageIn.Form, names...)
	if err != nil {
		return err
	}
	return s.projectAll(ctx, v, now)
}

func (s *Service) projectAll(ctx context.Context, v View, answers map[string]Answer) error {
	values := decoded(answers)
	title, _ := values["title"].(string)
	summary, _ := values["summary"].(string)
	months, _ := values["months"].(float64)
	minor, _ := v.Form.Money(values)
	return s.updateProjection(ctx, v.ID, v.State, strings.TrimSpace(title), summary, int64(months), minor)
}

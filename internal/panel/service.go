package panel

import (
	"context"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Service is the only way to the panels.
type Service struct {
	DB        *db.DB
	Ledger    *ledger.Ledger
	Register  *register.Service
	Schemes   *scheme.Service
	Calls     *call.Service
	Proposals *proposal.Service
	Reviews   *review.Service
	Notify    Notifier // nil: nobody is told
}

// about is a call's stage, for those who work with its panels.
type about struct {
	call     call.Call
	stage    scheme.Stage
	criteria []scheme.Criterion
	reviewed []scheme.Stage // of the call's scheme
}

func (s *Service) about(ctx context.Context, callID, stage string) (about, error) {
	c, err := s.Calls.Known(ctx, callID)
	if err != nil {
		return about{}, err
	}
	v, err := s.Schemes.Get(ctx, c.SchemeVersionID)
	if err != nil {
		return about{}, err
	}
	b := about{call: c}
	for _, st := range v.Stages {
		if st.Review == nil {
			continue
		}
		b.reviewed = append(b.reviewed, st)
		if st.ID == stage || stage == "" && st.Decide.By == "panel" && b.stage.ID == "" {
			b.stage, b.criteria = st, v.Judged(st)
		}
	}
	switch {
	case len(b.reviewed) == 0:
		return b, fault.New(fault.Conflict, "review.none")
	case b.stage.ID == "" && stage == "":
		b.stage, b.criteria = b.reviewed[0], v.Judged(b.reviewed[0])
	case b.stage.ID == "":
		return b, fault.Missing()
	}
	return b, nil
}

func (b about) head() Head {
	return Head{CallNumber: b.call.Number, Call: b.call.Title, StageTitle: b.stage.Title}
}

func (b about) staffing(a access.Actor) access.Set {
	return a.Staffing(b.call.AgencyID, b.call.ProgrammeID, b.call.ID)
}

// load reads everything of a panel, with the conflicts of its members and of those who look at it by a role. The number of queries
// does not depend on its size.
func (s *Service) load(ctx context.Context, id string, look ...string) (*room, about, error) {
	r := &room{own: map[[2]string]review.Review{}}
	var b about
	var err error
	if r.panel, err = s.byID(ctx, id); err != nil {
		return nil, b, err
	}
	if b, err = s.about(ctx, r.panel.CallID, r.panel.Stage); err != nil {
		return nil, b, err
	}
	if r.members, err = s.members(ctx, id); err != nil {
		return nil, b, err
	}
	if r.items, err = s.items(ctx, `i.panel_id = $1`, id); err != nil {
		return nil, b, err
	}
	if r.scores, err = s.scores(ctx, id); err != nil {
		return nil, b, err
	}
	if r.reviews, err = s.Reviews.Standings(ctx, r.panel.CallID, r.panel.Stage); err != nil {
		return nil, b, err
	}
	people := make([]string, len(r.members))
	for i, m := range r.members {
		people[i] = m.Person
	}
	asked, err := s.Reviews.AskedOf(ctx, r.panel.CallID, r.panel.Stage, people)
	if err != nil {
		return nil, b, err
	}
	for _, own := range asked {
		r.own[[2]string{own.ProposalID, own.Reviewer}] = own
	}
	r.conflict, err = s.Reviews.Barred(ctx, r.panel.CallID, r.panel.Stage, slices.Compact(slices.Sorted(slices.Values(append(people, look...)))))
	return r, b, err
}

// enter is a panel as a sees it, for an act.
// Errors: NotFound for who has nothing to do with it; NotAllowed for who may not do this.
func (s *Service) enter(ctx context.Context, a access.Actor, id string, act access.Act) (View, *room, about, error) {
	r, b, err := s.load(ctx, id, a.People()...)
	if err != nil {
		return View{}, nil, b, err
	}
	set := r.set(a, b.staffing(a))
	if err := rules.Check(a, act, set, rules["panel.read"]); err != nil {
		return View{}, nil, b, err
	}
	v := r.cut(a, set)
	v.Head, v.Scale = b.head(), scaleOf(b.criteria)
	if v.Promised = !v.Sits(); v.Sits() {
		v.Promised, err = s.Reviews.Promised(ctx, a.Person, r.panel.CallID)
	}
	return v, r, b, err
}

// within is an item of a panel as a sees it, for an act. An item that a must not know
// of is not found, like one that is not there.
func (s *Service) within(ctx context.Context, a access.Actor, id, item string, act access.Act) (Detail, Item, *room, about, error) {
	v, r, b, err := s.enter(ctx, a, id, act)
	if err != nil {
		return Detail{}, Item{}, nil, b, err
	}
	at := slices.IndexFunc(v.Lines, func(l Line) bool { return l.ID == item })
	if at < 0 {
		return Detail{}, Item{}, nil, b, fault.Missing()
	}
	whole := slices.IndexFunc(r.items, func(i Item) bool { return i.ID == item })
	return Detail{View: v, Line: v.Lines[at], Criteria: b.criteria}, r.items[whole], r, b, nil
}

// Get is a panel as a sees it.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (View, error) {
	var v View
	err := s.DB.Snapshot(ctx, func(ctx context.Context) error {
		var r *room
		var err error
		if v, r, _, err = s.enter(ctx, a, id, "panel.read"); err != nil {
			return err
		}
		v.Topics, err = s.topics(ctx, a, r, v)
		return err
	})
	return v, err
}

// Item is one item as a sees it: the text once a promised to keep it to themselves, what
// others think once a has said what they think.
func (s *Service) Item(ctx context.Context, a access.Actor, id, item string) (Detail, error) {
	var d Detail
	err := s.DB.Snapshot(ctx, func(ctx context.Context) error {
		var i Item
		var r *room
		var b about
		var err error
		if d, i, r, b, err = s.within(ctx, a, id, item, "panel.read"); err != nil {
			return err
		}
		return s.open(ctx, &d, i, r, b)
	})
	return d, err
}

// open adds what lies behind an item.
func (s *Service) open(ctx context.Context, d *Detail, i Item, r *room, b about) (err error) {
	staff := d.Set.Any(overseers)
	if d.Promised {
		anonymity := b.stage.Review.Anonymous
		if staff && !d.Sits() {
			anonymity = scheme.Open
		}
		if d.Text, err = s.Proposals.ReviewText(ctx, i.ProposalID, anonymity); err != nil {
			return err
		}
		if d.Earlier, err = s.Reviews.Earlier(ctx, i.ProposalID); err != nil {
			return err
		}
	}
	if staff {
		for _, m := range r.members {
			if c, is := r.conflict[[2]string{i.ProposalID, m.Person}]; is {
				d.Conflicts = append(d.Conflicts, Why{m.Name, c})
			}
		}
	}
	if d.MayLead() && d.Said || staff {
		d.Votes = r.votes(i, Final)
	}
	if !d.Said || !d.Promised {
		return nil
	}
	d.Notes = r.votes(i, Before)
	if d.Judged, err = s.Reviews.Submitted(ctx, i.ProposalID, b.stage.ID); err != nil {
		return err
	}
	d.Comments, err = s.comments(ctx, i.ID)
	return err
}

// Board is the panels of a call's stage, for those who make them.
type Board struct {
	Head
	CallID    string
	Stage     string
	Set       access.Set
	Stages    []scheme.Stage // of the call that are reviewed
	Panels    []View
	Proposals int // of the stage that wait to be judged
	Free      []Line
}

// MayForm reports whether the viewer may change anything here.
func (b Board) MayForm() bool { return b.Set.Any(rules["panel.form"]) }

// Board is the panels of a call. Without a stage it is the one in which a panel decides.
func (s *Service) Board(ctx context.Context, a access.Actor, callID, stage string) (Board, error) {
	var out Board
	err := s.DB.Snapshot(ctx, func(ctx context.Context) error {
		b, err := s.about(ctx, callID, stage)
		if err != nil {
			return err
		}
		set := b.staffing(a)
		if err := rules.Check(a, "panel.list", set, rules["panel.list"]); err != nil {
			return err
		}
		out = Board{Head: b.head(), CallID: callID, Stage: b.stage.ID, Set: set, Stages: b.reviewed}
		list, err := s.list(ctx, `p.call_id = $1 AND p.stage = $2`, callID, b.stage.ID)
		if err != nil {
			return err
		}
		in := map[string]bool{}
		for _, p := range list {
			v, r, _, err := s.enter(ctx, a, p.ID, "panel.read")
			if err != nil {
				return err
			}
			for _, t := range r.topics(a) {
				v.Topics = append(v.Topics, Topic{Word: t})
			}
			for _, l := range v.Lines {
				in[l.proposal] = true
			}
			out.Panels = append(out.Panels, v)
		}
		all, err := s.waiting(ctx, a, callID, b.stage.ID)
		out.Proposals = len(all)
		for _, c := range all {
			if !in[c.id] {
				out.Free = append(out.Free, Line{ID: c.id, Number: c.number, Title: c.title})
			}
		}
		return err
	})
	return out, err
}

// waiting are the proposals of a stage that wait to be judged, but for those with which a has a conflict.
func (s *Service) waiting(ctx context.Context, a access.Actor, callID, stage string) ([]candidate, error) {
	all, err := s.candidates(ctx, callID, stage)
	people := a.People()
	if err != nil || len(people) == 0 {
		return all, err
	}
	barred, err := s.Reviews.Barred(ctx, callID, stage, people)
	return slices.DeleteFunc(all, func(c candidate) bool {
		return slices.ContainsFunc(people, func(person string) bool { _, is := barred[[2]string{c.id, person}]; return is })
	}), err
}

// Mine lists the panels in which a sits, those that meet next first; none for who acts for
// somebody: a seat is the person's own.
func (s *Service) Mine(ctx context.Context, a access.Actor) ([]View, error) {
	if a.Person == "" || a.Delegation != "" {
		return nil, nil
	}
	list, err := s.list(ctx, `p.state <> 'closed' AND EXISTS (SELECT 1 FROM panel_member m WHERE m.panel_id = p.id AND m.person_id = $1 AND m.until_at IS NULL)`, a.Person)
	if err != nil {
		return nil, err
	}
	out := make([]View, 0, len(list))
	for _, p := range list {
		v, _, _, err := s.enter(ctx, a, p.ID, "panel.read")
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Unsaid counts the items of which the viewer has not said what they think.
func (v View) Unsaid() int {
	n := 0
	for _, l := range v.Lines {
		if l.MaySay && !l.Said {
			n++
		}
	}
	return n
}

// Promise records that a keeps what they read in the panel's call to themselves.
func (s *Service) Promise(ctx context.Context, a access.Actor, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, _, _, err := s.enter(ctx, a, id, "panel.judge")
		if err != nil {
			return err
		}
		return s.Reviews.Promise(ctx, a, v.CallID)
	})
}

// Say records what a member thinks of an item before the meeting, on the panel's scale
// with one decimal. It may be changed until the item is closed.
// Errors: Invalid for a score off the scale; Conflict for who reviews it and has not
// handed the review in, and once it is closed.
func (s *Service) Say(ctx context.Context, a access.Actor, id, item string, score float64, note string) error {
	return s.give(ctx, a, id, item, Score{Kind: Before, Score: score, Note: note})
}

// Vote is a member's score in the meeting, while the item is open.
func (s *Service) Vote(ctx context.Context, a access.Actor, id, item string, score float64) error {
	return s.give(ctx, a, id, item, Score{Kind: Final, Score: score})
}

func (s *Service) give(ctx context.Context, a access.Actor, id, item string, v Score) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, _, _, b, err := s.within(ctx, a, id, item, "panel.judge")
		if err != nil {
			return err
		}
		switch {
		case !d.Promised:
			return fault.New(fault.Conflict, "panel.promise.first")
		case d.Owes != "":
			return fault.New(fault.Conflict, "panel.review.first")
		case v.Kind == Before && (d.Line.State == Done || d.View.State == Closed):
			return fault.New(fault.Conflict, "panel.item.closed")
		case v.Kind == Final && (d.Line.State != Open || d.View.State != Meeting):
			return fault.New(fault.Conflict, "panel.item.shut")
		case v.Kind == Final && !d.Said:
			return fault.New(fault.Conflict, "panel.say.first")
		case !d.Scale.holds(v.Score):
			return fault.Field("score", "review.score", d.Scale.Low, d.Scale.High)
		}
		v.Item, v.Person, v.Score = item, a.Person, math.Round(10*v.Score)/10
		v.At = clock.Now(ctx)
		if err := s.putScore(ctx, v); err != nil {
			return err
		}
		return s.record(ctx, a, "panel.score."+v.Kind, id, b, map[string]any{"item": item, "score": v.Score})
	})
}

// Comment adds to the discussion of an item. One joins it once one has said what one thinks.
func (s *Service) Comment(ctx context.Context, a access.Actor, id, item, text string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		d, _, _, b, err := s.within(ctx, a, id, item, "panel.judge")
		if err != nil {
			return err
		}
		text = strings.TrimSpace(text)
		switch {
		case !d.Said:
			return fault.New(fault.Conflict, "panel.say.first")
		case text == "":
			return fault.Field("text", "fault.required")
		case len([]rune(text)) > longest:
			return fault.Field("text", "panel.long", longest)
		}
		c := Comment{ID: clock.ID(ctx), Item: item, Person: a.Person, Text: text, At: clock.Now(ctx)}
		if err := s.insertComment(ctx, c); err != nil {
			return err
		}
		return s.record(ctx, a, "panel.comment", id, b, map[string]string{"item": item, "comment": c.ID})
	})
}

// Declare records that a member has a conflict with an item. From then on it is not
// there for them, and what they gave it counts no more.
func (s *Service) Declare(ctx context.Context, a access.Actor, id, item, why string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		_, i, _, b, err := s.within(ctx, a, id, item, "panel.judge")
		if err != nil {
			return err
		}
		if why = strings.TrimSpace(why); why == "" {
			return fault.Field("reason", "review.conflict.say")
		}
		if err := s.Reviews.Declare(ctx, a, a.Person, i.ProposalID, why); err != nil {
			return err
		}
		return s.record(ctx, a, "panel.conflict", id, b, map[string]string{"item": item, "why": why})
	})
}

// File opens a file of an item's text for who may read it.
func (s *Service) File(ctx context.Context, a access.Actor, id, item, refID string) (file.Ref, io.ReadSeekCloser, error) {
	d, err := s.Item(ctx, a, id, item)
	if err != nil {
		return file.Ref{}, nil, err
	}
	for name, f := range d.Text.Answers {
		if string(f.Value) == `"`+refID+`"` && d.Text.Form.Fields[name].Widget == "file" {
			ref, content, err := s.Proposals.ReviewFile(ctx, d.Text.ID, refID)
			return ref.Called(name), content, err
		}
	}
	return file.Ref{}, nil, fault.Missing()
}

// longest bounds comments and summaries, in characters.
const longest = 4000

// record is the end of every act: the entry in the ledger, and a sign to those who follow.
func (s *Service) record(ctx context.Context, a access.Actor, act, id string, b about, payload any) error {
	if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: act, Kind: "panel", ID: id, Agency: b.call.AgencyID, Payload: payload}); err != nil {
		return err
	}
	return s.touch(ctx, id)
}

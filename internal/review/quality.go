package review

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/duplicate"
	"github.com/headwater-platform/headwater/engine/token"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Kinds of a doubt about a review.
const (
	TooShort = "short"  // few words in all
	NoText   = "bare"   // a score that hardly any word explains
	Repeated = "same"   // the same words explain two criteria
	Copied   = "copied" // a passage that stands in another review of the call, too
	TooLate  = "late"   // handed in after the day on which it was due
)

const (
	fewWords  = 40 // of a whole review; pairs of characters in Chinese
	hardlyAny = 5  // words that explain a score
	passage   = 25 // words in a row that stand in two reviews: fewer are a turn of phrase, unless they are all that is said
)

// Doubt is why an officer may want to look at a review again. It judges nothing, and
// nobody but the agency's staff sees it.
type Doubt struct {
	Kind      string
	Criterion string        // bare, same: of which it is
	Words     int           // short: in all
	Late      time.Duration // late: after the due date
	Passage   string        // copied: what stands in both
	Other     string        // copied: number of the proposal that the other review is about
}

// Doubted is a review with what may be wrong with it.
type Doubted struct {
	View
	Doubts []Doubt
}

// Quality is the submitted reviews of a call's stage that give reason to look again,
// those with most reasons first, and those that are late and not in.
type Quality struct {
	Desk
	Criteria  []scheme.Criterion
	List      []Doubted
	Submitted int
	Overdue   []View // promised, due and not handed in, the longest overdue first
	Effort    Effort
}

// Effort is what reviewers said that their reviews took them, by their own estimate; nothing where so few said it that it would tell of one
// of them.
type Effort struct {
	Said   int // reviews of which somebody said it
	Median int // minutes
	Total  int
}

const fewestSaid = 3

// effortOf sums what is said of some reviews.
func effortOf(list []Review) (e Effort) {
	var minutes []int
	for _, r := range list {
		if r.Minutes > 0 {
			minutes = append(minutes, r.Minutes)
			e.Total += r.Minutes
		}
	}
	if len(minutes) < fewestSaid {
		return Effort{}
	}
	slices.Sort(minutes)
	e.Said, e.Median = len(minutes), minutes[len(minutes)/2]
	return e
}

// Quality looks through the submitted reviews of a call's stage, for its officers only.
func (s *Service) Quality(ctx context.Context, a access.Actor, callID, stage string) (Quality, error) {
	var q Quality
	err := s.DB.Snapshot(ctx, func(ctx context.Context) (err error) {
		if q.Desk, err = s.desk(ctx, a, callID, stage, "review.assign"); err != nil {
			return err
		}
		c, err := s.Calls.Known(ctx, callID)
		if err != nil {
			return err
		}
		v, err := s.Schemes.Get(ctx, c.SchemeVersionID)
		if err != nil {
			return err
		}
		q.Criteria = v.Judged(q.Title)
		list, err := s.list(ctx, `r.call_id = $1 AND r.stage = $2 AND r.state IN ('accepted', 'submitted')`, callID, q.Stage())
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(r Review) bool { return q.hidden[r.ProposalID] })
		if q.Overdue, err = s.overdue(ctx, list); err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(r Review) bool { return r.State != Submitted })
		q.Submitted, q.Effort = len(list), effortOf(list)
		views, err := s.named(ctx, list)
		if err != nil {
			return err
		}
		q.List, err = doubted(ctx, views)
		return err
	})
	return q, err
}

// overdue are those of some reviews that should be in and are not, with who promised them.
func (s *Service) overdue(ctx context.Context, list []Review) ([]View, error) {
	now := clock.Now(ctx)
	late := slices.DeleteFunc(slices.Clone(list), func(r Review) bool { return !r.Late(now) })
	slices.SortStableFunc(late, func(a, b Review) int { return a.DueAt.Compare(b.DueAt) })
	return s.named(ctx, late)
}

// named adds to reviews what they say, of which proposal, and who wrote them.
func (s *Service) named(ctx context.Context, list []Review) ([]View, error) {
	names, titles, err := s.toldOf(ctx, list)
	if err != nil {
		return nil, err
	}
	said, err := s.answersOf(ctx, list)
	if err != nil {
		return nil, err
	}
	out := make([]View, len(list))
	for i, r := range list {
		r.Answers = said[r.ID]
		t := titles[r.ProposalID]
		out[i] = View{Review: r, Set: access.Staff, Name: names[r.Reviewer], Number: t[0], Title: t[1]}
	}
	return out, nil
}

// doubted finds what may be wrong. O(words of all reviews · log).
func doubted(ctx context.Context, list []View) ([]Doubted, error) {
	x := duplicate.New()
	records, at := map[string]duplicate.Record{}, map[string]int{}
	for i, v := range list {
		r := duplicate.Record{ID: v.ID, Texts: texts(v.Review)}
		records[v.ID], at[v.ID] = r, i
		if err := x.Add(r); err != nil {
			return nil, err
		}
	}
	source := func(_ context.Context, ids []string) (out []duplicate.Record, _ error) {
		for _, id := range ids {
			out = append(out, records[id])
		}
		return out, nil
	}
	var out []Doubted
	for _, v := range list {
		doubts := alone(v.Review)
		matches, err := x.Find(ctx, records[v.ID], source)
		if err != nil {
			return nil, err
		}
		for _, m := range matches {
			if p := copied(records[v.ID], m.Passages); p != nil {
				doubts = append(doubts, Doubt{Kind: Copied, Passage: records[v.ID].Texts[p.Here.Text][p.Here.Start:p.Here.End], Other: list[at[m.ID]].Number})
				break // one is enough to look
			}
		}
		if len(doubts) > 0 {
			out = append(out, Doubted{v, doubts})
		}
	}
	slices.SortStableFunc(out, func(a, b Doubted) int { return len(b.Doubts) - len(a.Doubts) })
	return out, nil
}

// copied is the longest passage that is worth a look: of many words, or nearly all of what explains a criterion; nil for none.
func copied(r duplicate.Record, list []duplicate.Passage) (longest *duplicate.Passage) {
	for i, p := range list {
		whole := 10*(p.Here.End-p.Here.Start) >= 9*len(r.Texts[p.Here.Text])
		if (p.Words >= passage || whole) && (longest == nil || p.Words > longest.Words) {
			longest = &list[i]
		}
	}
	return longest
}

// texts are what a review says, by criterion in order.
func texts(r Review) []string {
	var out []string
	for _, id := range fields(r) {
		out = append(out, r.Answers[id].Text)
	}
	return out
}

func fields(r Review) []string {
	var ids []string
	for id := range r.Answers {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// alone is what may be wrong with a review by itself.
func alone(r Review) []Doubt {
	var out []Doubt
	seen, total := map[string]bool{}, 0
	for _, id := range fields(r) {
		a := r.Answers[id]
		words := len(token.Words(a.Text, ""))
		total += words
		same := strings.ToLower(strings.Join(strings.Fields(a.Text), " "))
		switch {
		case a.Score != 0 && words < hardlyAny:
			out = append(out, Doubt{Kind: NoText, Criterion: id})
		case seen[same]:
			out = append(out, Doubt{Kind: Repeated, Criterion: id})
		}
		seen[same] = true
	}
	if total < fewWords {
		out = append(out, Doubt{Kind: TooShort, Words: total})
	}
	if !r.DueAt.IsZero() && r.SubmittedAt.After(r.DueAt) {
		out = append(out, Doubt{Kind: TooLate, Late: r.SubmittedAt.Sub(r.DueAt)})
	}
	return out
}

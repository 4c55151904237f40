package insight

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
)

// books is a database in which calls are decided.
type books struct {
	t   *testing.T
	ctx context.Context
	d   *db.DB
}

const day = int64(24 * time.Hour / time.Microsecond)

// at is a context at so many days after the beginning of time.
func (b books) at(days int) context.Context {
	return clock.With(b.ctx, clock.NewFixed(time.UnixMicro(int64(days)*day).UTC(), 1).Source())
}

func (b books) do(query string, args ...any) {
	b.t.Helper()
	if _, err := b.d.SQL().ExecContext(b.ctx, query, args...); err != nil {
		b.t.Fatal(query, err)
	}
}

func opened(t *testing.T, d *db.DB) books {
	b := books{t, t.Context(), d}
	b.do(`INSERT INTO organisation (id, name, sort_name, created_at, changed_at) VALUES ('o', '{"en":"ARC"}', 'arc', 0, 0)`)
	b.do(`INSERT INTO agency (id, organisation_id, slug, name, currency, zone, created_at) VALUES ('arc', 'o', 'arc', '{"en":"ARC"}', 'XCR', 'UTC', 0)`)
	b.do(`INSERT INTO person (id, given_name, family_name, name, sort_name, created_at, changed_at) VALUES ('r', 'R', 'R', 'R', 'r', 0, 0)`)
	return b
}

// call has so many proposals that got nothing, of the second field, each with ten hours of work, and a review.
func (b books) call(id string, unfunded int) {
	b.t.Helper()
	b.do(`INSERT INTO call (id, number, agency_id, title, state, zone, currency, closes_at, hours_high, created_at) VALUES ($1, $1, 'arc', '{"en":"C"}', 'published', 'UTC', 'XCR', $2, 12, 0)`, id, day)
	for i := range unfunded {
		b.proposal(fmt.Sprint(id, "-", i), id, "reject")
	}
}

func (b books) proposal(id, call, outcome string) {
	b.t.Helper()
	b.do(`INSERT INTO proposal (id, number, call_id, agency_id, state, outcome, requested_minor, decided_at, created_at) VALUES ($1, $1, $2, 'arc', 'decided', $3, 100, $4, 0)`, id, call, outcome, 3*day)
	b.do(`INSERT INTO classification (subject_kind, subject_id, vocabulary, version, code) VALUES ('proposal', $1, 'ford', '2015', '2')`, id)
	b.do(`INSERT INTO proposal_effort (proposal_id, account_id, day, seconds, last_at) VALUES ($1, 'a', '2027-01-01', 36000, 0)`, id)
	b.do(`INSERT INTO review (id, proposal_id, call_id, stage, reviewer_person, state, created_at) VALUES ($1, $1, $2, '', 'r', 'submitted', 0)`, id, call)
}

// award is one of 70, of a proposal or, with "", of a call only, that is public from a day on, with a public result.
func (b books) award(id, proposal, call string, public int64) {
	b.t.Helper()
	b.do(`INSERT INTO award (id, number, proposal_id, call_id, agency_id, title, state, currency, amount_minor, public_at, created_at) VALUES ($1, $1, $2, $3, 'arc', '{"en":"A"}', 'running', 'XCR', 70, $4, 0)`, id, db.Str(proposal), call, public)
	b.do(`INSERT INTO classification (subject_kind, subject_id, vocabulary, version, code) VALUES ('award', $1, 'ford', '2015', '2')`, id)
	b.do(`INSERT INTO result (id, award_id, kind, title, state, created_by, created_at) VALUES ($1, $1, 'data', '{"en":"R"}', 'public', '', 0)`, id)
}

// figures are all that is public.
type figures struct {
	Counts Counts
	Calls  []Call
	Fields []Field
	Of     Balance
}

func (b books) figures(ctx context.Context) (f figures) {
	b.t.Helper()
	s := &Service{DB: b.d}
	var err error
	for _, ask := range []func() error{
		func() error { f.Counts, err = s.Counts(ctx); return err }, func() error { f.Calls, err = s.Decided(ctx); return err },
		func() error { f.Fields, err = s.Fields(ctx); return err }, func() error { f.Of, err = s.Orientations(ctx); return err },
	} {
		if err := ask(); err != nil {
			b.t.Fatal(err)
		}
	}
	return f
}

// TestFewAreWithheld: what would tell of fewer than three proposals without an award is not told, and follows from no sum.
func TestFewAreWithheld(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := opened(t, d)
		for unfunded := range 4 {
			id := fmt.Sprint("c", unfunded)
			b.call(id, unfunded)
			b.proposal("f"+id, id, "fund")
			b.award("w"+id, "f"+id, id, 2*day)
		}
		f := b.figures(b.at(4))
		if len(f.Calls) != 4 {
			t.Fatalf("%d calls", len(f.Calls))
		}
		for i, c := range f.Calls {
			if c.Funded != 1 || c.Granted.Minor != 70 || c.HoursAsked != 12 {
				t.Errorf("%s: what was given is %+v", c.Number, c)
			}
			if few := i < Fewest; c.Withheld != few || (c.Submitted+c.Asked.Minor == 0) != few || (c.Days+c.HoursMeasured+c.SuccessRate() == 0) != few {
				t.Errorf("%d proposals without an award: %+v", i, c)
			}
		}
		last := f.Calls[3]
		if last.Submitted != 4 || last.Asked.Minor != 400 || last.Days != 2 || last.HoursMeasured != 10 || last.SuccessRate() != .25 {
			t.Errorf("three without an award: %+v", last)
		}
		if f.Counts.Proposals != 4 || f.Counts.Reviews != 4 || f.Counts.Awards != 4 || f.Counts.Results != 4 {
			t.Errorf("counts %+v: those of the first calls can be worked out", f.Counts)
		}
		if a := ByAgency(f.Calls); len(a) != 1 || a[0].Calls != 1 || a[0].Submitted != 4 || a[0].Funded != 1 || a[0].HoursAsked != 48 {
			t.Errorf("agencies %+v: those of the first calls can be worked out", a)
		}
		if two := f.Fields[1]; two.Withheld || two.Submitted != 4 || two.Funded != 1 || two.Awards != 4 {
			t.Errorf("field %+v: those of the first calls can be worked out", two)
		}
		b.do(`DELETE FROM proposal_effort WHERE proposal_id IN ('c3-0', 'c3-1')`)
		if c := b.figures(b.at(4)).Calls[3]; c.Withheld || c.HoursMeasured != 0 {
			t.Errorf("hours of two proposals are told: %+v", c)
		}
	})
}

// TestEmbargoTellsNothing: until the day of an award nobody can tell a call in which it was given from one in which it was not.
func TestEmbargoTellsNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := opened(t, d)
		b.call("c", 4)
		b.proposal("p", "c", "reject")
		want := b.figures(b.at(4))
		b.do(`UPDATE proposal SET outcome = 'fund' WHERE id = 'p'`)
		b.award("w", "p", "c", 10*day)
		b.do(`INSERT INTO priority (id, kind, number, title, orientation, created_at) VALUES ('g', 'goal', '1', '{"en":"G"}', 'health', 0)`)
		b.do(`INSERT INTO priority_link (priority_id, subject_kind, subject_id, created_at) VALUES ('g', 'award', 'w', 0)`)
		hidden := func(ctx context.Context, what string) {
			t.Helper()
			if d := cmp.Diff(want, b.figures(ctx), cmpopts.IgnoreUnexported(Field{})); d != "" {
				t.Errorf("%s is seen by %s", what, d)
			}
		}
		hidden(b.at(9), "an award under embargo")
		f := b.figures(b.at(11))
		if c := f.Calls[0]; c.Funded != 1 || c.Granted.Minor != 70 || f.Counts.Awards != 1 || f.Counts.Results != 1 || f.Fields[1].Funded != 1 || f.Of.All != 1 {
			t.Errorf("after its day the award is not told: %+v", f)
		}
		b.do(`UPDATE award SET public_at = NULL`)
		hidden(b.at(11), "an award without a day")
		b.do(`UPDATE award SET public_at = $1, proposal_id = NULL`, 10*day)
		hidden(b.at(9), "an award under embargo that was taken in without its proposal")
	})
}

// TestWithhold: what is left of fields tells of none with few, nor does what is missing of all.
func TestWithhold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := make([]Field, rapid.IntRange(1, 7).Draw(t, "fields"))
		var few, all, left int64
		for i := range list {
			f := &list[i]
			f.unfunded = rapid.Int64Range(0, 6).Draw(t, "unfunded")
			f.Submitted = f.unfunded + rapid.Int64Range(0, 2).Draw(t, "funded")
			if all += f.unfunded; f.unfunded < Fewest && f.Submitted > 0 {
				few++
			}
		}
		withhold(list)
		missing := 0
		for _, f := range list {
			switch {
			case f.Withheld && f.Submitted+f.Funded != 0:
				t.Fatalf("%+v is told though it is withheld", f)
			case f.Withheld:
				missing++
			case few > 0 && f.unfunded < Fewest:
				t.Fatalf("%+v is told", f)
			default:
				left += f.unfunded
			}
		}
		if all >= Fewest && missing > 0 && all-left < Fewest {
			t.Fatalf("of %+v, %d without an award follow from the sum", list, all-left)
		}
		if few == 0 && missing > 0 {
			t.Fatalf("%+v withholds though no field has few", list)
		}
	})
}

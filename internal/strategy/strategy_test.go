package strategy_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// calls are the calls of another room: "open" is public, "draft" is not.
type calls struct{}

func (calls) Subjects(_ context.Context, a access.Actor, kind string, ids []string) (out []strategy.Subject, err error) {
	for _, id := range ids {
		if kind == "call" && (id == "open" || id == "draft" && a.HasAny(access.Officer)) {
			out = append(out, strategy.Subject{Kind: kind, ID: id, Title: lang.In1("en", id)})
		}
	}
	return out, nil
}

var (
	officer = access.Actor{Account: "o", Person: "olena", Grants: []access.Grant{{Role: access.Officer, Scope: access.Agency("arc")}}}
	other   = access.Actor{Account: "x", Person: "xenia", Grants: []access.Grant{{Role: access.Officer, Scope: access.Agency("fund")}}}
	ines    = access.Actor{Account: "i", Person: "ines"}
	loner   = access.Actor{Account: "l", Person: "loner"}
	public  = access.Actor{}
)

func each(t *testing.T, test func(t *testing.T, ctx context.Context, s *strategy.Service)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := clock.With(t.Context(), clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 3).Source())
		l, err := ledger.Open(ctx, d, "test")
		must(t, err)
		r := &register.Service{DB: d, Ledger: l}
		must(t, r.TakeIn(ctx, access.System, &register.Batch{
			Organisations: []register.Organisation{{ID: "brask", Name: lang.In1("en", "Brask Ceramics Works")}, {ID: "council", Name: lang.In1("en", "Council")}},
			People: []register.Person{{ID: "ines", Given: "Ines", Family: "Alder", Affiliations: []register.Affiliation{{OrganisationID: "brask"}}},
				{ID: "loner", Given: "Lo", Family: "Ner"}, {ID: "olena", Given: "Olena", Family: "Alder"}},
			Agencies: []register.Agency{{ID: "arc", OrganisationID: "council", Slug: "arc", Name: lang.In1("en", "Research Council"), Currency: "XCR", Zone: "UTC"},
				{ID: "fund", OrganisationID: "council", Slug: "fund", Name: lang.In1("en", "Fund"), Currency: "XCR", Zone: "UTC"}},
		}))
		test(t, ctx, &strategy.Service{DB: d, Ledger: l, Register: r, Subjects: calls{}})
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, kind fault.Kind, what string) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: %v, want a fault of kind %d", what, err, kind)
	}
}

func en(s string) lang.Text { return lang.In1("en", s) }

func number(f float64) *float64 { return &f }

func TestTree(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s *strategy.Service) {
		make := func(in strategy.PriorityInput) strategy.Priority {
			t.Helper()
			in.AgencyID = "arc"
			p, err := s.CreatePriority(ctx, officer, in)
			must(t, err)
			return p
		}
		goal := make(strategy.PriorityInput{Title: en("Heat without fire")})
		area := make(strategy.PriorityInput{ParentID: goal.ID, Title: en("Stores"), OwnerID: "olena"})
		task := make(strategy.PriorityInput{ParentID: area.ID, Title: en("A store that keeps 90 % over winter"), Orientation: "need", Metric: en("heat kept"), Unit: "%",
			Baseline: number(50), Target: number(90), Reached: number(70)})
		draft := make(strategy.PriorityInput{ParentID: goal.ID, Title: en("Not decided"), State: "draft"})
		if task.Number != "1.1.1" || task.Kind != strategy.Task || draft.Number != "1.2" {
			t.Errorf("task %q is a %s, draft %q", task.Number, task.Kind, draft.Number)
		}
		_, err := s.CreatePriority(ctx, officer, strategy.PriorityInput{AgencyID: "arc", ParentID: task.ID, Title: en("x")})
		refused(t, err, fault.Invalid, "something below a task")
		_, err = s.CreatePriority(ctx, officer, strategy.PriorityInput{AgencyID: "arc", Target: number(1), State: "odd", From: "soon"})
		refused(t, err, fault.Invalid, "no title, no metric, odd state, odd day")
		if got := len(fault.From(err).Each()); got != 4 {
			t.Errorf("%d refusals, want 4: %v", got, err)
		}
		_, err = s.CreatePriority(ctx, other, strategy.PriorityInput{AgencyID: "arc", Title: en("x")})
		refused(t, err, fault.NotAllowed, "an officer of another agency")

		must(t, s.Link(ctx, officer, task.ID, "call", "open"))
		must(t, s.Link(ctx, officer, area.ID, "call", "open"))
		must(t, s.Link(ctx, officer, area.ID, "call", "draft"))
		refused(t, s.Link(ctx, officer, task.ID, "call", "no such"), fault.Invalid, "linking what is not there")
		refused(t, s.Link(ctx, officer, task.ID, "letter", "open"), fault.Invalid, "linking a letter")
		refused(t, s.Link(ctx, ines, task.ID, "call", "open"), fault.NotAllowed, "linking without a role")
		refused(t, s.Link(ctx, other, draft.ID, "call", "open"), fault.NotFound, "linking another agency's draft")

		for who, want := range map[*access.Actor]int{&public: 1, &officer: 2} {
			tree, err := s.Tree(ctx, *who)
			must(t, err)
			if len(tree) != 1 || tree[0].Numbers.Calls != want || len(tree[0].Children) != want {
				t.Errorf("%s sees %d goals, %+v with %d areas; want %d calls and areas", who.Account, len(tree), tree[0].Numbers, len(tree[0].Children), want)
			}
			if share, own, ok := tree[0].Share(); share != .5 || own || !ok {
				t.Errorf("share of the goal = %v, %v, %v", share, own, ok)
			}
		}
		v, err := s.Priority(ctx, public, area.ID)
		must(t, err)
		if v.Owner != "Olena Alder" || len(v.Way) != 1 || len(v.Linked) != 1 || v.MayEdit || v.Agency.In(lang.English) != "Research Council" {
			t.Errorf("the public sees %+v", v)
		}
		_, err = s.Priority(ctx, public, draft.ID)
		refused(t, err, fault.NotFound, "the public reads a draft")
		_, err = s.Priority(ctx, other, draft.ID)
		refused(t, err, fault.NotFound, "another agency reads a draft")

		_, err = s.UpdatePriority(ctx, officer, task.ID, 1, strategy.PriorityInput{Title: en("A store"), Metric: en("heat kept"), Target: number(90), Reached: number(88)})
		must(t, err)
		_, err = s.UpdatePriority(ctx, officer, task.ID, 1, strategy.PriorityInput{Title: en("Another")})
		refused(t, err, fault.Conflict, "an old version")
		must(t, s.Unlink(ctx, officer, task.ID, "call", "open"))
		links, err := s.LinksOf(ctx, public, "call", "open")
		must(t, err)
		if len(links) != 1 || links[0].ID != area.ID {
			t.Errorf("the call is linked to %+v", links)
		}
	})
}

func TestNeedToQuestion(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s *strategy.Service) {
		in := strategy.NeedInput{Title: en("Kilns stop when the gas does"), Body: en("We fire at 1,400 degrees."), Measure: en("One kiln fires for a week without gas."), OrganisationID: "brask", Orientation: "economy"}
		_, err := s.Post(ctx, public, in)
		refused(t, err, fault.SignIn, "the public posts")
		_, err = s.Post(ctx, loner, in)
		refused(t, err, fault.Invalid, "posting for an organisation of others")
		_, err = s.Post(ctx, ines, strategy.NeedInput{OrganisationID: "brask"})
		if got := len(fault.From(err).Each()); got != 3 {
			t.Errorf("an empty need: %v", err)
		}
		n, err := s.Post(ctx, ines, in)
		must(t, err)
		if n.Number != "N-2027-0001" || n.State != strategy.Posted {
			t.Errorf("need = %+v", n)
		}
		v, err := s.Need(ctx, public, n.ID)
		must(t, err)
		if v.PersonID != "" || v.Organisation != "Brask Ceramics Works" || v.MayEdit || v.MayTakeUp {
			t.Errorf("the public sees %+v", v)
		}
		if v, err := s.Need(ctx, ines, n.ID); err != nil || v.PersonID != "ines" || !v.MayEdit || v.MayTakeUp {
			t.Errorf("the poster sees %+v, %v", v, err)
		}
		_, err = s.WriteQuestion(ctx, ines, strategy.QuestionInput{AgencyID: "arc", NeedID: n.ID, Title: en("x"), Body: en("y")})
		refused(t, err, fault.NotAllowed, "a question by the poster")
		goal, err := s.CreatePriority(ctx, officer, strategy.PriorityInput{AgencyID: "arc", Title: en("Heat")})
		must(t, err)
		q, err := s.WriteQuestion(ctx, officer, strategy.QuestionInput{AgencyID: "arc", NeedID: n.ID, Title: en("What fires clay without gas?"), Body: en("At 1,400 degrees."), PriorityID: goal.ID})
		must(t, err)
		draft, err := s.WriteQuestion(ctx, officer, strategy.QuestionInput{AgencyID: "arc", NeedID: n.ID, Title: en("Draft"), Body: en("y"), State: "draft"})
		must(t, err)
		_, err = s.Question(ctx, public, draft.ID)
		refused(t, err, fault.NotFound, "the public reads a draft")
		v, err = s.Need(ctx, public, n.ID)
		must(t, err)
		if v.State != strategy.TakenUp || len(v.Questions) != 1 || v.Questions[0].ID != q.ID {
			t.Errorf("after the question the public sees %+v", v)
		}
		for who, want := range map[*access.Actor]int{&public: 1, &officer: 2, &other: 1, &access.System: 2} {
			if list, total, err := s.Questions(ctx, *who, strategy.Filter{Size: 10}); err != nil || total != want || len(list) != want {
				t.Errorf("%s lists %d of %d questions, %v; want %d", who.Account, len(list), total, err, want)
			}
		}
		must(t, s.InCall(ctx, officer, q.ID))
		view, err := s.Question(ctx, public, q.ID)
		must(t, err)
		if view.State != "in a call" || view.Need == nil || view.Need.PersonID != "" || len(view.Priorities) != 1 {
			t.Errorf("the public sees %+v", view)
		}
		_, err = s.MendNeed(ctx, ines, n.ID, 1, in)
		refused(t, err, fault.Conflict, "a version before it was taken up")
		in.Body = en("We fire at 1,450 degrees.")
		_, err = s.MendNeed(ctx, ines, n.ID, 2, in)
		must(t, err)
		_, err = s.EndNeed(ctx, ines, n.ID, 3, strategy.Met, "The first kiln ran.")
		must(t, err)
		_, err = s.MendNeed(ctx, ines, n.ID, 4, in)
		refused(t, err, fault.Conflict, "mending a need that is met")
		for text, want := range map[string]int{"KILN": 1, "n-2027-0001": 1, "glass": 0, "": 1} {
			if list, total, err := s.Needs(ctx, public, strategy.Filter{Text: text, Size: 10}); err != nil || total != want || len(list) != want {
				t.Errorf("needs with %q: %d, %v; want %d", text, total, err, want)
			}
		}
	})
}

func TestTakeIn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s *strategy.Service) {
		b := &strategy.Batch{Priorities: []strategy.Priority{{ID: "g", Kind: strategy.Goal, Number: "2", Title: en("Two")}, {ID: "h", Kind: strategy.Goal, Number: "10", Title: en("Ten")}},
			Needs: []strategy.Need{{Title: en("n"), Body: en("b")}, {Title: en("m"), Body: en("b")}}, Links: []strategy.Tie{{"g", "call", "open"}, {"g", "call", "open"}}}
		refused(t, s.TakeIn(ctx, ines, b), fault.NotAllowed, "somebody without a role")
		must(t, s.TakeIn(ctx, access.System, b))
		tree, err := s.Tree(ctx, public)
		must(t, err)
		var got []string
		for _, n := range strategy.Flat(tree) {
			got = append(got, n.Number)
		}
		if diff := cmp.Diff([]string{"2", "10"}, got); diff != "" {
			t.Error(diff)
		}
		if b.Needs[1].Number != "N-2027-0002" {
			t.Errorf("numbers are %q and %q", b.Needs[0].Number, b.Needs[1].Number)
		}
	})
}

// TestProgress: the share lies between 0 and 1 and never falls while the measure moves towards the target.
func TestProgress(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base, target := rapid.Float64Range(-1e6, 1e6).Draw(t, "base"), rapid.Float64Range(-1e6, 1e6).Draw(t, "target")
		steps := rapid.SliceOfN(rapid.Float64Range(-2, 2), 2, 20).Draw(t, "steps")
		slices.Sort(steps)
		last := 0.0
		for _, f := range steps {
			reached := base + f*(target-base)
			share, ok := strategy.Priority{Baseline: &base, Target: &target, Reached: &reached}.Progress()
			if ok != (base != target) || share < last || share > 1 {
				t.Fatalf("from %v to %v at %v: %v, %v after %v", base, target, reached, share, ok, last)
			}
			last = share
		}
	})
}

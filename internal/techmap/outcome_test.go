package techmap_test

import (
	"context"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// records are what can be followed; those that begin with "secret" only by who is signed in.
type records map[techmap.Ref]techmap.Trace

func (r records) Follow(_ context.Context, viewer access.Actor, kind, id string) (techmap.Trace, error) {
	t, ok := r[techmap.Ref{Kind: kind, ID: id}]
	if !ok || t.State == "reported" && viewer.Account == "" {
		return techmap.Trace{}, fault.Missing()
	}
	return t, nil
}

// TestResultsChangeMaps lets results propose a readiness level and a share; what was accepted stays in sight
// with the result that it came of, for who may know of both.
func TestResultsChangeMaps(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		s.Below = records{}
		for _, x := range []techmap.Trace{{Kind: "award", ID: "w"}, {Kind: "result", ID: "paper", AwardID: "w", State: "public"}, {Kind: "result", ID: "pilot", AwardID: "w", State: "reported"}, {Kind: "call", ID: "c"}} {
			s.Below.(records)[techmap.Ref{Kind: x.Kind, ID: x.ID}] = x
		}
		m := s.lamp(t, ctx, techmap.Public)
		secret := node("secret")
		secret.Node.Sealed = true
		must(t, s.Change(ctx, analyst, m.ID, secret))
		suggest := func(who access.Actor, kind, id string, changes ...techmap.Change) (techmap.Suggestion, error) {
			return s.Suggest(ctx, who, m.ID, techmap.SuggestionInput{Changes: changes, Reason: "The pilot line runs.", From: techmap.Ref{Kind: kind, ID: id}})
		}
		bulb := func(ready int) techmap.Change {
			c := node("bulb")
			c.Node.Ready = ready
			return c
		}
		for _, from := range []techmap.Ref{{Kind: "result", ID: "other"}, {Kind: "call", ID: "c"}} {
			_, err := suggest(expert, from.Kind, from.ID, bulb(6))
			refused(t, err, fault.NotFound, "a suggestion from "+from.Kind+" "+from.ID)
		}
		accept := func(who access.Actor, kind, id string, changes ...techmap.Change) {
			t.Helper()
			x, err := suggest(who, kind, id, changes...)
			must(t, err)
			s.fixed.Advance(time.Hour)
			must(t, s.Accept(ctx, officer, m.ID, x.ID, ""))
		}
		accept(expert, "result", "paper", bulb(6))
		accept(expert, "result", "pilot", share("bulb", "brask", 0.3))
		accept(officer, "award", "w", share("secret", "brask", 0.4))
		_, err := suggest(expert, "result", "paper", bulb(7)) // still open
		must(t, err)

		for _, c := range []struct {
			who  access.Actor
			at   time.Time
			want string
		}{{officer, time.Time{}, "w pilot paper "}, {expert, time.Time{}, "pilot paper "}, {public, time.Time{}, "paper "}, {officer, morning.Add(90 * time.Minute), "paper "}} {
			v, err := s.Map(ctx, c.who, m.ID, c.at)
			must(t, err)
			list, err := s.Outcomes(ctx, c.who, v)
			must(t, err)
			got := ""
			for _, o := range list {
				got += o.From.ID + " "
				if o.Touches("bulb") != (o.From.ID != "w") || o.Touches("lamp") {
					t.Errorf("%s touches bulb %v, lamp %v", o.From.ID, o.Touches("bulb"), o.Touches("lamp"))
				}
			}
			if got != c.want {
				t.Errorf("%q at %v sees outcomes of %q, want %q", c.who.Account, c.at, got, c.want)
			}
		}
		list, err := s.Suggestions(ctx, officer, m.ID)
		must(t, err)
		sources, err := s.Sources(ctx, officer, list)
		must(t, err)
		if len(sources) != 3 || sources[techmap.Ref{Kind: "result", ID: "pilot"}].AwardID != "w" {
			t.Errorf("sources: %+v", sources)
		}
	})
}

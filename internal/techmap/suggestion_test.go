package techmap_test

import (
	"context"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// expert is signed in and has no role.
var expert = access.Actor{Account: "e", Person: "salma"}

func (b bench) suggest(t *testing.T, ctx context.Context, mapID string, changes ...techmap.Change) techmap.Suggestion {
	t.Helper()
	x, err := b.Suggest(ctx, expert, mapID, techmap.SuggestionInput{Changes: changes, Reason: "The survey of this spring says so."})
	must(t, err)
	return x
}

func TestExpertsSuggest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Public)
		v, err := s.Map(ctx, expert, m.ID, time.Time{})
		must(t, err)
		bulb, _ := v.Graph.Node("bulb")
		bulb.Ready = 6
		first := s.suggest(t, ctx, m.ID, techmap.Change{Node: &bulb}, share("bulb", "brask", 0.3), node("wire"), gate("bulb-all", "bulb", techmap.AllOf, "wire"))
		second := s.suggest(t, ctx, m.ID, techmap.Change{Remove: &techmap.Ref{Kind: techmap.KindNode, ID: "bayonet"}})

		refused(t, s.Accept(ctx, expert, m.ID, first.ID, ""), fault.NotAllowed, "an expert's own acceptance")
		must(t, s.Accept(ctx, officer, m.ID, first.ID, "Thank you."))
		refused(t, s.Accept(ctx, officer, m.ID, first.ID, ""), fault.Conflict, "a second answer")
		refused(t, s.Decline(ctx, officer, m.ID, second.ID, " "), fault.Invalid, "declining without a reason")
		must(t, s.Decline(ctx, officer, m.ID, second.ID, "The harbour still uses it."))

		now, err := s.Map(ctx, officer, m.ID, time.Time{})
		must(t, err)
		got, _ := now.Graph.Node("bulb")
		if got.Ready != 6 || got.Author != "salma" {
			t.Errorf("the bulb is at level %d by %q", got.Ready, got.Author)
		}
		if h, _ := now.Graph.Share("bulb", "brask"); h.Low == nil || *h.Low != 0.3 {
			t.Errorf("the share is %+v", h)
		}
		if _, ok := now.Graph.Node("bayonet"); !ok {
			t.Error("a declined removal was made")
		}
		for _, c := range []struct {
			who  access.Actor
			want int
		}{{officer, 2}, {expert, 2}, {other, 0}, {public, 0}} {
			list, err := s.Suggestions(ctx, c.who, m.ID)
			must(t, err)
			if len(list) != c.want {
				t.Errorf("%q sees %d suggestions, want %d", c.who.Account, len(list), c.want)
			}
		}
	})
}

func TestSuggestionsThatAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Public)
		sealed := node("bulb")
		sealed.Node.Sealed = true
		for what, in := range map[string]techmap.SuggestionInput{
			"nothing":       {Reason: "x"},
			"no reason":     {Changes: []techmap.Change{node("wire")}},
			"a wrong share": {Reason: "x", Changes: []techmap.Change{share("bulb", "brask", 3)}},
			"sealing":       {Reason: "x", Changes: []techmap.Change{sealed}},
			"a scenario":    {Reason: "x", Changes: []techmap.Change{{Scenario: &techmap.Scenario{ID: "s"}}}},
		} {
			_, err := s.Suggest(ctx, expert, m.ID, in)
			refused(t, err, fault.Invalid, what)
		}
		_, err := s.Suggest(ctx, public, m.ID, techmap.SuggestionInput{Reason: "x", Changes: []techmap.Change{node("wire")}})
		refused(t, err, fault.SignIn, "a suggestion by nobody")
		draft := s.lamp(t, ctx, techmap.Draft)
		_, err = s.Suggest(ctx, expert, draft.ID, techmap.SuggestionInput{Reason: "x", Changes: []techmap.Change{node("wire")}})
		refused(t, err, fault.NotFound, "a suggestion for a draft")

		x := s.suggest(t, ctx, m.ID, share("bulb", "brask", 0.3))
		list, maps, err := s.Waiting(ctx, officer)
		must(t, err)
		if len(list) != 1 || maps[m.ID].Number != m.Number {
			t.Errorf("%d suggestions wait for the officer", len(list))
		}
		refused(t, s.Withdraw(ctx, other, m.ID, x.ID), fault.NotFound, "withdrawing another's")
		changed := share("bulb", "brask", 0.5)
		changed.Version = 1
		must(t, s.Change(ctx, analyst, m.ID, changed))
		refused(t, s.Accept(ctx, officer, m.ID, x.ID, ""), fault.Conflict, "accepting what was overtaken")
		must(t, s.Withdraw(ctx, expert, m.ID, x.ID))
		if list, _, err := s.Waiting(ctx, officer); err != nil || len(list) != 0 {
			t.Errorf("%d still wait, %v", len(list), err)
		}
	})
}

// TestAcceptedGateKeepsWhatWasHidden accepts a change of a gate by somebody who did not see one
// of its inputs.
func TestAcceptedGateKeepsWhatWasHidden(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Public)
		secret := node("secret")
		secret.Node.Sealed = true
		any := gate("lamp-any", "lamp", techmap.AnyOf, "screw", "bayonet", "secret")
		any.Version = 1
		must(t, s.Change(ctx, analyst, m.ID, secret, any))
		x := s.suggest(t, ctx, m.ID, gate("lamp-any", "lamp", techmap.AnyOf, "screw"))
		must(t, s.Accept(ctx, officer, m.ID, x.ID, ""))
		v, err := s.Map(ctx, officer, m.ID, time.Time{})
		must(t, err)
		got, _ := v.Graph.Gate("lamp-any")
		if len(got.Inputs) != 2 || got.Inputs[1].NodeID != "secret" {
			t.Errorf("the gate has %+v", got.Inputs)
		}
	})
}

// TestNewProviderIsSuggested suggests one whom the map does not have, with its share. One of the same key
// that the writer cannot see, as it supplies what is sealed, is not written over.
func TestNewProviderIsSuggested(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, ctx context.Context, s bench) {
		m := s.lamp(t, ctx, techmap.Public)
		secret := node("secret")
		secret.Node.Sealed = true
		must(t, s.Change(ctx, analyst, m.ID, secret, provider("hidden", "XC"), share("secret", "hidden", 1)))
		x := s.suggest(t, ctx, m.ID, provider("fen", "XA"), share("bulb", "fen", 0.1))
		v, err := s.Map(ctx, officer, m.ID, time.Time{})
		must(t, err)
		if _, there := v.Graph.Provider("fen"); there {
			t.Error("what is suggested is on the map")
		}
		if p, _ := x.On(v.Graph).Provider("fen"); p.Country != "XA" {
			t.Errorf("the suggestion names %+v", p)
		}
		must(t, s.Accept(ctx, officer, m.ID, x.ID, ""))
		v, err = s.Map(ctx, expert, m.ID, time.Time{})
		must(t, err)
		if got, _ := v.Graph.Share("bulb", "fen"); got.Low == nil || *got.Low != 0.1 {
			t.Errorf("the share is %+v", got)
		}
		x = s.suggest(t, ctx, m.ID, provider("hidden", "XA"), share("bulb", "hidden", 0.1))
		refused(t, s.Accept(ctx, officer, m.ID, x.ID, ""), fault.Conflict, "writing over what is hidden")
	})
}

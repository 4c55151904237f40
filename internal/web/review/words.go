package review

import (
	"context"
	"fmt"

	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

func stateChip(state string) string {
	return map[string]string{review.Invited: "warn", review.Accepted: "live", review.Submitted: "ok", review.Declined: "", review.Conflicted: "bad"}[state]
}

func scale(ctx context.Context, c scheme.Criterion, chosen float64) []shell.Option {
	var out []shell.Option
	for n := c.Low; n <= c.High; n++ {
		o := shell.Option{Value: fmt.Sprint(n), Label: fmt.Sprint(n), Chosen: float64(n) == chosen}
		switch n {
		case c.Low:
			o.Label = shell.T(ctx, "review.scale.low", n)
		case c.High:
			o.Label = shell.T(ctx, "review.scale.high", n)
		}
		out = append(out, o)
	}
	return out
}

func personPick(ctx context.Context, pick shell.PickField, refusal shell.Refusal) shell.PickField {
	pick.Field = shell.Field{Name: "person", Label: shell.T(ctx, "proposal.person"), Hint: shell.T(ctx, "proposal.person.hint"), Error: refusal.Of(ctx, "person")}
	pick.Find = "/find/people"
	return pick
}

// stateOf is how a review stands for its viewer.
func stateOf(v review.View) string {
	if v.Over() {
		return "over"
	}
	return v.State
}

// openOf are the reviews that wait for their reviewer, doneOf the others.
func openOf(list []review.View) (out []review.View) {
	for _, v := range list {
		if waits(v) {
			out = append(out, v)
		}
	}
	return out
}

func doneOf(list []review.View) (out []review.View) {
	for _, v := range list {
		if !waits(v) {
			out = append(out, v)
		}
	}
	return out
}

// waits reports whether a review waits for its reviewer.
func waits(v review.View) bool {
	return v.Pending() && !v.Over()
}

func minutes(v review.View) string {
	if v.Minutes == 0 {
		return ""
	}
	return fmt.Sprint(v.Minutes)
}

// ringWord says of one review in a ring whether it was left out.
func ringWord(r review.WordedRing, i int) string {
	if r.Cut == i+1 {
		return "review.rings.out"
	}
	return "review.rings.in"
}

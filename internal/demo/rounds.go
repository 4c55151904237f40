package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/review"
)

// turnedDown is what three people answer to the invitations of a call.
var turnedDown = []review.Reply{
	{Answer: "decline", Reason: "I am on field work until the summer.", Instead: review.Suggestion{Name: "Edda Lindqvist-Amari"}},
	{Answer: "conflict", Reason: "The lead and I wrote two papers together last year.", Conflict: "co-author"},
	{Answer: "decline", Reason: "Too far from what I know.", Instead: review.Suggestion{Name: "Maro Quist", Email: "maro.quist@elsewhere.example"}},
}

// rounds: in a call that is being reviewed some turned their invitation down, and the officer asks the next.
func (c *country) rounds(actors map[string]access.Actor) error {
	made, err := c.find("computing that can be trusted")
	if err != nil {
		return err
	}
	if err := work.Do(c.ctx, c.DB, func(ctx context.Context) error {
		outer := c.ctx
		c.ctx = ctx
		defer func() { c.ctx = outer }()
		return c.judges(made)
	}); err != nil {
		return err
	}
	c.fixed.Set(c.now.Add(-2 * 24 * time.Hour))
	if err := c.Reviews.SetPlan(c.ctx, actors["officer"], made.ID, "", review.InvitationPlan{Target: 3, Reserve: 2, AnswerDays: 10}); err != nil {
		return err
	}
	rows, _, err := c.Proposals.List(c.ctx, access.System, proposal.Filter{CallID: made.ID, Size: 40, Sort: "number"})
	if err != nil {
		return err
	}
	done := 0
	for _, row := range rows {
		list, err := c.Reviews.OfProposal(c.ctx, actors["officer"], row.ID)
		if err != nil {
			return err
		}
		for _, v := range list {
			if v.State != review.Invited || v.Reviewer == actors["reviewer"].Person {
				continue
			}
			if err := c.Reviews.Reply(c.ctx, access.Actor{Person: v.Reviewer}, v.ID, turnedDown[done]); err != nil {
				return err
			}
			if done == len(turnedDown)-1 { // the last is of the pool, so that there is something to repair
				if err := c.Reviews.SetPool(c.ctx, actors["officer"], made.ID, v.Reviewer, 0, 6); err != nil {
					return err
				}
			}
			if done++; done == len(turnedDown) {
				return nil
			}
			break
		}
	}
	return fmt.Errorf("demo: only %d people could turn an invitation down", done)
}

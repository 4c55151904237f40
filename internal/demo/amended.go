package demo

import (
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// amended: the officer has raised what the small grants give, and said why.
func (c *country) amended(actors map[string]access.Actor) error {
	made, err := c.find("small grants for early ideas")
	if err != nil {
		return err
	}
	if made.Phase(c.now) != call.IsOpen {
		list, _, err := c.Calls.List(c.ctx, access.System, call.Filter{Text: "small grants for early ideas", Phase: call.IsOpen, Size: 1})
		if err != nil || len(list) == 0 {
			return err
		}
		made = list[0].Call
	}
	c.fixed.Set(c.now.Add(-26 * time.Hour))
	in := call.Input{Title: made.Title, Summary: made.Summary, Guidance: lang.Both("Say in one page what you would try, with what, and how you would know. One reviewer reads it; you hear within six weeks.", "请用一页说明您想尝试什么、所需条件以及如何判断结果。由一位评审人审阅，六周内答复。"),
		DecideBy: made.DecideBy, Low: made.Low.Plain(), High: "50000", Total: made.Total.Plain(), AwardsExpected: int64(made.AwardsExpected), Contact: made.Contact}
	_, err = c.Calls.Amend(c.ctx, actors["officer"], made.ID, made.Version, in, lang.Both("Instruments have become dearer: the most that one can ask for is 50,000 now. Proposals that were begun may be changed until they are handed in.", "仪器价格上涨，最高申请额现提高至 50,000。已开始填写的申请在提交前可以修改。"))
	return err
}

package demo

import (
	"fmt"
	"time"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// winter is the map from which the questions of the call about the winter came.
var winter = drawn{
	Providers: map[string]struct{ Name, Country, Owner, Site string }{
		"salina": {Name: "Salina Salts", Country: "XC", Site: "Salina bay"}, "brine": {Name: "Merrow Brine Works", Country: "XA", Site: "Merrow"},
		"kaldor": {Name: "Kaldor Drilling", Country: "XB", Site: "Kaldor"}, "hollin": {Name: "Hollin Machine Works", Country: "XA", Site: "Hollin"},
	},
	Nodes: map[string]drawnNode{
		"winter-heat": {Kind: "capability", En: "Heat kept from summer to winter", Zh: "夏热冬用", Needs: []string{"all store-salt drill-rig heat-exchanger"}},
		"store-salt":  {Kind: "material", En: "Salt for heat stores", Zh: "储热用盐", Supply: []string{"salina 85%", "brine 15%"}},
		"drill-rig":   {Kind: "equipment", En: "Drill rigs for boreholes", Zh: "地埋孔钻机", Supply: []string{"kaldor 80%", "hollin 20%"}},
		"heat-exchanger": {Kind: "component", En: "Heat exchanger that does not foul", Zh: "抗结垢换热器",
			Supply: []string{"hollin 60%", "brine 40%"}},
	},
}

// bottlenecks: the call about the winter asks two questions that were written from findings of a map;
// the meeting knows which proposals answer which. The keys are those of the salt and of the rigs.
func (c *country) bottlenecks(officer access.Actor, d decision.Decision) (keys [2]string, err error) {
	now := clock.Now(c.ctx)
	defer c.fixed.Set(now)
	c.fixed.Set(c.at(-150))
	in := techmap.MapInput{AgencyID: c.agencies[0].ID, Title: lang.Both("Heat for the winter", "冬季供热"), Summary: lang.Both("What it takes to keep the heat of the summer until it is needed.", "把夏季热量保存至冬季所需的条件。"),
		Home: "XA", Threshold: 0.3, State: techmap.Public}
	m, err := c.Maps.Create(c.ctx, access.System, in)
	if err != nil {
		return keys, err
	}
	changes, err := winter.changes(c.now.Year())
	if err != nil {
		return keys, err
	}
	if err := c.Maps.Change(c.ctx, access.System, m.ID, changes...); err != nil {
		return keys, err
	}
	in.Goal = "winter-heat"
	if _, err := c.Maps.Update(c.ctx, access.System, m.ID, m.Version, in); err != nil {
		return keys, err
	}
	list, err := c.Decisions.Meet(c.ctx, officer, d.ID)
	if err != nil {
		return keys, err
	}
	for i, q := range []struct {
		set, node, en, zh string
		places            []int
	}{
		{"salina", "store-salt", "Which stores of heat need no salt from a single supplier?", "哪些储热方式不依赖单一供应方的盐？", []int{11, 19, 27}},
		{"kaldor", "drill-rig", "Can the ground be opened without a rig that only one firm makes?", "能否不依赖独家制造的钻机完成地埋孔施工？", []int{2, 5, 14}},
	} {
		asked, err := c.Maps.Question(c.ctx, access.System, m.ID, techmap.Assumptions{}, []string{q.set}, strategy.QuestionInput{AgencyID: c.agencies[0].ID, Title: lang.Both(q.en, q.zh),
			Body: lang.Both("What would it take, what does it cost, and how would one know that it works?", "需要什么条件、成本几何、如何验证？"), Orientation: "need", PriorityID: c.areas[0]})
		if err != nil {
			return keys, fmt.Errorf("question %q: %w", q.en, err)
		}
		if err := c.Calls.Ask(c.ctx, access.System, d.CallID, asked.ID); err != nil {
			return keys, err
		}
		keys[i] = m.ID + "/" + q.node
		c.fixed.Set(now.Add(time.Duration(i) * time.Minute))
		if err := c.Decisions.Cover(c.ctx, officer, d.ID, keys[i], numbers(list.View, q.places...), "By their plans: they name the part that they replace."); err != nil {
			return keys, err
		}
		c.fixed.Set(c.at(-149))
	}
	return keys, nil
}

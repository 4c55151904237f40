package demo

import (
	"fmt"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// judgedBefore is of how many items the members of the panel that meets have said what
// they think.
const judgedBefore = 6

// panels: the call on computing is judged in panels, and one of them meets today. The
// adviser leads it; the reviewer sits in it, has a conflict with one of its proposals, and
// has not said what she thinks of all the others.
func (c *country) panels(actors map[string]access.Actor) error {
	made, err := c.find("computing that can be trusted")
	if err != nil {
		return err
	}
	officer, chair, reviewer := actors["officer"], actors["adviser"], actors["reviewer"]
	c.fixed.Set(c.now.Add(-5 * 24 * time.Hour))
	if _, err := c.Panels.Form(c.ctx, officer, made.ID, "", panel.Plan{Groups: 6}); err != nil {
		return err
	}
	b, err := c.Panels.Board(c.ctx, officer, made.ID, "")
	if err != nil {
		return err
	}
	id := b.Panels[0].ID
	for i, v := range b.Panels {
		if err := c.Panels.Settle(c.ctx, officer, v.ID, v.Name, c.now.Add(time.Duration(i*24+1)*time.Hour), 3); err != nil {
			return err
		}
	}
	sit := []access.Actor{chair, reviewer}
	for i := range 4 {
		sit = append(sit, access.Actor{Person: c.people[len(cast)+101*i].ID})
	}
	for i, a := range sit {
		role := panel.Seat
		if i == 0 {
			role = panel.Chair
		}
		if err := c.Panels.Seat(c.ctx, officer, id, a.Person, role); err != nil {
			return err
		}
	}
	if err := c.Panels.Rapporteurs(c.ctx, officer, id); err != nil {
		return err
	}
	if err := c.Panels.Announce(c.ctx, officer, id); err != nil {
		return err
	}
	if err := c.prepare(id, sit); err != nil {
		return err
	}
	return c.meet(id, sit)
}

// prepare: members say what they think, and some of them write.
func (c *country) prepare(id string, sit []access.Actor) error {
	for i, a := range sit {
		if err := c.Panels.Promise(c.ctx, a, id); err != nil {
			return err
		}
		v, err := c.Panels.Get(c.ctx, a, id)
		if err != nil {
			return err
		}
		if i == 1 { // the reviewer
			last := v.Lines[len(v.Lines)-1]
			if err := c.Panels.Declare(c.ctx, a, id, last.ID, "We supervise a thesis together."); err != nil {
				return err
			}
		}
		for n, l := range v.Lines[:judgedBefore] {
			if i == 1 && n > 3 || l.Owes != "" {
				continue
			}
			mark := float64(c.dice.between(25, 58)) / 10
			note := pick(&c.dice, []string{"The plan leads to an answer, also to an unwelcome one.", "Says what is measured, but not what decides.", "Good question; the second step is thin.", ""})
			if err := c.Panels.Say(c.ctx, a, id, l.ID, mark, note); err != nil {
				return err
			}
			if n == 2 && i%2 == 0 {
				text := pick(&c.dice, []string{"Does the comparison hold where the data come from one place only?", "I would ask for the test first and the larger machine after it.", "The risk is named, and that is to its credit."})
				if err := c.Panels.Comment(c.ctx, a, id, l.ID, text); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// meet: two items are treated, the third is open.
func (c *country) meet(id string, sit []access.Actor) error {
	c.fixed.Set(c.now.Add(-time.Hour))
	chair := sit[0]
	if err := c.Panels.Begin(c.ctx, chair, id); err != nil {
		return err
	}
	for _, a := range sit[:len(sit)-1] {
		if err := c.Panels.Attend(c.ctx, chair, id, a.Person, true); err != nil {
			return err
		}
	}
	v, err := c.Panels.Get(c.ctx, chair, id)
	if err != nil {
		return err
	}
	said := slices.DeleteFunc(v.Lines, func(l panel.Line) bool { return l.Own == nil })
	if len(said) < 3 {
		return fmt.Errorf("demo: the chair has said something about %d proposals only", len(said))
	}
	for n, l := range said[:3] {
		if err := c.Panels.Call(c.ctx, chair, id, l.ID); err != nil {
			return err
		}
		for i, a := range sit {
			if n == 2 && i > 2 {
				break // the others still think
			}
			err := c.Panels.Vote(c.ctx, a, id, l.ID, float64(c.dice.between(30, 55))/10)
			if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
				continue // who has a conflict, or owes a view
			}
			if err != nil {
				return err
			}
		}
		if n == 2 {
			return nil
		}
		if err := c.Panels.Summarise(c.ctx, chair, id, l.ID, pick(&c.dice, []string{"A clear question and a way to an answer. The panel asks to begin with the smallest of the three tests.", "The panel finds the idea strong and the plan for the second year too little worked out."})); err != nil {
			return err
		}
		if err := c.Panels.Close(c.ctx, chair, id, l.ID); err != nil {
			return err
		}
	}
	return nil
}

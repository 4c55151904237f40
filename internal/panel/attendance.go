package panel

import (
	"context"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Attend notes that a member is there, or no longer, while the meeting runs. It is for who leads it.
// Errors: Conflict while it does not run; NotFound for who is no member.
func (s *Service) Attend(ctx context.Context, a access.Actor, id, person string, here bool) error {
	return s.lead(ctx, a, id, "panel.attend", func(ctx context.Context, _ View, p *Panel, r *room) (any, error) {
		if p.State != Meeting {
			return nil, fault.New(fault.Conflict, "panel.not.begun")
		}
		if !slices.ContainsFunc(r.members, func(m Member) bool { return m.Person == person }) {
			return nil, fault.Missing()
		}
		return map[string]any{"person": person, "here": here}, s.setHere(ctx, id, person, here)
	})
}

// attending is how many members are there who may judge an item.
func (r *room) attending(i Item) (n int) {
	for _, m := range r.fit(i) {
		if m.Here {
			n++
		}
	}
	return n
}

// quorate refuses to settle an item while fewer members are there than the panel's quorum.
func (r *room) quorate(i Item) error {
	if here := r.attending(i); here < r.panel.Quorum {
		return fault.New(fault.Conflict, "panel.quorum.short", here, r.panel.Quorum)
	}
	return nil
}

// Attending is how many members are there.
func (v View) Attending() (n int) {
	for _, m := range v.Members {
		if m.Here {
			n++
		}
	}
	return n
}

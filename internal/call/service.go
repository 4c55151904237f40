package call

import (
	"context"
	"slices"
	"sync"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/strategy"
)

// Service is the only way to the calls.
type Service struct {
	DB      *db.DB
	Ledger  *ledger.Ledger
	Schemes *scheme.Service

	Strategy *strategy.Service // the questions and priorities that calls serve
	// Belongs says which proposal of a call a text names: its number or its key. Proposals
	// are a room below; whoever wires the rooms fills it in.
	Belongs    func(ctx context.Context, callID, text string) (id string, err error)
	Conflicted access.Conflicted // finds proposals

	standing sync.Map // of call ID → marked
}

// Create makes a draft. Officers of the agency only.
// Errors: Invalid with every field at fault; nothing is stored then.
func (s *Service) Create(ctx context.Context, a access.Actor, in Input) (Call, error) {
	c := Call{AgencyID: in.AgencyID, ProgrammeID: in.ProgrammeID, State: "draft", CreatedBy: a.Account, Version: 1}
	have := c.set(a)
	if err := rules.Check(a, "call.create", have, access.Member); err != nil {
		return c, err
	}
	if err := s.fill(ctx, &c, in); err != nil {
		return c, err
	}
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		shares, err := s.budget(ctx, &c, in)
		if err != nil {
			return err
		}
		if c.Number, err = number.Next(ctx, s.DB, "C"); err != nil {
			return err
		}
		c.ID = clock.ID(ctx)
		if err := s.insert(ctx, c); err != nil {
			return err
		}
		if err := s.setBudget(ctx, c.ID, in, shares); err != nil {
			return err
		}
		if err := s.link(ctx, a, c.ID, in); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "call.create", Kind: "call", ID: c.ID, Agency: c.AgencyID, Payload: map[string]string{"number": c.Number}})
		return err
	})
	return c, err
}

// fill checks in against agency and scheme and writes it into c.
func (s *Service) fill(ctx context.Context, c *Call, in Input) error {
	currency, err := s.currency(ctx, in.AgencyID)
	if err != nil {
		return err
	}
	if err := s.knownProgramme(ctx, in.AgencyID, in.ProgrammeID); err != nil {
		return err
	}
	v, err := s.Schemes.Get(ctx, in.SchemeVersionID)
	if fault.Is(err, fault.NotFound) {
		return fault.Field("scheme", "call.scheme")
	}
	if err != nil {
		return err
	}
	stage, _ := v.Stage("")
	c.Hours = v.StageHours(stage)
	return in.apply(c, currency)
}

// Update changes a draft; version is the one that the officer saw.
func (s *Service) Update(ctx context.Context, a access.Actor, id string, version int64, in Input) (Call, error) {
	var c Call
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		var err error
		if c, err = s.load(ctx, a, id, "call.edit"); err != nil {
			return err
		}
		if c.State != "draft" {
			return fault.New(fault.Conflict, "call.published.already")
		}
		if c.Version != version {
			return fault.New(fault.Conflict, "fault.stale")
		}
		in.AgencyID, in.ProgrammeID = c.AgencyID, c.ProgrammeID
		if err := s.fill(ctx, &c, in); err != nil {
			return err
		}
		shares, err := s.budget(ctx, &c, in)
		if err != nil {
			return err
		}
		if err := s.setBudget(ctx, id, in, shares); err != nil {
			return err
		}
		if err := s.update(ctx, c); err != nil {
			return err
		}
		c.Version++
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "call.edit", Kind: "call", ID: id, Agency: c.AgencyID})
		return err
	})
	return c, err
}

// load is the call for an act; not found for who may not know of it.
func (s *Service) load(ctx context.Context, a access.Actor, id string, act access.Act) (Call, error) {
	c, err := s.byID(ctx, id)
	if err != nil {
		return c, err
	}
	if !c.visible(a) {
		return c, fault.Missing()
	}
	return c, rules.Check(a, act, c.set(a), access.Public)
}

// Publish opens a draft to all from its opening date on.
func (s *Service) Publish(ctx context.Context, a access.Actor, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		c, err := s.load(ctx, a, id, "call.publish")
		if err != nil {
			return err
		}
		now := clock.Now(ctx)
		if c.State != "draft" {
			return fault.New(fault.Conflict, "call.published.already")
		}
		if !c.ClosesAt.After(now) {
			return fault.Field("closes", "call.closes.past")
		}
		c.State, c.PublishedAt = "published", now
		if err := s.update(ctx, c); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "call.publish", Kind: "call", ID: id, Agency: c.AgencyID,
			Payload: map[string]any{"scheme": c.SchemeVersionID, "closes": c.ClosesAt, "embargo_days": c.EmbargoDays}})
		return err
	})
}

// Extend moves the deadline, for all or (proposalID, or its number) for one, with a reason
// that stays on record. Errors: Conflict for a draft or a cancelled call; Invalid without a
// reason, for a time that is not later, or for a proposal that is none of the call's.
func (s *Service) Extend(ctx context.Context, a access.Actor, id, proposalID, newLocal, reason string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		c, err := s.load(ctx, a, id, "call.extend")
		if err != nil {
			return err
		}
		if p := c.Phase(clock.Now(ctx)); p == Draft || p == Cancelled {
			return fault.New(fault.Conflict, "call.extend.not")
		}
		if reason == "" {
			return fault.Field("reason", "fault.required")
		}
		if proposalID != "" {
			if proposalID, err = s.Belongs(ctx, id, proposalID); fault.Is(err, fault.NotFound) {
				return fault.Field("proposal", "call.extend.whose")
			} else if err != nil {
				return err
			}
		}
		to, err := clock.Local(newLocal, c.Zone)
		if err != nil {
			return fault.From(err).At("closes")
		}
		if !to.After(c.ClosesAt) {
			return fault.Field("closes", "call.extend.earlier")
		}
		if err := s.insertExtension(ctx, a, c, proposalID, to, newLocal, reason); err != nil {
			return err
		}
		if proposalID == "" {
			c.ClosesAt = to
			if err := s.update(ctx, c); err != nil {
				return err
			}
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "call.extend", Kind: "call", ID: id, Agency: c.AgencyID, Why: reason,
			Payload: map[string]any{"closes": to, "proposal": proposalID}})
		return err
	})
}

// Get is a call as a may see it.
func (s *Service) Get(ctx context.Context, a access.Actor, id string) (View, error) {
	c, err := s.byID(ctx, id)
	if err != nil {
		return View{}, err
	}
	if !c.visible(a) {
		return View{}, fault.Missing()
	}
	return s.view(ctx, a, c)
}

func (s *Service) view(ctx context.Context, a access.Actor, c Call) (View, error) {
	v := View{Call: c, MayEdit: c.set(a).Any(access.Staff)}
	var err error
	if v.AgencyIn, err = s.agencyName(ctx, c.AgencyID); err != nil {
		return v, err
	}
	v.Agency = v.AgencyIn.In("en")
	if c.set(a).Any(inside) {
		if v.Budget, err = s.shares(ctx, c.ID); err != nil {
			return v, err
		}
	}
	v.Extended, err = s.extensions(ctx, c.ID)
	if !v.MayEdit { // who was given more time is nobody else's business
		v.Extended = forAll(v.Extended)
		return v, err
	}
	if err == nil {
		v.Extended, err = s.unconflicted(ctx, a, v.Extended)
	}
	return v, err
}

// unconflicted leaves out what was given to a proposal with which a has a conflict of interest.
func (s *Service) unconflicted(ctx context.Context, a access.Actor, list []Extension) ([]Extension, error) {
	if len(forAll(list)) == len(list) {
		return list, nil
	}
	kept, err := s.Conflicted.Of(ctx, a)
	return slices.DeleteFunc(list, func(e Extension) bool { return kept[e.ProposalID] }), err
}

func forAll(list []Extension) (out []Extension) {
	for _, e := range list {
		if e.ProposalID == "" {
			out = append(out, e)
		}
	}
	return out
}

// Known is the call itself, for rooms below that have decided who may know of it.
func (s *Service) Known(ctx context.Context, id string) (Call, error) { return s.byID(ctx, id) }

// Filter narrows a list.
type Filter struct {
	Phase  Phase // "" for all that the viewer may see
	Agency string
	Text   string
	Page   int
	Size   int
}

// List is the calls that a may see, what closes next first, and how many there are.
func (s *Service) List(ctx context.Context, a access.Actor, f Filter) ([]View, int, error) {
	calls, total, err := s.list(ctx, a, f)
	if err != nil {
		return nil, 0, err
	}
	out := make([]View, 0, len(calls))
	for _, c := range calls {
		v, err := s.view(ctx, a, c)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, v)
	}
	return out, total, nil
}

// TakeAgain puts calls that were taken in from elsewhere as their source has them
// now, inside the unit of work of the caller. Errors: Conflict for a call that was written here.
func (s *Service) TakeAgain(ctx context.Context, calls []Call) error {
	for _, c := range calls {
		was, err := s.byID(ctx, c.ID)
		if err != nil {
			return err
		}
		if was.SchemeVersionID != "" {
			return fault.New(fault.Conflict, "call.ours", was.Number)
		}
		c.Version = was.Version
		if err := s.update(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// TakeIn stores calls as they are (the demonstration, imports), in one unit of work with one entry.
func (s *Service) TakeIn(ctx context.Context, calls []Call) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		for _, c := range calls {
			if err := s.insert(ctx, c); err != nil {
				return err
			}
		}
		_, err := s.Ledger.Append(ctx, access.System, ledger.Entry{Act: "call.take-in", Kind: "call", ID: clock.ID(ctx), Payload: map[string]int{"calls": len(calls)}})
		return err
	})
}

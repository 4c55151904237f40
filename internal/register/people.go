package register

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

func personSet(a access.Actor, id string) access.Set {
	have := a.Staffing("", "", "")
	if a.Alone() == id && id != "" {
		have |= access.Self
	}
	return have
}

// Profile is one person as a may see them: what the person lets be shown to the
// public, to people who are signed in, or to nobody. The person and operators see all.
func (s *Service) Profile(ctx context.Context, a access.Actor, id string) (Profile, error) {
	p, err := s.profile(ctx, id)
	if err != nil {
		return Profile{}, err
	}
	have := personSet(a, p.ID)
	p.Self = have.Any(access.Self)
	self := p.Self
	p = p.For(have)
	p.Self = self
	return p, nil
}

// mend is one act on a person's own profile.
func (s *Service) mend(ctx context.Context, a access.Actor, id, act string, what any, do func(context.Context, Profile) error) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, err := s.profile(ctx, id)
		if err != nil {
			return err
		}
		if err := rules.Check(a, "register.profile", personSet(a, p.ID), access.Public); err != nil {
			return err
		}
		if err := do(ctx, p); err != nil {
			return err
		}
		return s.note(ctx, a, act, "person", p.ID, "", what)
	})
}

// UpdateProfile writes a profile anew; version is the one that the writer saw.
// The person and operators. Errors: Conflict for an ORCID iD that another person has.
func (s *Service) UpdateProfile(ctx context.Context, a access.Actor, id string, version int64, in ProfileInput) error {
	return s.mend(ctx, a, id, "register.profile", nil, func(ctx context.Context, p Profile) error {
		if err := in.apply(&p); err != nil {
			return err
		}
		p.Version = version
		err := s.updateProfile(ctx, p)
		if db.IsUnique(err) {
			return fault.New(fault.Conflict, "register.orcid.taken", p.ORCID).At("orcid")
		}
		return err
	})
}

// AddJob adds an affiliation.
func (s *Service) AddJob(ctx context.Context, a access.Actor, id string, in JobInput) error {
	return s.mend(ctx, a, id, "register.affiliation", in, func(ctx context.Context, p Profile) error {
		if err := in.check(); err != nil {
			return err
		}
		o, err := s.Organisation(ctx, in.OrganisationID)
		if fault.Is(err, fault.NotFound) {
			return fault.Field("organisation", "fault.choice")
		}
		if err != nil {
			return err
		}
		in.OrganisationID = o.ID
		return s.insertJob(ctx, p.ID, in)
	})
}

// EndJob sets the last day of an affiliation.
func (s *Service) EndJob(ctx context.Context, a access.Actor, id, job, day string) error {
	return s.mend(ctx, a, id, "register.affiliation", map[string]string{"affiliation": job, "until": day}, func(ctx context.Context, p Profile) error {
		if f := plainDay("until", day); f != nil {
			return f
		}
		for _, j := range p.Jobs {
			if j.ID == job {
				if day == "" || day < j.From {
					return fault.Field("until", "register.until")
				}
				return s.exec(ctx, `UPDATE affiliation SET until_day = $2 WHERE id = $1`, job, day)
			}
		}
		return fault.Missing()
	})
}

// AddWork adds a work; one whose DOI is known is joined, not made twice.
// Errors: Conflict for a sixth representative work.
func (s *Service) AddWork(ctx context.Context, a access.Actor, id string, in WorkInput) error {
	return s.mend(ctx, a, id, "register.work", in, func(ctx context.Context, p Profile) error {
		if err := in.check(); err != nil {
			return err
		}
		if in.Representative {
			if err := p.room(); err != nil {
				return err
			}
		}
		return s.insertWork(ctx, p.ID, len(p.Works)+1, in)
	})
}

// room refuses another representative work where there are five.
func (p Profile) room() error {
	n := 0
	for _, w := range p.Works {
		if w.Representative {
			n++
		}
	}
	if n >= mostRepresentative {
		return fault.New(fault.Conflict, "register.works.most", mostRepresentative).At("representative")
	}
	return nil
}

// Represent chooses a work as one of the five that stand for all, or no longer.
func (s *Service) Represent(ctx context.Context, a access.Actor, id, workID string, on bool) error {
	return s.onWork(ctx, a, id, workID, func(ctx context.Context, p Profile, w Work) error {
		if on && !w.Representative {
			if err := p.room(); err != nil {
				return err
			}
		}
		return s.exec(ctx, `UPDATE work_author SET representative = $3 WHERE person_id = $1 AND work_id = $2`, p.ID, workID, db.Bool(on))
	})
}

// RemoveWork takes a work off the profile; the work stays with its other authors.
func (s *Service) RemoveWork(ctx context.Context, a access.Actor, id, workID string) error {
	return s.onWork(ctx, a, id, workID, func(ctx context.Context, p Profile, _ Work) error {
		return s.exec(ctx, `DELETE FROM work_author WHERE person_id = $1 AND work_id = $2`, p.ID, workID)
	})
}

func (s *Service) onWork(ctx context.Context, a access.Actor, id, workID string, do func(context.Context, Profile, Work) error) error {
	return s.mend(ctx, a, id, "register.work", map[string]string{"work": workID}, func(ctx context.Context, p Profile) error {
		for _, w := range p.Works {
			if w.ID == workID {
				return do(ctx, p, w)
			}
		}
		return fault.Missing()
	})
}

package proposal

import (
	"context"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/scheme"
)

func sayVerdict(v scheme.Verdict) lang.Msg { return lang.Say(v.Say) }

// Invite names somebody of the register as a member. They confirm it themselves.
// Errors: Invalid for an unknown person, role or share; Conflict for somebody who is in the team already.
func (s *Service) Invite(ctx context.Context, a access.Actor, id, personID, role string, share float64) (Member, error) {
	var m Member
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, team, _, err := s.load(ctx, a, id, "proposal.team")
		if err != nil {
			return err
		}
		if p.State != Draft {
			return fault.New(fault.Conflict, "proposal.team.closed")
		}
		if role != "co-lead" && role != "member" {
			return fault.Field("role", "fault.choice")
		}
		if share < 0 || share > 100 {
			return fault.Field("share", "proposal.share")
		}
		for _, other := range team {
			if other.PersonID == personID && other.State != "left" && other.State != "declined" {
				return fault.New(fault.Conflict, "proposal.member.twice", other.Name).At("person")
			}
		}
		person, err := s.Register.Person(ctx, a, personID)
		if fault.Is(err, fault.NotFound) {
			return fault.Field("person", "proposal.member.unknown")
		}
		if err != nil {
			return err
		}
		m = Member{PersonID: personID, Name: person.Name, Role: role, Share: share, MayEdit: true, State: "invited"}
		for _, f := range person.Affiliations {
			if f.Until == "" {
				m.OrganisationID = f.OrganisationID
				break
			}
		}
		if err := s.insertMember(ctx, id, m); err != nil {
			return err
		}
		if _, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "proposal.invite", Kind: "proposal", ID: id, Agency: p.AgencyID, Payload: map[string]string{"role": role}}); err != nil {
			return err
		}
		return s.tellAsked(ctx, a, p, m)
	})
	return m, err
}

// Answer is the invited person's own: yes or no.
func (s *Service) Answer(ctx context.Context, a access.Actor, id string, yes bool) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, err := s.byID(ctx, id)
		if err != nil {
			return err
		}
		team, err := s.team(ctx, id)
		if err != nil {
			return err
		}
		for _, m := range team {
			if m.PersonID == "" || m.PersonID != a.Person || m.State != "invited" {
				continue
			}
			state := "declined"
			if yes {
				state = "confirmed"
			}
			if err := s.setMember(ctx, m.ID, state, clock.Now(ctx)); err != nil {
				return err
			}
			_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "proposal." + state, Kind: "proposal", ID: id, Agency: p.AgencyID})
			return err
		}
		return fault.Missing()
	})
}

// Remove takes somebody out of the team of a draft. Who confirmed stays on record as having left.
// Errors: NotFound for who is not in the team, Conflict for the lead in whose name it is.
func (s *Service) Remove(ctx context.Context, a access.Actor, id, memberID string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, team, _, err := s.load(ctx, a, id, "proposal.team")
		if err != nil {
			return err
		}
		if p.State != Draft {
			return fault.New(fault.Conflict, "proposal.team.closed")
		}
		for _, m := range team {
			if m.ID != memberID || m.State == "left" {
				continue
			}
			if m.Role == "lead" {
				return fault.New(fault.Conflict, "proposal.member.lead")
			}
			if err := s.setMember(ctx, m.ID, "left", clock.Now(ctx)); err != nil {
				return err
			}
			_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "proposal.remove", Kind: "proposal", ID: id, Agency: p.AgencyID, Payload: map[string]string{"role": m.Role}})
			return err
		}
		return fault.Missing()
	})
}

// Invitation is a proposal that somebody is asked to join.
type Invitation struct {
	ProposalID, Number, Title, Lead, Role, Call string
	Share                                       float64
}

// Invitations lists what a is asked to join.
func (s *Service) Invitations(ctx context.Context, a access.Actor) ([]Invitation, error) {
	if a.Person == "" {
		return nil, nil
	}
	return s.invitations(ctx, a.Person)
}

// Filter narrows a list of proposals.
type Filter struct {
	CallID, State, Text, Sort string
	Mine                      bool
	Page, Size                int
}

// Row is a line of a list.
type Row struct {
	Proposal
	Lead, Organisation string
	Call               string
	CloseAt            int64
}

// List is the proposals that a may see, by filter, and how many there are. Drafts
// of others are not in it.
func (s *Service) List(ctx context.Context, a access.Actor, f Filter) ([]Row, int, error) {
	if a.Public() {
		return nil, 0, fault.New(fault.SignIn, "fault.signin")
	}
	f.Text = strings.NewReplacer("%", "", "_", "").Replace(strings.ToLower(strings.TrimSpace(f.Text)))
	return s.list(ctx, a, f)
}

package proposal

import (
	"context"
	"net/mail"
	"slices"
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
	return s.invite(ctx, a, id, Member{PersonID: personID, Role: role, Share: share})
}

// InviteByMail names somebody who is not in the register, by address and name. They
// get a mail with a link that leads to the invitation, and that makes an account
// where the address has none; whether it has is not told.
// Errors: Invalid for an address that is none, no name, role or share; Conflict for
// an address that is in the team already.
func (s *Service) InviteByMail(ctx context.Context, a access.Actor, id, name, email, role string, share float64) (Member, error) {
	m := Member{Name: strings.Join(strings.Fields(name), " "), Email: strings.ToLower(strings.TrimSpace(email)), Role: role, Share: share}
	var faults []*fault.Error
	if m.Name == "" {
		faults = append(faults, fault.Field("name", "fault.required"))
	}
	if _, err := mail.ParseAddress(m.Email); err != nil {
		faults = append(faults, fault.Field("email", "proposal.email"))
	}
	if err := fault.Join(faults...); err != nil {
		return m, err
	}
	return s.invite(ctx, a, id, m)
}

func checkPart(role string, share float64) error {
	if role != "co-lead" && role != "member" {
		return fault.Field("role", "fault.choice")
	}
	if !(share >= 0 && share <= 100) {
		return fault.Field("share", "proposal.share")
	}
	return nil
}

func (s *Service) invite(ctx context.Context, a access.Actor, id string, m Member) (Member, error) {
	m.MayEdit, m.State = true, "invited"
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, team, _, err := s.load(ctx, a, id, "proposal.team")
		if err != nil {
			return err
		}
		if p.State != Draft {
			return fault.New(fault.Conflict, "proposal.team.closed")
		}
		if err := checkPart(m.Role, m.Share); err != nil {
			return err
		}
		for _, other := range present(team) {
			if m.PersonID != "" && other.PersonID == m.PersonID {
				return fault.New(fault.Conflict, "proposal.member.twice", other.Name).At("person")
			}
			if m.Email != "" && other.Email == m.Email {
				return fault.New(fault.Conflict, "proposal.member.twice", other.Name).At("email")
			}
		}
		if m.PersonID != "" {
			if err := s.fromRegister(ctx, a, &m); err != nil {
				return err
			}
		}
		if m.ID, err = s.insertMember(ctx, id, m); err != nil {
			return err
		}
		// Who is asked by address alone has not agreed to be in the ledger.
		if _, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "proposal.invite", Kind: "proposal", ID: id, Agency: p.AgencyID, Payload: map[string]string{"role": m.Role}}); err != nil {
			return err
		}
		return s.mailInvitation(ctx, a, p, m)
	})
	return m, err
}

// fromRegister fills in the name of a member of the register, and the organisation if a may see where they work: who is only asked
// has told the lead nothing yet. Whoever confirms lets the team and the offices know.
func (s *Service) fromRegister(ctx context.Context, a access.Actor, m *Member) error {
	person, err := s.Register.Person(ctx, a, m.PersonID)
	if fault.Is(err, fault.NotFound) {
		return fault.Field("person", "proposal.member.unknown")
	}
	if err != nil {
		return err
	}
	m.Name = person.Name
	seen, err := s.Register.Profile(ctx, a, m.PersonID)
	if err != nil || len(seen.Jobs) == 0 {
		return err
	}
	for _, f := range person.Affiliations {
		if f.Until == "" {
			m.OrganisationID = f.OrganisationID
			break
		}
	}
	return nil
}

func (s *Service) mailInvitation(ctx context.Context, a access.Actor, p Proposal, m Member) error {
	if m.PersonID != "" {
		return s.tellAsked(ctx, a, p, m)
	}
	if s.Desk == nil {
		return nil
	}
	c, err := s.Calls.Known(ctx, p.CallID)
	if err != nil {
		return err
	}
	return s.Desk.Invite(ctx, a, Asked{Email: m.Email, Name: m.Name, ProposalID: p.ID, Lead: a.Name, Title: titled(p), Call: c.Title})
}

// Part is what somebody has in a team.
type Part struct {
	MemberID, Role string // the lead's role stays
	Share          float64
	MayEdit        bool
}

// Arrange sets roles, shares and who may write, of a draft. Whose role or share the
// lead changes confirms it again. Lead only.
// Errors: NotFound for who is not in the team, Invalid for a role or share, at "share_" and the member.
func (s *Service) Arrange(ctx context.Context, a access.Actor, id string, parts []Part) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, team, _, err := s.load(ctx, a, id, "proposal.team")
		if err != nil {
			return err
		}
		if p.State != Draft {
			return fault.New(fault.Conflict, "proposal.team.closed")
		}
		for _, part := range parts {
			i := slices.IndexFunc(present(team), func(m Member) bool { return m.ID == part.MemberID })
			if i < 0 {
				return fault.Missing()
			}
			if err := s.arrange(ctx, a, p, present(team)[i], part); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) arrange(ctx context.Context, a access.Actor, p Proposal, m Member, part Part) error {
	now := m
	now.Share = part.Share
	if m.Role == "lead" {
		if err := checkPart("member", part.Share); err != nil {
			return fault.From(err).At("share_" + m.ID)
		}
	} else {
		now.Role, now.MayEdit = part.Role, part.MayEdit
		if err := checkPart(part.Role, part.Share); err != nil {
			return fault.From(err).At(fault.From(err).Field + "_" + m.ID)
		}
	}
	if now == m {
		return nil
	}
	again := m.Role != "lead" && m.State == "confirmed" && (now.Role != m.Role || now.Share != m.Share)
	if again {
		now.State = "invited"
	}
	if err := s.updateMember(ctx, now); err != nil {
		return err
	}
	if _, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "proposal.arrange", Kind: "proposal", ID: p.ID, Agency: p.AgencyID,
		Payload: map[string]any{"role": now.Role, "share": now.Share, "may_edit": now.MayEdit}}); err != nil {
		return err
	}
	if again {
		return s.mailInvitation(ctx, a, p, now)
	}
	return nil
}

// Answer is the invited person's own: yes or no. Who was asked by address is
// known by the address of the account.
func (s *Service) Answer(ctx context.Context, a access.Actor, id string, yes bool) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, team, err := s.whole(ctx, id, a.Account)
		if err != nil || a.Person == "" {
			return firstOf(err, fault.Missing())
		}
		email, err := s.emailOf(ctx, a.Person)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(team, func(m Member) bool {
			return m.State == "invited" && (m.PersonID == a.Person || m.PersonID == "" && email != "" && m.Email == email)
		})
		if i < 0 {
			return fault.Missing()
		}
		m := team[i]
		if m.PersonID == "" {
			if slices.ContainsFunc(present(team), func(other Member) bool { return other.PersonID == a.Person }) {
				return fault.New(fault.Conflict, "proposal.member.twice", a.Name)
			}
			m.PersonID = a.Person
		}
		m.State = "declined"
		if yes {
			m.State = "confirmed"
		}
		if yes && m.OrganisationID == "" {
			if err := s.fromRegister(ctx, access.System, &m); err != nil {
				return err
			}
		}
		if err := s.updateMember(ctx, m); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "proposal." + m.State, Kind: "proposal", ID: id, Agency: p.AgencyID})
		return err
	})
}

func firstOf(err, other error) error {
	if err != nil {
		return err
	}
	return other
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
	if a.Person == "" || !covered(a) {
		return nil, nil
	}
	return s.invitations(ctx, a.Person)
}

// Filter narrows a list of proposals.
type Filter struct {
	CallID, State, Text, Sort string
	Mine                      bool
	For                       string // a proposal that is being written: the others with a form of ours
	Page, Size                int
}

// Row is a line of a list.
type Row struct {
	Proposal           // what lists show of it: the fields that scanners reads
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
	if !covered(a) {
		return nil, 0, nil
	}
	f.Text = strings.TrimSpace(f.Text)
	return s.list(ctx, a, f)
}

package decision

import (
	"context"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/proposal"
)

// Notifier tells a person something, after the commit of the unit of work of
// ctx; internal/app fills it in.
type Notifier interface {
	Tell(ctx context.Context, n mail.Notice) error
}

// tellLetter sends the letter to those who lead the proposal: what was decided
// and why, the money, each review, and how to appeal.
func (s *Service) tellLetter(ctx context.Context, p proposal.Proposal, l Letter) error {
	return s.tellLeads(ctx, p.ID, mail.Notice{Kind: "decision.mail." + l.Body.Outcome, About: mail.About{Kind: "proposal", ID: p.ID},
		Args: []any{l.Body.Number, l.Body.Title, l.Body.Call, l.Body.Agency, l.Body.Decision, append(grounds(l.Body), l.embargo()...), l.Body.reviews(), l.Body.AppealDays, mail.Path("/proposals/" + p.ID + "/letter"), l.Body.Amount}})
}

// embargo is until when what was decided is not to be told, none where it is public at once.
func (l Letter) embargo() mail.Lines {
	if !l.Embargoed() {
		return nil
	}
	return mail.Lines{lang.M("decision.mail.embargo", l.Body.PublicAt)}
}

// tellLeads sends a notice to each of those who lead a proposal.
func (s *Service) tellLeads(ctx context.Context, proposalID string, n mail.Notice) error {
	if s.Notify == nil {
		return nil
	}
	team, err := s.Proposals.Team(ctx, proposalID)
	if err != nil {
		return err
	}
	told := map[string]bool{"": true}
	for _, m := range team {
		if m.State != "confirmed" || m.Role == "member" || told[m.PersonID] {
			continue
		}
		told[m.PersonID] = true
		n.Person = m.PersonID
		if err := s.Notify.Tell(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// grounds are why it was decided so, which rules decided besides the rank, and why a letter
// takes the place of another.
func grounds(b Body) mail.Lines {
	var out mail.Lines
	switch {
	case b.Correction != "" && b.Reasons != "":
		out = append(out, lang.M("decision.mail.corrected.why", b.Supersedes, b.CorrectionReason, b.Reasons))
	case b.Correction != "":
		out = append(out, lang.M("decision.mail.corrected", b.Supersedes, b.CorrectionReason))
	case b.Reasons != "":
		out = append(out, lang.Say(lang.In1("en", b.Reasons)))
	default:
		out = append(out, lang.M("decision.mail.byrank", b.Place, b.Of))
	}
	for _, c := range b.Causes {
		out = append(out, c.Said())
	}
	return out
}

// reviews are what the panel said and the reviews, as lines of a mail.
func (b Body) reviews() mail.Lines {
	var out mail.Lines
	if b.Panel != "" {
		out = append(out, lang.M("decision.mail.panel", strings.TrimSpace(b.Panel)))
	}
	for _, r := range b.Reviews {
		out = append(out, lang.M("decision.letter.reviewer", r.Alias))
		for _, p := range r.Parts {
			out = append(out, lang.M("decision.mail.part", p.Title, p.Score, p.High, strings.TrimSpace(p.Text)))
		}
	}
	return out
}

func (s *Service) tellAppeal(ctx context.Context, ap Appeal) error {
	if s.Notify == nil {
		return nil
	}
	p, err := s.Proposals.Known(ctx, ap.ProposalID)
	if err != nil || p.LeadPerson == "" {
		return err
	}
	return s.Notify.Tell(ctx, mail.Notice{Person: p.LeadPerson, Kind: "decision.mail.appeal." + ap.State, Args: []any{p.Number, p.Title, ap.Answer, mail.Path("/proposals/" + p.ID + "/letter")},
		About: mail.About{Kind: "proposal", ID: p.ID}})
}

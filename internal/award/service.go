package award

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/number"
	"github.com/headwater-platform/headwater/internal/platform/search"
	"github.com/headwater-platform/headwater/internal/platform/vocabulary"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Service is the only way to awards, their reports and results.
type Service struct {
	DB       *db.DB
	Ledger   *ledger.Ledger
	Register *register.Service
	Schemes  *scheme.Service
	Search   *search.Index
	Notify   Notifier // nil: nobody is told

	// Later has what became public by then made findable at an instant; nil: whoever calls Index again sees to it.
	Later func(ctx context.Context, at time.Time) error

	Conflicted access.Conflicted // finds proposals: of what was given to them a role shows no more than everybody sees
}

// FromDecision makes the award of a funded proposal, inside the unit of work of
// the signature, public from the day that the decision names. It starts on the first of the next month. Where the proposal
// has an award in force, which a correction changes, the new one takes its place:
// the old one stays readable, what it paid counts.
func (s *Service) FromDecision(ctx context.Context, d decision.Decision, i decision.Item, p proposal.Proposal, team []proposal.Member) error {
	now := clock.Now(ctx)
	start, end := decision.Runs(now, p.Months)
	names, err := s.Register.Names(ctx, []string{p.LeadPerson}, []string{p.Holder})
	if err != nil {
		return err
	}
	a := Award{ID: clock.ID(ctx), ProposalID: p.ID, DecisionItem: i.ID, CallID: p.CallID, AgencyID: p.AgencyID, SchemeVersionID: p.SchemeVersionID,
		Title: lang.In1(p.Language, p.Title), Holder: p.Holder, HolderName: names[p.Holder], LeadPerson: p.LeadPerson, LeadName: names[p.LeadPerson],
		State: Running, StartDay: start.Format(time.DateOnly), EndDay: end.Format(time.DateOnly), Year: now.Year(), Amount: i.Amount, PublicAt: now, SignedAt: now}
	if p.Summary != "" {
		a.Summary = lang.In1(p.Language, p.Summary)
	}
	if a.Number, err = number.Next(ctx, s.DB, "W"); err != nil {
		return err
	}
	old, err := s.inForce(ctx, p.ID)
	if err != nil {
		return err
	}
	if old.ID != "" {
		a.Supersedes, a.StartDay, a.EndDay, a.Year = old.ID, old.StartDay, old.EndDay, old.Year
		if err := s.close(ctx, old, Superseded, d.CorrectionReason); err != nil {
			return err
		}
	}
	if d.Embargoed(now) && !old.public(now) { // what is public is never hidden again
		if a.PublicAt = d.PublicAt; a.over(a.PublicAt) {
			return fault.Field("public_from", "decision.public.end", p.Number, lang.Day(a.EndDay))
		}
	}
	lines := make([]Line, 0, len(i.Lines))
	for _, l := range i.Lines {
		lines = append(lines, Line{Agency: l.AgencyID, BudgetLine: l.BudgetLineID, Year: l.Year, Amount: l.Amount, Condition: l.Condition})
	}
	parties := make([]Party, 0, len(team))
	for _, m := range team {
		if m.State == "confirmed" {
			parties = append(parties, Party{m.PersonID, m.OrganisationID, m.Name, m.Role})
		}
	}
	if err := s.store(ctx, a, lines, parties); err != nil {
		return err
	}
	if err := s.Index(ctx, a.ID); err != nil {
		return err
	}
	_, err = s.Ledger.Append(ctx, access.System, ledger.Entry{Act: "award.make", Kind: "award", ID: a.ID, Agency: a.AgencyID,
		Payload: map[string]any{"number": a.Number, "decision": d.Number, "proposal": p.Number, "amount": a.Amount, "lines": i.Lines, "supersedes": old.Number}})
	return err
}

// Revoke ends the award of a proposal that a correction no longer funds, inside
// the unit of work of its signature. What was paid is not asked back here.
func (s *Service) Revoke(ctx context.Context, d decision.Decision, p proposal.Proposal) error {
	old, err := s.inForce(ctx, p.ID)
	if err != nil || old.ID == "" {
		return err
	}
	if err := s.close(ctx, old, Terminated, d.CorrectionReason); err != nil {
		return err
	}
	_, err = s.Ledger.Append(ctx, access.System, ledger.Entry{Act: "award.terminate", Kind: "award", ID: old.ID, Agency: old.AgencyID, Why: d.CorrectionReason,
		Payload: map[string]string{"number": old.Number, "decision": d.Number}})
	return err
}

// close takes an award out of force: what it has not paid yet is held back, and
// reports that nobody began are no longer owed.
func (s *Service) close(ctx context.Context, a Award, state, why string) error {
	if err := s.setState(ctx, a.ID, state); err != nil {
		return err
	}
	if err := s.holdAll(ctx, a.ID, why); err != nil {
		return err
	}
	if err := s.dropReports(ctx, a.ID); err != nil {
		return err
	}
	return s.Index(ctx, a.ID)
}

// store inserts an award with its lines (one of the whole amount where none are
// given), its parties, and the reports and payments that its scheme asks for.
func (s *Service) store(ctx context.Context, a Award, lines []Line, parties []Party) error {
	if err := s.insert(ctx, a); err != nil {
		return err
	}
	if len(lines) == 0 && a.Amount.Minor > 0 {
		lines = []Line{{Agency: a.AgencyID, Year: a.Year, Amount: a.Amount}}
	}
	for _, l := range lines {
		if err := s.insertLine(ctx, a.ID, l); err != nil {
			return err
		}
	}
	for _, p := range parties {
		if err := s.insertParty(ctx, a.ID, p); err != nil {
			return err
		}
	}
	if a.ProposalID != "" {
		if err := vocabulary.Copy(ctx, s.DB, "proposal", a.ProposalID, "award", a.ID); err != nil {
			return err
		}
	}
	if a.SchemeVersionID == "" {
		return nil
	}
	v, err := s.Schemes.Get(ctx, a.SchemeVersionID)
	if err != nil {
		return err
	}
	end, err := time.Parse(time.DateOnly, a.EndDay)
	if err != nil {
		return fmt.Errorf("award %s: %w", a.Number, err)
	}
	for _, r := range v.Reports {
		if err := s.insertReport(ctx, a.ID, r.Form, end.AddDate(0, r.MonthsAfterEnd, 0).Format(time.DateOnly)); err != nil {
			return err
		}
	}
	return s.planPayments(ctx, a, v)
}

// TakeIn stores an award as it is, inside the unit of work of the caller, who
// calls Index for all of them at its end.
func (s *Service) TakeIn(ctx context.Context, a Award, parties []Party, results []Result) error {
	if err := s.store(ctx, a, nil, parties); err != nil {
		return err
	}
	for _, r := range results {
		r.AwardID = a.ID
		if err := s.insertResult(ctx, r, "public", access.System); err != nil {
			return err
		}
	}
	return nil
}

// TakeAgain puts an award that was taken in from elsewhere as its source has it
// now, inside the unit of work of the caller, who calls Index at its end.
// Errors: Conflict for an award that was made here.
func (s *Service) TakeAgain(ctx context.Context, a Award, parties []Party, _ []Result) error {
	was, err := s.byID(ctx, a.ID)
	if err != nil {
		return err
	}
	if was.Source == "" {
		return fault.New(fault.Conflict, "award.ours", was.Number)
	}
	if err := s.replace(ctx, a); err != nil {
		return err
	}
	if a.Amount.Minor > 0 {
		if err := s.insertLine(ctx, a.ID, Line{Agency: a.AgencyID, Year: a.Year, Amount: a.Amount}); err != nil {
			return err
		}
	}
	for _, p := range parties {
		if err := s.insertParty(ctx, a.ID, p); err != nil {
			return err
		}
	}
	return nil
}

// Get is an award as actor may see it: before it is public only for who has to do with it.
func (s *Service) Get(ctx context.Context, actor access.Actor, id string) (View, error) {
	v, err := s.view(ctx, id)
	if err != nil {
		return View{}, err
	}
	a := v.Award
	if v.Parties, err = s.parties(ctx, a.ID); err != nil {
		return v, err
	}
	if v.Set, err = s.less(ctx, actor, a, a.set(actor, v.Parties)); err != nil {
		return v, err
	}
	if !a.public(clock.Now(ctx)) && !v.Set.Any(inside) {
		return View{}, fault.Missing()
	}
	if err = s.name(ctx, &v); err != nil {
		return v, err
	}
	if v.Lines, err = s.lines(ctx, a.ID); err != nil {
		return v, err
	}
	if v.Results, err = s.results(ctx, `r.award_id = $1`+publicOnly(v.Set), a.ID); err != nil {
		return v, err
	}
	if v.Marks, err = s.milestones(ctx, a.ID, v.Set.Any(inside)); err != nil {
		return v, err
	}
	if err = s.beside(ctx, &v); err != nil {
		return v, err
	}
	if v.Set.Any(inside) {
		v.Reports, err = s.reports(ctx, a.ID)
		for i, r := range v.Reports {
			if r.State == "draft" && !v.Set.Any(access.Lead|access.Team) {
				v.Reports[i].State, v.Reports[i].Answers = "due", nil // what is not handed in is the team's own
			}
		}
	} else {
		err = s.open(ctx, &v)
	}
	if err == nil && a.SchemeVersionID != "" && len(v.Reports) > 0 {
		var def scheme.Version
		if def, err = s.Schemes.Get(ctx, a.SchemeVersionID); err == nil {
			v.Form = def.Form(v.Reports[0].Kind)
		}
	}
	return v, err
}

// beside gives the award that this one supersedes and that which supersedes it, as far as the viewer may know of them.
func (s *Service) beside(ctx context.Context, v *View) error {
	before, after, err := s.neighbours(ctx, v.Award)
	if before.public(clock.Now(ctx)) || v.Set.Any(inside) {
		v.Before = before
	}
	if after.public(clock.Now(ctx)) || v.Set.Any(inside) {
		v.After = after
	}
	return err
}

func publicOnly(set access.Set) string {
	if set.Any(inside) {
		return ""
	}
	return ` AND r.state = 'public'`
}

// Mine lists the awards that the actor takes part in.
func (s *Service) Mine(ctx context.Context, actor access.Actor) ([]Award, error) {
	if actor.Person == "" || rules.Check(actor, "award.read", access.Team, inside) != nil { // acts for another, and not about awards
		return nil, nil
	}
	return s.mine(ctx, actor.Person)
}

// Results lists public results, the newest first, and how many there are.
func (s *Service) Results(ctx context.Context, text, kind string, page, size int) ([]Result, int, error) {
	list, total, err := s.publicResults(ctx, strings.TrimSpace(text), kind, page, size)
	if err != nil {
		return nil, 0, err
	}
	return list, total, s.strikeResults(ctx, list)
}

// Result is one result as actor may see it: before it is public only for who has to do with its award.
// Errors: NotFound also for one that actor may not know of.
func (s *Service) Result(ctx context.Context, actor access.Actor, id string) (Result, error) {
	r, err := db.One(s.results(ctx, `r.id = $1`, id))
	if err != nil {
		return Result{}, err
	}
	v, err := s.Get(ctx, actor, r.AwardID)
	if err != nil {
		return Result{}, err
	}
	if v.Set.Any(inside) {
		return r, nil
	}
	if r.State != "public" {
		return Result{}, fault.Missing()
	}
	list := []Result{r}
	err = s.strikeResults(ctx, list)
	return list[0], err
}

var doi = regexp.MustCompile(`^10\.\d{4,9}/\S+$`)

// AddResult reports something that came of the award; it is public once the report is accepted.
func (s *Service) AddResult(ctx context.Context, actor access.Actor, awardID string, r Result) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.Get(ctx, actor, awardID)
		if err != nil {
			return err
		}
		if err := rules.Check(actor, "result.add", v.Set, access.Public); err != nil {
			return err
		}
		r.DOI = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(r.DOI), "https://doi.org/"), "doi:")
		var faults []*fault.Error
		if r.Title.Empty() {
			faults = append(faults, fault.Field("title", "fault.required"))
		}
		if !slices.Contains(Kinds, r.Kind) {
			faults = append(faults, fault.Field("kind", "fault.choice"))
		}
		if r.DOI != "" && !doi.MatchString(r.DOI) {
			faults = append(faults, fault.Field("doi", "award.doi"))
		}
		if r.URL != "" && !strings.HasPrefix(r.URL, "https://") && !strings.HasPrefix(r.URL, "http://") {
			faults = append(faults, fault.Field("url", "award.url"))
		}
		if r.Year < 1900 || r.Year > clock.Now(ctx).Year()+1 {
			faults = append(faults, fault.Field("year", "award.year"))
		}
		if err := fault.Join(faults...); err != nil {
			return err
		}
		r.AwardID = awardID
		if err := s.insertResult(ctx, r, "reported", actor); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, actor, ledger.Entry{Act: "result.add", Kind: "award", ID: awardID, Agency: v.AgencyID, Payload: map[string]string{"kind": r.Kind, "title": r.Title.In("en")}})
		return err
	})
}

// SubmitReport hands in the report of an award.
// Errors: Invalid with every field of the form that is missing.
func (s *Service) SubmitReport(ctx context.Context, actor access.Actor, awardID string, answers map[string]any) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, r, err := s.reporting(ctx, actor, awardID)
		if err != nil {
			return err
		}
		if err := fault.Join(v.Form.Validate(answers)...); err != nil {
			return err
		}
		body, err := json.Marshal(answers)
		if err != nil {
			return err
		}
		if err := s.setReport(ctx, r.ID, "submitted", string(body), actor.Account); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, actor, ledger.Entry{Act: "award.report", Kind: "award", ID: awardID, Agency: v.AgencyID, Payload: map[string]string{"report": r.ID}})
		return err
	})
}

// SaveReport keeps what is written of a report so far, finished or not.
func (s *Service) SaveReport(ctx context.Context, actor access.Actor, awardID string, answers map[string]any) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, r, err := s.reporting(ctx, actor, awardID)
		if err != nil {
			return err
		}
		for name := range answers {
			if v.Form.Fields[name] == nil {
				return fault.Field(name, "scheme.unasked", name)
			}
		}
		body, err := json.Marshal(answers)
		if err != nil {
			return err
		}
		return s.draftReport(ctx, r.ID, string(body))
	})
}

// reporting is an award with the report that its team owes and actor may write.
// Errors: as Get; NotAllowed; Conflict where none is owed.
func (s *Service) reporting(ctx context.Context, actor access.Actor, awardID string) (v View, r Report, err error) {
	if v, err = s.Get(ctx, actor, awardID); err != nil {
		return v, r, err
	}
	if err := rules.Check(actor, "award.report", v.Set, access.Public); err != nil {
		return v, r, err
	}
	r, ok := v.owed()
	if !ok {
		return v, r, fault.New(fault.Conflict, "award.report.none")
	}
	return v, r, nil
}

// owed is the first report that waits for the team.
func (v View) owed() (Report, bool) {
	for _, r := range v.Reports {
		if r.State == "due" || r.State == "draft" || r.State == "returned" {
			return r, true
		}
	}
	return Report{}, false
}

// MayReport says whether the viewer writes the award's reports.
func (v View) MayReport() bool { return v.Set.Any(rules["award.report"]) }

// Owed is the report that waits for the team, if any.
func (v View) Owed() (Report, bool) { return v.owed() }

// Submitted is the report that waits for the agency, if any.
func (v View) Submitted() (Report, bool) {
	for _, r := range v.Reports {
		if r.State == "submitted" {
			return r, true
		}
	}
	return Report{}, false
}

// AcceptReport takes a report in: the results that came with it become public,
// and after the final report the award has ended. Or it goes back with a note.
func (s *Service) AcceptReport(ctx context.Context, actor access.Actor, awardID string, accept bool, note string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.Get(ctx, actor, awardID)
		if err != nil {
			return err
		}
		if err := rules.Check(actor, "award.accept", v.Set, access.Public); err != nil {
			return err
		}
		r, ok := v.Submitted()
		if !ok {
			return fault.New(fault.Conflict, "award.report.none")
		}
		state, act := "accepted", access.Act("award.accept-report")
		if !accept {
			state, act = "returned", "award.return-report"
			if note == "" {
				return fault.Field("note", "fault.required")
			}
		}
		if err := s.tellAnswer(ctx, v, state, note); err != nil {
			return err
		}
		if err := s.answerReport(ctx, r.ID, state, note, actor.Account); err != nil {
			return err
		}
		if accept {
			if err := s.publishResults(ctx, awardID); err != nil {
				return err
			}
			if err := s.setState(ctx, awardID, Ended); err != nil {
				return err
			}
			if err := s.Index(ctx, awardID); err != nil {
				return err
			}
		}
		_, err = s.Ledger.Append(ctx, actor, ledger.Entry{Act: string(act), Kind: "award", ID: awardID, Agency: v.AgencyID, Why: note})
		return err
	})
}

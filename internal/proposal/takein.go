package proposal

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Taken is a proposal as it comes from elsewhere.
type Taken struct {
	Proposal
	Team    []Member
	Form    string // of the answers; "" where the source has no form of ours
	Answers map[string]any
}

// TakeIn stores proposals as they are, with their teams and answers (the
// demonstration, imports), inside the unit of work of the caller.
func (s *Service) TakeIn(ctx context.Context, p Proposal, team []Member, form string, answers map[string]json.RawMessage) error {
	if err := s.insert(ctx, p); err != nil {
		return err
	}
	for _, m := range team {
		if _, err := s.insertMember(ctx, p.ID, m); err != nil {
			return err
		}
	}
	for field, value := range answers {
		if err := s.exec(ctx, `INSERT INTO proposal_answer (proposal_id, form, field, value, version, by_account, at) VALUES ($1, $2, $3, $4, 1, $5, $6)`,
			p.ID, form, field, string(value), p.CreatedBy, db.At(p.CreatedAt)); err != nil {
			return err
		}
	}
	return nil
}

// TakeInEffort notes writing that was measured elsewhere, on the day that it fell
// on, inside the unit of work of the caller.
func (s *Service) TakeInEffort(ctx context.Context, id string, day time.Time, spent time.Duration) error {
	return s.exec(ctx, `INSERT INTO proposal_effort (proposal_id, account_id, day, seconds, last_at) VALUES ($1, '', $2, $3, $4)`,
		id, day.UTC().Format(time.DateOnly), int64(spent/time.Second), db.At(day))
}

const takenColumns = `id, number, call_id, agency_id, scheme_version_id, stage, state, outcome, title, summary, language, lead_person, holder_organisation,
	currency, requested_minor, months, team_size, stage_of, resubmission_of, created_by, created_at, submitted_at, decided_at`

func (p Proposal) taken() []any {
	return []any{p.ID, p.Number, p.CallID, p.AgencyID, db.Str(p.SchemeVersionID), p.Stage, p.State, p.Outcome, p.Title, summaryOf(p), p.Language, db.Str(p.LeadPerson), db.Str(p.Holder),
		p.Requested.Currency, p.Requested.Minor, p.Months, p.TeamSize, db.Str(p.StageOf), db.Str(p.ResubmissionOf), p.CreatedBy, db.At(p.CreatedAt), db.At(p.SubmittedAt), db.At(p.DecidedAt)}
}

// takenAtOnce is how many proposals one statement inserts.
const takenAtOnce = 100

// TakeInAll stores many proposals as they are, inside the unit of work of the caller.
func (s *Service) TakeInAll(ctx context.Context, list []Taken) error {
	for some := range slices.Chunk(list, takenAtOnce) {
		var rows []string
		var args []any
		for _, p := range some {
			var marks []string
			for _, v := range p.taken() {
				args = append(args, v)
				marks = append(marks, "$"+strconv.Itoa(len(args)))
			}
			rows = append(rows, "("+strings.Join(marks, ", ")+")")
		}
		if err := s.exec(ctx, `INSERT INTO proposal (`+takenColumns+`) VALUES `+strings.Join(rows, ", "), args...); err != nil {
			return err
		}
		for _, p := range some {
			if err := s.takeParts(ctx, p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) takeParts(ctx context.Context, p Taken) error {
	for _, m := range p.Team {
		if _, err := s.insertMember(ctx, p.ID, m); err != nil {
			return err
		}
	}
	for _, field := range slices.Sorted(maps.Keys(p.Answers)) {
		value, err := json.Marshal(p.Answers[field])
		if err != nil {
			return err
		}
		if err := s.exec(ctx, `INSERT INTO proposal_answer (proposal_id, form, field, value, version, by_account, at) VALUES ($1, $2, $3, $4, 1, $5, $6)`,
			p.ID, p.Form, field, string(value), p.CreatedBy, db.At(clock.Now(ctx))); err != nil {
			return err
		}
	}
	return nil
}

// TakeAgain puts a proposal that was taken in from elsewhere as its source has
// it now, inside the unit of work of the caller.
// Errors: Conflict for a proposal that was written here.
func (s *Service) TakeAgain(ctx context.Context, p Taken) error {
	was, err := s.byID(ctx, p.ID)
	if err != nil {
		return err
	}
	if was.SchemeVersionID != "" {
		return fault.New(fault.Conflict, "proposal.ours", was.Number)
	}
	if p.Number == "" {
		p.Number = was.Number
	}
	for _, table := range []string{"proposal_member", "proposal_answer"} {
		if err := s.exec(ctx, `DELETE FROM `+table+` WHERE proposal_id = $1`, p.ID); err != nil {
			return err
		}
	}
	err = s.exec(ctx, `UPDATE proposal SET number = $2, call_id = $3, agency_id = $4, state = $5, outcome = $6, title = $7, summary = $8, language = $9, lead_person = $10,
		holder_organisation = $11, currency = $12, requested_minor = $13, months = $14, team_size = $15, submitted_at = $16, decided_at = $17, version = version + 1 WHERE id = $1`,
		p.ID, p.Number, p.CallID, p.AgencyID, p.State, p.Outcome, p.Title, summaryOf(p.Proposal), p.Language, db.Str(p.LeadPerson), db.Str(p.Holder), p.Requested.Currency,
		p.Requested.Minor, p.Months, p.TeamSize, db.At(p.SubmittedAt), db.At(p.DecidedAt))
	if err != nil {
		return err
	}
	return s.takeParts(ctx, p)
}

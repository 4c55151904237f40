package award

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// TakenReport is a report as it comes from elsewhere.
type TakenReport struct {
	Report
	From, Until string // of the period that it is about; plain days
}

// TakenResult is a result as it comes from elsewhere.
type TakenResult struct {
	Result
	Quantity int // how many of the kind the row counts; 0 and 1 mean one
	Source   string
}

// TakeInReport stores a report as its source has it, in place of what was taken in
// for the same key before, inside the unit of work of the caller.
// Errors: Conflict for a report of an award that was made here.
func (s *Service) TakeInReport(ctx context.Context, r TakenReport) error {
	a, err := s.byID(ctx, r.AwardID)
	if err != nil {
		return err
	}
	if a.Source == "" {
		return fault.New(fault.Conflict, "award.ours", a.Number)
	}
	return s.exec(ctx, `INSERT INTO report (id, award_id, kind, period_from, period_until, due_day, state, answers, submitted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET award_id = excluded.award_id, kind = excluded.kind, period_from = excluded.period_from, period_until = excluded.period_until,
		due_day = excluded.due_day, state = excluded.state, answers = excluded.answers, submitted_at = excluded.submitted_at, version = report.version + 1`,
		r.ID, r.AwardID, r.Kind, db.Str(r.From), db.Str(r.Until), r.DueDay, r.State, db.JSON(r.Answers), db.At(r.SubmittedAt))
}

// TakeInResult stores a public result as its source has it, like TakeInReport. A
// result may stand without an award, where its source names none.
func (s *Service) TakeInResult(ctx context.Context, r TakenResult) error {
	if r.AwardID != "" {
		a, err := s.byID(ctx, r.AwardID)
		if err != nil {
			return err
		}
		if a.Source == "" {
			return fault.New(fault.Conflict, "award.ours", a.Number)
		}
	}
	now := db.At(clock.Now(ctx))
	return s.exec(ctx, `INSERT INTO result (id, award_id, kind, title, authors, doi, url, year, quantity, source, state, public_at, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'public', $11, '', $11)
		ON CONFLICT (id) DO UPDATE SET award_id = excluded.award_id, kind = excluded.kind, title = excluded.title, authors = excluded.authors, doi = excluded.doi, url = excluded.url,
		year = excluded.year, quantity = excluded.quantity, version = result.version + 1`,
		r.ID, db.Str(r.AwardID), r.Kind, r.Title, r.Authors, db.Str(r.DOI), r.URL, r.Year, max(r.Quantity, 1), r.Source, now)
}

package register

import (
	"context"
	"database/sql"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// The kinds of succession that Merge and Unmerge note.
const (
	merged    = "merged"
	separated = "separated"
)

// Unmerge takes a merger back: from is an organisation of its own again, with what had been merged into it before,
// and rows that name it are found at it as they were. That there was a merger stays in the record. Officers and operators.
// Errors: Conflict where from was not merged; Invalid without a reason.
func (s *Service) Unmerge(ctx context.Context, a access.Actor, from, why string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		o, err := s.organisation(ctx, from)
		if err != nil {
			return err
		}
		if err := rules.Check(a, "register.merge", o.set(a), access.Public); err != nil {
			return err
		}
		if o.RedirectTo == "" {
			return fault.New(fault.Conflict, "register.merged.not")
		}
		if why == "" {
			return fault.Field("why", "fault.required")
		}
		if err := s.standAlone(ctx, o, why); err != nil {
			return err
		}
		return s.note(ctx, a, "register.unmerge", "organisation", from, why, map[string]string{"from": o.RedirectTo})
	})
}

func (s *Service) standAlone(ctx context.Context, o Organisation, why string) error {
	now := clock.Now(ctx)
	q := s.DB.Q(ctx)
	into := o.RedirectTo
	// Mergers into o that stood when o itself was merged were made to lead straight on: they lead to o again.
	before, err := db.Strings(ctx, q, `SELECT x.id FROM organisation x WHERE x.redirect_to = $2
		AND (SELECT count(*) FROM organisation_succession s WHERE s.from_id = x.id AND s.to_id = $1 AND s.kind = 'merged') > (SELECT count(*) FROM organisation_succession s WHERE s.from_id = x.id AND s.to_id = $1 AND s.kind = 'separated')`, o.ID, into)
	if err != nil {
		return err
	}
	if err := s.exec(ctx, `UPDATE organisation SET redirect_to = NULL, state = 'active', changed_at = $2, version = version + 1 WHERE id = $1`, o.ID, db.At(now)); err != nil {
		return err
	}
	in, args := db.In(3, before)
	if err := s.exec(ctx, `UPDATE organisation SET redirect_to = $1, changed_at = $2, version = version + 1 WHERE id IN `+in, append([]any{o.ID, db.At(now)}, args...)...); err != nil {
		return err
	}
	// Its names were kept as former names of the other, which was only so while it was merged.
	for _, tag := range o.Name.Tags() {
		if err := s.exec(ctx, `DELETE FROM organisation_name WHERE organisation_id = $1 AND name = $2 AND language = $3 AND kind = 'former'
			AND until_day IN (SELECT day FROM organisation_succession WHERE from_id = $4 AND to_id = $1 AND kind = 'merged')`, into, o.Name.By[tag], tag, o.ID); err != nil {
			return err
		}
	}
	return s.exec(ctx, `INSERT INTO organisation_succession (id, from_id, to_id, kind, day, note) VALUES ($1, $2, $3, '`+separated+`', $4, $5)`, clock.ID(ctx), o.ID, into, now.Format("2006-01-02"), why)
}

// MergedInto gives, for organisations, the keys that lead to each of them.
func (s *Service) MergedInto(ctx context.Context, ids []string) (map[string][]string, error) {
	in, args := db.In(1, ids)
	return s.pairs(ctx, `SELECT redirect_to, id FROM organisation WHERE redirect_to IN `+in+` ORDER BY id`, args)
}

// Present gives the organisations that keys stand for now, each once, in their order.
func (s *Service) Present(ctx context.Context, ids []string) ([]string, error) {
	in, args := db.In(1, ids)
	leads, err := s.pairs(ctx, `SELECT id, redirect_to FROM organisation WHERE redirect_to IS NOT NULL AND id IN `+in, args)
	var out []string
	for _, id := range ids {
		if to := leads[id]; len(to) > 0 {
			id = to[0]
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out, err
}

func (s *Service) pairs(ctx context.Context, query string, args []any) (map[string][]string, error) {
	by := map[string][]string{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var key, value string
		err := r.Scan(&key, &value)
		by[key] = append(by[key], value)
		return struct{}{}, err
	}, query, args...)
	return by, err
}

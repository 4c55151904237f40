package call

import (
	"context"
	"database/sql"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// News is one thing that happened to a published call and that everybody may know.
type News struct {
	ID   string // never changes: of the call itself, of the change or of the extension
	Kind string // published, amended, cancelled, extended
	Call Call
	Note lang.Text // empty for what was published
	At   time.Time
}

// News is what happened to one call, or to all ("") that the public sees, the newest first, at most limit.
// What was granted to one applicant is in nobody's news.
func (s *Service) News(ctx context.Context, id string, limit int) ([]News, error) {
	if id != "" {
		c, err := s.byID(ctx, id)
		if err != nil {
			return nil, err
		}
		if !c.visible(access.Actor{}) {
			return nil, fault.Missing()
		}
	}
	type line struct {
		News
		call string
		note string
	}
	lines, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (l line, err error) {
		return l, r.Scan(&l.ID, &l.Kind, &l.call, &l.note, db.Time(&l.At))
	}, `SELECT n.id, n.kind, n.call_id, n.note, n.at FROM (
		SELECT c.id AS id, 'published' AS kind, c.id AS call_id, '' AS note, c.published_at AS at FROM call c WHERE c.published_at IS NOT NULL
		UNION ALL SELECT h.id, CASE WHEN h.after LIKE '%"state":"cancelled"%' THEN 'cancelled' ELSE 'amended' END, h.call_id, h.note, h.at FROM call_change h
		UNION ALL SELECT e.id, 'extended', e.call_id, e.reason, e.at FROM call_extension e WHERE e.proposal_id IS NULL
		) n JOIN call c ON c.id = n.call_id WHERE c.state <> 'draft' AND ($1 = '' OR n.call_id = $1) ORDER BY n.at DESC, n.id DESC LIMIT $2`, id, limit)
	if err != nil {
		return nil, err
	}
	out, known := make([]News, 0, len(lines)), map[string]Call{}
	for _, l := range lines {
		if _, ok := known[l.call]; !ok {
			if known[l.call], err = s.byID(ctx, l.call); err != nil {
				return nil, err
			}
		}
		l.News.Call = known[l.call]
		switch l.Kind {
		case "extended": // written by the officer as one text
			l.Note = lang.In1("en", l.note)
		case "amended", "cancelled":
			if err := l.Note.Scan(l.note); err != nil {
				return nil, err
			}
		}
		out = append(out, l.News)
	}
	return out, nil
}

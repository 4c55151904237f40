package decision

import (
	"context"
	"database/sql"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Closed says since when the lists of some proposals are being signed, or are, by the proposals' key: reviews of them count no
// more. A list that is returned is open again, and where an appeal was upheld its proposal is, until the correction is proposed.
func (s *Service) Closed(ctx context.Context, proposals []string) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	_, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id string
		var since time.Time
		err := r.Scan(&id, db.Time(&since))
		out[id] = since
		return struct{}{}, err
	}, `SELECT i.proposal_id, max(d.proposed_at) FROM decision_item i JOIN decision d ON d.id = i.decision_id
		WHERE i.proposal_id IN {keys} AND d.state IN ('proposed', 'signed') AND d.proposed_at IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM decision c JOIN appeal x ON x.decision_id = c.supersedes
			WHERE c.supersedes = d.id AND c.state = 'draft' AND x.proposal_id = i.proposal_id AND x.state = 'upheld')
		GROUP BY i.proposal_id`, proposals)
	return out, err
}

// Reopened reports whether an appeal about a decided proposal was upheld and the correction that it began is not proposed yet.
func (s *Service) Reopened(ctx context.Context, proposal string) (bool, error) {
	var n int
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM appeal x JOIN decision c ON c.supersedes = x.decision_id
		WHERE x.proposal_id = $1 AND x.state = 'upheld' AND c.state = 'draft'`, proposal).Scan(&n)
	return n > 0, err
}

// Deciders are the people who took part in deciding on a proposal: in the panels that treated it, at the table of a list that it is
// on, or by proposing or signing one.
func (s *Service) Deciders(ctx context.Context, proposal string) ([]string, error) {
	return db.Strings(ctx, s.DB.Q(ctx), `SELECT m.person_id FROM panel_item i JOIN panel_member m ON m.panel_id = i.panel_id WHERE i.proposal_id = $1
		UNION SELECT t.person_id FROM decision_item i JOIN decision_seat t ON t.decision_id = i.decision_id WHERE i.proposal_id = $1
		UNION SELECT a.person_id FROM decision_item i JOIN decision d ON d.id = i.decision_id JOIN account a ON a.id IN (d.proposed_by, d.signed_by) WHERE i.proposal_id = $1 AND a.person_id IS NOT NULL`, proposal)
}

// Hold keeps the lists of a call's stage from being signed until the unit of work of ctx ends: what is handed in
// meanwhile is in before, or refused. SQLite has one writer.
func (s *Service) Hold(ctx context.Context, callID, stage string) error {
	_, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT id FROM decision WHERE call_id = $1 AND stage = $2`+s.DB.Pick("", " FOR SHARE"), callID, stage)
	return err
}

// alone waits for those who hold a list, or sign another of its agency, and keeps others from it until the unit of work of ctx ends:
// of two lists that give out of one budget line the second sees what the first gives.
func (s *Service) alone(ctx context.Context, id string) error {
	for _, rows := range []string{`SELECT id FROM decision WHERE id = $1` + s.DB.Pick("", " FOR UPDATE"),
		`SELECT b.id FROM budget_line b JOIN decision d ON d.agency_id = b.agency_id WHERE d.id = $1 ORDER BY b.id` + s.DB.Pick("", " FOR NO KEY UPDATE OF b")} {
		if _, err := db.Strings(ctx, s.DB.Q(ctx), rows, id); err != nil {
			return err
		}
	}
	return nil
}

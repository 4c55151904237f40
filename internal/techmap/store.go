package techmap

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

const mapColumns = `m.id, m.number, m.agency_id, m.title, m.summary, m.home, m.goal, m.threshold, m.state, m.created_at, m.version`

func scanMap(r *sql.Rows) (m Map, err error) {
	return m, r.Scan(&m.ID, &m.Number, &m.AgencyID, &m.Title, &m.Summary, &m.Home, &m.Goal, &m.Threshold, &m.State, db.Time(&m.Created), &m.Version)
}

func (s *Service) exec(ctx context.Context, query string, args ...any) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, query, args...)
	return err
}

func (s *Service) mapByID(ctx context.Context, id string) (Map, error) {
	return db.One(db.Rows(ctx, s.DB.Q(ctx), scanMap, `SELECT `+mapColumns+` FROM techmap m WHERE m.id = $1`, id))
}

// all is every map: a country has some dozens.
func (s *Service) all(ctx context.Context) ([]Map, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanMap, `SELECT `+mapColumns+` FROM techmap m ORDER BY m.created_at DESC, m.number DESC`)
}

func (s *Service) insertMap(ctx context.Context, m Map) error {
	return s.exec(ctx, `INSERT INTO techmap (id, number, agency_id, title, summary, home, goal, threshold, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		m.ID, m.Number, m.AgencyID, m.Title, m.Summary, m.Home, m.Goal, m.Threshold, m.State, db.At(m.Created))
}

func (s *Service) updateMap(ctx context.Context, m Map) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE techmap SET title = $2, summary = $3, home = $4, goal = $5, threshold = $6, state = $7, version = version + 1 WHERE id = $1 AND version = $8`,
		m.ID, m.Title, m.Summary, m.Home, m.Goal, m.Threshold, m.State, m.Version)
}

// row is an item as it is kept.
type row struct {
	Ref
	body string
	Stamp
}

func scanRow(r *sql.Rows) (x row, err error) {
	return x, r.Scan(&x.Kind, &x.ID, &x.body, &x.Version, db.Time(&x.Since), &x.Author)
}

// graph is what a map said at an instant; the zero time is now.
func (s *Service) graph(ctx context.Context, mapID string, at time.Time) (*Graph, error) {
	where, args := `until IS NULL`, []any{mapID}
	if !at.IsZero() {
		where, args = `since <= $2 AND (until IS NULL OR until > $2)`, append(args, db.At(at))
	}
	rows, err := db.Rows(ctx, s.DB.Q(ctx), scanRow, `SELECT kind, id, body, version, since, COALESCE(author_person, '') FROM techmap_item WHERE map_id = $1 AND `+where, args...)
	if err != nil {
		return nil, err
	}
	g := &Graph{}
	for _, x := range rows {
		if err := g.take(x); err != nil {
			return nil, err
		}
	}
	g.sort()
	return g, nil
}

// stage is how far the history of a map has come.
func (s *Service) stage(ctx context.Context, mapID string) (at stage, err error) {
	return at, s.DB.Q(ctx).QueryRowContext(ctx, `SELECT COUNT(*), COUNT(until) FROM techmap_item WHERE map_id = $1`, mapID).Scan(&at.begun, &at.ended)
}

// sealedSince lists the nodes that were sealed at an instant or later, those that are gone included.
func (s *Service) sealedSince(ctx context.Context, mapID string, at time.Time) (map[string]bool, error) {
	rows, err := db.Rows(ctx, s.DB.Q(ctx), scanRow, `SELECT kind, id, body, version, since, COALESCE(author_person, '') FROM techmap_item
		WHERE map_id = $1 AND kind = 'node' AND (until IS NULL OR until > $2)`, mapID, db.At(at))
	if err != nil {
		return nil, err
	}
	g := &Graph{}
	for _, x := range rows {
		if err := g.take(x); err != nil {
			return nil, err
		}
	}
	sealed := map[string]bool{}
	for _, n := range g.Nodes {
		sealed[n.ID] = sealed[n.ID] || n.Sealed
	}
	return sealed, nil
}

func (g *Graph) take(x row) (err error) {
	switch x.Kind {
	case KindNode:
		g.Nodes, err = take(g.Nodes, x)
	case KindGate:
		g.Gates, err = take(g.Gates, x)
	case KindProvider:
		g.Providers, err = take(g.Providers, x)
	case KindShare:
		g.Shares, err = take(g.Shares, x)
	case KindScenario:
		g.Scenarios, err = take(g.Scenarios, x)
	case KindOption:
		g.Options, err = take(g.Options, x)
	case KindTrack:
		g.Tracks, err = take(g.Tracks, x)
	}
	return err
}

func take[T any, P stamped[T]](list []T, x row) ([]T, error) {
	var item T
	err := json.Unmarshal([]byte(x.body), &item)
	P(&item).stamp(x.Stamp)
	return append(list, item), err
}

// write keeps one difference: what was before ends now, what is after begins. An item that
// comes back continues its count of versions.
func (s *Service) write(ctx context.Context, mapID string, d Difference, author string) error {
	now := db.At(clock.Now(ctx))
	if d.Before != "" {
		if err := db.Change(ctx, s.DB.Q(ctx), `UPDATE techmap_item SET until = $5 WHERE map_id = $1 AND kind = $2 AND id = $3 AND version = $4 AND until IS NULL`, mapID, d.Kind, d.ID, d.version, now); err != nil {
			return err
		}
	}
	if d.After == "" {
		return nil
	}
	return s.exec(ctx, `INSERT INTO techmap_item (map_id, kind, id, version, body, author_person, since)
		SELECT $1, $2, $3, COALESCE(MAX(i.version), 0) + 1, $4, $5, $6 FROM techmap_item i WHERE i.map_id = $1 AND i.kind = $2 AND i.id = $3`,
		mapID, d.Kind, d.ID, d.After, db.Str(author), now)
}

// link ties a record to a node.
type link struct {
	node    string
	subject Ref
	source  Source
}

type mapLink struct {
	mapID string
	link
}

func scanLink(r *sql.Rows) (l mapLink, err error) {
	return l, r.Scan(&l.mapID, &l.node, &l.subject.Kind, &l.subject.ID, db.FromJSON(&l.source))
}

const linkColumns = `l.map_id, l.node_id, l.subject_kind, l.subject_id, l.finding`

func (s *Service) links(ctx context.Context, mapID string) ([]mapLink, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanLink, `SELECT `+linkColumns+` FROM techmap_link l WHERE l.map_id = $1 ORDER BY l.created_at, l.node_id, l.subject_id`, mapID)
}

func (s *Service) linksTo(ctx context.Context, kind, id string) ([]mapLink, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanLink, `SELECT `+linkColumns+` FROM techmap_link l WHERE l.subject_kind = $1 AND l.subject_id = $2 ORDER BY l.created_at, l.map_id, l.node_id`, kind, id)
}

func (s *Service) insertLink(ctx context.Context, a access.Actor, mapID string, l link) error {
	return s.exec(ctx, `INSERT INTO techmap_link (map_id, node_id, subject_kind, subject_id, finding, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (map_id, node_id, subject_kind, subject_id) DO NOTHING`, mapID, l.node, l.subject.Kind, l.subject.ID, db.JSON(l.source), a.Account, db.At(clock.Now(ctx)))
}

func (s *Service) deleteLink(ctx context.Context, mapID string, l link) error {
	return s.exec(ctx, `DELETE FROM techmap_link WHERE map_id = $1 AND node_id = $2 AND subject_kind = $3 AND subject_id = $4`, mapID, l.node, l.subject.Kind, l.subject.ID)
}

const suggestionColumns = `g.id, g.map_id, g.changes, g.reason, g.from_kind, g.from_id, COALESCE(g.person_id, ''), g.account_id, g.at, g.state, g.answer, COALESCE(g.answered_by, ''), g.answered_at`

func scanSuggestion(r *sql.Rows) (x Suggestion, err error) {
	return x, r.Scan(&x.ID, &x.MapID, db.FromJSON(&x.Changes), &x.Reason, &x.From.Kind, &x.From.ID, &x.Person, &x.Account, db.Time(&x.At), &x.State, &x.Answer, &x.AnsweredBy, db.Time(&x.AnsweredAt))
}

func (s *Service) suggestions(ctx context.Context, mapID string) ([]Suggestion, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanSuggestion, `SELECT `+suggestionColumns+` FROM techmap_suggestion g WHERE g.map_id = $1 ORDER BY g.at DESC, g.id`, mapID)
}

func (s *Service) openSuggestions(ctx context.Context) ([]Suggestion, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanSuggestion, `SELECT `+suggestionColumns+` FROM techmap_suggestion g WHERE g.state = 'open' ORDER BY g.at, g.id`)
}

func (s *Service) suggestionByID(ctx context.Context, mapID, id string) (Suggestion, error) {
	return db.One(db.Rows(ctx, s.DB.Q(ctx), scanSuggestion, `SELECT `+suggestionColumns+` FROM techmap_suggestion g WHERE g.map_id = $1 AND g.id = $2`, mapID, id))
}

func (s *Service) insertSuggestion(ctx context.Context, x Suggestion) error {
	return s.exec(ctx, `INSERT INTO techmap_suggestion (id, map_id, changes, reason, from_kind, from_id, person_id, account_id, at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		x.ID, x.MapID, db.JSON(x.Changes), x.Reason, x.From.Kind, x.From.ID, db.Str(x.Person), x.Account, db.At(x.At), x.State)
}

// endSuggestion answers an open suggestion. Errors: Conflict where it is answered already.
func (s *Service) endSuggestion(ctx context.Context, x Suggestion) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE techmap_suggestion SET state = $2, answer = $3, answered_by = $4, answered_at = $5 WHERE id = $1 AND state = 'open'`,
		x.ID, x.State, x.Answer, db.Str(x.AnsweredBy), db.At(x.AnsweredAt))
}

type mapReader struct {
	mapID string
	Reader
}

func scanReader(r *sql.Rows) (x mapReader, err error) {
	return x, r.Scan(&x.mapID, &x.NodeID, &x.Person)
}

// reads is where a person is let in by name.
func (s *Service) reads(ctx context.Context, person string) ([]mapReader, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanReader, `SELECT r.map_id, r.node_id, r.person_id FROM techmap_reader r WHERE r.person_id = $1 ORDER BY r.map_id, r.node_id`, person)
}

func (s *Service) readers(ctx context.Context, mapID string) (list []Reader, err error) {
	all, err := db.Rows(ctx, s.DB.Q(ctx), scanReader, `SELECT r.map_id, r.node_id, r.person_id FROM techmap_reader r WHERE r.map_id = $1 ORDER BY r.created_at, r.person_id, r.node_id`, mapID)
	for _, r := range all {
		list = append(list, r.Reader)
	}
	return list, err
}

func (s *Service) insertReader(ctx context.Context, a access.Actor, mapID string, r Reader) error {
	return s.exec(ctx, `INSERT INTO techmap_reader (map_id, node_id, person_id, created_by, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (map_id, node_id, person_id) DO NOTHING`, mapID, r.NodeID, r.Person, a.Account, db.At(clock.Now(ctx)))
}

func (s *Service) deleteReader(ctx context.Context, mapID string, r Reader) error {
	return s.exec(ctx, `DELETE FROM techmap_reader WHERE map_id = $1 AND node_id = $2 AND person_id = $3`, mapID, r.NodeID, r.Person)
}

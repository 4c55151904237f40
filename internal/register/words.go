package register

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Writing is something a person wrote, or what they say of their own work.
type Writing struct {
	ID, Title, Abstract string
	Year                int // 0: not known
}

// Writings gives by person what tells of their work: their profile (keywords and
// narrative, with an empty ID) and then their works, each only where they let
// members see it. For finding out who can judge what.
func (s *Service) Writings(ctx context.Context, people []string) (map[string][]Writing, error) {
	out, hidden := map[string][]Writing{}, map[string]bool{}
	for some := range slices.Chunk(people, 500) {
		in, args := db.In(1, some)
		_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
			var id string
			var about lang.Text
			var keywords []string
			shown := map[string]string{}
			err := r.Scan(&id, db.FromJSON(&keywords), &about, db.FromJSON(&shown))
			hidden[id] = shown["works"] == ToNobody
			if w := profileOf(keywords, about, shown); w != (Writing{}) {
				out[id] = append(out[id], w)
			}
			return struct{}{}, err
		}, `SELECT id, keywords, about, shown FROM person WHERE id IN `+in+` ORDER BY id`, args...)
		if err != nil {
			return nil, err
		}
		_, err = db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
			var id string
			var w Writing
			err := r.Scan(&id, &w.ID, &w.Title, &w.Abstract, &w.Year)
			if !hidden[id] {
				out[id] = append(out[id], w)
			}
			return struct{}{}, err
		}, `SELECT a.person_id, w.id, w.title, w.abstract, COALESCE(w.year, 0) FROM work_author a JOIN work w ON w.id = a.work_id WHERE a.person_id IN `+in+` ORDER BY a.person_id, w.id`, args...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// profileOf is what a person says of their own work, as far as they show it.
func profileOf(keywords []string, about lang.Text, shown map[string]string) (w Writing) {
	if shown["keywords"] != ToNobody {
		w.Title = strings.Join(keywords, "; ")
	}
	if shown["about"] != ToNobody {
		var said []string
		for _, tag := range about.Tags() {
			said = append(said, about.By[tag])
		}
		w.Abstract = strings.Join(said, "\n")
	}
	return w
}

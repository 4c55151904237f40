package register

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Words gives by person what they say of their own work, as one text: keywords,
// narrative and titles of works, each only where they let members see it. For
// finding out who can judge what.
func (s *Service) Words(ctx context.Context, people []string) (map[string]string, error) {
	parts := map[string][]string{}
	hidden := map[string]map[string]string{}
	for some := range slices.Chunk(people, 500) {
		in, args := db.In(1, some)
		_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
			var id string
			var about lang.Text
			var keywords []string
			shown := map[string]string{}
			err := r.Scan(&id, db.FromJSON(&keywords), &about, db.FromJSON(&shown))
			hidden[id] = shown
			if shown["keywords"] != ToNobody {
				parts[id] = append(parts[id], keywords...)
			}
			if shown["about"] != ToNobody {
				for _, tag := range about.Tags() {
					parts[id] = append(parts[id], about.By[tag])
				}
			}
			return struct{}{}, err
		}, `SELECT id, keywords, about, shown FROM person WHERE id IN `+in+` ORDER BY id`, args...)
		if err != nil {
			return nil, err
		}
		_, err = db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
			var id, title string
			err := r.Scan(&id, &title)
			if hidden[id]["works"] != ToNobody {
				parts[id] = append(parts[id], title)
			}
			return struct{}{}, err
		}, `SELECT a.person_id, w.title FROM work_author a JOIN work w ON w.id = a.work_id WHERE a.person_id IN `+in+` ORDER BY a.person_id, w.id`, args...)
		if err != nil {
			return nil, err
		}
	}
	out := make(map[string]string, len(parts))
	for id, list := range parts {
		out[id] = strings.Join(list, "\n")
	}
	return out, nil
}

package exchange

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// known is what a row became.
type known struct{ key, id, hash string }

// rowsAtOnce is how many keys one statement names.
const rowsAtOnce = 500

// known finds what rows of a source became, by key.
func (s *Service) known(ctx context.Context, kind, source string, keys []string) (map[string]known, error) {
	out := map[string]known{}
	for some := range slices.Chunk(keys, rowsAtOnce) {
		in, args := db.In(3, some)
		rows, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (k known, err error) { return k, r.Scan(&k.key, &k.id, &k.hash) },
			`SELECT key, record_id, content_hash FROM import_key WHERE kind = $1 AND source = $2 AND key IN `+in, append([]any{kind, source}, args...)...)
		if err != nil {
			return nil, err
		}
		for _, k := range rows {
			out[k.key] = k
		}
	}
	return out, nil
}

// remember keeps what rows became.
func (s *Service) remember(ctx context.Context, run, kind, source string, list []known) error {
	for some := range slices.Chunk(list, rowsAtOnce) {
		var b strings.Builder
		args := []any{kind, source, run}
		for i, k := range some {
			if i > 0 {
				b.WriteByte(',')
			}
			n := len(args)
			b.WriteString("($1, $2, $" + strconv.Itoa(n+1) + ", $" + strconv.Itoa(n+2) + ", $" + strconv.Itoa(n+3) + ", $3)")
			args = append(args, k.key, k.id, k.hash)
		}
		_, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO import_key (kind, source, key, record_id, content_hash, run_id) VALUES `+b.String()+
			` ON CONFLICT (kind, source, key) DO UPDATE SET record_id = excluded.record_id, content_hash = excluded.content_hash, run_id = excluded.run_id`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) begun(ctx context.Context, run string, m *Mapping, files []File, account string) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO import_run (id, kind, mapping, mapping_hash, files, by_account, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		run, m.Kind, m.Source, m.Hash, db.JSON(files), account, db.At(clock.Now(ctx)))
	return err
}

func (s *Service) ended(ctx context.Context, run string, r Report) error {
	waits := r.Counts.Rejected > 0 || r.Alikes > 0
	_, err := s.DB.Q(ctx).ExecContext(ctx, `UPDATE import_run SET counts = $2, finished_at = $3, waits = $4 WHERE id = $1`, run, db.JSON(r.kept()), db.At(clock.Now(ctx)), db.Bool(waits))
	return err
}

package scheme

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"path"
	"sync"
	"testing/fstest"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Version is a published definition.
type Version struct {
	ID, Scheme  string
	Number      int64
	Title       lang.Text
	Hash        string // SHA-256 of definition and forms in canonical form
	PublishedAt time.Time
	*Definition
}

// Service publishes definitions and gives them back.
type Service struct {
	DB     *db.DB
	Ledger *ledger.Ledger

	// parsed keeps definitions by version: they never change once published.
	parsed sync.Map
}

var rules = access.Rules{"scheme.publish": access.Of(access.Staff, access.Operator)}

// Publish checks the definition in file with its forms and gives it the next
// number. Publishing what is already the newest version changes nothing and returns it.
// Errors: Invalid with the first problem where the definition cannot be used.
func (s *Service) Publish(ctx context.Context, a access.Actor, fsys fs.FS, file string) (Version, error) {
	if err := mayWrite(a); err != nil {
		return Version{}, err
	}
	d, problems := Check(fsys, file)
	if !Usable(problems) {
		return Version{}, fault.New(fault.Invalid, "scheme.broken", len(problems)).Because(&problemError{problems})
	}
	source, err := fs.ReadFile(fsys, file)
	if err != nil {
		return Version{}, err
	}
	forms := map[string]string{}
	for _, ref := range d.Forms {
		text, err := fs.ReadFile(fsys, path.Join(path.Dir(file), ref.File))
		if err != nil {
			return Version{}, err
		}
		forms[ref.File] = string(text)
	}
	v := Version{Scheme: d.Scheme, Title: d.Title, Definition: d, Hash: hash(d, forms)}
	err = work.Do(ctx, s.DB, func(ctx context.Context) error { return s.publish(ctx, a, &v, string(source), forms) })
	return v, err
}

type problemError struct{ list []Problem }

func (e *problemError) Error() string { return e.list[0].String() }

// hash is taken of the canonical JSON: keys in order, no blanks, so that a
// comment in the YAML does not make a new version.
func hash(d *Definition, forms map[string]string) string {
	canonical := map[string]any{"definition": d}
	list := map[string]any{}
	for name, text := range forms {
		var v any
		if json.Unmarshal([]byte(text), &v) == nil {
			list[name] = v
		}
	}
	canonical["forms"] = list
	sum := sha256.Sum256([]byte(db.JSON(canonical)))
	return hex.EncodeToString(sum[:])
}

func (s *Service) publish(ctx context.Context, a access.Actor, v *Version, source string, forms map[string]string) error {
	latest, err := s.newest(ctx, v.Scheme)
	if err != nil {
		return err
	}
	if latest.Hash == v.Hash {
		v.ID, v.Number, v.PublishedAt = latest.ID, latest.Number, latest.PublishedAt
		return nil
	}
	v.ID, v.Number, v.PublishedAt = clock.ID(ctx), latest.Number+1, clock.Now(ctx)
	_, err = s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO scheme_version (id, scheme, number, state, title, source, forms, hash, created_by, created_at, published_at)
		VALUES ($1, $2, $3, 'published', $4, $5, $6, $7, $8, $9, $9)`, v.ID, v.Scheme, v.Number, v.Title, source, db.JSON(forms), v.Hash, a.Account, db.At(v.PublishedAt))
	if err != nil {
		return err
	}
	_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "scheme.publish", Kind: "scheme", ID: v.ID, Payload: map[string]any{"scheme": v.Scheme, "number": v.Number, "hash": v.Hash}})
	return err
}

const versionColumns = `id, scheme, number, title, hash, published_at`

func scanVersion(r interface{ Scan(...any) error }) (v Version, err error) {
	return v, r.Scan(&v.ID, &v.Scheme, &v.Number, &v.Title, &v.Hash, db.Time(&v.PublishedAt))
}

func (s *Service) newest(ctx context.Context, scheme string) (Version, error) {
	v, err := scanVersion(s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+versionColumns+` FROM scheme_version WHERE scheme = $1 AND state = 'published' ORDER BY number DESC LIMIT 1`, scheme))
	if db.IsNone(err) {
		return Version{}, nil
	}
	return v, err
}

// Get is a published version with its definition. Public.
func (s *Service) Get(ctx context.Context, id string) (Version, error) {
	if v, ok := s.parsed.Load(id); ok {
		return v.(Version), nil
	}
	var source string
	forms := map[string]string{}
	row := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT source, forms FROM scheme_version WHERE id = $1 AND state = 'published'`, id)
	if err := row.Scan(&source, db.FromJSON(&forms)); db.IsNone(err) {
		return Version{}, fault.Missing()
	} else if err != nil {
		return Version{}, err
	}
	v, err := scanVersion(s.DB.Q(ctx).QueryRowContext(ctx, `SELECT `+versionColumns+` FROM scheme_version WHERE id = $1`, id))
	if err != nil {
		return Version{}, err
	}
	files := fstest.MapFS{"scheme.yaml": {Data: []byte(source)}}
	for name, text := range forms {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	d, problems := Check(files, "scheme.yaml")
	if !Usable(problems) {
		return Version{}, fault.New(fault.Internal, "fault.internal").Because(&problemError{problems})
	}
	v.Definition = d
	s.parsed.Store(id, v)
	return v, nil
}

// List is the newest published version of each scheme. Public. One that this program cannot read is left out: a newer
// program that runs beside it brought it, and offers it.
func (s *Service) List(ctx context.Context) ([]Version, error) {
	ids, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT v.id FROM scheme_version v WHERE v.state = 'published'
		AND v.number = (SELECT max(w.number) FROM scheme_version w WHERE w.scheme = v.scheme AND w.state = 'published') ORDER BY v.scheme`)
	if err != nil {
		return nil, err
	}
	out := make([]Version, 0, len(ids))
	for _, id := range ids {
		v, err := s.Get(ctx, id)
		var unread *problemError
		if errors.As(err, &unread) {
			slog.WarnContext(ctx, "scheme: a version is for a newer program", "version", id, "error", unread)
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

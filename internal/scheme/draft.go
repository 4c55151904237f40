package scheme

import (
	"context"
	"io/fs"
	"path"
	"testing/fstest"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Source is a definition as it is written: the YAML and its forms by file name.
type Source struct {
	YAML  string
	Forms map[string]string
}

// sourceName is the file name under which a source is checked.
const sourceName = "scheme.yaml"

// maxSource bounds a definition and each of its forms.
const maxSource = 256 << 10

// FS is the source as files.
func (s Source) FS() fs.FS {
	files := fstest.MapFS{sourceName: {Data: []byte(s.YAML)}}
	for name, text := range s.Forms {
		if fs.ValidPath(name) {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return files
}

// Check is Check of a source that is not in a file.
func (s Source) Check() (*Definition, []Problem) { return Check(s.FS(), sourceName) }

// ReadSource reads a definition with the forms that it names.
func ReadSource(fsys fs.FS, name string) (Source, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return Source{}, err
	}
	s := Source{string(text), map[string]string{}}
	d, _ := Check(fsys, name)
	for _, ref := range d.Forms {
		b, err := fs.ReadFile(fsys, path.Join(path.Dir(name), ref.File))
		if err != nil {
			return Source{}, err
		}
		s.Forms[ref.File] = string(b)
	}
	return s, nil
}

// mayWrite reports whether a writes definitions: officers and admins, of any agency,
// because a definition belongs to the installation.
func mayWrite(a access.Actor) error {
	have := a.Staffing("", "", "")
	if a.HasAny(access.Officer) {
		have |= access.Staff
	}
	return rules.Check(a, "scheme.publish", have, have)
}

// MayWrite reports whether a may write and publish definitions.
func (s *Service) MayWrite(a access.Actor) bool { return mayWrite(a) == nil }

// Source is a published version as it was written. Public.
func (s *Service) Source(ctx context.Context, id string) (Source, error) {
	var out Source
	row := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT source, forms FROM scheme_version WHERE id = $1 AND state = 'published'`, id)
	err := row.Scan(&out.YAML, db.FromJSON(&out.Forms))
	if db.IsNone(err) {
		return Source{}, fault.Missing()
	}
	return out, err
}

// Versions lists the published versions of a scheme, the newest first. Public.
// NotFound where there is none of that name.
func (s *Service) Versions(ctx context.Context, scheme string) ([]Version, error) {
	ids, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT id FROM scheme_version WHERE scheme = $1 AND state = 'published' ORDER BY number DESC`, scheme)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, fault.Missing()
	}
	out := make([]Version, 0, len(ids))
	for _, id := range ids {
		v, err := s.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Draft is what an officer works at; each has one of a scheme.
type Draft struct {
	Source
	Version int64 // 0 where nothing is saved yet
}

// Draft is the actor's saved draft of a scheme; where there is none, the newest
// version, to begin from. Errors: NotAllowed; NotFound where there is neither.
func (s *Service) Draft(ctx context.Context, a access.Actor, scheme string) (Draft, error) {
	if err := mayWrite(a); err != nil {
		return Draft{}, err
	}
	var d Draft
	row := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT source, forms, version FROM scheme_version WHERE scheme = $1 AND state = 'draft' AND created_by = $2`, scheme, a.Account)
	err := row.Scan(&d.YAML, db.FromJSON(&d.Forms), &d.Version)
	if !db.IsNone(err) {
		return d, err
	}
	newest, err := s.newest(ctx, scheme)
	if err != nil {
		return Draft{}, err
	}
	if newest.ID == "" {
		return Draft{}, fault.Missing()
	}
	d.Source, err = s.Source(ctx, newest.ID)
	return d, err
}

// SaveDraft keeps a draft under the name of the scheme, broken or not: it is only
// checked when it is published. Errors: NotAllowed, TooLarge, Conflict where the
// draft was changed since d.Version was read.
func (s *Service) SaveDraft(ctx context.Context, a access.Actor, scheme string, d Draft) (version int64, err error) {
	if err := mayWrite(a); err != nil {
		return 0, err
	}
	for _, text := range append([]string{d.YAML}, values(d.Forms)...) {
		if len(text) > maxSource {
			return 0, fault.New(fault.TooLarge, "scheme.large", maxSource>>10)
		}
	}
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		if d.Version > 0 {
			r, err := s.DB.Q(ctx).ExecContext(ctx, `UPDATE scheme_version SET source = $1, forms = $2, version = version + 1
				WHERE scheme = $3 AND state = 'draft' AND created_by = $4 AND version = $5`, d.YAML, db.JSON(d.Forms), scheme, a.Account, d.Version)
			if err != nil {
				return err
			}
			if n, err := r.RowsAffected(); err != nil || n == 1 {
				return err
			}
			return fault.New(fault.Conflict, "scheme.draft.changed")
		}
		var have int
		if err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM scheme_version WHERE scheme = $1 AND state = 'draft' AND created_by = $2`, scheme, a.Account).Scan(&have); err != nil {
			return err
		}
		if have > 0 {
			return fault.New(fault.Conflict, "scheme.draft.changed")
		}
		_, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO scheme_version (id, scheme, number, state, title, source, forms, created_by, created_at)
			VALUES ($1, $2, 0, 'draft', '{}', $3, $4, $5, $6)`, clock.ID(ctx), scheme, d.YAML, db.JSON(d.Forms), a.Account, db.At(clock.Now(ctx)))
		return err
	})
	return d.Version + 1, err
}

// PublishDraft publishes a source and removes the actor's draft of that scheme.
// Errors as Publish; Invalid too where the source names another scheme.
func (s *Service) PublishDraft(ctx context.Context, a access.Actor, scheme string, src Source) (v Version, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		if d, problems := src.Check(); Usable(problems) && d.Scheme != scheme {
			return fault.New(fault.Invalid, "scheme.name", scheme, d.Scheme)
		}
		if v, err = s.Publish(ctx, a, src.FS(), sourceName); err != nil {
			return err
		}
		_, err := s.DB.Q(ctx).ExecContext(ctx, `DELETE FROM scheme_version WHERE scheme = $1 AND state = 'draft' AND created_by = $2`, scheme, a.Account)
		return err
	})
	return v, err
}

// Ship publishes every definition of fsys whose newest version is another: what
// comes with a new release of the program.
func (s *Service) Ship(ctx context.Context, fsys fs.FS) error {
	files, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return err
	}
	for _, name := range files {
		if _, err := s.Publish(ctx, access.System, fsys, name); err != nil {
			return err
		}
	}
	return nil
}

func values(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for _, k := range keys(m) {
		out = append(out, m[k])
	}
	return out
}

package retention

import (
	"archive/zip"
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

//go:embed archive.html
var archiveText string

var archivePage = template.Must(template.New("archive").Parse(archiveText))

// given is the rows of one table that a person gets.
type given struct {
	Table   string           `json:"table"`
	Title   string           `json:"-"`
	Columns []string         `json:"columns"`
	Rows    []map[string]any `json:"rows"`
}

// Cells are the rows' values in the order of Columns, as text.
func (g given) Cells() [][]string {
	out := make([][]string, len(g.Rows))
	for i, row := range g.Rows {
		for _, c := range g.Columns {
			out[i] = append(out[i], written(row[c]))
		}
	}
	return out
}

func written(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case json.RawMessage:
		return string(v)
	}
	return fmt.Sprint(v)
}

// copied is one file in the archive.
type copied struct{ Name, Path string }

// archive writes everything about a person that they may see: data.json, the files, and index.html,
// which shows all of it to a reader. It is one state of the database.
func (s *Service) archive(ctx context.Context, w io.Writer, r Request) error {
	return s.DB.Snapshot(ctx, func(ctx context.Context) error {
		of, locale, err := s.theirs(ctx, r.Person)
		if err != nil {
			return err
		}
		if r.Email != "" {
			of, locale = append(of, subject{kind: "address", key: r.Email}), r.Locale
		}
		tables, err := s.give(ctx, of, locale)
		if err != nil {
			return err
		}
		z := zip.NewWriter(w)
		files, err := s.zipFiles(ctx, z, of)
		if err != nil {
			return err
		}
		data, err := z.Create("data.json")
		if err != nil {
			return err
		}
		e := json.NewEncoder(data)
		e.SetIndent("", "  ")
		if err := e.Encode(tables); err != nil {
			return err
		}
		index, err := z.Create("index.html")
		if err != nil {
			return err
		}
		text := func(key string, args ...any) string { return lang.T(locale, key, args...) }
		err = archivePage.Execute(index, map[string]any{"Lang": string(locale), "Title": text("retention.archive.title"), "Lead": text("retention.archive.lead", r.Number, clock.Now(ctx).Format(time.DateOnly)),
			"FilesTitle": text("retention.files"), "Files": files, "Tables": tables})
		return errors.Join(err, z.Close())
	})
}

// theirs are the subjects whose rows a person gets: themself, their accounts, proposals that they lead or whose team
// they confirmed to be in, and awards likewise. The locale is that of their account.
func (s *Service) theirs(ctx context.Context, person string) (of []subject, locale lang.Locale, err error) {
	of, locale = []subject{{kind: "person", key: person}}, lang.English
	add := func(kind, query string) {
		var list []string
		if err == nil {
			list, err = db.Strings(ctx, s.DB.Q(ctx), query, person)
		}
		for _, id := range list {
			of = append(of, subject{kind: kind, key: id})
		}
	}
	add("account", `SELECT id FROM account WHERE person_id = $1`)
	add("address", `SELECT email FROM account WHERE person_id = $1 AND email_verified_at IS NOT NULL`) // what others wrote down as theirs may be somebody else's
	add("proposal", `SELECT id FROM proposal WHERE lead_person = $1 OR id IN (SELECT proposal_id FROM proposal_member WHERE person_id = $1 AND state = 'confirmed') ORDER BY number`)
	add("award", `SELECT id FROM award WHERE lead_person = $1 OR id IN (SELECT award_id FROM award_party WHERE person_id = $1) ORDER BY number`)
	locales, e := db.Strings(ctx, s.DB.Q(ctx), `SELECT locale FROM account WHERE person_id = $1`, person)
	for _, l := range locales {
		locale, _ = lang.ParseLocale(l)
	}
	return of, locale, errors.Join(err, e)
}

// give reads the rows that the inventory gives to a person.
func (s *Service) give(ctx context.Context, of []subject, locale lang.Locale) (tables []given, err error) {
	for _, t := range inventory {
		for _, rows := range t.Rows {
			if len(rows.Give) == 0 {
				continue
			}
			g := given{Table: t.Name, Title: lang.T(locale, "retention.holds."+t.Name), Columns: rows.columns()}
			for _, one := range of {
				if one.kind != rows.Of {
					continue
				}
				some, err := s.rows(ctx, t.Name, rows, one)
				if err == nil && rows.Tells != "" {
					err = s.concerning(ctx, some, rows.Why, of)
				}
				if err != nil {
					return nil, fmt.Errorf("%s: %w", t.Name, err)
				}
				g.Rows = append(g.Rows, some...)
			}
			if len(g.Rows) > 0 {
				tables = append(tables, g)
			}
		}
	}
	return tables, nil
}

func (s *Service) rows(ctx context.Context, table string, rows tie, of subject) ([]map[string]any, error) {
	columns, sources := rows.columns(), slices.Clone(rows.Give)
	if rows.Tells != "" {
		sources = append(sources, `CASE WHEN `+rows.Tells+` THEN (SELECT body FROM ledger_payload WHERE entry_id = ledger_entry.id) END`)
	}
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (map[string]any, error) {
		values := make([]any, len(columns))
		into := make([]any, len(values))
		for i := range values {
			into[i] = &values[i]
		}
		err := r.Scan(into...)
		row := map[string]any{}
		for i, c := range columns {
			row[c] = readable(c, values[i])
		}
		return row, err
	}, `SELECT `+strings.Join(sources, ", ")+` FROM `+table+` WHERE `+rows.Where+` ORDER BY `+inOrder(len(sources)), of.key)
}

// inOrder orders rows by their columns: the order in which a database happens to keep them tells when others wrote theirs.
func inOrder(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = strconv.Itoa(i + 1)
	}
	return strings.Join(list, ", ")
}

// readable is a value as a person reads it: instants in UTC, JSON as it is.
func readable(column string, v any) any {
	switch v := v.(type) {
	case int64:
		if column == "at" || strings.HasSuffix(column, "_at") {
			return time.UnixMicro(v).UTC().Format(time.RFC3339)
		}
	case string:
		if strings.ContainsAny(v[:min(1, len(v))], `{["`) && json.Valid([]byte(v)) {
			return json.RawMessage(v)
		}
	case []byte:
		return readable(column, string(v))
	}
	return v
}

// zipFiles copies the files of the proposals and awards.
func (s *Service) zipFiles(ctx context.Context, z *zip.Writer, of []subject) (list []copied, err error) {
	for _, one := range of {
		if one.kind != "proposal" && one.kind != "award" {
			continue
		}
		ids, err := s.fileRefs(ctx, key{one.kind, one.key})
		if err != nil {
			return list, err
		}
		for _, id := range ids {
			c, err := s.zipFile(ctx, z, id)
			if err != nil {
				return list, err
			}
			list = append(list, c)
		}
	}
	return list, nil
}

func (s *Service) zipFile(ctx context.Context, z *zip.Writer, id string) (c copied, err error) {
	ref, err := s.Files.Info(ctx, id)
	if err != nil {
		return c, err
	}
	c = copied{ref.Name, path.Join("files", id, ref.Name)}
	out, err := z.Create(c.Path)
	if err != nil {
		return c, err
	}
	in, err := s.Files.Open(ctx, ref)
	if err != nil {
		return c, err
	}
	_, err = io.Copy(out, in)
	return c, errors.Join(err, in.Close())
}

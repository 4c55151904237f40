package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
)

// Service is the only way to take records in.
type Service struct {
	DB        *db.DB
	Ledger    *ledger.Ledger
	Register  *register.Service
	Calls     *call.Service
	Proposals *proposal.Service
	Reviews   *review.Service
	Awards    *award.Service
}

// Options of a run.
type Options struct {
	DryRun   bool
	Rejects  string         // folder of the reject files; without one none are written
	Progress func(Progress) // called after each batch
}

// Progress is how far a run is.
type Progress struct {
	File        string
	Bytes, Size int64 // of the file
	Counts
}

// Counts are what became of the rows.
type Counts struct {
	Read     int `json:"read"`
	New      int `json:"new"`
	Changed  int `json:"changed"`
	Same     int `json:"same"`
	Rejected int `json:"rejected"`
	Left     int `json:"left"` // not of the mapping's kind
}

// File is a file that was read, with its SHA-256 in hex.
type File struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Hash string `json:"sha256"`
}

// Report is what a run did, or would do.
type Report struct {
	Run     string
	Kind    string
	Source  string
	DryRun  bool
	Counts  Counts
	Made    map[string]int // organisations, people, agencies and calls that rows named and that were not known
	First   []Problem      // the first problems; all are in the reject files
	Rejects []string       // reject files
	Alike   []Alike        // suspected duplicates, at most mostAlike
	Alikes  int
	Example Item // the first row as it became, for a dry run
}

// Alike are two rows that seem to be one record.
type Alike struct {
	Key   string `json:"key"`
	Other string `json:"other"`
	Title string `json:"title"`
}

// Kept is what is remembered of a run.
type Kept struct {
	Counts
	Made   map[string]int `json:"made,omitempty"`
	Alikes int            `json:"alikes,omitempty"`
	Alike  []Alike        `json:"alike,omitempty"`
}

func (r Report) kept() Kept { return Kept{r.Counts, r.Made, r.Alikes, r.Alike} }

const (
	batchSize     = 1000 // rows in one unit of work
	firstProblems = 20
	mostAlike     = 2000
	mergeFrom     = 5000 // awards that are worth putting the index in order for
)

var rules = access.Rules{"exchange.import": access.Of(access.Operator)}

// Run takes the rows of files in as the mapping says. Bad rows do not stop it:
// they are counted, told and written to reject files. What was taken in before
// an error that stops the run stays.
// Errors: NotAllowed for who does not run the installation, and any of reading.
func (s *Service) Run(ctx context.Context, a access.Actor, m *Mapping, files []string, o Options) (Report, error) {
	r := &run{s: s, m: m, o: o, by: a, seen: map[string]int{}, lines: map[string]string{}, alike: map[string]alikeRow{}, entities: newEntities(s, m.Source)}
	r.report = Report{Run: clock.ID(ctx), Kind: m.Kind, Source: m.Source, DryRun: o.DryRun, Made: r.entities.made}
	have := a.Staffing("", "", "")
	if err := rules.Check(a, "exchange.import", have, have); err != nil {
		return r.report, err
	}
	if target[m.Kind] == nil {
		return r.report, fmt.Errorf("records of kind %s cannot be taken in", m.Kind)
	}
	read, err := described(files)
	if err != nil {
		return r.report, err
	}
	if !o.DryRun {
		err := work.Do(ctx, s.DB, func(ctx context.Context) error { return s.begun(ctx, r.report.Run, m, read, a.Account) })
		if err != nil {
			return r.report, err
		}
	}
	for _, path := range files {
		if err := r.file(ctx, path); err != nil {
			return r.report, err
		}
	}
	if o.DryRun {
		return r.report, nil
	}
	return r.report, work.Do(ctx, s.DB, func(ctx context.Context) error {
		if m.Kind == "awards" && r.report.Counts.New+r.report.Counts.Changed >= mergeFrom {
			if err := s.Awards.Search.Merge(ctx); err != nil {
				return err
			}
		}
		if err := s.ended(ctx, r.report.Run, r.report); err != nil {
			return err
		}
		_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "exchange.import", Kind: "import", ID: r.report.Run, Payload: map[string]any{
			"kind": m.Kind, "source": m.Source, "mapping_sha256": m.Hash, "files": read, "counts": r.report.Counts}})
		return err
	})
}

// described are the files with their sizes and hashes, so that the ledger says what was read.
func described(files []string) ([]File, error) {
	out := make([]File, 0, len(files))
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		h := sha256.New()
		n, err := io.Copy(h, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		out = append(out, File{filepath.Base(path), n, hex.EncodeToString(h.Sum(nil))})
	}
	return out, nil
}

// run is a run on its way.
type run struct {
	s        *Service
	m        *Mapping
	o        Options
	by       access.Actor
	report   Report
	entities *entities
	seen     map[string]int    // of content keys: how often
	lines    map[string]string // of keys: where they stood first
	alike    map[string]alikeRow
	joined   map[string]map[string][]any
	rejects  *rejects
	batch    []entry
}

// entry is a row on its way into the database.
type entry struct {
	row  Row
	item Item
	known
	fresh bool // not taken in before
}

func (r *run) file(ctx context.Context, path string) (err error) {
	var read int64
	t, err := open(path, r.m.Read, func(n int) { read += int64(n) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	if r.joined, err = r.join(path); err != nil {
		return err
	}
	r.rejects = &rejects{path: rejectPath(filepath.Join(r.o.Rejects, filepath.Base(path)), t.Head), head: t.Head}
	info, err := t.file.Stat()
	if err != nil {
		return err
	}
	tell := func() {
		if r.o.Progress != nil {
			r.o.Progress(Progress{File: path, Bytes: read, Size: info.Size(), Counts: r.report.Counts})
		}
	}
	for row, err := range t.Rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.row(row, err); err != nil {
			return err
		}
		if len(r.batch) == batchSize {
			if err := r.take(ctx); err != nil {
				return err
			}
			tell()
		}
	}
	err = r.take(ctx)
	tell()
	if r.rejects.file != nil {
		r.report.Rejects = append(r.report.Rejects, r.rejects.path)
	}
	return errors.Join(err, r.rejects.Close())
}

// row makes the item of a row, or rejects it.
func (r *run) row(row Row, err error) error {
	if err != nil && !errors.As(err, new(rowError)) {
		return err
	}
	r.report.Counts.Read++
	if err != nil {
		return r.reject(row, Problem{Reason: err.Error()})
	}
	delete(row.Values, reasonColumn)
	for name, rows := range r.joined {
		row.Values[name] = orEmpty(rows[plain(row.Values[r.m.Read.Join[name].On])])
	}
	if left, err := r.m.left(row.Values); err != nil || left {
		if left {
			r.report.Counts.Left++
			return nil
		}
		return r.reject(row, err)
	}
	e := entry{row: row}
	if e.key, err = r.m.key(row.Values, r.seen); err != nil {
		return r.reject(row, err)
	}
	place := fmt.Sprintf("%s:%d", filepath.Base(row.File), row.Line)
	if first, twice := r.lines[e.key]; twice {
		return r.reject(row, Problem{Value: e.key, Reason: "identifies the row " + first + " already"})
	}
	if e.item, err = r.m.item(row.Values); err == nil {
		r.compare(e)
		err = check(r.m.Kind, e.item)
	}
	if err != nil {
		return r.reject(row, err)
	}
	if e.hash, err = e.item.hash(); err != nil {
		return err
	}
	r.lines[e.key] = place
	if r.report.Example == nil {
		r.report.Example = e.item
	}
	r.batch = append(r.batch, e)
	return nil
}

func orEmpty(rows []any) []any {
	if rows == nil {
		return []any{}
	}
	return rows
}

// reject counts, tells and writes a row that cannot be taken in; err is no fault of the row.
func (r *run) reject(row Row, why error) error {
	var p Problem
	if !errors.As(why, &p) {
		p = Problem{Reason: fault.From(why).Msg.In(lang.English)}
	}
	p.File, p.Line = row.File, row.Line
	r.report.Counts.Rejected++
	if len(r.report.First) < firstProblems {
		r.report.First = append(r.report.First, p)
	}
	if r.o.DryRun || r.o.Rejects == "" {
		return nil
	}
	short := p
	short.File = filepath.Base(p.File)
	return r.rejects.add(row, short.String())
}

// join reads the files that rows are joined with, whole: they are small beside the first.
func (r *run) join(path string) (map[string]map[string][]any, error) {
	out := map[string]map[string][]any{}
	for name, j := range r.m.Read.Join {
		how := r.m.Read
		how.At, how.Sheet = "", ""
		t, err := open(filepath.Join(filepath.Dir(path), j.File), how, func(int) {})
		if err != nil {
			return nil, err
		}
		by := map[string][]any{}
		for row, err := range t.Rows {
			if err != nil {
				return nil, errors.Join(fmt.Errorf("%s:%d: %w", j.File, row.Line, err), t.Close())
			}
			key := plain(row.Values[j.On])
			by[key] = append(by[key], row.Values)
		}
		if err := t.Close(); err != nil {
			return nil, err
		}
		out[name] = by
	}
	return out, nil
}

// take writes the batch: as one if it can be, else row by row, so that one bad row costs only itself.
func (r *run) take(ctx context.Context) error {
	batch := r.batch
	r.batch = nil
	if len(batch) == 0 {
		return nil
	}
	todo, err := r.sort(ctx, batch)
	if err != nil || len(todo) == 0 {
		return err
	}
	err = r.write(ctx, todo)
	if err == nil {
		r.count(todo...)
		return nil
	}
	if !isFault(err) {
		return err
	}
	for _, e := range todo {
		switch err := r.write(ctx, []entry{e}); {
		case err == nil:
			r.count(e)
		case !isFault(err):
			return err
		default:
			if err := r.reject(e.row, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// isFault reports whether the row is to blame.
func isFault(err error) bool {
	var p Problem
	if errors.As(err, &p) || db.IsUnique(err) {
		return true
	}
	return fault.From(err).Kind != fault.Internal
}

func (r *run) count(list ...entry) {
	for _, e := range list {
		if e.fresh {
			r.report.Counts.New++
		} else {
			r.report.Counts.Changed++
		}
	}
}

// sort finds out what is new or changed, and counts what is neither.
func (r *run) sort(ctx context.Context, batch []entry) ([]entry, error) {
	keys := make([]string, len(batch))
	for i, e := range batch {
		keys[i] = e.key
	}
	have, err := r.s.known(ctx, r.m.Kind, r.m.Source, keys)
	if err != nil {
		return nil, err
	}
	todo := batch[:0]
	for _, e := range batch {
		was, ok := have[e.key]
		if ok && was.hash == e.hash {
			r.report.Counts.Same++
			continue
		}
		e.fresh, e.id = !ok, was.id
		if e.fresh {
			e.id = clock.ID(ctx)
		}
		todo = append(todo, e)
	}
	return todo, nil
}

// write takes rows in, in one unit of work. A dry run goes as far as it can
// without writing: it looks up what the rows name.
func (r *run) write(ctx context.Context, list []entry) error {
	if r.o.DryRun {
		return r.entities.resolve(ctx, r.m.Kind, list, true)
	}
	before := r.entities.mark()
	err := work.Do(ctx, r.s.DB, func(ctx context.Context) error {
		if err := r.entities.resolve(ctx, r.m.Kind, list, false); err != nil {
			return err
		}
		if err := r.entities.store(ctx, r.by, r.report.Run); err != nil {
			return err
		}
		if err := target[r.m.Kind](ctx, r, list); err != nil {
			return err
		}
		became := make([]known, len(list))
		for i, e := range list {
			became[i] = e.known
		}
		return r.s.remember(ctx, r.report.Run, r.m.Kind, r.m.Source, became)
	})
	if err != nil {
		r.entities.reset(before)
	}
	return err
}

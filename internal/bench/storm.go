package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
)

// Storm is a deadline evening: many applicants save all the time, some hand in at the end.
type Storm struct {
	DB          string // postgres://… of an empty database; "" for SQLite in a temporary folder
	Program     string // path of headwater itself
	Replicas    int    // processes that share the work, on PostgreSQL
	Applicants  int
	Connections int
	Time        time.Duration
	Log         io.Writer // of the servers
}

// Figures are what a storm came to. Times are as the clients saw them, in milliseconds.
type Figures struct {
	Autosaves   float64 `json:"autosaves_per_second"`
	Submissions int     `json:"submissions"`
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	SubmitP99   float64 `json:"submit_p99_ms"`
	Lost        int     `json:"lost"`
	Failed      int     `json:"failed"` // requests that were refused or broken off
	Database    string  `json:"database"`
	Durability  string  `json:"durability"`
	Replicas    int     `json:"replicas"`
}

const (
	submitters  = 100
	draftBytes  = 20_000
	uploadBytes = 2_000_000
	submitLast  = 4 * time.Second // before the end: when people hand in
)

// Run makes the applicants, starts the servers, lets the storm pass, and checks
// every answer that a client kept against the database.
func (s Storm) Run(ctx context.Context) (f Figures, err error) {
	folder, err := os.MkdirTemp("", "headwater-storm-")
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	url, files := s.DB, filepath.Join(folder, "files")
	if url == "" {
		url = filepath.Join(folder, "storm.db")
	}
	c := app.Config{Database: url, Files: files, Country: "Storm", Zone: "UTC"}
	people, err := makeField(ctx, c, s.Applicants, submitters)
	if err != nil {
		return f, fmt.Errorf("making the applicants: %w", err)
	}
	var servers []*server
	for range s.Replicas {
		one, err := startServer(ctx, s.Program, url, files, "Storm", s.Log)
		if err != nil {
			return f, err
		}
		servers = append(servers, one)
	}
	w := &weather{Storm: s, servers: servers, end: time.Now().Add(s.Time)}
	w.blow(people)
	for _, one := range servers {
		err = errors.Join(err, one.stop())
	}
	if err != nil {
		return f, err
	}
	f = w.figures()
	f.Database, f.Durability, f.Replicas = "sqlite", "synchronous=FULL", s.Replicas
	if s.DB != "" {
		f.Database, f.Durability = "postgres", "synchronous_commit as the server has it"
	}
	f.Lost, err = w.lost(ctx, c, people)
	return f, err
}

// weather is a storm that blows.
type weather struct {
	Storm
	servers []*server
	end     time.Time

	mu       sync.Mutex
	saves    []time.Duration
	submits  []time.Duration
	receipts map[string]string // proposal → SHA-256 of its upload
	failed   int
}

// blow lets each connection serve its own applicants in turn, and the submitters
// hand in over connections of their own when the end is near.
func (w *weather) blow(people []*applicant) {
	w.receipts = map[string]string{}
	var group sync.WaitGroup
	savers := people[min(submitters, len(people)):]
	for i := range w.Connections {
		group.Go(func() { w.save(i, savers) })
	}
	for i, p := range people[:min(submitters, len(people))] {
		group.Go(func() {
			time.Sleep(time.Until(w.end.Add(-submitLast + time.Duration(i)*submitLast/(2*submitters))))
			w.submit(i, p)
		})
	}
	group.Wait()
}

func (w *weather) at(i int) *conn { return &conn{address: w.servers[i%len(w.servers)].address} }

// save is one connection: its applicants' drafts, one after the other, until the end.
func (w *weather) save(i int, people []*applicant) {
	c := w.at(i)
	text := filler(rand.New(rand.NewPCG(uint64(i), 7)), draftBytes)
	var took []time.Duration
	failed := 0
	for k := i; time.Now().Before(w.end) && len(people) > 0; k += w.Connections {
		p := people[k%len(people)]
		if k%len(people) < 0 || (k%len(people))%w.Connections != i%w.Connections {
			continue // each applicant belongs to one connection
		}
		p.sent++
		body := fmt.Appendf(nil, "v_approach=%d&approach=%s", p.version, url.QueryEscape(fmt.Sprintf("%d of %s: ", p.sent, p.proposal)))
		began := time.Now()
		status, answer, err := c.post("/proposals/"+p.proposal+"/parts/plan", p.secret, "application/x-www-form-urlencoded", append(body, text...))
		if err != nil || status != http.StatusOK {
			failed++
			continue
		}
		took = append(took, time.Since(began))
		var saved struct{ Versions map[string]int64 }
		if json.Unmarshal(answer, &saved) != nil || saved.Versions["approach"] == 0 {
			failed++
			continue
		}
		p.version, p.kept = saved.Versions["approach"], p.sent
	}
	if err := c.close(); err != nil {
		failed++
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.saves, w.failed = append(w.saves, took...), w.failed+failed
}

// submit attaches a PDF of its own and hands in.
func (w *weather) submit(i int, p *applicant) {
	upload := document(uint64(i))
	form, kind, err := uploadForm(upload)
	c := w.at(i)
	began := time.Now()
	status := 0
	if err == nil {
		status, _, err = c.post("/proposals/"+p.proposal+"/files/plan_file?part=plan", p.secret, kind, form)
	}
	if err == nil && status == http.StatusSeeOther {
		status, _, err = c.post("/proposals/"+p.proposal+"/submit", p.secret, "application/x-www-form-urlencoded", nil)
	}
	took := time.Since(began)
	err = errors.Join(err, c.close())
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil || status != http.StatusSeeOther {
		w.failed++
		return
	}
	sum := sha256.Sum256(upload)
	w.submits, w.receipts[p.proposal] = append(w.submits, took), hex.EncodeToString(sum[:])
}

// uploadForm is a form that sends a file, with its media type.
func uploadForm(content []byte) (form []byte, kind string, err error) {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", "plan.pdf")
	if err == nil {
		_, err = part.Write(content)
	}
	err = errors.Join(err, m.Close())
	return b.Bytes(), m.FormDataContentType(), err
}

// filler is n bytes of words, as a form sends them.
func filler(rnd *rand.Rand, n int) []byte {
	var b bytes.Buffer
	for b.Len() < n {
		for range 2 + rnd.IntN(9) {
			b.WriteByte(byte('a' + rnd.IntN(26)))
		}
		b.WriteByte('+')
	}
	return b.Bytes()[:n]
}

// document is a PDF of some two megabytes that no other is equal to.
func document(seed uint64) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n3 0 obj\n")
	fmt.Fprintf(&b, "<< /Length %d >>\nstream\n", uploadBytes)
	noise := make([]byte, uploadBytes)
	rnd := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), 1})
	_, _ = rnd.Read(noise) // never fails
	b.Write(noise)
	b.WriteString("\nendstream\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n")
	return b.Bytes()
}

func (w *weather) figures() Figures {
	f := Figures{Autosaves: float64(len(w.saves)) / w.Time.Seconds(), Submissions: len(w.submits), Failed: w.failed}
	f.P50, f.P99 = at(w.saves, 0.50), at(w.saves, 0.99)
	f.SubmitP99 = at(w.submits, 0.99)
	return f
}

// at is a quantile in milliseconds; 0 of nothing.
func at(took []time.Duration, part float64) float64 {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return float64(took[int(part*float64(len(took)-1))].Microseconds()) / 1000
}

// lost counts what was acknowledged and is not there: a draft older than its last
// acknowledged saving, a submission without its whole content.
func (w *weather) lost(ctx context.Context, c app.Config, people []*applicant) (lost int, err error) {
	a, err := app.Open(ctx, c)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	for _, p := range people {
		v, err := a.Proposals.Get(ctx, access.System, p.proposal)
		if err != nil {
			v, err = a.Proposals.Get(ctx, p.actor, p.proposal)
		}
		if err != nil {
			return lost, err
		}
		if hash, ok := w.receipts[p.proposal]; ok {
			list, err := a.Proposals.Submissions(ctx, p.actor, p.proposal)
			if err != nil {
				return lost, err
			}
			if len(list) != 1 || list[0].Content.Files["plan_file"] != hash || list[0].EntryID == "" {
				lost++
			}
			continue
		}
		if !newEnough(v.Text("approach"), p) || v.Answers["approach"].Version < p.version {
			lost++
		}
	}
	return lost, nil
}

// newEnough reports whether a stored text is the last acknowledged one of an
// applicant, or one sent after it whose answer was lost on the way.
func newEnough(text string, p *applicant) bool {
	if p.kept == 0 {
		return true
	}
	var n int
	if _, err := fmt.Sscanf(text, "%d of ", &n); err != nil {
		return false
	}
	return n >= p.kept && n <= p.sent && strings.Contains(text[:80], p.proposal) && len(text) >= draftBytes-100
}

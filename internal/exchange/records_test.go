package exchange_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/exchange"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/search"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/mappings"
)

// taker is an empty installation that takes records in.
type taker struct {
	*exchange.Service
	ctx     context.Context
	t       *testing.T
	d       *db.DB
	rejects string
}

func newTaker(t *testing.T, d *db.DB) *taker {
	t.Helper()
	ctx := clock.With(t.Context(), clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 3).Source())
	l, err := ledger.Open(ctx, d, "test")
	must(t, err)
	r := &register.Service{DB: d, Ledger: l}
	schemes := &scheme.Service{DB: d, Ledger: l}
	calls := &call.Service{DB: d, Ledger: l, Schemes: schemes}
	proposals := &proposal.Service{DB: d, Ledger: l, Schemes: schemes, Calls: calls, Register: r}
	return &taker{ctx: ctx, t: t, d: d, rejects: t.TempDir(), Service: &exchange.Service{DB: d, Ledger: l, Register: r, Calls: calls, Proposals: proposals,
		Reviews: &review.Service{DB: d, Ledger: l, Register: r, Schemes: schemes, Calls: calls, Proposals: proposals},
		Awards:  &award.Service{DB: d, Ledger: l, Register: r, Schemes: schemes, Search: &search.Index{DB: d}}}}
}

// shipped is a mapping that ships with Headwater.
func (k *taker) shipped(name string) *exchange.Mapping {
	k.t.Helper()
	src, err := mappings.Files.ReadFile(name + ".yaml")
	must(k.t, err)
	m, err := exchange.ReadMapping(name, src)
	must(k.t, err)
	return m
}

// take imports a file twice: the first run as want says, the second changes nothing.
func (k *taker) take(m *exchange.Mapping, file string, want exchange.Counts) exchange.Report {
	k.t.Helper()
	options := exchange.Options{Rejects: k.rejects}
	dry, err := k.Run(k.ctx, access.System, m, []string{file}, exchange.Options{DryRun: true})
	must(k.t, err)
	if dry.Counts.Read != want.Read || dry.Example == nil && want.New > 0 {
		k.t.Errorf("%s, dry: %+v", m.Title, dry.Counts)
	}
	first, err := k.Run(k.ctx, access.System, m, []string{file}, options)
	must(k.t, err)
	if diff := cmp.Diff(want, first.Counts); diff != "" {
		k.t.Errorf("%s %s (-want +got):\n%s%v", m.Source, m.Kind, diff, first.First)
	}
	again, err := k.Run(k.ctx, access.System, m, []string{file}, options)
	must(k.t, err)
	if again.Counts.New+again.Counts.Changed != 0 || again.Counts.Same != first.Counts.New+first.Counts.Changed+first.Counts.Same {
		k.t.Errorf("%s %s again: %+v, want nothing new or changed", m.Source, m.Kind, again.Counts)
	}
	return first
}

func (k *taker) text(query string, args ...any) (s string) {
	k.t.Helper()
	if err := k.d.Q(k.ctx).QueryRowContext(k.ctx, query, args...).Scan(&s); err != nil {
		k.t.Fatalf("%s: %v", query, err)
	}
	return s
}

func TestOrganisationsAndPeople(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newTaker(t, d)
		r := k.take(k.shipped("ror"), "testdata/ror.jsonl", exchange.Counts{Read: 4, New: 2, Rejected: 1, Left: 1})
		if len(r.First) != 1 || r.First[0].Line != 4 || r.First[0].Field != "ror" || !strings.Contains(r.First[0].Reason, "check digits") {
			t.Errorf("the wrong key: %+v", r.First)
		}
		o, err := k.Register.ByIDs(k.ctx, []string{"01an7q238", "05a28rw58"})
		must(t, err)
		if len(o) != 2 {
			t.Fatalf("by ROR: %v", o)
		}
		ilvane, err := k.Register.Organisation(k.ctx, o["01an7q238"])
		must(t, err)
		if ilvane.Name.In("en") != "University of Ilvane" || ilvane.Name.By["sv"] != "Ilvane universitet" || ilvane.Acronym != "IU" || ilvane.Kind != "university" || ilvane.Country != "SE" || ilvane.Website != "https://ilvane.example" {
			t.Errorf("the organisation: %+v", ilvane)
		}
		if got := k.text(`SELECT CAST(count(*) AS TEXT) FROM organisation_name WHERE organisation_id = $1 AND kind = 'alias'`, ilvane.ID); got != "3" {
			t.Errorf("%s other names, want 3", got)
		}

		m, err := exchange.ReadMapping("people.yaml", []byte(`
kind: people
source: staff
read: {format: csv, delimiter: ";", encoding: windows-1252}
key: Nr
fields:
  given: Vorname
  family: Name
  orcid: ORCID
  keywords: {column: Stichworte, split: ","}
  organisation: {fields: {name: Ort}}
`))
		must(t, err)
		r = k.take(m, "testdata/people-latin1.csv", exchange.Counts{Read: 3, New: 2, Rejected: 1})
		if len(r.First) != 1 || r.First[0].Line != 3 || r.First[0].Value != "0000-0002-1825-0098" || r.First[0].Field != "orcid" {
			t.Errorf("the wrong iD: %+v", r.First)
		}
		found, err := k.Register.FindPeople(k.ctx, "castellan", 5)
		must(t, err)
		if len(found) != 1 || found[0].Note == "" {
			t.Fatalf("found %+v", found)
		}
		p, err := k.Register.Person(k.ctx, access.System, found[0].ID)
		must(t, err)
		if p.ORCID != "0000-0002-1825-0097" || !slices.Equal(p.Keywords, []string{"Keramik", "Brüche"}) {
			t.Errorf("the person: %+v", p)
		}
	})
}

func TestCalls(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newTaker(t, d)
		r := k.take(k.shipped("pa-calls"), "testdata/pa-calls.json", exchange.Counts{Read: 3, New: 2, Rejected: 1})
		if len(r.First) != 1 || r.First[0].Field != "closes" {
			t.Errorf("the one that closes first: %+v", r.First)
		}
		list, total, err := k.Calls.List(k.ctx, access.Actor{}, call.Filter{Size: 5, Text: "dikes"})
		must(t, err)
		if total != 1 {
			t.Fatalf("%d calls found", total)
		}
		c := list[0]
		if c.Summary.In("en") != "Keeps fields dry." || c.Total.Minor != 150_000_050 || c.Total.Currency != "USD" || !c.ClosesAt.Equal(time.Date(2026, 5, 1, 16, 0, 0, 0, time.UTC)) ||
			c.Phase(clock.Now(k.ctx)) != call.Closed || !strings.Contains(c.Guidance.In("en"), "Maximum: $2 million") {
			t.Errorf("the call: %+v", c.Call)
		}
		list, _, err = k.Calls.List(k.ctx, access.Actor{}, call.Filter{Size: 5, Phase: call.IsOpen})
		must(t, err)
		if len(list) != 1 || list[0].DecideBy != "2028-06-30" || list[0].Low.Minor != 1_000_000 || list[0].Agency != "Transportation" {
			t.Errorf("open: %+v", list)
		}
	})
}

// TestWholeLoopOfAFunder takes a funder's applications, awards, reviews, reports
// and outputs in, in the shapes in which the ETH Board publishes its own.
func TestWholeLoopOfAFunder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newTaker(t, d)
		in := func(name string) string { return filepath.Join("testdata", "ethord", name) }
		r := k.take(k.shipped("ethord-reports"), in("report_metadata.csv"), exchange.Counts{Read: 4, Rejected: 4})
		if !slices.ContainsFunc(r.First, func(p exchange.Problem) bool {
			return p.Field == "award" && p.Value == "EXPLORE/REED" && strings.Contains(p.Reason, "take the awards of ethord in first")
		}) {
			t.Errorf("reports before their awards: %v", r.First)
		}
		k.take(k.shipped("ethord-proposals"), in("application_metadata.csv"), exchange.Counts{Read: 3, New: 2, Rejected: 1})
		k.take(k.shipped("ethord-awards"), in("application_metadata.csv"), exchange.Counts{Read: 3, New: 2, Rejected: 1})
		r = k.take(k.shipped("ethord-reports"), in("report_metadata.csv"), exchange.Counts{Read: 4, New: 2, Rejected: 2})
		rejected, err := os.ReadFile(filepath.Join(k.rejects, "report_metadata.csv.rejected.csv"))
		must(t, err)
		if !strings.Contains(string(rejected), "ESTABLISH/SILT") || !strings.Contains(string(rejected), "due: is missing") || strings.Count(string(rejected), "\n") != 3 {
			t.Errorf("rejected rows:\n%s", rejected)
		}
		k.take(k.shipped("ethord-results"), in("report_output.csv"), exchange.Counts{Read: 4, New: 4})
		k.reviews()

		rows, _, err := k.Proposals.List(k.ctx, access.System, proposal.Filter{Text: "reeds", Size: 5})
		must(t, err)
		if len(rows) != 1 || rows[0].Outcome != "fund" || rows[0].Organisation != "ETH Zürich" || rows[0].Requested.Minor != 3_000_000 {
			t.Fatalf("the application: %+v", rows)
		}
		v, err := k.Proposals.Get(k.ctx, access.System, rows[0].ID)
		must(t, err)
		var budget []map[string]any
		must(t, json.Unmarshal(v.Answers["budget"].Value, &budget))
		if len(v.Team) != 2 || v.Team[0].Name != "Nela Fenwick" || v.Team[0].Role != "lead" || v.Text("package WP1") != "Count them" || len(budget) != 1 ||
			string(v.Answers["ethics"].Value) != `["ethics_other_issues","ethics_personal_data"]` || string(v.Answers["keywords"].Value) != `["reeds","counting"]` {
			t.Errorf("team %+v, answers %v", v.Team, v.Answers)
		}
		results, total, err := k.Awards.Results(k.ctx, "", "", 1, 10)
		must(t, err)
		if total != 4 || !slices.ContainsFunc(results, func(r award.Result) bool { return r.DOI == "10.5555/reeds.1" && r.AwardNumber == "ETHORD-EXPLORE/REED" }) {
			t.Errorf("%d results: %+v", total, results)
		}
	})
}

// reviews takes in what a mapping of one's own describes.
func (k *taker) reviews() {
	k.t.Helper()
	m, err := exchange.ReadMapping("reviews.yaml", []byte(`
kind: reviews
source: ethord
key: nr
fields:
  proposal: proposal
  overall: mean
  submitted: {column: day, date: 02.01.2006}
  minutes: minutes
  answers:
    all:
      - {fields: {criterion: {constant: idea}, score: marks.idea, text: text}}
      - {fields: {criterion: {constant: plan}, score: marks.plan}}
`))
	must(k.t, err)
	r := k.take(m, "testdata/reviews.jsonl", exchange.Counts{Read: 3, New: 2, Rejected: 1})
	if len(r.First) != 1 || r.First[0].Value != "EXPLORE/GONE" {
		k.t.Errorf("a review of nothing: %v", r.First)
	}
	list, err := k.Reviews.OfProposal(k.ctx, access.System, k.text(`SELECT proposal_id FROM review ORDER BY alias LIMIT 1`))
	must(k.t, err)
	if len(list) != 2 || list[0].Alias != "A" || list[0].Overall != 4.5 || list[0].Minutes != 90 || list[0].SubmittedAt.Day() != 15 {
		k.t.Errorf("reviews: %+v", list)
	}
}

// TestMended: a row that was rejected goes in once it is mended in the reject file.
func TestMended(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	k := newTaker(t, d)
	m, err := exchange.ReadMapping("awards.yaml", []byte("kind: awards\nsource: brook\nkey: nr\ncurrency: EUR\nfields: {title: title, start: day, amount: money, funder: {fields: {name: funder}}}\n"))
	must(t, err)
	file := filepath.Join(t.TempDir(), "awards.csv")
	must(t, os.WriteFile(file, []byte("nr,title,day,money,funder\n1,Peat,2026-01-01,100,Moor Fund\n2,Reed,01/02/2026,much,Moor Fund\n"), 0o600))
	r := k.take(m, file, exchange.Counts{Read: 2, New: 1, Rejected: 1})
	if p := r.First[0]; p.Line != 3 || p.Column != "money" || p.Value != "much" || p.Reason != "is no number" || p.Field != "amount" {
		t.Errorf("the problem: %+v", p)
	}
	rejects := filepath.Join(k.rejects, "awards.csv.rejected.csv")
	text, err := os.ReadFile(rejects)
	must(t, err)
	mended := filepath.Join(t.TempDir(), "awards.csv.rejected.csv")
	must(t, os.WriteFile(mended, []byte(strings.NewReplacer("much", "250", "01/02/2026", "2026-02-01").Replace(string(text))), 0o600))
	k.take(m, mended, exchange.Counts{Read: 1, New: 1})
}

// TestRejectsAreHarmless: no cell of a reject file is a formula to the spreadsheet in which it is mended, and each comes back as it was,
// also where it is rejected again.
func TestRejectsAreHarmless(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	k := newTaker(t, d)
	m, err := exchange.ReadMapping("awards.yaml", []byte("kind: awards\nsource: brook\nkey: nr\ncurrency: EUR\nfields: {title: title, start: day, amount: money, funder: {fields: {name: funder}}}\n"))
	must(t, err)
	const evil = `=HYPERLINK("https://evil.example","Click")`
	name, head := "awards.csv", "nr,title,day,money,funder,=1+1"
	file := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(file, []byte(head+"\n1,\""+strings.ReplaceAll(evil, `"`, `""`)+"\",2026-01-01,@much,'=Moor,-5\n"), 0o600))
	for range 2 {
		k.take(m, file, exchange.Counts{Read: 1, Rejected: 1})
		name += ".rejected.csv"
		text, err := os.ReadFile(filepath.Join(k.rejects, name))
		must(t, err)
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		must(t, err)
		if len(rows) != 2 || !slices.Equal(rows[1][:6], []string{"1", "'" + evil, "2026-01-01", "'@much", "''=Moor", "-5"}) || rows[0][5] != "'=1+1" {
			t.Fatalf("rejected rows: %q", rows)
		}
		file = filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(file, text, 0o600))
	}
	mended, err := os.ReadFile(file)
	must(t, err)
	must(t, os.WriteFile(file, bytes.ReplaceAll(mended, []byte("'@much"), []byte("250")), 0o600))
	k.take(m, file, exchange.Counts{Read: 1, New: 1})
	titles, err := db.Strings(t.Context(), d.Q(t.Context()), `SELECT title FROM award`)
	must(t, err)
	if len(titles) != 1 || !strings.Contains(titles[0], "=HYPERLINK") || strings.Contains(titles[0], "'=") {
		t.Errorf("taken in: %q", titles)
	}
}

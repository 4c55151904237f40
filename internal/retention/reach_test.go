package retention

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

// several are how many records of a kind there are, so that rows can be of different ones.
const several = 4

// more plants further people with accounts, proposals, awards and calls beside those that are planted.
func (p *planting) more() {
	p.t.Helper()
	for i := range several {
		n := func(kind string) string { return fmt.Sprintf("%s-%d", kind, i) }
		mail := fmt.Sprintf("person-%d@more.example", i)
		p.insert("person", map[string]any{"id": n("person"), "given_name": "M", "family_name": "M", "name": n("person"), "sort_name": "m", "email": strings.ToUpper(mail), "state": "active", "created_at": 1, "changed_at": 1})
		p.insert("account", map[string]any{"id": n("account"), "email": "account" + mail, "person_id": n("person"), "created_at": 1})
		p.insert("call", map[string]any{"id": n("call"), "number": n("call"), "agency_id": keyOf("agency"), "title": "{}", "state": "published", "zone": "UTC", "currency": "XCR", "created_at": 1})
		p.insert("proposal", map[string]any{"id": n("proposal"), "number": n("proposal"), "call_id": n("call"), "agency_id": keyOf("agency"), "state": "draft", "created_by": n("account"), "created_at": 1})
		p.insert("award", map[string]any{"id": n("award"), "number": n("award"), "title": "{}", "state": "running", "currency": "XCR", "created_at": 1})
	}
}

// kindOf is the kind of record that a column names; "" for another.
func kindOf(c shape) string {
	switch {
	case c.name == "other_id" && c.table == "person_relation", strings.HasSuffix(c.name, "person"), c.name == "person_id":
		return "person"
	case strings.HasSuffix(c.name, "account"), c.name == "account_id", c.name == "lodged_by", c.name == "created_by" && c.table == "proposal":
		return "account"
	case slices.Contains([]string{"proposal_id", "award_id", "call_id"}, c.name):
		return strings.TrimSuffix(c.name, "_id")
	}
	return ""
}

// shuffle gives rows to other people and records, by chance.
func (p *planting) shuffle(r *rand.Rand) {
	p.t.Helper()
	some := func(kind string) string {
		if kind == "review" {
			return keyOf(kind)
		}
		return fmt.Sprintf("%s-%d", kind, r.IntN(several))
	}
	set := func(table, column, value, where string) {
		if _, err := p.d.Q(p.ctx).ExecContext(p.ctx, `UPDATE `+table+` SET `+column+` = $1 WHERE `+where, value); err != nil {
			p.t.Fatalf("%s.%s: %v", table, column, err)
		}
	}
	for _, table := range slices.Sorted(maps.Keys(p.schema)) {
		columns := p.schema[table]
		if strings.HasPrefix(table, "ledger_") || slices.Contains([]string{"account", "role_grant"}, table) {
			continue
		}
		for _, c := range columns {
			if kind := kindOf(c); kind != "" && r.IntN(3) > 0 {
				set(table, c.name, some(kind), map[bool]string{true: "id = '" + some(table) + "'", false: "1 = 1"}[table == "proposal" || table == "award"])
			}
		}
	}
	subject := []string{"proposal", "person"}[r.IntN(2)]
	set("conflict", "subject_kind", subject, "1 = 1")
	set("conflict", "subject_id", some(subject), "1 = 1")
	about := []string{"proposal", "review", "award"}[r.IntN(3)]
	set("mail_message", "about_kind", about, "1 = 1")
	set("mail_message", "about_id", some(about), "1 = 1")
	for _, table := range []string{"proposal_member", "reviewer_suggestion"} {
		set(table, "email", fmt.Sprintf("%sPERSON-%d@more.example", []string{"", "account"}[r.IntN(2)], r.IntN(several)), "1 = 1")
	}
	if r.IntN(2) == 0 {
		if _, err := p.d.Q(p.ctx).ExecContext(p.ctx, `UPDATE proposal_member SET person_id = NULL`); err != nil {
			p.t.Fatal(err)
		}
	}
}

// TestKeptIsWhatHoldsStop: the list of what holds keep, which is asked from the side of the holds, and the question for one record, which is asked
// from its side, answer the same for every record, with a hold on any, in an installation with rows in every table.
func TestKeptIsWhatHoldsStop(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := clock.With(t.Context(), clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 5).Source())
		s := service(t, ctx, d)
		r := rand.New(rand.NewPCG(27, 16))
		both := map[bool]int{}
		do(t, ctx, d, func(ctx context.Context) error {
			p := &planting{t: t, ctx: ctx, d: d, schema: shapes(t), done: map[string]bool{}}
			p.all()
			p.more()
			for round := range 32 {
				p.shuffle(r)
				if err := s.exec(ctx, `DELETE FROM legal_hold`); err != nil {
					return err
				}
				kind := HoldKinds[round%len(HoldKinds)]
				p.insert("legal_hold", map[string]any{"id": "h", "subject_kind": kind, "subject_id": fmt.Sprintf("%s-%d", kind, r.IntN(several)), "reason": "r", "placed_by": "a", "from_at": 1})
				for _, of := range []string{"proposal", "award", "person", "account"} {
					s.compareHolds(ctx, t, of, both)
				}
			}
			return nil
		})
		if both[true] < 100 || both[false] < 100 {
			t.Errorf("only %d records were held and %d free", both[true], both[false])
		}
	})
}

// compareHolds asks for all records of a kind by the list and one by one.
func (s *Service) compareHolds(ctx context.Context, t *testing.T, kind string, both map[bool]int) {
	t.Helper()
	list, err := db.Strings(ctx, s.DB.Q(ctx), kept(kind))
	if err != nil {
		t.Fatal(err)
	}
	all, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT id FROM `+kind+` ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range all {
		holds, err := s.stops(ctx, kind, id)
		if err != nil {
			t.Fatal(err)
		}
		held := len(holds) > 0
		both[held]++
		if held != slices.Contains(list, id) {
			t.Errorf("%s %s: by the list held is %v, by itself %v", kind, id, !held, held)
		}
	}
}

// TestHeldTextsStay: erasing somebody who is in no record leaves their address in the texts and ledger entries of records that are held, and takes it out of
// all others; once the hold is lifted the same erasing takes it out of these too. Who was asked to join a held proposal by mail is held with it.
func TestHeldTextsStay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := clock.With(t.Context(), clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 5).Source())
		s := service(t, ctx, d)
		do(t, ctx, d, func(ctx context.Context) error {
			p := &planting{t: t, ctx: ctx, d: d, schema: shapes(t), done: map[string]bool{}}
			p.all()
			p.more()
			p.insert("legal_hold", map[string]any{"id": "h", "subject_kind": "proposal", "subject_id": "proposal-0", "reason": "r", "placed_by": "a", "from_at": 1})
			for i := range 2 {
				of := fmt.Sprintf("proposal-%d", i)
				p.insert("proposal_answer", map[string]any{"proposal_id": of, "form": "f", "field": "aim", "value": `"Ask person-3@more.example."`, "version": 1, "at": 1, "by_account": "account-0"})
				p.insert("award", map[string]any{"id": "of " + of, "number": "of " + of, "proposal_id": of, "title": "{}", "summary": `{"en":"Ask person-3@more.example."}`, "state": "running", "currency": "XCR", "created_at": 1})
				if _, err := s.Ledger.Append(ctx, access.Actor{Account: "account-0"}, ledger.Entry{Act: "proposal.edit", Kind: "proposal", ID: of, Payload: "person-3@more.example"}); err != nil {
					return err
				}
			}
			p.insert("proposal_member", map[string]any{"id": "asked", "proposal_id": "proposal-0", "name": "M", "email": "Person-2@More.example", "role": "member", "state": "invited", "invited_at": 1})
			return nil
		})
		holds, err := s.stops(ctx, "person", "person-2")
		if err != nil || len(holds) != 1 {
			t.Errorf("who was asked by mail to join a held proposal is stopped by %v, %v", holds, err)
		}
		left := func() string {
			var answers, awards, entries int
			if err := d.Q(ctx).QueryRowContext(ctx, `SELECT (SELECT count(*) FROM proposal_answer WHERE value LIKE '%person-3@%'), (SELECT count(*) FROM award WHERE summary LIKE '%person-3@%'),
				(SELECT count(*) FROM ledger_payload WHERE body LIKE '%person-3@%')`).Scan(&answers, &awards, &entries); err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("%d answers, %d awards, %d entries", answers, awards, entries)
		}
		erase := func() (done Result) {
			do(t, ctx, d, func(ctx context.Context) error {
				w, err := s.gather(ctx, "person", "person-3")
				if err == nil {
					w.words = distinct(append(w.words, "person-3@more.example"))
					done, err = s.erase(ctx, w)
				}
				return err
			})
			return done
		}
		number := ""
		if err := d.Q(ctx).QueryRowContext(ctx, `SELECT number FROM proposal WHERE id = 'proposal-0'`).Scan(&number); err != nil {
			t.Fatal(err)
		}
		want := []Spared{{Table: "award", Kind: "award", ID: "of proposal-0", Number: "of proposal-0", Texts: 1, Holds: []string{"h"}},
			{Table: "ledger_payload", Kind: "proposal", ID: "proposal-0", Number: number, Texts: 1, Holds: []string{"h"}},
			{Table: "proposal_answer", Kind: "proposal", ID: "proposal-0", Number: number, Texts: 1, Holds: []string{"h"}}}
		told := erase()
		if diff := cmp.Diff(want, told.Spared); diff != "" {
			t.Errorf("what the certificate says was kept (-want +got):\n%s", diff)
		}
		if body := string(Erasure{Result: told}.Certificate()); strings.Contains(body, "person-3") || strings.Contains(body, "more.example") {
			t.Errorf("the certificate names who was erased: %s", body)
		}
		if got := left(); got != "1 answers, 1 awards, 1 entries" {
			t.Errorf("with the hold there are left %s", got)
		}
		if _, err := d.SQL().ExecContext(ctx, `UPDATE legal_hold SET until_at = 1`); err != nil {
			t.Fatal(err)
		}
		if again := erase(); len(again.Spared) != 0 {
			t.Errorf("without a hold these stay: %+v", again.Spared)
		}
		if got := left(); got != "0 answers, 0 awards, 0 entries" {
			t.Errorf("without a hold there are left %s", got)
		}
	})
}

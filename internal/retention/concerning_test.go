package retention

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

// noted is an entry of the ledger by somebody about a record, that names a third in what it tells.
type noted struct {
	n, by, of, names int
	kind             string
}

// theirs reports whether the record is person k's: what they are, lead or review. A review of a proposal is by the next one.
func (e noted) theirs(k int) bool {
	switch e.kind {
	case "review":
		return (e.of+1)%several == k
	case "decision":
		return false
	}
	return e.of == k
}

// theirself reports whether the record is the person, or their account.
func (e noted) theirself(k int) bool {
	return e.theirs(k) && (e.kind == "person" || e.kind == "account")
}

func (e noted) said() string { return fmt.Sprintf("said%03d.", e.n) }
func (e noted) why() string  { return fmt.Sprintf("why%03d.", e.n) }

func (e noted) append(ctx context.Context, s *Service) error {
	_, err := s.Ledger.Append(ctx, access.Actor{Account: fmt.Sprintf("account-%d", e.by), Person: fmt.Sprintf("person-%d", e.by)}, ledger.Entry{Act: fmt.Sprintf("test.act%03d", e.n),
		Kind: e.kind, ID: fmt.Sprintf("%s-%d", e.kind, e.of), Why: e.why(), Payload: map[string]any{"said": e.said(), "who": fmt.Sprintf("person-%d", e.names),
			"list": []any{map[string]any{fmt.Sprintf("account-%d", e.names): 1}}, "text": fmt.Sprintf("Ask PERSON-%d@more.example, or accountperson-%d@more.example.", e.names, e.names)}})
	return err
}

// TestCopyTellsOneself: whoever asks for a copy of their data gets each entry that they made or that is about them, with record and time, and what it
// tells where it is about a record of theirs; never what others did on their proposals, awards and reviews, and nobody else is named in it. So
// no applicant learns who judges them, whoever did what.
func TestCopyTellsOneself(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := clock.With(t.Context(), clock.NewFixed(time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC), 5).Source())
		s, r := service(t, ctx, d), rand.New(rand.NewPCG(11, 5))
		kinds := []string{"person", "account", "proposal", "award", "review", "decision"}
		var list []noted
		do(t, ctx, d, func(ctx context.Context) error {
			p := &planting{t: t, ctx: ctx, d: d, schema: shapes(t), done: map[string]bool{}}
			p.all()
			p.more()
			for i := range several {
				p.insert("review", map[string]any{"id": fmt.Sprintf("review-%d", i), "proposal_id": fmt.Sprintf("proposal-%d", i), "call_id": fmt.Sprintf("call-%d", i), "stage": "s", "state": "submitted",
					"reviewer_person": fmt.Sprintf("person-%d", (i+1)%several), "alias": "A", "invited_at": 1, "due_at": 1, "created_at": 1})
				for _, of := range []string{"proposal", "award"} {
					if err := s.exec(ctx, `UPDATE `+of+` SET lead_person = $1 WHERE id = $2`, fmt.Sprintf("person-%d", i), fmt.Sprintf("%s-%d", of, i)); err != nil {
						return err
					}
				}
			}
			for n := range 240 {
				e := noted{n, r.IntN(several), r.IntN(several), r.IntN(several), kinds[n%len(kinds)]}
				if list = append(list, e); e.append(ctx, s) != nil {
					t.Fatal("an entry is refused")
				}
			}
			return nil
		})
		told := 0
		for k := range several {
			told += s.checkCopy(ctx, t, k, list)
		}
		if told < 60 {
			t.Errorf("only %d entries were told", told)
		}
	})
}

// checkCopy compares the copy of a person with what they may have, and counts the entries whose words are in it.
func (s *Service) checkCopy(ctx context.Context, t *testing.T, k int, list []noted) (n int) {
	t.Helper()
	of, locale, err := s.theirs(ctx, fmt.Sprintf("person-%d", k))
	if err != nil {
		t.Fatal(err)
	}
	tables, err := s.give(ctx, of, locale)
	if err != nil {
		t.Fatal(err)
	}
	rows, tells := "", ""
	for _, g := range tables {
		for _, row := range g.Rows {
			if g.Table == "ledger_entry" {
				rows += fmt.Sprintf("%v %v-of %v\n", row["act"], row["subject_kind"], row["subject_id"])
				tells += written(row["told"]) + "\n"
			}
		}
	}
	for _, e := range list {
		own, row := e.by == k, fmt.Sprintf("test.act%03d %s-of %s-%d\n", e.n, e.kind, e.kind, e.of)
		expect(t, k, "the entry "+row, strings.Contains(rows, row), own || e.theirself(k))
		expect(t, k, "what is told in "+row, strings.Contains(tells, e.said()), own && e.theirs(k) || e.theirself(k))
		expect(t, k, "the reason in "+row, strings.Contains(tells, e.why()), own && e.theirs(k))
		if strings.Contains(tells, e.said()) {
			n++
		}
	}
	for j := range several {
		for _, word := range []string{fmt.Sprintf("person-%d", j), fmt.Sprintf("account-%d", j), fmt.Sprintf("PERSON-%d@more.example", j), fmt.Sprintf("accountperson-%d@more.example", j)} {
			expect(t, k, word, strings.Contains(tells, word), j == k)
		}
	}
	return n
}

// expect of a copy that it holds something, or does not.
func expect(t *testing.T, k int, what string, got, want bool) {
	t.Helper()
	if got != want {
		t.Errorf("the copy of person-%d holds %s: %t, want %t", k, what, got, want)
	}
}

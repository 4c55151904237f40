package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	outbox "github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/proposal"
)

func hexSum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// check compares what clients were told with what the database holds, while the
// server that was brought back runs.
func (g *gale) check(ctx context.Context) (err error) {
	a, err := app.Open(ctx, g.config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	for _, p := range g.savers {
		v, err := a.Proposals.Get(ctx, p.actor, p.proposal)
		if err != nil {
			return err
		}
		if !newEnough(v.Text("approach"), p) || v.Answers["approach"].Version < p.version {
			g.f.Lost++
			fmt.Fprintf(g.Log, "lost: proposal %s has version %d, acknowledged was %d\n", p.proposal, v.Answers["approach"].Version, p.version)
		}
		p.version = v.Answers["approach"].Version
	}
	for _, p := range g.handing[g.next-handsIn : g.next] {
		if err := g.checkHandedIn(ctx, a, p); err != nil {
			return err
		}
	}
	if g.kept, err = g.checkLedger(ctx, a); err != nil {
		return err
	}
	return g.checkFiles(ctx, a)
}

// checkHandedIn looks at a proposal that was being handed in when something died:
// it is submitted with all that belongs to it, or it is the draft that it was.
func (g *gale) checkHandedIn(ctx context.Context, a *app.App, p *handing) error {
	v, err := a.Proposals.Get(ctx, p.actor, p.proposal)
	if err != nil {
		return err
	}
	list, err := a.Proposals.Submissions(ctx, p.actor, p.proposal)
	if err != nil {
		return err
	}
	if p.acknowledged && len(list) == 0 {
		g.f.Lost++
		fmt.Fprintf(g.Log, "lost: the submission of proposal %s\n", p.proposal)
		return nil
	}
	why, err := g.halfDone(ctx, a, p, v, list)
	if why != "" {
		g.f.HalfDone++
		fmt.Fprintf(g.Log, "half-done: proposal %s: %s\n", p.proposal, why)
	}
	return err
}

// halfDone says what is missing of a submission, "" if nothing is.
func (g *gale) halfDone(ctx context.Context, a *app.App, p *handing, v proposal.View, list []proposal.Submission) (why string, err error) {
	entries, err := a.Ledger.Of(ctx, "proposal", p.proposal)
	if err != nil {
		return "", err
	}
	acts := 0
	for _, e := range entries {
		if e.Act == "proposal.submit" {
			acts++
		}
	}
	letters, err := a.Mail.Outbox(ctx, outbox.Filter{About: outbox.About{Kind: "proposal", ID: p.proposal}}, 100)
	if err != nil {
		return "", err
	}
	receipts := 0
	for _, l := range letters {
		if l.Kind == receiptMail {
			receipts++
		}
	}
	hash := ""
	if ref := v.Text("plan_file"); ref != "" {
		if hash, err = contentHash(ctx, a, p, ref); err != nil {
			return "its file cannot be read: " + err.Error(), nil
		}
	}
	switch {
	case hash != "" && hash != p.hash:
		return "the file is not what was sent", nil
	case len(list) > 1 || acts != len(list) || receipts != len(list):
		return fmt.Sprintf("%d submissions, %d entries in the ledger, %d mails", len(list), acts, receipts), nil
	case (len(list) == 1) != (v.State == proposal.Submitted):
		return fmt.Sprintf("%d submissions in state %s", len(list), v.State), nil
	case len(list) == 1 && (list[0].Content.Files["plan_file"] != p.hash || hash != p.hash):
		return "submitted without its file", nil
	}
	return "", nil
}

const receiptMail = "proposal.mail.receipt"

func contentHash(ctx context.Context, a *app.App, p *handing, ref string) (hash string, err error) {
	_, content, err := a.Proposals.File(ctx, p.actor, p.proposal, ref)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	b, err := io.ReadAll(content)
	return hexSum(b), err
}

// checkLedger checks the whole ledger against the head that was kept before the
// kill, and returns the head to keep until after the next.
func (g *gale) checkLedger(ctx context.Context, a *app.App) (head string, err error) {
	report, err := a.Ledger.Verify(ctx, g.kept)
	if err != nil {
		return "", err
	}
	g.f.Altered += len(report.Problems)
	for _, p := range report.Problems {
		fmt.Fprintln(g.Log, "altered:", p)
	}
	return report.Head, nil
}

// checkFiles counts files that no answer and no submission names: it looks past the
// services, which would not show them.
func (g *gale) checkFiles(ctx context.Context, a *app.App) error {
	var n int
	err := a.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM file_ref f WHERE f.owner_kind = 'proposal' AND NOT EXISTS
		(SELECT 1 FROM proposal_answer a WHERE a.proposal_id = f.owner_id AND a.field = f.field AND a.value = '"' || f.id || '"')`).Scan(&n)
	if n > g.stray {
		fmt.Fprintf(g.Log, "half-done: %d files that nothing names\n", n-g.stray)
		g.f.HalfDone += n - g.stray
	}
	g.stray = n
	return err
}

// finish has every job done that is still to do, a quarter of an hour later, when the leases of
// dead workers have ended, and checks that each receipt was mailed, and verifies offline.
func (g *gale) finish(ctx context.Context) (err error) {
	later := &clock.Shifted{}
	later.Advance(15 * time.Minute)
	c := g.config
	c.Clock, c.SMTP, c.From = later.Source(), g.box.URL(), "headwater@localhost"
	a, err := app.Open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	ctx = clock.With(ctx, later.Source())
	if _, err := a.Jobs.Work(ctx); err != nil {
		return err
	}
	state, err := a.Jobs.State(ctx)
	if err != nil {
		return err
	}
	g.f.JobsLeft = int(state.Failed)
	if !state.Oldest.IsZero() {
		g.f.JobsLeft += int(state.Waiting)
	}
	if _, err := a.Ledger.Sequence(ctx); err != nil {
		return err
	}
	return g.checkReceipts(ctx, a)
}

func (g *gale) checkReceipts(ctx context.Context, a *app.App) error {
	keys, err := a.Ledger.Keys(ctx)
	if err != nil {
		return err
	}
	sent, err := receiptsSent(g.box.Letters())
	if err != nil {
		return err
	}
	for _, p := range g.handing {
		list, err := a.Proposals.Submissions(ctx, p.actor, p.proposal)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			continue
		}
		g.f.Mails++
		names := sent[p.proposal]
		if len(names) != 1 {
			g.f.MailsLost++
			fmt.Fprintf(g.Log, "the receipt of proposal %s was mailed under %d names\n", p.proposal, len(names))
		}
		for _, times := range names {
			g.f.MailsTwice += times - 1
		}
		r, err := a.Proposals.Receipt(ctx, p.actor, p.proposal)
		if err != nil {
			return err
		}
		if checked, err := ledger.VerifyReceipt(r.Note, keys); err != nil || !checked.Sealed {
			g.f.Lost++
			fmt.Fprintf(g.Log, "lost: the receipt of proposal %s does not verify: %v\n", p.proposal, err)
		}
	}
	return nil
}

// receiptsSent counts mailed receipts: proposal → Message-ID → how often.
func receiptsSent(letters []*mail.Message) (map[string]map[string]int, error) {
	out := map[string]map[string]int{}
	for _, m := range letters {
		body := m.Body
		if strings.EqualFold(m.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			body = quotedprintable.NewReader(body)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			return nil, err
		}
		_, rest, _ := strings.Cut(string(text), "/proposals/")
		id, _, ok := strings.Cut(rest, "/receipt")
		if !ok {
			continue // a reminder
		}
		if out[id] == nil {
			out[id] = map[string]int{}
		}
		out[id][m.Header.Get("Message-ID")]++
	}
	return out, nil
}

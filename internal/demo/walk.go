package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/headwater-platform/headwater/internal/platform/ledger"
)

// walker is one walk through the loop.
type walker struct {
	ctx     context.Context
	base    string
	out     io.Writer
	advance func(time.Duration)
	people  map[string]*browser
	call    string // addresses
	mine    string
	other   string
	list    string
	award   string
}

// Walk drives the whole loop over HTTP as the people of the country, without
// script: a call, two teams, a field that is missing, a file, receipts, reviews
// without names and a conflict, a decision by two, letters, an appeal and the
// correction after it, an award, a report, a public result, and the ledger checked. It prints each step with its time and returns
// the first one that does not do what it says.
func Walk(ctx context.Context, base string, advance func(time.Duration), out io.Writer) error {
	w := &walker{ctx: ctx, base: base, out: out, advance: advance, people: map[string]*browser{}}
	steps := []struct {
		name string
		run  func() error
	}{
		{"everybody signs in", w.signIn},
		{"the officer writes and publishes a call", w.publish},
		{"the applicant begins, and is told what is missing", w.begin},
		{"the applicant writes, adds a PDF and asks a colleague", w.write},
		{"the colleague confirms and writes too", w.join},
		{"the applicant submits; the receipt verifies offline", w.submit},
		{"the research office agrees", w.agree},
		{"a second team submits", w.second},
		{"nobody else reads a proposal", w.closed},
		{"the call closes; a reviewer with a conflict is refused", w.conflict},
		{"two reviewers judge without seeing names", w.review},
		{"the officer gives 240 proposals their reviewers in one step", w.assign},
		{"the officer proposes, somebody else signs", w.decide},
		{"the applicant reads the letter, as a page and as a mail", w.letter},
		{"the second team appeals; a correction supersedes the decision", w.appeal},
		{"the award is public; the team reports a result", w.report},
		{"the agency accepts; the result is public", w.accept},
		{"the auditor finds the ledger unaltered", w.audit},
	}
	for i, s := range steps {
		began := time.Now()
		err := s.run()
		fmt.Fprintf(out, "%2d. %-62s %6d ms\n", i+1, s.name, time.Since(began).Milliseconds())
		if err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, s.name, err)
		}
	}
	fmt.Fprintf(out, "%d passed, 0 failed\n", len(steps))
	return nil
}

func (w *walker) signIn() error {
	for _, p := range cast {
		b, err := newBrowser(w.ctx, w.base)
		if err != nil {
			return err
		}
		if err := b.open("/demo"); err != nil {
			return err
		}
		action := b.offer(p.name)
		if action == "" {
			return fmt.Errorf("%s is not offered", p.name)
		}
		if err := b.send(action, nil); err != nil {
			return err
		}
		if err := b.open("/home"); err != nil {
			return err
		}
		if err := b.expect(http.StatusOK, p.name); err != nil {
			return err
		}
		w.people[p.key] = b
	}
	return nil
}

// offer is the address of the button by which one goes on as somebody.
func (b *browser) offer(name string) string {
	action := ""
	walkNodes(b.doc, func(n *html.Node) {
		if n.Data == "form" && strings.Contains(textOf(n), name) {
			action = attr(n, "action")
		}
	})
	return action
}

// at is the address of the page that is open.
func (b *browser) at() string { return b.path }

func (w *walker) publish() error {
	b := w.people["officer"]
	if err := b.open("/calls/new"); err != nil {
		return err
	}
	loc, err := time.LoadLocation(Zone)
	if err != nil {
		return err
	}
	local := func(d time.Duration) string { return time.Now().In(loc).Add(d).Format("2006-01-02T15:04") }
	values, err := b.fill("/calls", map[string]string{"scheme": b.option("scheme", "Open call"), "title_en": "A call of the walk", "title_zh": "演示指南", "summary_en": "Written to be walked through.",
		"zone": Zone, "opens": local(-time.Hour), "closes": local(48 * time.Hour), "grace": "5", "low": "100,000", "high": "90,000", "total": "2,000,000"})
	if err != nil {
		return err
	}
	if err := b.send("/calls", values); err != nil {
		return err
	}
	if err := b.expect(http.StatusUnprocessableEntity, "Make the highest amount at least as large", "A call of the walk"); err != nil {
		return err
	}
	values.Set("high", "900,000")
	if err := b.send("/calls", values); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "The draft is saved", "A call of the walk"); err != nil {
		return err
	}
	w.call = b.at()
	stranger, err := newBrowser(w.ctx, w.base)
	if err != nil {
		return err
	}
	if err := stranger.open(w.call); err == nil {
		return fmt.Errorf("the public reads a draft call")
	}
	if err := b.send(w.call+"/publish", nil); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "The call is published"); err != nil {
		return err
	}
	return stranger.open(w.call)
}

func (w *walker) begin() error {
	b := w.people["applicant"]
	if err := b.open(w.call); err != nil {
		return err
	}
	if err := b.send(w.call+"/begin", nil); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "Your draft is made"); err != nil {
		return err
	}
	w.mine = b.at()
	if err := b.send(w.mine+"/submit", nil); err != nil {
		return err
	}
	return b.expect(http.StatusUnprocessableEntity, "things to mend", "Nothing that you typed was lost", "Fill this in.")
}

// part fills one section of a proposal and saves it.
func (b *browser) part(proposal, section string, set map[string]string) error {
	if err := b.open(proposal + "/parts/" + section); err != nil {
		return err
	}
	values, err := b.fill("/parts/"+section, set)
	if err != nil {
		return err
	}
	if err := b.send(proposal+"/parts/"+section, values); err != nil {
		return err
	}
	return b.expect(http.StatusOK, "Saved.")
}

// pdf is the smallest file that is one.
const pdf = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"

func (b *browser) draft(proposal string, s sketch, budget string, skip string) error {
	year := time.Now().AddDate(0, 0, 2).Year()
	parts := []struct {
		section string
		set     map[string]string
	}{
		{"idea", map[string]string{"title": s.title, "summary": s.summary, "aim": s.aim}},
		{"plan", map[string]string{"approach": s.approach, "risks": s.risks, "months": "36"}},
		{"money", map[string]string{cellName("people", year): budget}},
		{"works", map[string]string{"works": "Mira Castellan: on " + s.topic.Works, "data": s.data}},
		{"ethics", map[string]string{"ethics": "none"}},
	}
	for _, p := range parts {
		delete(p.set, skip)
		if err := b.part(proposal, p.section, p.set); err != nil {
			return err
		}
	}
	return nil
}

func cellName(category string, year int) string { return fmt.Sprintf("budget_%s_%d", category, year) }

func (w *walker) write() error {
	b := w.people["applicant"]
	s := write(&dice{41}, words().topics[0])
	if err := b.draft(w.mine, s, "450,000", "risks"); err != nil {
		return err
	}
	if err := b.upload(w.mine+"/files/plan_file?part=plan", "plan.pdf", []byte("<html>not a PDF</html>")); err != nil {
		return err
	}
	if err := b.expect(http.StatusUnprocessableEntity, "This is not a PDF"); err != nil {
		return err
	}
	if err := b.upload(w.mine+"/files/plan_file?part=plan", "plan by Castellan.pdf", []byte(pdf)); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "The file is added"); err != nil {
		return err
	}
	if err := b.send(w.mine+"/team", url.Values{"person_text": {"Ravi Solberg"}, "role": {"co-lead"}, "share": {"20"}}); err != nil {
		return err
	}
	return b.expect(http.StatusOK, "The invitation is on its way", "Ravi Solberg")
}

func (w *walker) join() error {
	b := w.people["teammate"]
	if err := b.open("/home"); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "Confirm your part in a proposal"); err != nil {
		return err
	}
	if err := b.send(w.mine+"/invitation", url.Values{"answer": {"yes"}}); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "You are in the team"); err != nil {
		return err
	}
	s := write(&dice{41}, words().topics[0])
	return b.part(w.mine, "plan", map[string]string{"risks": s.risks})
}

func (w *walker) submit() error {
	b := w.people["applicant"]
	if err := b.send(w.mine+"/submit", nil); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "Submitted. This is your receipt."); err != nil {
		return err
	}
	return w.receipt(b, w.mine)
}

// agree: submitting asked the office of the organisation that holds the money.
func (w *walker) agree() error {
	b := w.people["office"]
	if err := b.open("/home"); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "Agree for", "An answer at the bedside"); err != nil {
		return err
	}
	if err := b.open(w.mine + "/approval"); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "450,000", "Mira Castellan"); err != nil {
		return err
	}
	values, err := b.fill("/approval", map[string]string{})
	if err != nil {
		return err
	}
	values.Set("answer", "return")
	if err := b.send(w.mine+"/approval", values); err != nil {
		return err
	}
	if err := b.expect(http.StatusUnprocessableEntity, "Say what has to change"); err != nil {
		return err
	}
	values.Set("answer", "agree")
	if err := b.send(w.mine+"/approval", values); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "Your office agrees"); err != nil {
		return err
	}
	return b.open(w.mine + "/versions")
}

// receipt waits until the entry is sealed and checks the receipt without the server's database.
func (w *walker) receipt(b *browser, proposal string) error {
	if err := b.open("/ledger/keys"); err != nil {
		return err
	}
	keys := strings.Fields(b.body)
	for range 100 {
		if err := b.open(proposal + "/receipt.txt"); err != nil {
			return err
		}
		r, err := ledger.VerifyReceipt(b.body, keys)
		if err != nil {
			return fmt.Errorf("the receipt is not genuine: %w", err)
		}
		if r.Sealed {
			_, err := ledger.VerifyReceipt(strings.Replace(b.body, "sha256:", "sha256:0", 1), keys)
			if err == nil {
				return fmt.Errorf("a forged receipt was believed")
			}
			return nil
		}
		select {
		case <-w.ctx.Done():
			return w.ctx.Err()
		case <-time.After(50 * time.Millisecond): // the sequencer is another goroutine behind HTTP: there is no signal here
		}
	}
	return fmt.Errorf("the receipt was not sealed within five seconds")
}

func (w *walker) second() error {
	b := w.people["enterprise"]
	if err := b.send(w.call+"/begin", nil); err != nil {
		return err
	}
	w.other = b.at()
	if err := b.draft(w.other, write(&dice{43}, words().topics[9]), "300,000", ""); err != nil {
		return err
	}
	if err := b.send(w.other+"/submit", nil); err != nil {
		return err
	}
	return b.expect(http.StatusOK, "Submitted. This is your receipt.")
}

func (w *walker) closed() error {
	for _, key := range []string{"reviewer", "enterprise", "finance", "admin"} {
		b := w.people[key]
		for _, path := range []string{"", "/receipt", "/receipt.txt", "/letter", "/team", "/parts/idea", "/reviews"} {
			if err := b.open(w.mine + path); err == nil {
				return fmt.Errorf("the %s reads %s", key, w.mine+path)
			}
			if err := b.lacks("Castellan", "Solberg"); err != nil {
				return fmt.Errorf("the %s: %w", key, err)
			}
		}
	}
	return nil
}

func (w *walker) conflict() error {
	w.advance(72 * time.Hour)
	b := w.people["officer"]
	if err := b.send(w.mine+"/reviews", url.Values{"person_text": {"Ravi Solberg"}}); err != nil {
		return err
	}
	return b.expect(http.StatusUnprocessableEntity, "is in the team of this proposal")
}

// judges are asked in this order; one with a conflict is passed over.
var judges = []string{"reviewer", "adviser", "analyst", "finance", "auditor", "decider", "admin"}

func (w *walker) review() error {
	for _, proposal := range []string{w.mine, w.other} {
		asked := 0
		for _, key := range judges {
			ok, err := w.ask(proposal, key)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			if err := w.judge(proposal, key, 6-2*asked); err != nil {
				return fmt.Errorf("the %s: %w", key, err)
			}
			if asked++; asked == 2 {
				break
			}
		}
		if asked < 2 {
			return fmt.Errorf("only %d people could be asked", asked)
		}
	}
	return nil
}

func (w *walker) ask(proposal, key string) (bool, error) {
	name := ""
	for _, p := range cast {
		if p.key == key {
			name = p.name
		}
	}
	b := w.people["officer"]
	if err := b.send(proposal+"/reviews", url.Values{"person_text": {name}}); err != nil {
		return false, err
	}
	if b.status == http.StatusUnprocessableEntity && strings.Contains(b.body, "Works at") {
		return false, nil
	}
	return true, b.expect(http.StatusOK, "The invitation is sent", name)
}

func (w *walker) judge(proposal, key string, score int) error {
	b := w.people[key]
	if err := b.open("/reviews"); err != nil {
		return err
	}
	review, err := w.invited(b)
	if err != nil {
		return err
	}
	if err := b.open(review); err != nil {
		return err
	}
	if err := b.send(review+"/answer", url.Values{"answer": {"accept"}}); err != nil {
		return err
	}
	if strings.Contains(b.body, "Next: confirm that you keep") { // once for a call
		if err := b.send(review+"/promise", url.Values{"promise": {"on"}}); err != nil {
			return err
		}
	}
	if err := b.expect(http.StatusOK, "Names, organisations and works are left out"); err != nil {
		return err
	}
	if key == "reviewer" || key == "adviser" { // without a role that sees names
		if err := b.lacks("Solberg", "On "+words().topics[0].Works+":", w.mine+"/files"); err != nil {
			return err
		}
	}
	values := url.Values{"minutes": {"200"}, "submit": {"yes"}}
	for _, c := range []string{"importance", "approach"} {
		values.Set(c, fmt.Sprint(max(1, score)))
		values.Set(c+"_text", "It is clear what is measured, and why it matters.")
	}
	if err := b.send(review, values); err != nil {
		return err
	}
	if err := b.expect(http.StatusUnprocessableEntity, "Choose a score from 1 to 6"); err != nil {
		return err
	}
	values.Set("feasibility", "5")
	values.Set("feasibility_text", "It can be done with these methods and this money.")
	if err := b.send(review, values); err != nil {
		return err
	}
	return b.expect(http.StatusOK, "Your review is submitted")
}

// invited is the address of the newest review that waits for an answer.
func (w *walker) invited(b *browser) (string, error) {
	found := ""
	walkNodes(b.doc, func(n *html.Node) {
		if n.Data == "tr" && strings.Contains(textOf(n), "Asked") {
			walkNodes(n, func(a *html.Node) {
				if a.Data == "a" {
					found = attr(a, "href")
				}
			})
		}
	})
	if found == "" {
		return "", fmt.Errorf("no invitation waits")
	}
	return found, nil
}

// assign: the task on the officer's home page leads to a call that has closed;
// the suggestion is made, looked at, and applied.
func (w *walker) assign() error {
	b := w.people["officer"]
	if err := b.open("/home"); err != nil {
		return err
	}
	at, err := b.link("240 proposals of")
	if err != nil {
		return err
	}
	if err := b.send(at, url.Values{"each": {"3"}}); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "Suggestion ready", "240 × 170", "proven best", "Not sent to anyone"); err != nil {
		return err
	}
	if err := b.open(at + "/apply"); err != nil {
		return err
	}
	values, err := b.fill("/assignment/apply?stage=full", nil)
	if err != nil {
		return err
	}
	if err := b.send(at+"/apply", values); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "The invitations are sent", "Applied"); err != nil {
		return err
	}
	return b.mailed("for “Instruments that see further”?")
}

// mailed looks through the outbox for a mail whose subject holds text.
func (b *browser) mailed(text string) error {
	at := "/outbox"
	for at != "" {
		if err := b.open(at); err != nil {
			return err
		}
		if strings.Contains(b.body, text) {
			return nil
		}
		at = ""
		walkNodes(b.doc, func(n *html.Node) {
			if n.Data == "a" && strings.HasPrefix(attr(n, "href"), "/outbox?before=") {
				at = attr(n, "href")
			}
		})
	}
	return fmt.Errorf("no mail says %q", text)
}

func (w *walker) decide() error {
	b := w.people["officer"]
	if err := b.send(w.call+"/decision", nil); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "Proposals by rank"); err != nil {
		return err
	}
	w.list = b.at()
	list := w.list
	mine, other := strings.TrimPrefix(w.mine, "/proposals/"), strings.TrimPrefix(w.other, "/proposals/")
	values := url.Values{"outcome_" + mine: {"fund"}, "outcome_" + other: {"reject"}, "propose": {"yes"}, "reasons": {"In the order of the reviews."}}
	if err := b.send(list, values); err != nil {
		return err
	}
	if err := b.expect(http.StatusUnprocessableEntity, "give a reason that the applicant can use"); err != nil {
		return err
	}
	values.Set("reasons_"+other, "The second step is the least worked out.")
	if err := b.send(list, values); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "The list is handed on", "Waits for the second signature"); err != nil {
		return err
	}
	if err := b.send(list+"/sign", nil); err != nil {
		return err
	}
	if b.status == http.StatusOK {
		return fmt.Errorf("the officer signed the own proposal")
	}
	d := w.people["decider"]
	if err := d.open(list); err != nil {
		return err
	}
	if err := d.send(list+"/sign", nil); err != nil {
		return err
	}
	return d.expect(http.StatusOK, "Letters are out and awards are made", "Signed")
}

func (w *walker) letter() error {
	if err := w.people["applicant"].open(w.mine + "/letter"); err != nil {
		return err
	}
	if err := w.people["applicant"].expect(http.StatusOK, "is funded", "Reviewer A", "Reviewer B", "450,000", "appeal within 30 days"); err != nil {
		return err
	}
	if err := w.people["applicant"].lacks("Lindqvist", "Ostrander", "Kestrel"); err != nil {
		return err
	}
	if err := w.people["applicant"].mailed("is funded"); err != nil {
		return err
	}
	b := w.people["enterprise"]
	if err := b.open(w.other + "/letter"); err != nil {
		return err
	}
	return b.expect(http.StatusOK, "is not funded", "The second step is the least worked out.")
}

// appeal: lodged by the second team, upheld by the officer; the correction funds
// both, over two years, and is signed by two; the first letter stays readable.
func (w *walker) appeal() error {
	b := w.people["enterprise"]
	if err := b.send(w.other+"/appeal", url.Values{"grounds": {"The second step is worked out in the part on risks."}}); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "Your appeal is lodged", "Waits for an answer"); err != nil {
		return err
	}
	o := w.people["officer"]
	if err := o.open("/home"); err != nil {
		return err
	}
	list := w.list
	if err := o.expect(http.StatusOK, "Answer an appeal against", list+"#"); err != nil {
		return err
	}
	if err := o.open(list); err != nil {
		return err
	}
	_, rest, _ := strings.Cut(o.body, list+"/appeals/")
	id, _, _ := strings.Cut(rest, `"`)
	if err := o.send(list+"/appeals/"+id, url.Values{"answer": {"The part on risks was overlooked."}, "uphold": {"yes"}}); err != nil {
		return err
	}
	if err := o.expect(http.StatusOK, "The appeal is upheld", "The part on risks was overlooked."); err != nil {
		return err
	}
	next := o.at()
	mine, other := strings.TrimPrefix(w.mine, "/proposals/"), strings.TrimPrefix(w.other, "/proposals/")
	values := url.Values{"outcome_" + mine: {"fund"}, "outcome_" + other: {"fund"}, "reasons": {"In the order of the reviews, and after an appeal."}}
	if err := o.send(next, values); err != nil {
		return err
	}
	if err := o.expect(http.StatusOK, "The list is saved", "changed"); err != nil {
		return err
	}
	year := time.Now().Year()
	lines := url.Values{"year_0": {fmt.Sprint(year)}, "amount_0": {"200,000"}, "year_1": {fmt.Sprint(year + 1)}, "amount_1": {"100,000"}, "condition_1": {"After the first report."}}
	if err := o.send(next+"/items/"+other, lines); err != nil {
		return err
	}
	if err := o.expect(http.StatusOK, "The funding lines are saved"); err != nil {
		return err
	}
	values.Set("propose", "yes")
	if err := o.send(next, values); err != nil {
		return err
	}
	if err := o.expect(http.StatusOK, "Waits for the second signature"); err != nil {
		return err
	}
	w.advance(time.Hour)
	if err := w.people["decider"].send(next+"/sign", nil); err != nil {
		return err
	}
	if err := b.open(w.other + "/letter"); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "is funded", "After the first report.", "This letter takes the place of"); err != nil {
		return err
	}
	before := ""
	walkNodes(b.doc, func(n *html.Node) {
		if n.Data == "a" && strings.Contains(attr(n, "href"), "/letter?letter=") {
			before = attr(n, "href")
		}
	})
	if err := b.open(before); err != nil {
		return err
	}
	return b.expect(http.StatusOK, "is not funded", "This letter was superseded")
}

func (w *walker) report() error {
	b := w.people["applicant"]
	if err := b.open("/my-awards"); err != nil {
		return err
	}
	title := write(&dice{41}, words().topics[0]).title
	href, err := b.link(title)
	if err != nil {
		return err
	}
	w.award = href
	if err := b.send(w.award+"/milestones", url.Values{"milestone": {"The first boundary that fails on purpose"}, "due": {time.Now().AddDate(1, 0, 0).Format(time.DateOnly)}}); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "The milestones are saved", "The first boundary that fails on purpose"); err != nil {
		return err
	}
	if err := b.send(w.award+"/results", url.Values{"title": {"Fuses in boundaries, 80 days of data"}, "kind": {"data"}, "year": {fmt.Sprint(time.Now().Year())}, "doi": {"nonsense"}}); err != nil {
		return err
	}
	if err := b.expect(http.StatusUnprocessableEntity, "Write the DOI as", "Fuses in boundaries"); err != nil {
		return err
	}
	if err := b.send(w.award+"/results", url.Values{"title": {"Fuses in boundaries, 80 days of data"}, "kind": {"data"}, "year": {fmt.Sprint(time.Now().Year())}, "doi": {"10.5555/ald.walk"}}); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "The result is added"); err != nil {
		return err
	}
	long := strings.Repeat("The boundary fails first, and at the current that was set. ", 3)
	if err := b.send(w.award+"/report", url.Values{"found": {long}, "use": {long}, "hours": {"3"}}); err != nil {
		return err
	}
	return b.expect(http.StatusOK, "The report is submitted")
}

func (w *walker) accept() error {
	stranger, err := newBrowser(w.ctx, w.base)
	if err != nil {
		return err
	}
	if err := stranger.open(w.award); err != nil {
		return err
	}
	if err := stranger.lacks("Fuses in boundaries, 80 days"); err != nil {
		return err
	}
	b := w.people["officer"]
	if err := b.send(w.award+"/accept", url.Values{"answer": {"accept"}}); err != nil {
		return err
	}
	if err := b.expect(http.StatusOK, "The team sees your answer"); err != nil {
		return err
	}
	if err := stranger.open("/results?q=Fuses+in+boundaries"); err != nil {
		return err
	}
	if err := stranger.expect(http.StatusOK, "Fuses in boundaries, 80 days of data", "10.5555/ald.walk"); err != nil {
		return err
	}
	if err := stranger.open(w.award); err != nil {
		return err
	}
	return stranger.expect(http.StatusOK, "MonetaryGrant", "Ended")
}

func (w *walker) audit() error {
	b := w.people["auditor"]
	if err := b.send("/ledger/verify", nil); err != nil {
		return err
	}
	return b.expect(http.StatusOK, "Nothing was altered")
}

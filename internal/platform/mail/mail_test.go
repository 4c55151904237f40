package mail_test

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/platform/mail/postbox"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

var start = time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC)

// office is an installation with two accounts and a mail server.
type office struct {
	*mail.Service
	t    *testing.T
	ctx  context.Context
	now  *clock.Fixed
	d    *db.DB
	jobs *job.Queue
	box  *postbox.Box
}

func open(t *testing.T, d *db.DB, sends bool) *office {
	t.Helper()
	o := &office{t: t, now: clock.NewFixed(start, 1), d: d, jobs: job.New(d), box: opened(t)}
	o.ctx = clock.With(t.Context(), o.now.Source())
	set := mail.Settings{From: "office@science.example", Name: `Republic of "Aldermere"`, Base: "https://science.example"}
	if sends {
		set.SMTP = o.box.URL()
	}
	var err error
	o.Service, err = mail.New(d, o.jobs, set)
	o.must(err)
	for _, a := range [][3]string{{"mira", "en", "Europe/Vienna"}, {"wei", "zh", "Asia/Shanghai"}} {
		o.must(work.Do(o.ctx, d, func(ctx context.Context) error {
			_, err := d.Q(ctx).ExecContext(ctx, `INSERT INTO account (id, email, locale, zone, created_at) VALUES ($1, $2, $3, $4, 0)`, a[0], a[0]+"@people.example", a[1], a[2])
			return err
		}))
	}
	return o
}

func opened(t *testing.T) *postbox.Box {
	t.Helper()
	b, err := postbox.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// work runs the jobs that are due.
func (o *office) work() {
	o.t.Helper()
	_, err := o.jobs.Work(o.ctx)
	o.must(err)
}

func (o *office) letters(want int) []*netmail.Message {
	o.t.Helper()
	got := o.box.Letters()
	if len(got) != want {
		o.t.Fatalf("%d letters arrived, want %d", len(got), want)
	}
	return got
}

func read(t *testing.T, m *netmail.Message) (subject, body string) {
	t.Helper()
	subject, err := (&mime.WordDecoder{}).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	return subject, string(b)
}

func TestSent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d, true)
		no := errors.New("no")
		err := work.Do(o.ctx, d, func(ctx context.Context) error {
			o.must(o.Send(ctx, mail.Message{Account: "mira", Kind: "account.mail.password", Args: []any{"/never"}}))
			return no
		})
		if !errors.Is(err, no) {
			t.Fatal(err)
		}
		o.must(o.Send(o.ctx, mail.Message{Account: "mira", Kind: "account.mail.invited", Args: []any{"Ada\r\nBcc: all@people.example", "https://x.example/secret"}, About: mail.About{Kind: "call", ID: "c1"}, Once: true}))
		o.work()
		m := o.letters(1)[0]
		subject, body := read(t, m)
		if subject != "Ada Bcc: all@people.example invites you" || m.Header.Get("Bcc") != "" {
			t.Errorf("subject %q, Bcc %q", subject, m.Header.Get("Bcc"))
		}
		if !strings.Contains(body, "https://x.example/secret") || !strings.Contains(body, "https://science.example") {
			t.Errorf("body %q", body)
		}
		from, err := m.Header.AddressList("From")
		if err != nil || from[0].Name != `Republic of "Aldermere"` || m.Header.Get("To") != "<mira@people.example>" || m.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("header %v, %v", m.Header, err)
		}
		list, err := o.Outbox(o.ctx, mail.Filter{About: mail.About{Kind: "call", ID: "c1"}}, 10)
		if err != nil || len(list) != 1 || !list[0].Sent.Equal(start) || list[0].Body != "" {
			t.Errorf("outbox = %+v, %v: it is sent, and the secret is forgotten", list, err)
		}
		o.work()
		o.letters(1)
	})
}

func TestInTheReadersWords(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t), true)
	o.must(o.Send(o.ctx, mail.Message{Account: "wei", Kind: "account.mail.invited", Args: []any{start, "https://x.example"}}))
	o.work()
	subject, _ := read(t, o.letters(1)[0])
	if subject != "2027年3月16日（周二） 17:00 (Asia/Shanghai) 邀请您" {
		t.Errorf("subject %q", subject)
	}
	if err := o.Send(o.ctx, mail.Message{Account: "wei", Kind: "no.such"}); err == nil {
		t.Error("a message without a text was taken")
	}
	o.must(o.Send(o.ctx, mail.Message{Account: "nobody", Kind: "account.mail.password", Args: []any{"x"}}))
	o.work()
	o.letters(1)
}

func TestDigest(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d, true)
		tell := func(to, what string) {
			t.Helper()
			o.must(o.Send(o.ctx, mail.Message{Account: to, Kind: "account.mail.invited", Args: []any{what, "https://x.example"}, Digest: "calls"}))
		}
		tell("mira", "One")
		o.now.Advance(10 * time.Minute)
		tell("mira", "Two")
		tell("wei", "Three")
		o.work()
		o.letters(0)
		o.now.Advance(5 * time.Minute)
		o.work() // fifteen minutes after the first
		m := o.letters(1)[0]
		subject, body := read(t, m)
		if subject != "2 messages: One invites you; Two invites you" || strings.Index(body, "One") > strings.Index(body, "Two") || strings.Contains(body, "Three") {
			t.Errorf("digest %q:\n%s", subject, body)
		}
		o.now.Advance(10 * time.Minute)
		o.work()
		o.letters(2)
		if n, err := o.Unsent(o.ctx); err != nil || n != 0 {
			t.Errorf("unsent = %d, %v", n, err)
		}
	})
}

func TestTriedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d, true)
		o.box.Refuse("451 come back later")
		o.must(o.Send(o.ctx, mail.Message{Email: "ada@people.example", Kind: "account.mail.password", Args: []any{"x"}}))
		o.work()
		list, err := o.Outbox(o.ctx, mail.Filter{Unsent: true}, 10)
		if err != nil || len(list) != 1 || list[0].Attempts != 1 || !strings.Contains(list[0].Error, "451") {
			t.Fatalf("outbox = %+v, %v", list, err)
		}
		o.box.Refuse("")
		o.work() // not yet
		o.letters(0)
		o.now.Advance(5 * time.Second)
		o.work()
		o.letters(1)

		o.box.Refuse("550 nobody of that name")
		o.must(o.Send(o.ctx, mail.Message{Email: "nobody@people.example", Kind: "account.mail.password", Args: []any{"x"}}))
		o.work()
		if s, err := o.jobs.State(o.ctx); err != nil || s.Failed != 1 || s.Waiting != 0 {
			t.Errorf("a refusal for good is given up at once: %+v, %v", s, err)
		}
	})
}

// TestTriedForDays: a mail server that refuses for four days, whatever it says and where, loses no mail, and gets it once.
func TestTriedForDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ at, says string }{
		{"RCPT", "451 come back later"}, {"", "554 no service here"}, {"MAIL", "550 5.7.1 not from you"}, {"RCPT", "554 5.7.1 relay access denied"},
	} {
		t.Run(c.at+c.says[:3], func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				o := open(t, d, true)
				o.box.RefuseAt(c.at, c.says)
				o.must(o.Send(o.ctx, mail.Message{Account: "mira", Kind: "account.mail.invited", Args: []any{"Ada", "https://x.example"}}))
				tried := o.days(4)
				if list, err := o.Outbox(o.ctx, mail.Filter{Unsent: true}, 10); err != nil || len(list) != 1 || !strings.Contains(list[0].Error, c.says[4:]) || list[0].Attempts != int64(tried) {
					t.Errorf("outbox after four days = %+v, %v", list, err)
				}
				if tried < 40 || tried > 60 {
					t.Errorf("it was tried %d times in four days: every two hours, and more often at first", tried)
				}
				o.box.RefuseAt(c.at, "")
				o.days(1)
				o.letters(1)
			})
		})
	}
}

// days works as many days away and returns how often the mail was tried.
func (o *office) days(n int) (tried int) {
	o.t.Helper()
	for range n * 24 * 4 {
		o.work()
		o.now.Advance(15 * time.Minute)
	}
	list, err := o.Outbox(o.ctx, mail.Filter{}, 1)
	o.must(err)
	return int(list[0].Attempts)
}

// TestGivenUp: what no server will ever take is given up at once, and what none took for more than five days then; an
// administrator sees both with the reason, and has them sent again.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d, true)
		l, err := ledger.Open(o.ctx, d, "ledger.example")
		o.must(err)
		o.Ledger = l
		admin := access.Actor{Account: "ada", Grants: []access.Grant{{Role: access.Admin, Scope: access.Platform()}}}
		for _, who := range []string{"mira", "wei"} {
			o.must(o.Send(o.ctx, mail.Message{Account: who, Kind: "account.mail.invited", Args: []any{"Ada", "https://x.example"}, Digest: "calls"}))
		}
		o.now.Advance(time.Hour)
		o.box.Refuse("550 5.1.1 nobody of that name")
		o.work()
		o.box.Refuse("451 come back later")
		o.must(o.Send(o.ctx, mail.Message{Email: "ines@people.example", Kind: "account.mail.password", Args: []any{"https://x.example"}}))
		o.days(6)
		list, err := o.GivenUp(o.ctx, admin)
		if err != nil || len(list) != 3 || list[0].Email != "ines@people.example" || !strings.Contains(list[0].Why, "come back later") || list[0].Attempts < 50 ||
			!strings.Contains(list[1].Why, "nobody of that name") || list[1].Attempts != 1 || len(list[1].Letters) != 1 {
			t.Fatalf("given up: %+v, %v", list, err)
		}
		for _, a := range []access.Actor{{}, {Account: "mira"}, {Account: "olena", Grants: []access.Grant{{Role: access.Admin, Scope: access.Agency("a1")}}}} {
			if _, err := o.GivenUp(o.ctx, a); err == nil {
				t.Errorf("%+v sees what was given up", a)
			}
			if _, err := o.SendAgain(o.ctx, a); err == nil {
				t.Errorf("%+v has mails sent again", a)
			}
		}
		o.box.Refuse("")
		if _, err := o.SendAgain(o.ctx, admin, list[1].ID, "none"); !fault.Is(err, fault.NotFound) {
			t.Errorf("one that is not there: %v", err)
		}
		o.work()
		o.letters(0) // all or nothing
		if n, err := o.SendAgain(o.ctx, admin, list[1].ID); err != nil || n != 1 {
			t.Errorf("%d sent again, %v", n, err)
		}
		o.work()
		o.letters(1)
		if n, err := o.SendAgain(o.ctx, admin); err != nil || n != 2 {
			t.Errorf("%d sent again, %v", n, err)
		}
		o.work()
		o.letters(3)
		if left, err := o.GivenUp(o.ctx, admin); err != nil || len(left) != 0 {
			t.Errorf("given up afterwards: %+v, %v", left, err)
		}
		var entries int
		o.must(d.Q(o.ctx).QueryRowContext(o.ctx, `SELECT count(*) FROM ledger_entry WHERE act = 'mail.again'`).Scan(&entries))
		if entries != 3 {
			t.Errorf("%d entries in the ledger, want one for each mail", entries)
		}
	})
}

// TestMailServerHangs: one that takes connections and never says a word holds up no other mail for longer than a minute, and loses none.
func TestMailServerHangs(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	o := open(t, dbtest.SQLite(t), false)
	jobs := job.New(o.d)
	svc, err := mail.New(o.d, jobs, mail.Settings{From: "office@science.example", SMTP: "smtp://" + silent.Addr().String()})
	o.must(err)
	o.must(svc.Send(o.ctx, mail.Message{Account: "mira", Kind: "account.mail.password", Args: []any{"/x"}}))
	began := time.Now()
	_, err = jobs.Work(o.ctx)
	o.must(err)
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it was waited for %v", took)
	}
	if list, err := svc.Outbox(o.ctx, mail.Filter{Unsent: true}, 10); err != nil || len(list) != 1 || list[0].Attempts != 1 || list[0].Error == "" {
		t.Errorf("outbox = %+v, %v", list, err)
	}
	if s, err := jobs.State(o.ctx); err != nil || s.Waiting != 1 || s.Failed != 0 {
		t.Errorf("jobs: %+v, %v", s, err)
	}
}

// TestMailServerThatHangsLeavesWorkers: while more letters wait for it than there are workers, another job is done.
func TestMailServerThatHangsLeavesWorkers(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	taken := make(chan net.Conn, 10)
	go func() {
		for {
			c, err := silent.Accept()
			if err != nil {
				return
			}
			taken <- c
		}
	}()
	o := open(t, dbtest.SQLite(t), false)
	ctx, stop := context.WithCancel(t.Context())
	jobs, other, ended := job.New(o.d), make(chan struct{}), make(chan struct{})
	svc, err := mail.New(o.d, jobs, mail.Settings{From: "office@science.example", SMTP: "smtp://" + silent.Addr().String()})
	o.must(err)
	job.Handle(jobs, "other", func(context.Context, int) error { close(other); return nil })
	for range 6 {
		o.must(svc.Send(ctx, mail.Message{Account: "mira", Kind: "account.mail.password", Args: []any{"/x"}}))
	}
	go func() { defer close(ended); jobs.Run(ctx) }()
	held := []net.Conn{<-taken, <-taken}
	t.Cleanup(func() {
		stop()
		for _, c := range held {
			_ = c.Close()
		}
		<-ended
		_ = silent.Close()
	})
	o.must(jobs.Enqueue(ctx, "other", 1))
	select {
	case <-other:
	case <-time.After(20 * time.Second): // it gives up after 30
		t.Error("another job waits for the mail server")
	}
	if n := len(taken); n != 0 {
		t.Errorf("%d more letters hold a worker", n)
	}
}

func TestOutboxOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d, false)
		for range 3 {
			o.must(o.Send(o.ctx, mail.Message{Account: "mira", Kind: "account.mail.password", Args: []any{"https://x.example"}}))
		}
		o.must(o.Send(o.ctx, mail.Message{Account: "wei", Kind: "account.mail.password", Args: []any{"https://x.example"}}))
		o.work()
		o.letters(0)
		first, err := o.Outbox(o.ctx, mail.Filter{Account: "mira"}, 2)
		o.must(err)
		rest, err := o.Outbox(o.ctx, mail.Filter{Account: "mira", Before: first[1].ID}, 2)
		o.must(err)
		if len(first) != 2 || len(rest) != 1 || o.Sends() {
			t.Errorf("%d then %d letters", len(first), len(rest))
		}
		if l, err := o.Get(o.ctx, rest[0].ID); err != nil || !strings.Contains(l.Body, "https://x.example") {
			t.Errorf("letter = %+v, %v", l, err)
		}
		if _, err := o.Get(o.ctx, "none"); err == nil {
			t.Error("a letter that is not there was found")
		}
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	for _, bad := range []string{"localhost:25", "http://mail.example", "smtp://", "smtp://user:top-secret@"} {
		_, err := mail.New(d, job.New(d), mail.Settings{SMTP: bad})
		if err == nil || strings.Contains(err.Error(), "top-secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestNothingGoesWithoutTLS: what says smtp+starttls hands nothing to a server that offers no TLS, as somebody on the way could have it seem.
func TestNothingGoesWithoutTLS(t *testing.T) {
	t.Parallel()
	o := open(t, dbtest.SQLite(t), false)
	for scheme, want := range map[string]int{"smtp": 1, "smtp+starttls": 0} {
		jobs := job.New(o.d)
		svc, err := mail.New(o.d, jobs, mail.Settings{From: "office@science.example", SMTP: strings.Replace(o.box.URL(), "smtp", scheme, 1)})
		o.must(err)
		before := len(o.box.Letters())
		o.must(svc.Send(o.ctx, mail.Message{Email: "mira@people.example", Kind: "account.mail.password", Args: []any{"/x"}}))
		_, err = jobs.Work(o.ctx)
		o.must(err)
		if got := len(o.box.Letters()) - before; got != want {
			t.Errorf("%s: %d letters went in clear, want %d", scheme, got, want)
		}
	}
}

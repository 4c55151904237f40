// Package outbox is the page of what was mailed: one's own letters, and in the
// demonstration, where no mail leaves the house, everybody's; and for admins what
// the mail server never took.
package outbox

import (
	"net/http"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/mail"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Pages are the outbox. Demo shows everybody's letters to everybody.
type Pages struct {
	Mail *mail.Service
	Demo bool
}

const size = 50

// List is GET /outbox, the newest first.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	f := mail.Filter{Before: r.URL.Query().Get("before")}
	if !p.Demo {
		actor := shell.Actor(r)
		if actor.Public() {
			return fault.New(fault.SignIn, "fault.signin")
		}
		f.Account = actor.Account
	}
	list, err := p.Mail.Outbox(r.Context(), f, size+1)
	if err != nil {
		return err
	}
	more := ""
	if len(list) > size {
		list = list[:size]
		more = list[size-1].ID
	}
	return shell.Render(w, r, http.StatusOK, listPage(list, more, p.Demo))
}

// Read is GET /outbox/{id}.
func (p *Pages) Read(w http.ResponseWriter, r *http.Request) error {
	l, err := p.Mail.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !p.Demo {
		actor := shell.Actor(r)
		if actor.Public() {
			return fault.New(fault.SignIn, "fault.signin")
		}
		if l.Account != actor.Account {
			return fault.Missing()
		}
		if l.Once { // only whoever reads the mailbox may have what was sent there
			l.Body = ""
		}
	}
	return shell.Render(w, r, http.StatusOK, readPage(l))
}

// paragraph is one line of a letter, or a link that stands on a line of its own.
type paragraph struct {
	text string
	link bool
}

func paragraphs(body string) []paragraph {
	var out []paragraph
	for _, line := range strings.Split(body, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			link := !strings.ContainsAny(line, " \t") && (strings.HasPrefix(line, "http://") || strings.HasPrefix(line, "https://"))
			out = append(out, paragraph{line, link})
		}
	}
	return out
}

package review

import (
	"net/http"

	"github.com/headwater-platform/headwater/internal/web/shell"
)

// ByTicket is GET /answer/{secret}: an invitation, for who has the mail and perhaps no account.
func (p *Pages) ByTicket(w http.ResponseWriter, r *http.Request) error {
	return p.byTicket(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) byTicket(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form) error {
	v, err := p.Reviews.ByTicket(r.Context(), r.PathValue("secret"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, ticketPage(v, r.PathValue("secret"), refusal, typed))
}

// AnswerByTicket is POST /answer/{secret}.
func (p *Pages) AnswerByTicket(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	done, err := p.Reviews.AnswerByTicket(r.Context(), r.PathValue("secret"), replyOf(f))
	if refusal, ok := shell.Refused(err); ok {
		return p.byTicket(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, ticketDonePage(done.ID, f.Get("answer")))
}

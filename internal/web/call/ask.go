package call

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// ask draws a dialog page about a call that the viewer may edit.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, page func(call.View, shell.Refusal) templ.Component) error {
	v, err := p.Calls.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !v.MayEdit {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	return shell.Render(w, r, status, page(v, refusal))
}

// chip is the class of a phase's chip.
func chip(p call.Phase) string {
	return map[call.Phase]string{call.IsOpen: "open", call.Planned: "", call.Closed: "live", call.Cancelled: "bad", call.Draft: "warn"}[p]
}

// Package similar is the page on which an officer sees what says the same as a
// proposal, and records what it is.
package similar

import (
	"net/http"

	"github.com/headwater-platform/headwater/internal/similar"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Pages are the pages of similar records.
type Pages struct{ Similar *similar.Service }

// Of is GET /proposals/{id}/similar.
func (p *Pages) Of(w http.ResponseWriter, r *http.Request) error {
	return p.of(w, r, http.StatusOK, "", shell.Refusal{})
}

// of draws the page; refused is the match whose form was sent back.
func (p *Pages) of(w http.ResponseWriter, r *http.Request, status int, refused string, refusal shell.Refusal) error {
	c, err := p.Similar.Of(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, ofPage(c, refused, refusal))
}

// Judge is POST /proposals/{id}/similar.
func (p *Pages) Judge(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, kind, other := r.PathValue("id"), f.Get("kind"), f.Get("other")
	err = p.Similar.Judge(r.Context(), shell.Actor(r), id, kind, other, f.Get("verdict"), f.Text("reason"))
	if refusal, ok := shell.Refused(err); ok {
		return p.of(w, r, http.StatusUnprocessableEntity, other, refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/proposals/"+id+"/similar#m-"+other, "similar.done")
}

func verdictChip(v string) string {
	return map[string]string{similar.Same: "bad", similar.Different: "ok"}[v]
}

// href is where a match is read; "" where the viewer may not.
func href(m similar.Match) string {
	if m.Undisclosed {
		return ""
	}
	return "/" + m.Kind + "s/" + m.ID
}

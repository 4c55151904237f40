package techmap

import (
	"net/http"

	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// readerSheet is what the page of who is let in shows.
type readerSheet struct {
	techmap.View
	list    []techmap.Reader
	names   map[string]string // of people, by key
	pick    shell.PickField
	node    string // as chosen
	refusal shell.Refusal
}

// Readers is GET /maps/{id}/readers.
func (p *Pages) Readers(w http.ResponseWriter, r *http.Request) error {
	return p.readers(w, r, http.StatusOK, readerSheet{})
}

func (p *Pages) readers(w http.ResponseWriter, r *http.Request, status int, s readerSheet) (err error) {
	ctx := r.Context()
	if s.View, err = p.writable(r); err != nil {
		return err
	}
	if s.list, err = p.Maps.Readers(ctx, shell.Actor(r), s.ID); err != nil {
		return err
	}
	var people []string
	for _, x := range s.list {
		people = append(people, x.Person)
	}
	if s.names, err = p.Register.Names(ctx, people, nil); err != nil {
		return err
	}
	s.pick.Field = shell.Field{Name: "person", Label: shell.T(ctx, "techmap.reader.person"), Error: s.refusal.Of(ctx, "person")}
	s.pick.Find = "/find/people"
	return shell.Render(w, r, status, readersPage(s))
}

// Admit is POST /maps/{id}/readers.
func (p *Pages) Admit(w http.ResponseWriter, r *http.Request) error {
	v, f, err := p.sent(w, r)
	if err != nil {
		return err
	}
	s := readerSheet{node: f.Text("node")}
	s.pick.Typed = f.Text("person_text")
	x := techmap.Reader{NodeID: s.node}
	if x.Person, err = shell.Picked(r.Context(), f, "person", &s.pick, p.Register.FindPeople); err == nil {
		err = p.Maps.Admit(r.Context(), shell.Actor(r), v.ID, x)
	}
	if refusal, ok := shell.Refused(err); ok {
		s.refusal = refusal
		return p.readers(w, r, http.StatusUnprocessableEntity, s)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/maps/"+v.ID+"/readers", "techmap.done.changed")
}

// Dismiss is POST /maps/{id}/readers/end.
func (p *Pages) Dismiss(w http.ResponseWriter, r *http.Request) error {
	v, f, err := p.sent(w, r)
	if err != nil {
		return err
	}
	if err := p.Maps.Dismiss(r.Context(), shell.Actor(r), v.ID, techmap.Reader{Person: f.Text("person"), NodeID: f.Text("node")}); err != nil {
		return err
	}
	return shell.Go(w, r, "/maps/"+v.ID+"/readers", "techmap.done.changed")
}

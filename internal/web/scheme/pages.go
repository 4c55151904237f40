// Package scheme is the pages of schemes: what is asked and how it is decided,
// for everybody; the editor with check, simulation and comparison, for officers.
package scheme

import (
	"fmt"
	"net/http"
	"sort"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Pages are the schemes' pages.
type Pages struct{ Schemes *scheme.Service }

// List is GET /schemes.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Schemes.List(r.Context())
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, listPage(list))
}

// Show is GET /schemes/{scheme}, the newest version or the one of ?version=.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Schemes.Versions(r.Context(), r.PathValue("scheme"))
	if err != nil {
		return err
	}
	v, err := numbered(all, r.URL.Query().Get("version"), all[0])
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, showPage(v, all, p.Schemes.MayWrite(shell.Actor(r))))
}

// numbered is the version of that number, other for "".
func numbered(all []scheme.Version, number string, other scheme.Version) (scheme.Version, error) {
	if number == "" {
		return other, nil
	}
	for _, v := range all {
		if fmt.Sprint(v.Number) == number {
			return v, nil
		}
	}
	return scheme.Version{}, fault.Missing()
}

// Compare is GET /schemes/{scheme}/compare?from=1&to=2: the two newest if not said.
func (p *Pages) Compare(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Schemes.Versions(r.Context(), r.PathValue("scheme"))
	if err != nil {
		return err
	}
	from, err := numbered(all, r.URL.Query().Get("from"), all[min(1, len(all)-1)])
	if err != nil {
		return err
	}
	to, err := numbered(all, r.URL.Query().Get("to"), all[0])
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, comparePage(from, to))
}

// editor is what the editor's page shows.
type editor struct {
	scheme   string
	draft    scheme.Draft
	newest   scheme.Version
	refusal  shell.Refusal
	checked  bool
	problems []scheme.Problem
	teams    int64
	budget   int64
	result   *scheme.Simulation
	changes  []scheme.Change
}

// Edit is GET /schemes/{scheme}/edit.
func (p *Pages) Edit(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("scheme")
	d, err := p.Schemes.Draft(r.Context(), shell.Actor(r), name)
	if err != nil {
		return err
	}
	return p.editor(w, r, http.StatusOK, editor{scheme: name, draft: d, teams: 100, budget: 10_000_000})
}

func (p *Pages) editor(w http.ResponseWriter, r *http.Request, status int, e editor) error {
	if all, err := p.Schemes.Versions(r.Context(), e.scheme); err == nil {
		e.newest = all[0]
	} else if !fault.Is(err, fault.NotFound) {
		return err
	}
	if e.checked {
		e.check(r)
	}
	return shell.Render(w, r, status, editPage(e))
}

// maxTeams bounds what a page simulates at once.
const maxTeams = 500

// check fills in the problems and, where there are none that matter, the
// simulation and what is different from the newest version.
func (e *editor) check(r *http.Request) {
	var d *scheme.Definition
	d, e.problems = e.draft.Check()
	if !scheme.Usable(e.problems) {
		return
	}
	result := scheme.Simulate(d, scheme.Plan{Proposals: int(min(max(e.teams, 1), maxTeams)), Seed: 1, Opens: shell.Of(r.Context()).Now, Budget: max(e.budget, 0), High: 500_000})
	e.result = &result
	if e.newest.Definition != nil {
		e.changes = scheme.Diff(e.newest.Definition, d)
	}
}

// Update is POST /schemes/{scheme}/edit: check, save or publish, by its button.
func (p *Pages) Update(w http.ResponseWriter, r *http.Request) error {
	if !p.Schemes.MayWrite(shell.Actor(r)) {
		return fault.New(fault.NotAllowed, "fault.denied")
	}
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	e := editor{scheme: r.PathValue("scheme"), checked: true, teams: f.Int("teams"), budget: f.Int("budget")}
	e.draft = scheme.Draft{Source: scheme.Source{YAML: lines(f.Get("yaml")), Forms: map[string]string{}}, Version: f.Int("version")}
	for name := range f.Values {
		if file, ok := strings.CutPrefix(name, "form:"); ok {
			e.draft.Forms[file] = lines(f.Get(name))
		}
	}
	done, to := "", "/schemes/"+e.scheme
	if err = f.Err(); err == nil {
		switch f.Get("do") {
		case "save":
			done, to = "scheme.done.saved", to+"/edit"
			_, err = p.Schemes.SaveDraft(r.Context(), shell.Actor(r), e.scheme, e.draft)
		case "publish":
			done = "scheme.done.published"
			_, err = p.Schemes.PublishDraft(r.Context(), shell.Actor(r), e.scheme, e.draft.Source)
		}
	}
	if refusal, ok := shell.Refused(err); ok {
		e.refusal = refusal
		return p.editor(w, r, http.StatusUnprocessableEntity, e)
	}
	if err != nil {
		return err
	}
	if done == "" {
		return p.editor(w, r, http.StatusOK, e)
	}
	return shell.Go(w, r, to, done)
}

// lines undoes the line ends of a browser's form.
func lines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func formNames(forms map[string]string) []string {
	out := make([]string, 0, len(forms))
	for name := range forms {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

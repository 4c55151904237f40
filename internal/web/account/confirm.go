package account

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

type confirmView struct {
	action   string
	held     []held // the form that waits, as it was sent
	ways     account.Ways
	password bool // the account has one
	refusal  shell.Refusal
}

// held is one field of a form that waits.
type held struct{ name, value string }

// Fresh lets nobody to h who has not shown within half an hour who they are: what is sealed
// takes it. A page waits until they have; a form is held, and goes on with the proof in it,
// so that nothing that was typed is lost and no script is needed.
func (p *Pages) Fresh(h shell.Handler) shell.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		switch {
		case shell.Actor(r).Elevated:
			return h(w, r)
		case r.Method != http.MethodPost:
			return shell.Go(w, r, "/account/confirm?next="+url.QueryEscape(r.URL.RequestURI()), "")
		}
		f, err := shell.Parse(w, r)
		if err != nil {
			return err
		}
		v := confirmView{action: r.URL.RequestURI(), held: holding(f)}
		if !f.Has(shell.Proof + "sent") {
			return p.confirm(w, r, v)
		}
		if err := p.prove(r, f); err != nil {
			return again(w, r, err, func(refusal shell.Refusal) error {
				v.refusal = refusal
				return p.confirm(w, r, v)
			})
		}
		for name := range f.Values {
			if strings.HasPrefix(name, shell.Proof) {
				f.Del(name)
			}
		}
		a := shell.Actor(r)
		a.Elevated = true
		return h(w, r.WithContext(access.With(r.Context(), a)))
	}
}

// holding are the fields of a form but those of a confirmation, in the order of their names.
func holding(f *shell.Form) []held {
	var list []held
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		if strings.HasPrefix(name, shell.Proof) {
			continue
		}
		for _, value := range f.Values[name] {
			list = append(list, held{name, value})
		}
	}
	return list
}

// prove takes the proof that a form holds.
func (p *Pages) prove(r *http.Request, f *shell.Form) error {
	session, err := p.Session(r)
	if err != nil {
		return err
	}
	proof := account.Proof{Password: f.Get(shell.Proof + "password"), Code: f.Text(shell.Proof + "code"),
		Passkey: account.Answered{State: f.Get(shell.Proof + "state"), Response: []byte(f.Get(shell.Proof + "response"))}}
	return p.Svc.Confirm(r.Context(), session.Actor, session.ID, proof, p.Address(r))
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request, v confirmView) error {
	own, err := p.Svc.Profile(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	if v.ways, err = p.Svc.Ways(r.Context(), own.ID); err != nil {
		return err
	}
	v.password = own.HasPassword
	return shell.Render(w, r, status(v.refusal), confirmPage(v))
}

// ConfirmForm is GET /account/confirm: who they are once more, before what is sealed opens.
func (p *Pages) ConfirmForm(w http.ResponseWriter, r *http.Request) error {
	return p.confirm(w, r, confirmView{action: "/account/confirm", held: []held{{"next", next(r.URL.Query().Get("next"))}}})
}

// Confirm is POST /account/confirm.
func (p *Pages) Confirm(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	to := next(f.Get("next"))
	if err := p.prove(r, f); err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			return p.confirm(w, r, confirmView{action: "/account/confirm", held: []held{{"next", to}}, refusal: refusal})
		})
	}
	return shell.Go(w, r, to, "")
}

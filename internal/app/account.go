package app

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/fetch"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/web"
	webaccount "github.com/headwater-platform/headwater/internal/web/account"
)

// accounts makes the service of accounts; the rooms that it asks are asked later, when they stand.
func (a *App) accounts() *account.Service {
	return &account.Service{DB: a.DB, Ledger: a.Ledger, Demo: a.Config.Demo, Base: strings.TrimSuffix(a.Config.Address, "/"), Zone: a.Config.Zone, Providers: a.Config.Providers,
		Mail: a.letter, People: people{a}, Scopes: scopes{a}, HTTP: fetch.Client(a.Config.Reach...), SecondFactor: a.Config.SecondFactor, Keys: a.Config.Keys}
}

func (a *App) accountPages() *webaccount.Pages {
	return &webaccount.Pages{Svc: a.Accounts, Trusted: a.Config.Proxies, Invented: a.invented, Agencies: func(ctx context.Context) ([]account.Choice, error) {
		return scopes{a}.Find(ctx, "agency", "", 100)
	}}
}

// invented are the people of the demonstration with what they are and what waits for them.
func (a *App) invented(ctx context.Context) ([]webaccount.Invented, error) {
	list, err := a.Accounts.Invented(ctx)
	if err != nil {
		return nil, err
	}
	l := lang.Of(ctx)
	out := make([]webaccount.Invented, 0, len(list))
	for _, p := range list {
		key, _, _ := strings.Cut(p.Email, "@")
		actor, err := a.Accounts.ActorOf(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		tasks, err := a.Web.Home.Tasks(ctx, actor)
		if err != nil {
			return nil, err
		}
		out = append(out, webaccount.Invented{Account: p.ID, Name: p.Name, What: lang.T(l, "demo."+key), Waits: lang.T(l, "demo.waits", len(tasks))})
	}
	return out, nil
}

// session finds out who asks, for the pages.
func (a *App) session(r *http.Request) (access.Actor, web.Settings, error) {
	s, err := a.Web.Account.Session(r)
	if err == nil {
		s.Actor, err = a.widened(r.Context(), s.Actor)
	}
	return s.Actor, web.Settings{Locale: s.Locale, Zone: s.Zone}, err
}

// widened lets whoever holds a role for an organisation hold it for what was merged into that, too: the
// awards of those go on under their old key.
func (a *App) widened(ctx context.Context, actor access.Actor) (access.Actor, error) {
	var ids []string
	for _, g := range actor.Grants {
		if g.Scope.Kind == "organisation" {
			ids = append(ids, g.Scope.ID)
		}
	}
	if len(ids) == 0 {
		return actor, nil
	}
	into, err := a.Register.MergedInto(ctx, ids)
	for _, g := range slices.Clone(actor.Grants) {
		for _, id := range into[g.Scope.ID] {
			actor.Grants = append(actor.Grants, access.Grant{Role: g.Role, Scope: access.Organisation(id)})
		}
	}
	return actor, err
}

// onBehalf is the header by which a program names the delegation that it acts by.
const onBehalf = "On-Behalf-Of"

// apiActor finds out who asks, for the API: by a personal token, else by the
// session of a page of ours. Other sites cannot use the session: their requests
// are refused as those to the pages are.
func (a *App) apiActor(r *http.Request) (access.Actor, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		actor, _, err := a.session(r)
		if err == nil && !actor.Public() && http.NewCrossOriginProtection().Check(r) != nil {
			return access.Actor{}, fault.New(fault.NotAllowed, "account.other.site")
		}
		return actor, err
	}
	actor, err := a.Accounts.Bearer(r.Context(), strings.TrimSpace(token), r.Method != http.MethodGet && r.Method != http.MethodHead)
	if delegation := r.Header.Get(onBehalf); err == nil && delegation != "" {
		actor, err = a.Accounts.ActingAs(r.Context(), actor, delegation)
	}
	if err != nil {
		return actor, err
	}
	return a.widened(r.Context(), actor)
}

// people fills account.People.
type people struct{ a *App }

func (p people) Make(ctx context.Context, given, family, email, orcid string) (string, error) {
	b := register.Batch{People: []register.Person{{Given: given, Family: family, Email: email, ORCID: orcid}}}
	err := p.a.Register.TakeIn(ctx, access.System, &b)
	return b.People[0].ID, err
}

func (p people) ByORCID(ctx context.Context, orcid string) (string, error) {
	return p.a.Register.ByORCID(ctx, orcid)
}

func (p people) ProveORCID(ctx context.Context, person, orcid string) error {
	return p.a.Register.ProveORCID(ctx, person, orcid)
}

// scopes fills account.Scopes. Agencies and programmes are few; organisations
// and calls are found by their rooms.
type scopes struct{ a *App }

func (s scopes) Agency(ctx context.Context, scope access.Scope) (string, error) {
	switch scope.Kind {
	case "agency":
		return scope.ID, nil
	case "programme":
		p, err := s.programme(ctx, scope.ID)
		return p.AgencyID, err
	case "call":
		c, err := s.a.Calls.Known(ctx, scope.ID)
		return c.AgencyID, err
	}
	return "", nil
}

func (s scopes) Name(ctx context.Context, scope access.Scope) (string, error) {
	l := lang.Of(ctx)
	switch scope.Kind {
	case "agency":
		g, err := s.agency(ctx, scope.ID)
		return g.Name.In(l), err
	case "programme":
		p, err := s.programme(ctx, scope.ID)
		return p.Name.In(l), err
	case "organisation":
		o, err := s.a.Register.Organisation(ctx, scope.ID)
		return o.Name.In(l), err
	case "call":
		c, err := s.a.Calls.Known(ctx, scope.ID)
		return c.Title.In(l), err
	}
	return "", fault.Missing()
}

func (s scopes) Find(ctx context.Context, kind, text string, limit int) ([]account.Choice, error) {
	switch kind {
	case "agency", "programme":
		return s.few(ctx, kind, text, limit)
	case "organisation":
		found, err := s.a.Register.FindOrganisations(ctx, text, limit)
		var list []account.Choice
		for _, f := range found {
			list = append(list, account.Choice(f))
		}
		return list, err
	case "call":
		calls, _, err := s.a.Calls.List(ctx, access.System, call.Filter{Text: text, Page: 1, Size: limit})
		var list []account.Choice
		for _, c := range calls {
			list = append(list, account.Choice{ID: c.ID, Name: c.Title.In(lang.Of(ctx))})
		}
		return list, err
	}
	return nil, nil
}

// few finds agencies or programmes by any part of their names.
func (s scopes) few(ctx context.Context, kind, text string, limit int) ([]account.Choice, error) {
	l, text := lang.Of(ctx), strings.ToLower(strings.TrimSpace(text))
	agencies, err := s.a.Register.Agencies(ctx)
	if err != nil {
		return nil, err
	}
	var list []account.Choice
	add := func(c account.Choice) {
		if len(list) < limit && strings.Contains(strings.ToLower(c.Name+" "+c.Note), text) {
			list = append(list, c)
		}
	}
	for _, g := range agencies {
		if kind == "agency" {
			add(account.Choice{ID: g.ID, Name: g.Name.In(l), Note: g.Short})
			continue
		}
		programmes, err := s.a.Register.Programmes(ctx, g.ID)
		if err != nil {
			return nil, err
		}
		for _, p := range programmes {
			add(account.Choice{ID: p.ID, Name: p.Name.In(l), Note: g.Short})
		}
	}
	return list, nil
}

func (s scopes) agency(ctx context.Context, id string) (register.Agency, error) {
	list, err := s.a.Register.Agencies(ctx)
	for _, g := range list {
		if g.ID == id {
			return g, err
		}
	}
	if err == nil {
		err = fault.Missing()
	}
	return register.Agency{}, err
}

func (s scopes) programme(ctx context.Context, id string) (register.Programme, error) {
	agencies, err := s.a.Register.Agencies(ctx)
	if err != nil {
		return register.Programme{}, err
	}
	for _, g := range agencies {
		list, err := s.a.Register.Programmes(ctx, g.ID)
		if err != nil {
			return register.Programme{}, err
		}
		for _, p := range list {
			if p.ID == id {
				return p, nil
			}
		}
	}
	return register.Programme{}, fault.Missing()
}

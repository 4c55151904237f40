package account

import (
	"context"
	"net/http"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

const accountsPage = 50

type rolesView struct {
	text   string
	list   []account.Line
	paging shell.Paging
}

// Roles is GET /admin/roles: accounts, found by typing.
func (p *Pages) Roles(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := rolesView{text: q.Get("q"), paging: shell.Paging{Page: shell.PageOf(q.Get("page")), Size: accountsPage}}
	var err error
	if v.list, v.paging.Total, err = p.Svc.Accounts(r.Context(), shell.Actor(r), v.text, v.paging.Page, v.paging.Size); err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, rolesPage(v))
}

type roleForm struct {
	role, kind, scope, scopeText, from, until, why string
	found                                          []shell.Option
}

type accountView struct {
	account.Line
	held    []account.Held
	form    roleForm
	refusal shell.Refusal
}

// Account is GET /admin/roles/{id}.
func (p *Pages) Account(w http.ResponseWriter, r *http.Request) error {
	return p.account(w, r, accountView{form: roleForm{role: string(access.Officer), kind: "agency"}})
}

func (p *Pages) account(w http.ResponseWriter, r *http.Request, v accountView) error {
	var err error
	if v.Line, v.held, err = p.Svc.Account(r.Context(), shell.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return shell.Render(w, r, status(v.refusal), accountPage(v))
}

// Appoint is POST /admin/roles/{id}. Where several records fit what was typed as
// scope, the form comes back with them to choose from.
func (p *Pages) Appoint(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	v := accountView{form: roleForm{role: f.Get("role"), kind: f.Get("kind"), scope: f.Key("scope"), scopeText: f.Text("scope_text"), from: f.Text("from"), until: f.Text("until"), why: f.Text("why")}}
	in := account.Appointment{Account: r.PathValue("id"), Role: access.Role(v.form.role), From: day(r, f, "from"), Until: endOf(r, f, "until"), Why: f.Required("why")}
	if in.Scope, err = p.scope(r.Context(), f, &v.form); err != nil {
		return err
	}
	if err = f.Err(); err == nil {
		_, err = p.Svc.Appoint(r.Context(), shell.Actor(r), in)
	}
	if err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			v.refusal = refusal
			return p.account(w, r, v)
		})
	}
	return shell.Go(w, r, "/admin/roles/"+in.Account, "account.role.given")
}

// scope reads what a role is for: chosen by key, or the one record that fits what was typed.
func (p *Pages) scope(ctx context.Context, f *shell.Form, form *roleForm) (access.Scope, error) {
	s := access.Scope{Kind: form.kind, ID: form.scope}
	if s.Kind == "platform" {
		return access.Platform(), nil
	}
	if s.ID != "" || p.Svc.Scopes == nil {
		return s, nil
	}
	if form.scopeText == "" {
		f.Refuse("scope", "fault.required")
		return s, nil
	}
	found, err := p.Svc.Scopes.Find(ctx, s.Kind, form.scopeText, 10)
	if err != nil {
		return s, err
	}
	switch len(found) {
	case 0:
		f.Refuse("scope", "account.scope.none", form.scopeText)
	case 1:
		s.ID = found[0].ID
	default:
		f.Refuse("scope", "account.scope.several", len(found))
		for _, c := range found {
			form.found = append(form.found, shell.Option{Value: c.ID, Label: c.Name, Note: c.Note})
		}
	}
	return s, nil
}

// Revoke is POST /admin/roles/{id}/{grant}/end.
func (p *Pages) Revoke(w http.ResponseWriter, r *http.Request) error {
	if err := p.Svc.Revoke(r.Context(), shell.Actor(r), r.PathValue("grant"), ""); err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			return p.account(w, r, accountView{form: roleForm{role: string(access.Officer), kind: "agency"}, refusal: refusal})
		})
	}
	return shell.Go(w, r, "/admin/roles/"+r.PathValue("id"), "account.role.ended")
}

// Disable is POST /admin/roles/{id}/disable, Enable POST /admin/roles/{id}/enable.
func (p *Pages) Disable(w http.ResponseWriter, r *http.Request) error {
	if err := p.Svc.Disable(r.Context(), shell.Actor(r), r.PathValue("id"), ""); err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			return p.account(w, r, accountView{form: roleForm{role: string(access.Officer), kind: "agency"}, refusal: refusal})
		})
	}
	return shell.Go(w, r, "/admin/roles/"+r.PathValue("id"), "account.disabled")
}

// Enable is POST /admin/roles/{id}/enable.
func (p *Pages) Enable(w http.ResponseWriter, r *http.Request) error {
	if err := p.Svc.Enable(r.Context(), shell.Actor(r), r.PathValue("id"), ""); err != nil {
		return err
	}
	return shell.Go(w, r, "/admin/roles/"+r.PathValue("id"), "account.enabled")
}

type inviteView struct {
	email, given, family, locale string
	refusal                      shell.Refusal
}

// InviteForm is GET /admin/invite.
func (p *Pages) InviteForm(w http.ResponseWriter, r *http.Request) error {
	return shell.Render(w, r, http.StatusOK, invitePage(inviteView{locale: string(lang.Of(r.Context()))}))
}

// Invite is POST /admin/invite. The answer is the same whether or not the address has an account.
func (p *Pages) Invite(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	v := inviteView{email: f.Text("email"), given: f.Text("given"), family: f.Text("family"), locale: f.Get("locale")}
	_, err = p.Svc.Invite(r.Context(), shell.Actor(r), account.Invitation{Email: v.email, Given: v.given, Family: v.family, Locale: lang.Locale(v.locale), Next: "/home", Kind: "account.mail.invited"})
	if err != nil {
		return again(w, r, err, func(refusal shell.Refusal) error {
			v.refusal = refusal
			return shell.Render(w, r, status(refusal), invitePage(v))
		})
	}
	return shell.Go(w, r, "/admin/roles", "account.invite.sent")
}

func roleOptions(ctx context.Context, chosen string) []shell.Option {
	list := make([]shell.Option, 0, len(access.Roles))
	for _, role := range access.Roles {
		list = append(list, shell.Option{Value: string(role), Label: roleName(ctx, role), Chosen: string(role) == chosen})
	}
	return list
}

func kindOptions(ctx context.Context, chosen string) []shell.Option {
	var list []shell.Option
	for _, kind := range []string{"platform", "agency", "programme", "call", "organisation"} {
		list = append(list, shell.Option{Value: kind, Label: shell.T(ctx, "account.scope.kind."+kind), Chosen: kind == chosen})
	}
	return list
}

// roleName is what a role is called.
func roleName(ctx context.Context, role access.Role) string {
	return shell.T(ctx, "account.role."+roleKeys[role])
}

// roleNames names several roles.
func roleNames(ctx context.Context, roles []access.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = roleName(ctx, r)
	}
	return lang.List(shell.Of(ctx).Locale, names)
}

var roleKeys = map[access.Role]string{access.Admin: "admin", access.Officer: "officer", access.Decider: "decider", access.Finance: "finance",
	access.Adviser: "adviser", access.Analyst: "analyst", access.Auditor: "auditor", access.Research: "research", access.Transfer: "transfer"}

func localeOptions(chosen lang.Locale) []shell.Option {
	list := make([]shell.Option, 0, len(lang.Locales))
	for _, l := range lang.Locales {
		list = append(list, shell.Option{Value: string(l), Label: l.Name(), Chosen: l == chosen})
	}
	return list
}

func ended(ctx context.Context, h account.Held) bool {
	return !h.Until.IsZero() && !h.Until.After(shell.Of(ctx).Now)
}

func grantedBy(ctx context.Context, h account.Held) string {
	if h.GrantedBy == "" {
		return shell.T(ctx, "account.roles.program")
	}
	return h.GrantedBy
}

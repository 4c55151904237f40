package api

import (
	"context"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// none is the input or output without anything in it.
type none struct{}

// ByID is the key in an address.
type ByID struct {
	ID string `path:"id"`
}

// when writes an instant, nothing for the zero time.
func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

type roleBody struct {
	ID        string     `json:"id,omitempty"`
	Role      string     `json:"role"`
	ScopeKind string     `json:"scope_kind"`
	ScopeID   string     `json:"scope_id"`
	ScopeName string     `json:"scope_name,omitempty"`
	From      *time.Time `json:"from,omitempty"`
	Until     *time.Time `json:"until,omitempty"`
	InForce   bool       `json:"in_force"`
}

type meOut struct {
	Body struct {
		AccountID  string     `json:"account_id"`
		PersonID   string     `json:"person_id"`
		Name       string     `json:"name"`
		Delegation string     `json:"delegation_id,omitempty" doc:"While you act for another person: the delegation that you act by."`
		Email      string     `json:"email,omitempty" doc:"Left out while you act for another person."`
		Locale     string     `json:"locale,omitempty"`
		Zone       string     `json:"zone,omitempty"`
		AgencyID   string     `json:"agency_id,omitempty"`
		Version    int64      `json:"version,omitempty"`
		Roles      []roleBody `json:"roles"`
	}
}

func (a *API) me(ctx context.Context, actor access.Actor, _ *none) (*meOut, error) {
	out := &meOut{}
	b := &out.Body
	b.AccountID, b.PersonID, b.Name, b.Delegation, b.Roles = actor.Account, actor.Person, actor.Name, actor.Delegation, []roleBody{}
	for _, g := range actor.Grants {
		b.Roles = append(b.Roles, roleBody{Role: string(g.Role), ScopeKind: g.Scope.Kind, ScopeID: g.Scope.ID, InForce: true})
	}
	if actor.Delegation != "" {
		return out, nil
	}
	p, err := a.Accounts.Profile(ctx, actor)
	b.Email, b.Locale, b.Zone, b.AgencyID, b.Version = p.Email, string(p.Locale), p.Zone, p.Agency, p.Version
	return out, err
}

type settingsIn struct {
	Body struct {
		Locale   string `json:"locale" enum:"en,zh"`
		Zone     string `json:"zone" doc:"IANA name" example:"Europe/Lisbon"`
		AgencyID string `json:"agency_id,omitempty"`
		Version  int64  `json:"version" doc:"The one that GET /me gave."`
	}
}

func (a *API) meSettings(ctx context.Context, actor access.Actor, in *settingsIn) (*meOut, error) {
	b := in.Body
	if err := a.Accounts.SetSettings(ctx, actor, account.Settings{Locale: lang.Locale(b.Locale), Zone: b.Zone, Agency: b.AgencyID, Version: b.Version}); err != nil {
		return nil, err
	}
	return a.me(ctx, actor, nil)
}

type sessionBody struct {
	ID      string    `json:"id"`
	Agent   string    `json:"agent"`
	Began   time.Time `json:"began"`
	Seen    time.Time `json:"seen"`
	Expires time.Time `json:"expires"`
}

func (a *API) meSessions(ctx context.Context, actor access.Actor, _ *none) (*listOf[sessionBody], error) {
	open, err := a.Accounts.Sessions(ctx, actor)
	list := make([]sessionBody, 0, len(open))
	for _, o := range open {
		list = append(list, sessionBody{o.ID, o.Agent, o.Began, o.Seen, o.Expires})
	}
	return items(list), err
}

func (a *API) meSessionEnd(ctx context.Context, actor access.Actor, in *ByID) (*none, error) {
	return nil, a.Accounts.EndSession(ctx, actor, in.ID)
}

type sessionsEndIn struct {
	Keep string `query:"keep" doc:"The id of a session that stays open. Without it all end."`
}

func (a *API) meSessionsEnd(ctx context.Context, actor access.Actor, in *sessionsEndIn) (*none, error) {
	return nil, a.Accounts.EndOtherSessions(ctx, actor, in.Keep)
}

type tokenBody struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Scope   string     `json:"scope" enum:"read,write,sign"`
	Created time.Time  `json:"created"`
	Expires time.Time  `json:"expires"`
	Used    *time.Time `json:"used,omitempty"`
	Token   string     `json:"token,omitempty" doc:"The secret; only in the answer that makes it."`
}

func (a *API) meTokens(ctx context.Context, actor access.Actor, _ *none) (*listOf[tokenBody], error) {
	tokens, err := a.Accounts.Tokens(ctx, actor)
	list := make([]tokenBody, 0, len(tokens))
	for _, t := range tokens {
		list = append(list, tokenBody{t.ID, t.Name, t.Scope, t.Created, t.Expires, when(t.Used), ""})
	}
	return items(list), err
}

type tokenIn struct {
	Body struct {
		Name  string `json:"name"`
		Scope string `json:"scope" enum:"read,write,sign" doc:"sign: also what asks a person to confirm who they are; one day at most."`
		Days  int    `json:"days" minimum:"1" maximum:"366"`
	}
}

type tokenOut struct{ Body tokenBody }

func (a *API) meTokenNew(ctx context.Context, actor access.Actor, in *tokenIn) (*tokenOut, error) {
	secret, t, err := a.Accounts.NewToken(ctx, actor, in.Body.Name, in.Body.Scope, time.Duration(in.Body.Days)*24*time.Hour)
	return &tokenOut{tokenBody{t.ID, t.Name, t.Scope, t.Created, t.Expires, nil, secret}}, err
}

func (a *API) meTokenEnd(ctx context.Context, actor access.Actor, in *ByID) (*none, error) {
	return nil, a.Accounts.EndToken(ctx, actor, in.ID)
}

type consentBody struct {
	Purpose string     `json:"purpose"`
	Terms   string     `json:"terms_version"`
	Given   bool       `json:"given"`
	At      *time.Time `json:"at,omitempty"`
}

func (a *API) meConsents(ctx context.Context, actor access.Actor, _ *none) (*listOf[consentBody], error) {
	consents, err := a.Accounts.Consents(ctx, actor)
	list := make([]consentBody, 0, len(consents))
	for _, c := range consents {
		list = append(list, consentBody{c.Purpose, c.Terms, c.Given, when(c.At)})
	}
	return items(list), err
}

type consentsIn struct {
	Body struct {
		Given []string `json:"given" doc:"The purposes that you agree to, and no others."`
	}
}

func (a *API) meConsentsSet(ctx context.Context, actor access.Actor, in *consentsIn) (*listOf[consentBody], error) {
	if err := a.Accounts.SetConsents(ctx, actor, in.Body.Given); err != nil {
		return nil, err
	}
	return a.meConsents(ctx, actor, nil)
}

type delegationBody struct {
	ID       string    `json:"id"`
	Covers   string    `json:"covers" enum:"all,proposals,reviews,awards"`
	PersonID string    `json:"person_id"`
	Name     string    `json:"name"`
	Email    string    `json:"email"`
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Accepted bool      `json:"accepted"`
}

type delegationsOut struct {
	Body struct {
		Given    []delegationBody `json:"given"`
		Received []delegationBody `json:"received" doc:"Send the id of one as On-Behalf-Of to act by it."`
	}
}

func delegations(list []account.Delegation) []delegationBody {
	out := make([]delegationBody, 0, len(list))
	for _, d := range list {
		out = append(out, delegationBody{d.ID, d.Scope, d.Person, d.Name, d.Email, d.From, d.Until, d.Accepted})
	}
	return out
}

func (a *API) meDelegations(ctx context.Context, actor access.Actor, _ *none) (*delegationsOut, error) {
	given, received, err := a.Accounts.Delegations(ctx, actor)
	out := &delegationsOut{}
	out.Body.Given, out.Body.Received = delegations(given), delegations(received)
	return out, err
}

type delegateIn struct {
	Body struct {
		Email  string     `json:"email"`
		Covers string     `json:"covers" enum:"all,proposals,reviews,awards"`
		From   *time.Time `json:"from,omitempty"`
		Until  time.Time  `json:"until"`
	}
}

type madeOut struct {
	Body struct {
		ID string `json:"id"`
	}
}

func made(id string) *madeOut {
	out := &madeOut{}
	out.Body.ID = id
	return out
}

func (a *API) meDelegate(ctx context.Context, actor access.Actor, in *delegateIn) (*madeOut, error) {
	offer := account.Offer{Email: in.Body.Email, Scope: in.Body.Covers, Until: in.Body.Until}
	if in.Body.From != nil {
		offer.From = *in.Body.From
	}
	id, err := a.Accounts.Delegate(ctx, actor, offer)
	return made(id), err
}

func (a *API) meDelegationAccept(ctx context.Context, actor access.Actor, in *ByID) (*none, error) {
	return nil, a.Accounts.AcceptDelegation(ctx, actor, in.ID)
}

func (a *API) meDelegationEnd(ctx context.Context, actor access.Actor, in *ByID) (*none, error) {
	return nil, a.Accounts.EndDelegation(ctx, actor, in.ID)
}

type accountBody struct {
	ID       string     `json:"id"`
	Email    string     `json:"email"`
	Name     string     `json:"name"`
	Seen     *time.Time `json:"seen,omitempty"`
	Disabled bool       `json:"disabled"`
	InForce  int        `json:"roles_in_force"`
	Roles    []roleBody `json:"roles,omitempty"`
}

type accountsIn struct {
	AfterIn
	Text string `query:"q" doc:"Beginning of an address or of a name"`
}

func (a *API) accountList(ctx context.Context, actor access.Actor, in *accountsIn) (*listOf[accountBody], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	lines, total, err := a.Accounts.Accounts(ctx, actor, in.Text, page, pageSize)
	list := make([]accountBody, 0, len(lines))
	for _, l := range lines {
		list = append(list, accountBody{ID: l.ID, Email: l.Email, Name: l.Name, Seen: when(l.Seen), Disabled: l.Disabled, InForce: l.Roles})
	}
	return paged(list, page, total), err
}

type accountOut struct{ Body accountBody }

func (a *API) accountGet(ctx context.Context, actor access.Actor, in *ByID) (*accountOut, error) {
	l, held, err := a.Accounts.Account(ctx, actor, in.ID)
	out := &accountOut{accountBody{ID: l.ID, Email: l.Email, Name: l.Name, Seen: when(l.Seen), Disabled: l.Disabled, InForce: l.Roles}}
	now := clock.Now(ctx)
	for _, h := range held {
		out.Body.Roles = append(out.Body.Roles, roleBody{h.ID, string(h.Role), h.Scope.Kind, h.Scope.ID, h.ScopeName, when(h.From), when(h.Until), h.Now(now)})
	}
	return out, err
}

type roleIn struct {
	ByID
	Body struct {
		Role      string     `json:"role"`
		ScopeKind string     `json:"scope_kind"`
		ScopeID   string     `json:"scope_id,omitempty"`
		From      *time.Time `json:"from,omitempty"`
		Until     *time.Time `json:"until,omitempty"`
		Why       string     `json:"why" minLength:"1" doc:"The reason; it stands in the ledger."`
	}
}

func (a *API) roleGive(ctx context.Context, actor access.Actor, in *roleIn) (*madeOut, error) {
	b := in.Body
	g := account.Appointment{Account: in.ID, Role: access.Role(b.Role), Scope: access.Scope{Kind: b.ScopeKind, ID: b.ScopeID}, Why: b.Why}
	if b.From != nil {
		g.From = *b.From
	}
	if b.Until != nil {
		g.Until = *b.Until
	}
	id, err := a.Accounts.Appoint(ctx, actor, g)
	return made(id), err
}

// Ending says why something ends. In a body, as addresses come to stand in logs, and a reason may name people.
type Ending struct {
	Body *struct {
		Why string `json:"why" maxLength:"500" doc:"It stands in the ledger."`
	}
	Why string `query:"why" maxLength:"500" deprecated:"true" doc:"For earlier clients. Addresses come to stand in logs; send a body."`
}

func (e Ending) why() string {
	if e.Body != nil {
		return e.Body.Why
	}
	return e.Why
}

type roleEndIn struct {
	ByID
	Ending
	Role string `path:"role" doc:"The id of the role"`
}

func (a *API) roleEnd(ctx context.Context, actor access.Actor, in *roleEndIn) (*none, error) {
	return nil, a.Accounts.Revoke(ctx, actor, in.Role, in.why())
}

type disabledIn struct {
	ByID
	Body struct {
		Disabled bool   `json:"disabled"`
		Why      string `json:"why" minLength:"1"`
	}
}

func (a *API) accountDisabled(ctx context.Context, actor access.Actor, in *disabledIn) (*none, error) {
	if in.Body.Disabled {
		return nil, a.Accounts.Disable(ctx, actor, in.ID, in.Body.Why)
	}
	return nil, a.Accounts.Enable(ctx, actor, in.ID, in.Body.Why)
}

type inviteIn struct {
	Body struct {
		Email    string     `json:"email"`
		Given    string     `json:"given,omitempty"`
		Family   string     `json:"family,omitempty"`
		PersonID string     `json:"person_id,omitempty"`
		Locale   string     `json:"locale,omitempty" enum:"en,zh"`
		Roles    []roleBody `json:"roles,omitempty"`
	}
}

func (a *API) invite(ctx context.Context, actor access.Actor, in *inviteIn) (*none, error) {
	b := in.Body
	invitation := account.Invitation{Email: b.Email, Given: b.Given, Family: b.Family, Person: b.PersonID, Locale: lang.Locale(b.Locale), Next: "/home", Kind: "account.mail.invited"}
	for _, r := range b.Roles {
		g := account.Appointment{Role: access.Role(r.Role), Scope: access.Scope{Kind: r.ScopeKind, ID: r.ScopeID}}
		if r.From != nil {
			g.From = *r.From
		}
		if r.Until != nil {
			g.Until = *r.Until
		}
		invitation.Roles = append(invitation.Roles, g)
	}
	_, err := a.Accounts.Invite(ctx, actor, invitation) // the address goes by mail only: it would tell whether there is an account
	return nil, err
}

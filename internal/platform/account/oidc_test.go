package account_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/fetch"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// staff are the people whom the provider knows. A key is an ORCID iD where the
// provider is the registry of ORCID.
type staff map[string]*storage.User

func (s staff) GetUserByID(id string) *storage.User { return s[id] }
func (s staff) ExampleClientID() string             { return "service" }
func (s staff) GetUserByUsername(name string) *storage.User {
	for _, u := range s {
		if u.Username == name {
			return u
		}
	}
	return nil
}

const carberry = "0000-0002-1825-0097" // the iD that ORCID uses in its examples

// institute is a real provider in this process.
func institute(t *testing.T) string {
	t.Helper()
	people := staff{}
	for id, name := range map[string]string{carberry: "Edda", "u2": "Olena", "u3": "Jonas"} {
		people[id] = &storage.User{ID: id, Username: strings.ToLower(name), Password: "secret", FirstName: name, LastName: "Alder", Email: strings.ToLower(name) + "@tarn.example", EmailVerified: id != "u3"}
	}
	client := storage.WebClient("headwater", "client secret", "https://science.example.org/sign-in/back/tarn", "https://science.example.org/sign-in/back/orcid")
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	handler = exampleop.SetupServer(server.URL+"/", storage.NewStorageWithClients(people, map[string]*storage.Client{"headwater": client}), nil, false)
	return server.URL + "/"
}

// oidcHouse offers the provider twice: as an institution that is trusted with
// addresses, and as a registry of iDs that is not. Tokens carry real times, so the clock is real.
func oidcHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{t: t, ctx: t.Context()}
	l, err := ledger.Open(h.ctx, d, "test")
	h.must(err)
	issuer := institute(t)
	h.Service = &account.Service{DB: d, Ledger: l, Base: "https://science.example.org", People: register{d}, HTTP: fetch.Client(netip.MustParsePrefix("127.0.0.0/8")), Providers: []account.Provider{
		{ID: "tarn", Name: "Tarn Institute", Issuer: issuer, ClientID: "headwater", Secret: "client secret", TrustEmail: true},
		{ID: "orcid", Name: "ORCID", Issuer: issuer, ClientID: "headwater", Secret: "client secret", ORCID: "sub"}}}
	h.Mail = func(_ context.Context, l account.Letter) error { h.mails = append(h.mails, l); return nil }
	return h
}

// log signs somebody in at the provider, as a browser would, and returns what the provider sends back.
func (h *house) log(address, user string) url.Values {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	h.must(err)
	var back *url.URL
	browser := &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "science.example.org" {
			back = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page, err := browser.Get(address)
	h.must(err)
	body, err := io.ReadAll(page.Body)
	h.must(err)
	h.must(page.Body.Close())
	id := page.Request.URL.Query().Get("authRequestID")
	if id == "" {
		h.t.Fatalf("no form to sign in at the provider: %s", body)
	}
	done, err := browser.PostForm(page.Request.URL.Scheme+"://"+page.Request.URL.Host+"/login/username", url.Values{"id": {id}, "username": {user}, "password": {"secret"}})
	h.must(err)
	h.must(done.Body.Close())
	if back == nil {
		h.t.Fatal("the provider did not send the browser back")
	}
	return back.Query()
}

// through signs user in at a provider and takes the answer, in one browser.
func (h *house) through(provider, user string, linkTo access.Actor) (account.Outcome, error) {
	h.t.Helper()
	address, state, err := h.Begin(h.ctx, provider, "/calls", linkTo)
	h.must(err)
	q := h.log(address, user)
	return h.Finish(h.ctx, linkTo, provider, account.Answer{State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss"), Browser: state})
}

func eachOIDC(t *testing.T, test func(h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(oidcHouse(t, d)) })
}

func TestProviderMakesAccount(t *testing.T) {
	t.Parallel()
	eachOIDC(t, func(h *house) {
		out, err := h.through("orcid", "edda", access.Actor{})
		h.must(err)
		if out.Session != "" || out.Pending == "" || out.Given != "Edda" || out.Email != "" || out.Next != "/calls" {
			h.t.Fatalf("an unknown identity: %+v", out)
		}
		in := account.SignUp{Email: "edda@home.example", Given: "Edda", Family: "Alder", Next: out.Next, Pending: out.Pending}
		h.must(h.Join(h.ctx, in))
		link := h.link()
		_, _, err = h.Accept(h.ctx, link, account.Acceptance{Given: "Edda", Family: "Alder", Browser: "another"})
		h.refused(err, fault.Invalid, "opening the link in another browser")
		session, next, err := h.Accept(h.ctx, link, account.Acceptance{Given: "Edda", Family: "Alder", Browser: out.Pending})
		h.must(err)
		a := h.resolve(session).Actor
		if id, err := h.People.ByORCID(h.ctx, carberry); err != nil || id != a.Person || id == "" || next != "/calls" {
			h.t.Errorf("the iD is of %q (%v), the account of %q; next %s", id, err, a.Person, next)
		}
		// From now on the identity signs in.
		out, err = h.through("orcid", "edda", access.Actor{})
		h.must(err)
		if h.resolve(out.Session).Actor.Account != a.Account {
			h.t.Errorf("the second time: %+v", out)
		}
		p, err := h.Profile(h.ctx, a)
		h.must(err)
		if len(p.Identities) != 1 || p.Identities[0].Subject != carberry || p.HasPassword {
			h.t.Errorf("profile = %+v", p)
		}
		h.refused(h.RemoveIdentity(h.ctx, a, p.Identities[0].ID), fault.Conflict, "removing the only way in")
	})
}

// TestProvenIDClaimsThePerson: who proves an ORCID iD becomes the person that the
// register already knows by it.
func TestProvenIDClaimsThePerson(t *testing.T) {
	t.Parallel()
	eachOIDC(t, func(h *house) {
		known := h.makePerson("Edda", "old@example.org")
		h.must(work.Do(h.ctx, h.DB, func(ctx context.Context) error { return h.People.ProveORCID(ctx, known, carberry) }))
		out, err := h.through("orcid", "edda", access.Actor{})
		h.must(err)
		h.must(h.Join(h.ctx, account.SignUp{Email: "edda@home.example", Given: "Edda", Family: "Alder", Pending: out.Pending}))
		session, _, err := h.Accept(h.ctx, h.link(), account.Acceptance{Given: "Edda", Family: "Alder", Browser: out.Pending})
		h.must(err)
		if got := h.resolve(session).Actor.Person; got != known {
			h.t.Errorf("the account's person is %s, want %s", got, known)
		}
	})
}

func TestProviderIsAddedToAnAccount(t *testing.T) {
	t.Parallel()
	eachOIDC(t, func(h *house) {
		mira, ravi := h.person("mira"), h.person("ravi")
		out, err := h.through("orcid", "edda", mira)
		h.must(err)
		if !out.Linked || out.Session != "" {
			h.t.Errorf("linking: %+v", out)
		}
		_, err = h.through("orcid", "edda", ravi)
		h.refused(err, fault.Conflict, "an identity of another account")
		out, err = h.through("orcid", "edda", access.Actor{})
		h.must(err)
		if got := h.resolve(out.Session).Actor; got.Account != mira.Account {
			h.t.Errorf("it signs in %+v", got)
		}
		if id, err := h.People.ByORCID(h.ctx, carberry); err != nil || id != mira.Person {
			h.t.Errorf("the iD is of %q, %v", id, err)
		}
		h.must(h.Disable(h.ctx, access.System, mira.Account, ""))
		out, err = h.through("orcid", "edda", access.Actor{})
		h.must(err)
		if out.Session != "" {
			h.t.Error("a provider signs in to a disabled account")
		}
	})
}

// TestTrustedAddress: an institution that is trusted with its addresses signs in
// the account whose proven address it names; nobody else's.
func TestTrustedAddress(t *testing.T) {
	t.Parallel()
	eachOIDC(t, func(h *house) {
		make := func(name string) access.Actor {
			id, err := h.Create(h.ctx, access.System, account.New{Email: name + "@tarn.example", Password: password})
			h.must(err)
			return h.actor(id)
		}
		edda, olena, jonas := make("edda"), make("olena"), make("jonas")
		h.prove(edda, "edda@tarn.example")
		h.prove(jonas, "jonas@tarn.example")
		got := map[string]bool{}
		for name, a := range map[string]access.Actor{"edda": edda, "olena": olena, "jonas": jonas} {
			out, err := h.through("tarn", name, access.Actor{})
			h.must(err)
			got[name] = h.resolve(out.Session).Actor.Account == a.Account
		}
		// Olena's address is not proven here; the provider does not vouch for Jonas's.
		if diff := cmp.Diff(map[string]bool{"edda": true, "olena": false, "jonas": false}, got); diff != "" {
			h.t.Errorf("signed in by address (-want +got):\n%s", diff)
		}
		out, err := h.through("orcid", "olena", access.Actor{})
		h.must(err)
		if out.Email != "" || out.Session != "" {
			h.t.Errorf("a provider that is not trusted with addresses: %+v", out)
		}
	})
}

// TestForgedAnswers: what does not belong to a sign-in begun in this browser is refused.
func TestForgedAnswers(t *testing.T) {
	t.Parallel()
	eachOIDC(t, func(h *house) {
		mira := h.person("mira")
		begin := func() (state string, q url.Values) {
			address, state, err := h.Begin(h.ctx, "tarn", "/", access.Actor{})
			h.must(err)
			return state, h.log(address, "edda")
		}
		finish := func(actor access.Actor, provider string, in account.Answer) error {
			_, err := h.Finish(h.ctx, actor, provider, in)
			return err
		}
		state, q := begin()
		good := account.Answer{State: q.Get("state"), Code: q.Get("code"), Browser: state}
		with := func(change func(*account.Answer)) account.Answer { a := good; change(&a); return a }
		h.refused(finish(access.Actor{}, "tarn", with(func(a *account.Answer) { a.Browser = "" })), fault.Invalid, "another browser")
		h.refused(finish(access.Actor{}, "tarn", account.Answer{Code: good.Code}), fault.Invalid, "no state at all")
		h.refused(finish(access.Actor{}, "tarn", with(func(a *account.Answer) { a.State, a.Browser = "forged", "forged" })), fault.Invalid, "a forged state")
		h.refused(finish(access.Actor{}, "none", good), fault.NotFound, "a provider that is none")
		h.must(finish(access.Actor{}, "tarn", good))
		h.refused(finish(access.Actor{}, "tarn", good), fault.Invalid, "the same answer twice")

		state, _ = begin()
		_, other := begin()
		h.refused(finish(access.Actor{}, "tarn", account.Answer{State: state, Browser: state, Code: other.Get("code")}), fault.Invalid, "the code of another sign-in (PKCE)")
		state, q = begin()
		h.refused(finish(access.Actor{}, "orcid", account.Answer{State: state, Browser: state, Code: q.Get("code")}), fault.Invalid, "another provider's answer")
		state, q = begin()
		h.refused(finish(access.Actor{}, "tarn", account.Answer{State: state, Browser: state, Code: q.Get("code"), Issuer: "https://elsewhere.example"}), fault.Invalid, "another issuer")
		state, _ = begin()
		h.refused(finish(access.Actor{}, "tarn", account.Answer{State: state, Browser: state, Error: "access_denied"}), fault.Invalid, "broken off at the provider")

		// What one account began to link, another that is signed in by now does not get.
		address, state, err := h.Begin(h.ctx, "tarn", "/", mira)
		h.must(err)
		q = h.log(address, "edda")
		h.refused(finish(h.person("ravi"), "tarn", account.Answer{State: state, Browser: state, Code: q.Get("code")}), fault.Invalid, "linking to another account")
	})
}

// TestProviderDoesNotAnswer: one without a discovery document does not, and one on a network
// inside that nobody has named is not even asked.
func TestProviderDoesNotAnswer(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	h := newHouse(t, d)
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; w.WriteHeader(http.StatusNotFound) }))
	t.Cleanup(server.Close)
	h.Providers = []account.Provider{{ID: "tarn", Name: "Tarn Institute", Issuer: server.URL, ClientID: "x"}}
	_, _, err := h.Begin(h.ctx, "tarn", "/", access.Actor{})
	h.refused(err, fault.Unavailable, "a provider inside")
	if asked != 0 {
		t.Errorf("a provider inside was asked %d times", asked)
	}
	h.HTTP = fetch.Client(netip.MustParsePrefix("127.0.0.0/8"))
	_, _, err = h.Begin(h.ctx, "tarn", "/", access.Actor{})
	h.refused(err, fault.Unavailable, "a provider without a discovery document")
	if asked != 1 {
		t.Errorf("a provider on a network that is named was asked %d times", asked)
	}
}

// TestKeysInside: a provider whose description says that its keys are on a network inside is not followed there.
func TestKeysInside(t *testing.T) {
	t.Parallel()
	asked := 0
	listen, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	inside := &httptest.Server{Listener: listen, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; w.WriteHeader(http.StatusNotFound) })}}
	inside.Start()
	t.Cleanup(inside.Close)
	for reach, want := range map[string]bool{"127.0.0.1/32": false, "127.0.0.0/8": true} {
		h := oidcHouse(t, dbtest.SQLite(t))
		h.HTTP = fetch.Client(netip.MustParsePrefix(reach))
		h.HTTP.Transport = keysAt{inside.URL, h.HTTP.Transport}
		asked = 0
		if _, err := h.through("tarn", "edda", access.Actor{}); err == nil {
			t.Errorf("%s: signed in without a key of the provider", reach)
		}
		if (asked > 0) != want {
			t.Errorf("%s: what is inside was asked %d times", reach, asked)
		}
	}
}

// keysAt is a way to a provider whose description names another place for its keys.
type keysAt struct {
	place string
	way   http.RoundTripper
}

func (k keysAt) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := k.way.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration") {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	text := regexp.MustCompile(`"jwks_uri":"[^"]*"`).ReplaceAllString(string(body), `"jwks_uri":"`+k.place+`/keys"`)
	res.Body, res.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	return res, nil
}

func TestReadProviders(t *testing.T) {
	t.Parallel()
	env := func(name string) string { return map[string]string{"TARN_SECRET": "s3cret"}[name] }
	list, err := account.ReadProviders(strings.NewReader(`
- {id: tarn, name: Tarn Institute, issuer: "https://login.tarn.example", client_id: headwater, secret_env: TARN_SECRET, trust_email: true}
- {id: orcid, name: ORCID, issuer: "https://orcid.org", client_id: APP-1, orcid: sub, scopes: [profile]}
`), env)
	want := []account.Provider{{ID: "tarn", Name: "Tarn Institute", Issuer: "https://login.tarn.example", ClientID: "headwater", Secret: "s3cret", SecretEnv: "TARN_SECRET", TrustEmail: true},
		{ID: "orcid", Name: "ORCID", Issuer: "https://orcid.org", ClientID: "APP-1", ORCID: "sub", Scopes: []string{"profile"}}}
	if diff := cmp.Diff(want, list); diff != "" || err != nil {
		t.Errorf("providers (-want +got), %v:\n%s", err, diff)
	}
	for what, text := range map[string]string{
		"an id that is none":       `[{id: "T a", name: T, issuer: "https://t.example", client_id: x}]`,
		"an id twice":              `[{id: t, name: T, issuer: "https://t.example", client_id: x}, {id: t, name: T, issuer: "https://t.example", client_id: x}]`,
		"no client":                `[{id: t, name: T, issuer: "https://t.example"}]`,
		"an issuer without https":  `[{id: t, name: T, issuer: "http://t.example", client_id: x}]`,
		"a secret that is not set": `[{id: t, name: T, issuer: "https://t.example", client_id: x, secret_env: NONE}]`,
		"a secret in the file":     `[{id: t, name: T, issuer: "https://t.example", client_id: x, secret: y}]`,
	} {
		if _, err := account.ReadProviders(strings.NewReader(text), env); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

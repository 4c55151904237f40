// Package api is Headwater over REST: everything a page can do, with an OpenAPI
// 3.1 document made from the code. routes.go lists every operation with who may
// use it. Refusals are RFC 9457 problems in the caller's language; paging is by
// cursor; writes take an Idempotency-Key.
package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Who is the door of an operation.
type Who = access.Door

// The doors.
const (
	Anyone   = access.Anyone
	SignedIn = access.SignedIn
	Staff    = access.AnyStaff
	Auditors = access.Auditors
	Admins   = access.Admins
	Keepers  = access.Keepers
)

// Operation is one line of the list of routes, for the test that walks it.
type Operation struct {
	Pattern string // "GET /api/v1/calls/{id}"
	Who     Who
}

// API serves the operations.
type API struct {
	Services
	// Actor turns a request's bearer token or session into who asks.
	Actor func(*http.Request) (access.Actor, error)
	Clock clock.Source

	huma huma.API
	mux  *http.ServeMux
	list []Operation

	describing sync.Mutex
	described  map[string]bool // paths
}

// New registers every operation.
func New(s Services, actor func(*http.Request) (access.Actor, error), source clock.Source) *API {
	inWords()
	a := &API{Services: s, Actor: actor, Clock: source, mux: http.NewServeMux(), described: map[string]bool{}}
	config := huma.DefaultConfig("Headwater", "1.0.0")
	config.OpenAPIPath = descriptions
	config.DocsPath = "" // huma's page loads from outside
	config.SchemasPath = "/api/schemas"
	config.Info.Description = "One record from a need to a result: calls, proposals, reviews, decisions, awards, results."
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", Description: "A personal token of your account page."}}
	config.CreateHooks = nil // no $schema links in bodies
	config.Components.Schemas.RegisterTypeAlias(typeOf[lang.Text](), typeOf[textSchema]())
	a.huma = humago.New(a.mux, config)
	a.routes()
	return a
}

// Operations lists every operation with its gate.
func (a *API) Operations() []Operation { return a.list }

// OpenAPI is the document of all operations.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }

type requestKey struct{}

// Request is the HTTP request of an operation's context, for those that need headers.
func Request(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

// ServeHTTP finds out who asks and in which language, then serves the operation.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if a.Clock.Now != nil {
		ctx = clock.With(ctx, a.Clock)
	}
	ctx = lang.With(ctx, accepted(r))
	var actor access.Actor // nobody: what is published in a common protocol is the same for all
	if !isCommon(r.URL.Path) {
		var err error
		if actor, err = a.Actor(r.WithContext(ctx)); err != nil {
			write(ctx, w, err)
			return
		}
	}
	ctx = access.With(ctx, actor)
	r = r.WithContext(ctx)
	r = r.WithContext(context.WithValue(ctx, requestKey{}, r))
	if _, pattern := a.mux.Handler(r); pattern == "" || !lang.IsText(r.URL.Path) {
		write(ctx, w, fault.Missing())
		return
	}
	if strings.HasPrefix(r.URL.Path, descriptions) {
		a.describe(r)
	}
	a.mux.ServeHTTP(w, r)
}

// descriptions is where the API is described, in several forms.
const descriptions = "/api/openapi"

// describe has a description made once: the library makes each when it is first asked for, without a lock.
func (a *API) describe(r *http.Request) {
	a.describing.Lock()
	defer a.describing.Unlock()
	if !a.described[r.URL.Path] {
		a.mux.ServeHTTP(nowhere{}, r)
		a.described[r.URL.Path] = true
	}
}

// nowhere takes an answer that nobody reads.
type nowhere http.Header

func (n nowhere) Header() http.Header         { return http.Header(n) }
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n nowhere) WriteHeader(int)             {}

func accepted(r *http.Request) lang.Locale {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		if l, ok := lang.ParseLocale(tag); ok {
			return l
		}
	}
	return lang.English
}

// add registers one operation. route is "METHOD /path" below /api/v1, or an
// absolute path that begins with "/common-grants".
func add[I, O any](a *API, route string, who Who, summary string, serve func(context.Context, access.Actor, *I) (*O, error), options ...func(*huma.Operation)) {
	method, path, _ := strings.Cut(route, " ")
	if !isCommon(path) {
		path = "/api/v1" + path
	}
	room, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, "/api/v1"), "/"), "/")
	op := huma.Operation{OperationID: operationID(method, path), Method: method, Path: path, Summary: summary, Tags: []string{room},
		MaxBodyBytes: 4 << 20, BodyReadTimeout: 30 * time.Second,
		Errors: []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge,
			http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusServiceUnavailable}}
	if who != Anyone {
		op.Security = []map[string][]string{{"token": {}}}
	}
	op.Middlewares = huma.Middlewares{door(who)}
	for _, o := range options {
		o(&op)
	}
	if method == http.MethodPost && op.Metadata["asking"] == nil {
		a.changing(&op)
	}
	a.list = append(a.list, Operation{Pattern: method + " " + path, Who: who})
	shown(typeOf[I]())
	shown(typeOf[O]())
	name := byKey(bodyFields(typeOf[I]()))
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := serve(ctx, access.From(ctx), in)
		if err != nil {
			p := problem(ctx, moved(err, name))
			if isCommon(path) {
				return nil, asCommon(p)
			}
			return nil, p
		}
		return out, nil
	})
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// shown panics where a type embeds a type that is not exported: huma would leave
// its fields out of the document, and refuse them.
func shown(t reflect.Type) {
	if t.Kind() != reflect.Struct {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && !f.IsExported() {
			panic("api: " + t.String() + " embeds " + f.Name)
		}
		if f.Name == "Body" {
			shown(f.Type)
		}
	}
}

// bodyFields are the names that an operation's input has in its body.
func bodyFields(in reflect.Type) map[string]bool {
	names := map[string]bool{}
	body, ok := in.FieldByName("Body")
	if !ok {
		return names
	}
	t := body.Type
	if t.Kind() == reflect.Pointer { // a body that may be left out
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return names
	}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names[name] = true
	}
	return names
}

func operationID(method, path string) string {
	id := strings.ToLower(method)
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "/api/v1"), "/") {
		part = strings.Trim(part, "{}")
		if part != "" {
			id += "-" + part
		}
	}
	return id
}

// door refuses whoever may not pass, before anything of the request is read.
func door(who Who) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		if err := who.Pass(access.From(c.Context())); err != nil {
			_, out := humago.Unwrap(c)
			write(c.Context(), out, err)
			return
		}
		next(c)
	}
}

// fresh marks an operation that nobody does who has not shown within half an hour who they
// are: in a session of the pages, or by a token that may sign. What only reads is no exception:
// a token that reads may be a year old. Its page is marked the same way, see TestMatrix.
func fresh(op *huma.Operation) {
	op.Middlewares = append(op.Middlewares, func(c huma.Context, next func(huma.Context)) {
		if access.From(c.Context()).Elevated {
			next(c)
			return
		}
		_, out := humago.Unwrap(c)
		write(c.Context(), out, fault.New(fault.NotAllowed, "account.confirm.token"))
	})
}

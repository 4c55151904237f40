package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/arrival"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/web/account"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Server is the pages. Every field is set by internal/app; Handler checks nothing twice.
type Server struct {
	Pages
	Country lang.Text
	Zone    *time.Location
	Demo    bool
	// Clock is the source of time and chance of every request; zero: the real one.
	Clock clock.Source
	// Session turns a request into its actor and the person's own settings; the
	// zero Settings take the browser's language and the installation's zone.
	Session func(*http.Request) (access.Actor, Settings, error)
	// Waiting counts what waits for the person, for the menu.
	Waiting func(context.Context, access.Actor) (int, error)
	// API answers below /api/; Probes below /healthz, /readyz and /metrics.
	API, Probes http.Handler
}

// Settings are what a person chose for all pages.
type Settings struct {
	Locale lang.Locale
	Zone   *time.Location
}

// Handler is the whole site.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range s.Routes() {
		mux.Handle(route.Pattern, s.gate(route))
	}
	mux.Handle("GET /static/{tag}/{name}", shell.Handle(shell.ServeStatic))
	mux.Handle("/", shell.Handle(func(http.ResponseWriter, *http.Request) error { return fault.Missing() }))
	site := s.view(methods(mux))
	root := http.NewServeMux()
	if s.API != nil {
		root.Handle("/api/", s.API)
		root.Handle("/common-grants/", s.API)
	}
	if s.Probes != nil {
		for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
			root.Handle(path, s.Probes)
		}
	}
	root.Handle("/", http.NewCrossOriginProtection().Handler(site))
	return s.outermost(root)
}

// methods answers a wrong method with a page of ours instead of the mux's plain text.
func methods(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" || !lang.IsText(r.URL.Path) || (pattern == "/" && r.Method != http.MethodGet && r.Method != http.MethodHead) {
			shell.Fail(w, r, fault.Missing())
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// policy is the content policy: everything from here, nothing inline.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"

// outermost stamps the time, sets the headers that every answer carries, and turns a
// panic into an error page.
func (s *Server) outermost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if s.Clock.Now != nil {
			ctx = clock.With(ctx, s.Clock)
		}
		r = r.WithContext(arrival.Stamp(ctx))
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store") // of the program's own files alone another is said
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		if len(r.TransferEncoding) > 0 { // no browser sends one; nobody may hide a second request behind a length that differs (RFC 9112, 6.3)
			h.Set("Connection", "close")
		}
		if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				slog.ErrorContext(r.Context(), "panic", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				shell.Fail(w, r, fault.New(fault.Internal, "fault.internal"))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// view finds out who asks and in which language and zone they read.
func (s *Server) view(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/static/") {
			next.ServeHTTP(w, r)
			return
		}
		v := &shell.View{Zone: s.Zone, Now: clock.Now(r.Context()), URL: r.URL, Country: s.Country, Demo: s.Demo}
		actor, settings, err := s.Session(r)
		if settings.Zone != nil {
			v.Zone = settings.Zone
		}
		v.Locale = s.language(w, r, settings.Locale)
		ctx := access.With(shell.With(r.Context(), v), actor)
		v.Actor, v.Writer = actor, s.Account.Writer(w, r, actor)
		if !actor.Public() && s.Waiting != nil {
			v.Count = func(ctx context.Context) (int, error) { return s.Waiting(ctx, actor) }
		}
		r = r.WithContext(ctx)
		if err != nil {
			shell.Fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// language is what was chosen just now, before, in the settings, or in the browser, in this order.
func (s *Server) language(w http.ResponseWriter, r *http.Request, own lang.Locale) lang.Locale {
	w.Header().Add("Vary", "Accept-Language, Cookie")
	if l, ok := lang.ParseLocale(r.URL.Query().Get("lang")); ok {
		s.Account.KeepLanguage(w, r, l)
		return l
	}
	if c, err := r.Cookie(account.LanguageCookie); err == nil {
		if l, ok := lang.ParseLocale(c.Value); ok {
			return l
		}
	}
	if own != "" {
		return own
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		if l, ok := lang.ParseLocale(tag); ok {
			return l
		}
	}
	return lang.English
}

// Local reports whether next is an address of this site, so that a link cannot
// send people elsewhere after signing in.
func Local(next string) bool {
	u, err := url.Parse(next)
	return err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/") && !strings.HasPrefix(next, "//") && !strings.Contains(next, `\`)
}

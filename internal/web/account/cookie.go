package account

import (
	"net"
	"net/http"
	"net/netip"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// The cookies. A browser keeps a "__Host-" cookie only from https, for this very
// host, so that no neighbour under the same domain can set or read it.
const (
	sessionCookie = "hw"          // secret of the session
	stateCookie   = "hw_state"    // sign-in at a provider that is under way
	pendingCookie = "hw_identity" // identity without an account yet
	writerCookie  = "hw_writer"   // who is signed in, to say it once the session is over; until they sign out
)

// secure reports whether cookies need https. Only a browser on this machine, or
// the demonstration, may do without.
func (p *Pages) secure(r *http.Request) bool {
	return r.TLS != nil || !(p.Svc.Demo || loopback(r.Host))
}

func loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func (p *Pages) name(r *http.Request, name string) string {
	if p.secure(r) {
		return "__Host-" + name
	}
	return name
}

func (p *Pages) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(p.name(r, name))
	if err != nil {
		return ""
	}
	return c.Value
}

// keep sets a cookie that scripts cannot read and other sites do not send; it
// ends after seconds, with the browser for 0, at once below.
func (p *Pages) keep(w http.ResponseWriter, r *http.Request, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{Name: p.name(r, name), Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: p.secure(r), SameSite: http.SameSiteLaxMode})
}

// sessionSeconds is how long a browser keeps a session at most; the server ends it sooner when it is not used.
const sessionSeconds = 90 * 24 * 3600

func (p *Pages) enter(w http.ResponseWriter, r *http.Request, secret string) {
	p.keep(w, r, sessionCookie, secret, sessionSeconds)
}

// LanguageCookie keeps the language that was chosen last, in the head of a page or in the settings. It is no secret, so
// that it has one name with https and without.
const LanguageCookie = "hw_lang"

// KeepLanguage notes a language that was chosen.
func (p *Pages) KeepLanguage(w http.ResponseWriter, r *http.Request, l lang.Locale) {
	http.SetCookie(w, &http.Cookie{Name: LanguageCookie, Value: string(l), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: p.secure(r), SameSite: http.SameSiteLaxMode})
}

// Writer is who writes in this browser: who is signed in, else who was until their session ended.
func (p *Pages) Writer(w http.ResponseWriter, r *http.Request, a access.Actor) string {
	was := p.cookie(r, writerCookie)
	if a.Public() {
		return was
	}
	is := shell.Writer(a)
	if is != was {
		p.keep(w, r, writerCookie, is, sessionSeconds)
	}
	return is
}

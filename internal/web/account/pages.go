// Package account is the pages of signing in and of one's own account: password
// and other providers, recovery, invitations, sessions, tokens, consents, acting for another
// person; and the roles, for admins.
package account

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Pages are the handlers. Svc is needed; the zero value of the rest is safe.
type Pages struct {
	Svc *account.Service
	// Agencies are the choices of the settings; none without it.
	Agencies func(context.Context) ([]account.Choice, error)
	// Invented are the people whom the demonstration offers.
	Invented func(context.Context) ([]Invented, error)
	// Trusted are the proxies whose X-Forwarded-For is believed.
	Trusted []netip.Prefix
}

// Invented is one person of the demonstration.
type Invented struct {
	Account, Name string
	What          string // what they are, in the viewer's language
	Waits         string // what waits for them
}

// Address is the client's address on the network: what the last trusted proxy saw.
func (p *Pages) Address(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trusts(ip); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = before.Unmap()
	}
	return ip.String()
}

func (p *Pages) trusts(ip netip.Addr) bool {
	for _, prefix := range p.Trusted {
		if prefix.Contains(ip) {
			return true
		}
	}
	return false
}

// Session is what the request's cookie stands for.
func (p *Pages) Session(r *http.Request) (account.Session, error) {
	return p.Svc.Resolve(r.Context(), p.cookie(r, sessionCookie))
}

// again draws a form once more where err is the person's to mend, with its
// status; other errors go on.
func again(w http.ResponseWriter, r *http.Request, err error, page func(shell.Refusal) error) error {
	refusal, ok := shell.Refused(err)
	if !ok {
		return err
	}
	return page(refusal)
}

// status of a form that is drawn: 200 the first time, 422 when it was refused.
func status(refusal shell.Refusal) int {
	if refusal.Any() {
		return fault.Invalid.Status()
	}
	return http.StatusOK
}

// next is where to go after signing in: an address of this site.
func next(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") || strings.HasPrefix(path, "/sign-") {
		return "/home"
	}
	return path
}

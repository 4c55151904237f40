// Package web is Headwater's pages over HTTP. routes.go lists every route with
// who may use it; the handlers live with their room in web/<room>; the frame
// and the parts that all pages share live in web/shell.
package web

import (
	"net/http"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Who is the coarse gate of a route: who gets past the door. What they see and
// may do inside, the room's service decides for the record at hand.
type Who string

// The gates.
const (
	Anyone   Who = "anyone"
	SignedIn Who = "signed in"
	Staff    Who = "staff" // programme officers and those who sign decisions
	Auditors Who = "auditors"
	Admins   Who = "admins"
	Keepers  Who = "keepers" // who lets records end, or checks that: programme officers, auditors, admins
	DemoOnly Who = "demo"    // only where one-click sign-in is on
)

// Route is one address: "GET /calls/{id}", its gate and its handler.
type Route struct {
	Pattern string
	Who     Who
	Handle  shell.Handler
}

// pass reports whether a may go through the gate.
func (w Who) pass(a access.Actor, demo bool) error {
	ok := false
	switch w {
	case Anyone:
		ok = true
	case DemoOnly:
		if !demo {
			return fault.Missing()
		}
		ok = true
	case SignedIn:
		ok = !a.Public()
	case Staff:
		ok = a.HasAny(access.Officer) || a.HasAny(access.Decider)
	case Auditors:
		ok = a.HasAny(access.Auditor) || a.HasAny(access.Admin)
	case Admins:
		ok = a.HasAny(access.Admin)
	case Keepers:
		ok = a.HasAny(access.Officer) || a.HasAny(access.Auditor) || a.HasAny(access.Admin)
	}
	switch {
	case ok:
		return nil
	case a.Public():
		return fault.New(fault.SignIn, "fault.signin")
	}
	return fault.New(fault.NotAllowed, "fault.denied")
}

// gate puts the door before the handler.
func (s *Server) gate(route Route) http.Handler {
	return shell.Handle(shell.OwnHand(func(w http.ResponseWriter, r *http.Request) error {
		if err := route.Who.pass(access.From(r.Context()), s.Demo); err != nil {
			return err
		}
		return route.Handle(w, r)
	}))
}

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

// Who is the door of a route.
type Who = access.Door

// The doors.
const (
	Anyone       = access.Anyone
	SignedIn     = access.SignedIn
	Staff        = access.AnyStaff
	Auditors     = access.Auditors
	Admins       = access.Admins
	Keepers      = access.Keepers
	DemoOnly Who = "demo" // where one-click sign-in is on
)

// Route is one address: "GET /calls/{id}", its gate and its handler.
type Route struct {
	Pattern string
	Who     Who
	Handle  shell.Handler
}

// enter reports whether a may go through the door of a route.
func (s *Server) enter(who Who, a access.Actor) error {
	switch {
	case who != DemoOnly:
		return who.Pass(a)
	case !s.Demo:
		return fault.Missing()
	}
	return nil
}

// gate puts the door before the handler.
func (s *Server) gate(route Route) http.Handler {
	return shell.Handle(shell.OwnHand(func(w http.ResponseWriter, r *http.Request) error {
		if err := s.enter(route.Who, access.From(r.Context())); err != nil {
			return err
		}
		return route.Handle(w, r)
	}))
}

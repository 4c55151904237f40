package web

import (
	"github.com/headwater-platform/headwater/internal/web/home"
)

// Pages are the rooms' pages; internal/app fills them in.
type Pages struct {
	Home *home.Pages
}

// Routes lists every page with who may use it. A test walks it: a route that
// the matrix in testdata/access.yaml does not name fails.
func (s *Server) Routes() []Route {
	return []Route{
		// home
		{"GET /{$}", Anyone, s.Home.Front},
		{"GET /home", SignedIn, s.Home.Mine},
		// account

		// register

		// strategy

		// scheme

		// call

		// proposal

		// review

		// decision

		// award and result

		// insight

		// ledger

		// exchange

	}
}

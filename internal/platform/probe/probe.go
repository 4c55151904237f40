// Package probe answers those who watch the installation: /healthz (the process
// lives), /readyz (it can serve: database, schema, ledger, and it stays) and /metrics
// (Prometheus). None of them names a person or a record.
package probe

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/job"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/mail"
)

// Limits of /readyz.
const (
	patience = 3 * time.Second  // for all of its checks together
	lag      = 60 * time.Second // an entry normally has its place within a second
)

// Probes is what is watched. Every field but Token and Clock is needed.
type Probes struct {
	DB     *db.DB
	Ledger *ledger.Ledger
	Jobs   *job.Queue
	Mail   *mail.Service
	// Token lets whoever sends it as a bearer token read the metrics from
	// elsewhere. Without one, only this machine may, and no proxy on it.
	Token string
	// Clock is the installation's; zero: the real one.
	Clock clock.Source

	leaving atomic.Bool
}

// Leave has /readyz say no from now on: the server was asked to stop, and whoever
// spreads requests should spread them elsewhere before it does.
func (p *Probes) Leave() { p.leaving.Store(true) }

// Handler answers the three addresses.
func (p *Probes) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(p.DB.SQL(), "write"), collector{p})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", p.ready)
	mux.Handle("GET /metrics", p.guard(promhttp.HandlerFor(registry, promhttp.HandlerOpts{})))
	return mux
}

// check is the answer to one question of /readyz.
type check struct {
	OK   bool   `json:"ok"`
	Note string `json:"note,omitempty"`
}

// ready answers 200 if every check is well, else 503, with each by name.
func (p *Probes) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(p.clocked(r.Context()), patience)
	defer cancel()
	checks := map[string]check{"staying": p.staying()}
	switch {
	case !checks["staying"].OK: // who leaves says so at once, however busy the database is
	case p.DB.Hangs(): // and so who would wait for it
		checks["database"] = check{Note: "takes no writes"}
	default:
		checks["database"], checks["schema"], checks["ledger"] = p.database(ctx), p.schema(ctx), p.ledger(ctx)
	}
	status := http.StatusOK
	for _, c := range checks {
		if !c.OK {
			status = http.StatusServiceUnavailable
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(checks)
}

func (p *Probes) clocked(ctx context.Context) context.Context {
	if p.Clock.Now != nil {
		return clock.With(ctx, p.Clock)
	}
	return ctx
}

// The notes are for whoever runs the installation but may be read by anybody:
// they hold no error text of the database, which may name hosts and users.

func (p *Probes) database(ctx context.Context) check {
	var one int
	if err := p.DB.Q(ctx).QueryRowContext(ctx, `SELECT 1`).Scan(&one); err != nil {
		return check{Note: "does not answer"}
	}
	return check{OK: true}
}

func (p *Probes) schema(ctx context.Context) check {
	pending, err := db.Pending(ctx, p.DB)
	switch {
	case err != nil:
		return check{Note: "cannot be read"}
	case pending > 0:
		return check{Note: "behind: run headwater migrate"}
	}
	return check{OK: true}
}

func (p *Probes) ledger(ctx context.Context) check {
	s, err := p.Ledger.State(ctx)
	switch {
	case err != nil:
		return check{Note: "cannot be read"}
	case !s.Oldest.IsZero() && clock.Now(ctx).Sub(s.Oldest) > lag:
		return check{Note: "entries have waited for their place for more than a minute"}
	}
	return check{OK: true}
}

func (p *Probes) staying() check {
	if p.leaving.Load() {
		return check{Note: "was asked to stop"}
	}
	return check{OK: true}
}

// guard lets this machine read, and whoever holds the token.
func (p *Probes) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		held := p.Token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(p.Token)) == 1
		if !held && !local(r) {
			http.Error(w, "only from this machine, or with the token of the metrics", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// local reports whether r comes from this machine and not through a proxy on it.
func local(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}

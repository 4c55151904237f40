package probe

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/headwater-platform/headwater/internal/platform/clock"
)

func gauge(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("headwater_"+name, help, nil, nil)
}

var (
	ledgerEntries = gauge("ledger_entries", "Entries that have their place in the ledger.")
	ledgerWaiting = gauge("ledger_waiting_entries", "Entries that wait for their place.")
	ledgerLag     = gauge("ledger_lag_seconds", "Age of the oldest entry that waits for its place.")
	jobsWaiting   = gauge("jobs_waiting", "Jobs that wait or run.")
	jobsFailed    = gauge("jobs_failed", "Jobs that were given up.")
	jobsLag       = gauge("jobs_lag_seconds", "How long the first due job has been due.")
	mailsUnsent   = gauge("mails_unsent", "Mails that are due and not sent.")
	unread        = prometheus.NewDesc("headwater_unread", "1 for a part whose state could not be read.", []string{"part"}, nil)
)

// collector reads the state of the platform when it is asked for.
type collector struct{ p *Probes }

// Describe lists the figures.
func (collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{ledgerEntries, ledgerWaiting, ledgerLag, jobsWaiting, jobsFailed, jobsLag, mailsUnsent, unread} {
		out <- d
	}
}

// Collect reads the figures. A part that cannot be read is said to be unread
// and does not keep the others back.
func (c collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(c.p.clocked(context.Background()), patience)
	defer cancel()
	set := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	failed := func(part string, err error) bool {
		v := 0.0
		if err != nil {
			v = 1
		}
		set(unread, v, part)
		return err != nil
	}
	if s, err := c.p.Ledger.State(ctx); !failed("ledger", err) {
		set(ledgerEntries, float64(s.Size))
		set(ledgerWaiting, float64(s.Waiting))
		set(ledgerLag, age(ctx, s.Oldest))
	}
	if s, err := c.p.Jobs.State(ctx); !failed("jobs", err) {
		set(jobsWaiting, float64(s.Waiting))
		set(jobsFailed, float64(s.Failed))
		set(jobsLag, age(ctx, s.Oldest))
	}
	if c.p.Mail.Sends() {
		if n, err := c.p.Mail.Unsent(ctx); !failed("mail", err) {
			set(mailsUnsent, float64(n))
		}
	}
}

func age(ctx context.Context, since time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(0, clock.Now(ctx).Sub(since).Seconds())
}

package app

import (
	"net/netip"
	"time"

	"github.com/headwater-platform/headwater/engine/expertise"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/account"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/seal"
)

// Config is everything an installation can set. The zero value of a field is safe.
type Config struct {
	Database string // path of a SQLite file, or postgres://…
	Files    string // folder of uploaded files, or s3+https://host/bucket
	Scan     string // ClamAV's daemon, unix:/path or tcp:host:port; empty: uploads are not scanned
	Address  string // public address, "https://science.example.org": for links in mails
	Country  string // the installation's own name, shown in the head of each page; see [lang.Named]
	Zone     string // IANA name of the installation's time zone; UTC if empty
	Demo     bool   // one-click sign-in as anybody: for the demonstration only
	Relaxed  bool   // SQLite acknowledges before the disk does: for tests and demonstrations

	NoJobs   bool // jobs are left to other replicas on the same database
	ReadOnly bool // the database is a standby that follows another: nothing is written, and no key that signs is needed

	SMTP string // smtp://user:password@host:port; empty: mails stay in the outbox page
	From string // sender of mails

	MetricsToken string // who sends it may read /metrics; without one only this machine

	Providers    []account.Provider // other ways to sign in
	Proxies      []netip.Prefix     // proxies whose X-Forwarded-For is believed
	Reach        []netip.Prefix     // networks inside that addresses of others may lead to: package fetch
	SecondFactor []access.Role      // roles that hold only with a second factor
	Keys         seal.Keys          // seal what must lie in the database as it is; nil: it is not sealed

	Embedder   expertise.Embedder // embedding service whose likeness is blended with that of words; nil: none
	EmbedShare float64            // its share of a score, 0 to 1

	Clock clock.Source // zero: the real one
}

func (c Config) zone() (*time.Location, error) {
	if c.Zone == "" {
		return time.UTC, nil
	}
	return time.LoadLocation(c.Zone)
}

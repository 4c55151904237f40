package account

import (
	"context"
	"net/netip"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// window is how long a counter counts before it starts again.
const window = 15 * time.Minute

// How many tries a window has. They stand in the database, so that several
// replicas count together. A whole university may sign in from one network
// address: at sign-in, addresses count failures only. The limit of an account from
// anywhere is high, so that nobody can lock another person out with a few tries.
//
// Of links no failure can be told from a success without telling who has an account,
// so every ask counts. What protects a mailbox is its own limit; that of a network only
// bounds who asks for ever new addresses, and is far above a campus at a deadline.
const (
	pairLimit    = 10   // failures for one account from one network address
	accountLimit = 100  // failures for one account from anywhere
	addressLimit = 60   // failures from one network address
	mailLimit    = 3    // links of a kind mailed to one e-mail address
	askLimit     = 30   // links of a kind that one account asks for
	networkLimit = 1000 // links of a kind asked for from one network address
)

type counter struct {
	key   string
	limit int
}

// counters names what a try at kind counts against. Keys are hashes: the table
// is no list of who tried to sign in from where.
func counters(kind, email, address string, pair, account, from int) []counter {
	list := []counter{{digest(kind + "\nwhole\n" + email), account}}
	if address = network(address); address != "" {
		list = append(list, counter{digest(kind + "\nfrom\n" + address), from})
	}
	if pair > 0 {
		list = append(list, counter{digest(kind + "\npair\n" + email + "\n" + address), pair})
	}
	return list
}

// asksOf counts the links of a kind that an account asks for.
func asksOf(kind, account string) counter {
	return counter{digest(kind + "\nasks of\n" + account), askLimit}
}

// asksFrom counts the links of a kind that are asked for from a network.
func asksFrom(kind, address string) counter {
	return counter{digest(kind + "\nasks from\n" + network(address)), networkLimit}
}

// network is the part of a client's address that one party holds: all of IPv4,
// the first 64 bits of IPv6.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is6() {
		if p, err := ip.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

// count adds one to each counter, before the work, so that tries made at the
// same time cannot slip through, and reports whether one is over its limit.
func (s *Service) count(ctx context.Context, list []counter) (over bool, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		now := clock.Now(ctx)
		over = false
		for _, c := range list {
			var n int
			err := s.DB.Q(ctx).QueryRowContext(ctx, `INSERT INTO throttle (key, opened_at, count) VALUES ($1, $2, 1) ON CONFLICT (key) DO UPDATE SET
				count = CASE WHEN throttle.opened_at > $3 THEN throttle.count + 1 ELSE 1 END,
				opened_at = CASE WHEN throttle.opened_at > $3 THEN throttle.opened_at ELSE excluded.opened_at END
				RETURNING count`, c.key, db.At(now), db.At(now.Add(-window))).Scan(&n)
			if err != nil {
				return err
			}
			over = over || n > c.limit
		}
		return nil
	})
	return over, err
}

// forgive takes back what count added for a try that was no failure. The
// counters of the account start anew; those of the address only lose this one try.
func (s *Service) forgive(ctx context.Context, kind, email, address string) error {
	for _, key := range []string{digest(kind + "\nwhole\n" + email), digest(kind + "\npair\n" + email + "\n" + network(address))} {
		if err := s.exec(ctx, `DELETE FROM throttle WHERE key = $1`, key); err != nil {
			return err
		}
	}
	return s.exec(ctx, `UPDATE throttle SET count = count - 1 WHERE key = $1 AND count > 0`, digest(kind+"\nfrom\n"+network(address)))
}

func throttled() error { return fault.New(fault.Unavailable, "account.throttled") }

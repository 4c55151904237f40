package fetch

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// Bounds of one request.
const (
	patience  = 15 * time.Second
	mostBytes = 1 << 20 // of an answer's body
	mostSteps = 5       // of a redirect
)

// inside are the networks that are not the public internet, and those that lead into one by
// carrying an IPv4 address (RFC 6890 and the registries of IANA that it founded; RFC 6052,
// RFC 3056, RFC 4380 for the last ones). 168.63.129.16 is public by number and a cloud's
// own inside (Azure's wire server).
var inside = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// Refused is why an address was not connected to.
type Refused struct{ Address netip.Addr }

func (r Refused) Error() string {
	return fmt.Sprintf("%s is not a public address; name its network in --reach to allow it", r.Address)
}

// check refuses an address inside, unless reach holds it.
func check(ip netip.Addr, reach []netip.Prefix) error {
	ip = ip.Unmap().WithZone("")
	holds := func(p netip.Prefix) bool { return p.Contains(ip) }
	if slices.ContainsFunc(inside, holds) && !slices.ContainsFunc(reach, holds) {
		return Refused{ip}
	}
	return nil
}

// Client fetches from the public internet, and from the networks in reach. An answer is
// bounded in time and size; a redirect has at most five steps and never leads from https to
// http. It takes no proxy from the environment: that would choose the address for us.
func Client(reach ...netip.Prefix) *http.Client {
	dialer := &net.Dialer{Timeout: patience, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return check(at.Addr(), reach)
	}}
	transport := &http.Transport{DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: patience, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 2}
	return &http.Client{Timeout: patience, Transport: bounded{transport}, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		switch {
		case len(via) > mostSteps:
			return fmt.Errorf("more than %d redirects", mostSteps)
		case r.URL.Scheme != "https" && via[len(via)-1].URL.Scheme == "https":
			return errors.New("a redirect leads from https to " + r.URL.Scheme)
		}
		return nil
	}}
}

// bounded cuts bodies that are too long.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = &body{Closer: res.Body, r: io.LimitedReader{R: res.Body, N: mostBytes + 1}}
	}
	return res, err
}

// body fails where more than mostBytes come: a cut answer must not pass for a whole one.
type body struct {
	io.Closer
	r io.LimitedReader
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.r.N <= 0 {
		return 0, fmt.Errorf("the answer is longer than %d bytes", mostBytes)
	}
	return n, err
}

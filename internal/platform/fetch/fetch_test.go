package fetch_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/fetch"
)

var own = netip.MustParsePrefix("127.0.0.0/8")

func get(c *http.Client, address string) (string, error) {
	res, err := c.Get(address)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return string(b), err
}

func refused(t *testing.T, err error, what string) {
	t.Helper()
	var r fetch.Refused
	if !errors.As(err, &r) {
		t.Errorf("%s: %v, want a refusal", what, err)
	}
}

// TestInsideIsRefused: nothing inside is connected to, however it is written or found: by
// number, by a name that resolves to it, or by a redirect from an address that is allowed.
func TestInsideIsRefused(t *testing.T) {
	t.Parallel()
	secret := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "secret") }))
	t.Cleanup(secret.Close)
	port := secret.URL[strings.LastIndex(secret.URL, ":"):]
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0", "[::]", "10.1.2.3", "172.31.255.1", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fd00:ec2::254]",
		"100.100.100.200", "192.0.0.192", "168.63.129.16", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "[::7f00:1]", "224.0.0.1", "255.255.255.255"} {
		_, err := get(fetch.Client(), "http://"+host+port)
		refused(t, err, host)
	}
	if got, err := get(fetch.Client(own), secret.URL); got != "secret" || err != nil {
		t.Errorf("a network that is named: %q, %v", got, err)
	}

	// The first step is allowed, the second is another address of this machine that is not.
	one := netip.MustParsePrefix("127.0.0.1/32")
	leads := httptest.NewServer(http.RedirectHandler("http://127.0.0.2"+port, http.StatusFound))
	t.Cleanup(leads.Close)
	_, err := get(fetch.Client(one), leads.URL)
	refused(t, err, "a redirect to the inside")
}

func TestRedirectsAndBodiesAreBounded(t *testing.T) {
	t.Parallel()
	var round *httptest.Server
	round = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, round.URL, http.StatusFound) }))
	t.Cleanup(round.Close)
	if _, err := get(fetch.Client(own), round.URL); err == nil || !strings.Contains(err.Error(), "redirects") {
		t.Errorf("a ring of redirects: %v", err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	safe := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	t.Cleanup(safe.Close)
	c := fetch.Client(own)
	c.Transport = safe.Client().Transport // which knows the server's certificate
	if _, err := get(c, safe.URL); err == nil || !strings.Contains(err.Error(), "from https") {
		t.Errorf("from https to http: %v", err)
	}
	for size, whole := range map[int]bool{1 << 20: true, 1<<20 + 1: false} {
		long := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("x"), size)) }))
		if got, err := get(fetch.Client(own), long.URL); (err == nil) != whole || whole && len(got) != size {
			t.Errorf("an answer of %d bytes: %d, %v", size, len(got), err)
		}
		long.Close()
	}
}

// TestOnlyGlobalAddresses: what the standard library calls private, loopback, link-local,
// multicast or unspecified is refused, whatever its bytes.
func TestOnlyGlobalAddresses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var ip netip.Addr
		if b := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(rt, "address"); rapid.Bool().Draw(rt, "old") {
			ip = netip.AddrFrom4([4]byte(b))
			if rapid.Bool().Draw(rt, "mapped") {
				ip = netip.AddrFrom16(ip.As16())
			}
		} else {
			first := rapid.SampledFrom([][]byte{{0xfe, 0x80}, {0xfc}, {0xfd}, {0xff}, {0xfe, 0xc0}, {}}).Draw(rt, "first")
			copy(b, first)
			ip = netip.AddrFrom16([16]byte(b))
		}
		plain := ip.Unmap()
		if plain.IsPrivate() || plain.IsLoopback() || plain.IsLinkLocalUnicast() || plain.IsMulticast() || plain.IsUnspecified() {
			if fetch.Check(ip) == nil {
				rt.Fatalf("%s is allowed", ip)
			}
		}
	})
	for _, public := range []string{"1.1.1.1", "8.8.8.8", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::1"} {
		if err := fetch.Check(netip.MustParseAddr(public)); err != nil {
			t.Errorf("%s: %v", public, err)
		}
	}
}

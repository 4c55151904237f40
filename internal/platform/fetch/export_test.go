package fetch

import "net/netip"

// Check is check where nothing is allowed besides.
func Check(ip netip.Addr) error { return check(ip, nil) }

// Package clock is the one source of time and of chance. Everything that asks
// for either takes it from its context, so that a test or the demonstration can
// fix both and get the same bytes twice.
package clock

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Source gives the time and random bytes. Both must be safe for concurrent use.
type Source struct {
	Now  func() time.Time
	Rand io.Reader
}

var real = Source{Now: time.Now, Rand: rand.Reader}

type key struct{}

// With returns a context whose time and chance come from s.
func With(ctx context.Context, s Source) context.Context {
	return context.WithValue(ctx, key{}, s)
}

func from(ctx context.Context) Source {
	if s, ok := ctx.Value(key{}).(Source); ok {
		return s
	}
	return real
}

// Now is the present instant in UTC, cut to microseconds: the precision that
// both databases keep.
func Now(ctx context.Context) time.Time {
	return from(ctx).Now().UTC().Truncate(time.Microsecond)
}

// Bytes returns n random bytes.
func Bytes(ctx context.Context, n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(from(ctx).Rand, b); err != nil {
		panic("clock: random source failed: " + err.Error()) // crypto/rand never fails
	}
	return b
}

// ID returns a new UUIDv7 (RFC 9562, section 5.7) as text: 48 bits of Unix
// milliseconds, then random bits, so that keys made later sort later.
func ID(ctx context.Context) string {
	var u [16]byte
	copy(u[6:], Bytes(ctx, 10))
	ms := uint64(Now(ctx).UnixMilli())
	binary.BigEndian.PutUint32(u[0:], uint32(ms>>16))
	binary.BigEndian.PutUint16(u[4:], uint16(ms))
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	b := make([]byte, 36)
	hex.Encode(b[0:8], u[0:4])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	hex.Encode(b[9:13], u[4:6])
	hex.Encode(b[14:18], u[6:8])
	hex.Encode(b[19:23], u[8:10])
	hex.Encode(b[24:], u[10:])
	return string(b)
}

// Fixed is a source for tests: time starts at t and moves only by Advance;
// chance is a counter stretched by a linear congruential step from seed.
type Fixed struct {
	mu    sync.Mutex
	t     time.Time
	state uint64
}

// NewFixed returns a fixed source that starts at t.
func NewFixed(t time.Time, seed uint64) *Fixed { return &Fixed{t: t, state: seed | 1} }

// Source adapts f.
func (f *Fixed) Source() Source { return Source{Now: f.now, Rand: f} }

func (f *Fixed) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.t
}

// Advance moves the time by d.
func (f *Fixed) Advance(d time.Duration) { f.Set(f.now().Add(d)) }

// Set moves the time to t.
func (f *Fixed) Set(t time.Time) {
	f.mu.Lock()
	f.t = t
	f.mu.Unlock()
}

// Read fills p (SplitMix64: Steele, Lea, Flood 2014). It never fails.
func (f *Fixed) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range p {
		if i%8 == 0 {
			f.state += 0x9e3779b97f4a7c15
		}
		z := f.state
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		z ^= z >> 31
		p[i] = byte(z >> (8 * (i % 8)))
	}
	return len(p), nil
}

// Shifted is the real clock, moved on by Advance: for a walk that need not wait
// for a deadline.
type Shifted struct{ by atomic.Int64 }

// Source adapts s.
func (s *Shifted) Source() Source {
	return Source{Now: func() time.Time { return time.Now().Add(time.Duration(s.by.Load())) }, Rand: rand.Reader}
}

// Advance moves the time on by d.
func (s *Shifted) Advance(d time.Duration) { s.by.Add(int64(d)) }

package seal_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/seal"
)

// keys are those made of single bytes, in order.
func keys(t *testing.T, of ...byte) seal.Keys {
	t.Helper()
	var file strings.Builder
	for _, b := range of {
		file.WriteString(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32)) + "\n\n")
	}
	k, err := seal.Read(strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	one, both, other := keys(t, 1), keys(t, 2, 1), keys(t, 3)
	rapid.Check(t, func(rt *rapid.T) {
		text, place := rapid.String().Draw(rt, "text"), rapid.String().Draw(rt, "place")
		kept := one.Seal(t.Context(), place, text)
		if got, err := both.Open(place, kept); got != text || err != nil {
			rt.Fatalf("opened: %q, %v", got, err)
		}
		if len(text) > 3 && strings.Contains(kept, text) {
			rt.Fatalf("%q is to be read in %q", text, kept)
		}
		if _, err := one.Open(place+"x", kept); err == nil {
			rt.Fatal("it opens in another row")
		}
		at := rapid.IntRange(len("sealed/1 00000000 "), len(kept)-1).Draw(rt, "changed")
		if _, err := one.Open(place, kept[:at]+string(kept[at]^1)+kept[at+1:]); err == nil {
			rt.Fatalf("it opens with byte %d changed", at)
		}
		for _, x := range []struct {
			keys  seal.Keys
			kept  string
			stale bool
		}{{one, kept, false}, {both, kept, true}, {one, text, true}} {
			now, changed, err := x.keys.Renew(t.Context(), place, x.kept)
			if err != nil || changed != x.stale || (now != x.kept) != x.stale {
				rt.Fatalf("what is to be sealed anew is told wrong: %v, %v", changed, err)
			}
			if got, err := x.keys.Open(place, now); got != text || err != nil {
				rt.Fatalf("sealed anew it opens as %q, %v", got, err)
			}
		}
	})
	kept := one.Seal(t.Context(), "x", "secret")
	for _, k := range []seal.Keys{other, nil} {
		if _, err := k.Open("x", kept); !errors.Is(err, seal.ErrLocked) {
			t.Errorf("without the key: %v", err)
		}
	}
	var none seal.Keys
	if got, err := none.Open("x", none.Seal(t.Context(), "x", "secret")); got != "secret" || err != nil {
		t.Errorf("without keys: %q, %v", got, err)
	}
	if now, changed, err := none.Renew(t.Context(), "x", "secret"); now != "secret" || changed || err != nil {
		t.Errorf("without keys: %q, %v, %v", now, changed, err)
	}
	if one.Seal(t.Context(), "x", "secret") == kept {
		t.Error("the same secret is sealed alike twice")
	}
}

func TestKeysAreRead(t *testing.T) {
	t.Parallel()
	for file, says := range map[string]string{"": "none", "\n \n": "none", "c2hvcnQ=": "line 1", base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\nnot base64!": "line 2"} {
		_, err := seal.Read(strings.NewReader(file))
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "not base64") {
			t.Errorf("%q: %v, must say %q and repeat nothing", file, err, says)
		}
	}
}

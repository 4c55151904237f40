package app_test

import (
	"slices"
	"strings"
	"testing"
)

// TestWhatIsOfferedIsOpen sends each form that a page draws for somebody, as that somebody: the answer may be a rule of the
// service, but never that the form is not theirs. Who fills in a form that cannot be theirs has filled it in for nothing.
func TestWhatIsOfferedIsOpen(t *testing.T) {
	t.Parallel()
	for _, i := range []int{1, 3, 4, 5} {
		s := installation(t, scenes[i], 0)
		k, sent := s.keys(), 0
		for _, viewer := range slices.Concat(keepers, judgesToo) {
			if _, is := s.actor[viewer]; !is {
				continue // of another scene, or the public
			}
			secret := s.enter(viewer)
			for to, list := range s.forms(k, []string{viewer}, 3) {
				list = slices.DeleteFunc(list, func(r request) bool { return slices.Contains(s.held[to], r) }) // no page draws those
				for _, r := range list {
					sent++
					a := s.try(viewer, secret, r)
					if strings.HasPrefix(a.got, "403") || strings.HasPrefix(a.got, "404") {
						t.Errorf("%s is offered to %s, and answered by %s: %s", a.asked, viewer, a.got[:3], r.body)
					}
				}
			}
		}
		if sent < 100 {
			t.Errorf("scene %d: %d forms only", i, sent)
		}
	}
}

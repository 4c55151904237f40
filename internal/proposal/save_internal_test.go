package proposal

import "testing"

func TestHoldsZero(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`"plain"`:              false,
		`"\u0000"`:             true,
		`"a\\u0000"`:           false, // a backslash, and then letters
		`"a\\\u0000"`:          true,
		`"\\u0000 and \u0000"`: true,
		`"\\\\u0000\\u0000"`:   false,
		`"\u00001"`:            true,
		`"\u0001"`:             false,
	} {
		if got := holdsZero([]byte(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

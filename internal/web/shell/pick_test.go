package shell_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// TestPicked: what was typed last counts, also where the page still sends the key of what it was drawn with.
func TestPicked(t *testing.T) {
	t.Parallel()
	find := func(_ context.Context, text string, _ int) (found []register.Found, err error) {
		for _, name := range []string{"Theo", "Mira", "Li", "Li", "Ravi Solberg", "Ravi Solberg-Highmoor"} {
			if strings.HasPrefix(name, text) {
				found = append(found, register.Found{ID: name, Name: name})
			}
		}
		return found, nil
	}
	for name, c := range map[string]struct {
		sent    url.Values
		want    string // "" is refused
		offered int
	}{
		"chosen from the list":        {url.Values{"person": {"Theo"}, "person_text": {"Theo"}}, "Theo", 0},
		"drawn again, left as it was": {url.Values{"person": {"Theo"}, "person_text": {"Theo "}, "person_drawn": {"Theo"}}, "Theo", 0},
		"drawn again, changed":        {url.Values{"person": {"Theo"}, "person_text": {"Mira"}, "person_drawn": {"Theo"}}, "Mira", 0},
		"drawn again, emptied":        {url.Values{"person": {"Theo"}, "person_text": {""}, "person_drawn": {"Theo"}}, "", 0},
		"drawn again, nobody":         {url.Values{"person": {"Theo"}, "person_text": {"Zoe"}, "person_drawn": {"Theo"}}, "", 0},
		"several of the name":         {url.Values{"person_text": {"Li"}}, "", 2},
		"several that begin so":       {url.Values{"person_text": {"Ravi"}}, "", 2},
		"one whose name it is":        {url.Values{"person_text": {"Ravi Solberg"}}, "Ravi Solberg", 0},
		"nothing":                     {nil, "", 0},
	} {
		var pick shell.PickField
		got, err := shell.Picked(t.Context(), &shell.Form{Values: c.sent}, "person", &pick, find)
		if got != c.want || fault.Is(err, fault.Invalid) != (c.want == "") || len(pick.Found) != c.offered {
			t.Errorf("%s: %q, %v, %d offered; want %q, %d", name, got, err, len(pick.Found), c.want, c.offered)
		}
	}
}

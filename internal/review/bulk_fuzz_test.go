package review

import (
	"errors"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// FuzzReadBulk: a table of an officer's is read or refused in their words, within its bounds, and what is read stands in it.
func FuzzReadBulk(f *testing.F) {
	for _, text := range []string{
		"proposal,reviewer,do\nARC-1,Mira,ask\n",
		"\ufeffProposal;Reviewer;Do;least;most\n\"ARC-1\";\"Mira; the elder\";ADD;1;3\n;;\n",
		"do,proposal,reviewer,proposal\nask,\"a\nb\",c\n\n,\n",
		"proposal,reviewer\na,b\n", "proposal,reviewer,do\n\"a", "proposal,reviewer,do\na\"b,c,d\n", "\"\"\n", "\n;,\n", "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := readBulk(text)
		var told *fault.Error
		if err != nil && !errors.As(err, &told) {
			t.Errorf("a table that cannot be read is refused without a text for people: %v", err)
		}
		if len(lines) > mostBulk || len(lines) > strings.Count(text, "\n")+1 {
			t.Errorf("%d lines of %d bytes", len(lines), len(text))
		}
		last := 1
		for _, l := range lines {
			if l.Line <= last || l.Line > strings.Count(text, "\n")+1 {
				t.Errorf("line %d after line %d", l.Line, last)
			}
			last = l.Line
			for _, cell := range []string{l.Number, l.Name, l.Do, l.least, l.most} {
				if cell != strings.TrimSpace(cell) || len(cell) > 4*len(text) {
					t.Errorf("line %d holds %q", l.Line, cell)
				}
			}
		}
	})
}

package shell_test

import (
	"testing"

	"github.com/headwater-platform/headwater/internal/web/shell"
)

// TestSentences: a full-width mark takes its room with it, another is followed by a blank.
func TestSentences(t *testing.T) {
	t.Parallel()
	for want, list := range map[string][]string{
		"":             nil,
		"One.":         {"", "One.", ""},
		"One. Two.":    {"One.", "Two."},
		"甲。乙。":         {"甲。", "乙。"},
		"甲。Two. 乙？丙":   {"甲。", "Two.", "乙？", "丙"},
		"甲（共 2 家）":     {"甲", "（共 2 家）"},
		"甲（共 3 家）其余未知": {"甲（共 3 家）", "其余未知"},
	} {
		if got := shell.Sentences(list...); got != want {
			t.Errorf("%q became %q, not %q", list, got, want)
		}
	}
}

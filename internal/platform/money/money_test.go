package money

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a      Amount
		en, zh string
	}{
		{Whole(1250000, "XCR"), "Cr\u00a01,250,000", "Cr\u00a0125\u00a0万"},
		{Whole(611000000, "XCR"), "Cr\u00a0611,000,000", "Cr\u00a06.11\u00a0亿"},
		{Amount{1250050, "EUR"}, "€\u00a012,500.50", "€\u00a012,500.50"},
		{Amount{-50, "EUR"}, "€\u00a0−0.50", "€\u00a0−0.50"},
		{Whole(4000, "JPY"), "JP¥\u00a04,000", "JP¥\u00a04,000"},
		{Amount{1500, "KWD"}, "KWD\u00a01.500", "KWD\u00a01.500"},
	} {
		if got := c.a.Write(lang.English); got != c.en {
			t.Errorf("%v in English = %q, want %q", c.a, got, c.en)
		}
		if got := c.a.Write(lang.Chinese); got != c.zh {
			t.Errorf("%v in Chinese = %q, want %q", c.a, got, c.zh)
		}
	}
}

func TestParseReadsWhatPlainWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := Amount{rapid.Int64Range(-1e14, 1e14).Draw(t, "minor"), rapid.SampledFrom([]string{"EUR", "JPY", "KWD", "XCR"}).Draw(t, "currency")}
		got, err := Parse(a.Plain(), a.Currency)
		if err != nil || got != a {
			t.Fatalf("Parse(%q) = %v, %v; want %v", a.Plain(), got, err, a)
		}
	})
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "abc", "1.234", "12e3", "1.2.3", "999999999999999999"} {
		if a, err := Parse(s, "EUR"); err == nil {
			t.Errorf("Parse(%q) = %v, want refused", s, a)
		}
	}
}

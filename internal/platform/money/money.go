// Package money holds amounts in minor units with the exponent of ISO 4217.
package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/currency"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Amount is a sum of money: minor units (cents) of a currency.
type Amount struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// Exponent is the number of decimals of a currency by ISO 4217; 2 for codes
// that the standard leaves to private use.
func Exponent(code string) int {
	u, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	scale, _ := currency.Standard.Rounding(u)
	return scale
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// Whole makes an amount of n major units.
func Whole(n int64, code string) Amount { return Amount{n * pow10(Exponent(code)), code} }

// symbols of currencies that are better known by one than by their code.
var symbols = map[string]string{"EUR": "€", "GBP": "£", "USD": "US$", "JPY": "JP¥", "CNY": "CN¥", "XCR": "Cr"}

// Symbol is how the currency is written before an amount.
func Symbol(code string) string {
	if s, ok := symbols[code]; ok {
		return s
	}
	return code
}

// Write writes the amount for people: "Cr 1,250,000", with decimals only where
// there are any; from one million in Chinese "Cr 125 万".
func (a Amount) Write(l lang.Locale) string {
	if a.Currency == "" {
		return "—"
	}
	return Symbol(a.Currency) + "\u00a0" + a.Number(l)
}

// Number is Write without the currency, for columns whose head names it.
func (a Amount) Number(l lang.Locale) string {
	p := pow10(Exponent(a.Currency))
	whole, part := a.Minor/p, a.Minor%p
	if l == lang.Chinese && part == 0 && whole >= 1_000_000 && whole%10_000 == 0 {
		if whole >= 100_000_000 && whole%1_000_000 == 0 {
			return strconv.FormatFloat(float64(whole)/1e8, 'f', -1, 64) + "\u00a0亿"
		}
		return lang.Integer(l, whole/10_000) + "\u00a0万"
	}
	s := lang.Integer(l, whole)
	if part != 0 {
		if part < 0 {
			part = -part
			if whole == 0 {
				s = "−0"
			}
		}
		s += "." + fmt.Sprintf("%0*d", Exponent(a.Currency), part)
	}
	return s
}

// Plain writes the amount as a decimal without grouping, for forms and files: "1250000.50".
func (a Amount) Plain() string {
	e := Exponent(a.Currency)
	s := strconv.FormatInt(a.Minor, 10)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for len(s) <= e {
		s = "0" + s
	}
	if whole, part := s[:len(s)-e], s[len(s)-e:]; strings.Trim(part, "0") != "" {
		s = whole + "." + part
	} else {
		s = whole
	}
	if neg && s != "0" {
		return "-" + s
	}
	return s
}

// ErrSyntax says that a text is not an amount.
var ErrSyntax = errors.New("not an amount of money")

// Parse reads what people write: "1250000", "1,250,000.50", "1 250 000". A comma
// groups digits and a point begins decimals; more decimals than the currency
// has are refused.
func Parse(text, code string) (Amount, error) {
	s := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", ",", "", "，", "", "'", "", "’", "").Replace(strings.TrimSpace(text))
	s = strings.TrimSpace(strings.TrimPrefix(s, Symbol(code)))
	neg := strings.HasPrefix(s, "-") || strings.HasPrefix(s, "−")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "−")
	whole, part, _ := strings.Cut(s, ".")
	e := Exponent(code)
	if whole == "" || len(whole) > 15 || len(part) > e || strings.Trim(whole+part, "0123456789") != "" {
		return Amount{}, ErrSyntax
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", e-len(part)), 10, 64)
	if err != nil {
		return Amount{}, ErrSyntax
	}
	if neg {
		n = -n
	}
	return Amount{n, code}, nil
}

// Sum adds amounts by currency, in the order in which the currencies first occur.
func Sum(list []Amount) []Amount {
	var out []Amount
	for _, a := range list {
		found := false
		for i := range out {
			if out[i].Currency == a.Currency {
				out[i].Minor += a.Minor
				found = true
			}
		}
		if !found {
			out = append(out, a)
		}
	}
	return out
}

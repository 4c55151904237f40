package lang

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Integer groups digits in threes: 1,234,567.
func Integer(l Locale, n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

var zhWeekdays = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// Date writes a day: "Thu 15 April 2027", "2027年4月15日（周四）".
func Date(l Locale, t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	if l == Chinese {
		return fmt.Sprintf("%d年%d月%d日（%s）", t.Year(), int(t.Month()), t.Day(), zhWeekdays[t.Weekday()])
	}
	return t.Format("Mon 2 January 2006")
}

// ShortDate is Date without the weekday: "15 Apr 2027", "2027年4月15日".
func ShortDate(l Locale, t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	if l == Chinese {
		return fmt.Sprintf("%d年%d月%d日", t.Year(), int(t.Month()), t.Day())
	}
	return t.Format("2 Jan 2006")
}

// Day is a plain day of the record, "2027-04-15", as an argument of a message: it is
// written as Date writes it, and as it is where it is no day.
type Day string

// Write implements Writer.
func (d Day) Write(l Locale) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	return Date(l, t)
}

// DateTime writes an instant in t's own zone: "Thu 15 April 2027, 17:00".
func DateTime(l Locale, t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	if l == Chinese {
		return Date(l, t) + " " + t.Format("15:04")
	}
	return Date(l, t) + ", " + t.Format("15:04")
}

// Instant is a point in time as an argument of a message: it is written as DateTime writes it, with the name of its zone.
type Instant time.Time

// Write implements Writer.
func (i Instant) Write(l Locale) string {
	return DateTime(l, time.Time(i)) + " " + time.Time(i).Format("MST")
}

// Left says how long there is from now until t, in the coarsest unit that
// helps: "in 30 days", "in 5 hours", "12 minutes ago".
func Left(l Locale, now, t time.Time) string {
	d := t.Sub(now)
	key := "time.in"
	if d < 0 {
		d, key = -d, "time.ago"
	}
	switch {
	case d >= 48*time.Hour:
		return M(key+".days", int(d/(24*time.Hour))).In(l)
	case d >= 2*time.Hour:
		return M(key+".hours", int(d/time.Hour)).In(l)
	}
	return M(key+".minutes", int(d/time.Minute)).In(l)
}

// List joins items: "a, b and c", "甲、乙和丙". In Chinese a space stands beside letters and digits.
func List(l Locale, items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	if l != Chinese {
		return strings.Join(items[:last], ", ") + " and " + items[last]
	}
	before, after := strings.Join(items[:last], "、"), items[last]
	if end, _ := utf8.DecodeLastRuneInString(before); end < letters {
		before += " "
	}
	if start, _ := utf8.DecodeRuneInString(after); start < letters {
		after = " " + after
	}
	return before + "和" + after
}

// letters is where the letters of alphabets end: signs from there on stand beside Chinese without a space.
const letters = '\u2000'

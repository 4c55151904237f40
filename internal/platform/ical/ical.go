// Package ical writes calendars that programs read: iCalendar objects (RFC 5545) with the few properties
// that our events have.
package ical

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Event is one event. What is empty is not written.
type Event struct {
	UID        string    // the same whenever the event is written again
	Stamp      time.Time // when it was last revised
	Sequence   int64     // how often it was
	Start, End time.Time
	Day        string // "2027-04-15", of an event without hours; then Start and End do not count
	Summary    string
	Text       string
	Place      string
	URL        string
	Cancelled  bool
	Free       bool // whose calendar it stands in is not busy for it
}

// Write is a calendar of a product, such as "Calls", with these events.
func Write(product string, events []Event) string {
	var b strings.Builder
	line := func(name, value string) { fold(&b, name+":"+value) }
	line("BEGIN", "VCALENDAR")
	line("VERSION", "2.0")
	line("PRODID", "-//Headwater//"+product+"//EN")
	line("CALSCALE", "GREGORIAN")
	for _, e := range events {
		line("BEGIN", "VEVENT")
		line("UID", e.UID)
		line("DTSTAMP", utc(e.Stamp)) // without METHOD: when the event was last revised
		line("SEQUENCE", strconv.FormatInt(e.Sequence, 10))
		if e.Day != "" {
			line("DTSTART;VALUE=DATE", strings.ReplaceAll(e.Day, "-", ""))
		} else {
			line("DTSTART", utc(e.Start))
		}
		if e.Day == "" && !e.End.IsZero() {
			line("DTEND", utc(e.End))
		}
		for _, text := range [][2]string{{"SUMMARY", e.Summary}, {"DESCRIPTION", e.Text}, {"LOCATION", e.Place}} {
			if text[1] != "" {
				line(text[0], escape(text[1]))
			}
		}
		if e.URL != "" {
			line("URL", e.URL)
		}
		line("STATUS", map[bool]string{true: "CANCELLED", false: "CONFIRMED"}[e.Cancelled])
		line("TRANSP", map[bool]string{true: "TRANSPARENT", false: "OPAQUE"}[e.Free])
		line("END", "VEVENT")
	}
	line("END", "VCALENDAR")
	return b.String()
}

func utc(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// escape writes a TEXT value (RFC 5545, 3.3.11).
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(s)
}

// fold writes a content line in pieces of at most 75 octets, never inside a character
// (RFC 5545, 3.1).
func fold(b *strings.Builder, s string) {
	for room := 75; len(s) > room; room = 74 { // the blank that begins a further piece counts
		cut := room
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		b.WriteString(s[:cut] + "\r\n ")
		s = s[cut:]
	}
	b.WriteString(s + "\r\n")
}

package call

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// feedSize is how many calls or news a feed holds.
const feedSize = 200

// Calendar is GET /calls.ics: the deadlines of all calls that are planned or open.
// A feed is the same for everybody, signed in or not: programs fetch it unasked.
func (p *Pages) Calendar(w http.ResponseWriter, r *http.Request) error {
	var list []call.View
	for _, phase := range []call.Phase{call.IsOpen, call.Planned} {
		views, _, err := p.Calls.List(r.Context(), access.Actor{}, call.Filter{Phase: phase, Size: feedSize})
		if err != nil {
			return err
		}
		list = append(list, views...)
	}
	return p.calendar(w, r, list)
}

// CallCalendar is GET /calls/{id}/calendar: the deadline of one call.
func (p *Pages) CallCalendar(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Calls.Get(r.Context(), access.Actor{}, r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.calendar(w, r, []call.View{v})
}

func (p *Pages) calendar(w http.ResponseWriter, r *http.Request, list []call.View) error {
	ctx := r.Context()
	var b strings.Builder
	line := func(name, value string) { fold(&b, name+":"+value) }
	line("BEGIN", "VCALENDAR")
	line("VERSION", "2.0")
	line("PRODID", "-//Headwater//Calls//EN")
	line("CALSCALE", "GREGORIAN")
	for _, v := range list {
		if v.ClosesAt.IsZero() {
			continue
		}
		touched, err := p.touched(ctx, v.Call)
		if err != nil {
			return err
		}
		line("BEGIN", "VEVENT")
		line("UID", v.ID+"-closes")
		line("DTSTAMP", utc(touched)) // without METHOD: when the event was last revised
		line("SEQUENCE", strconv.FormatInt(max(0, v.Version-1), 10))
		line("DTSTART", utc(v.ClosesAt))
		line("SUMMARY", escape(shell.T(ctx, "call.feed.closes", v.Title)))
		line("DESCRIPTION", escape(shell.T(ctx, "call.closes.at", shell.InstantIn(ctx, v.ClosesAt, v.Zone), v.Zone)+"\n"+shell.Say(ctx, v.Summary)))
		line("URL", p.base(r)+"/calls/"+v.ID)
		line("STATUS", map[bool]string{true: "CANCELLED", false: "CONFIRMED"}[v.State == "cancelled"])
		line("TRANSP", "TRANSPARENT")
		line("END", "VEVENT")
	}
	line("END", "VCALENDAR")
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	_, err := w.Write([]byte(b.String()))
	return err
}

// touched is when anything public about a call was last changed.
func (p *Pages) touched(ctx context.Context, c call.Call) (time.Time, error) {
	news, err := p.Calls.News(ctx, c.ID, 1)
	return latest(news, c.OpensAt), err
}

func latest(news []call.News, otherwise time.Time) time.Time {
	if len(news) == 0 {
		return otherwise
	}
	return news[0].At
}

// base is the address that links in feeds begin with.
func (p *Pages) base(r *http.Request) string {
	if p.Address != "" {
		return p.Address
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
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

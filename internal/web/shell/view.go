package shell

import (
	"context"
	"math"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// View is what the frame of a page needs to know of who looks at it.
type View struct {
	Actor   access.Actor
	Locale  lang.Locale
	Zone    *time.Location
	Now     time.Time
	URL     *url.URL
	Country lang.Text // the installation's own name: "Republic of Aldermere"
	Demo    bool      // one-click sign-in is offered
	Writer  string    // who writes, see Writer; where nobody is signed in, who was last in this browser
	Waiting int       // things that wait for the person, once a page is drawn
	// Count finds Waiting; nil where nobody is signed in, or it is known. Only a page that
	// shows the menu asks: saving while typing must not pay for it.
	Count func(context.Context) (int, error)
}

type viewKey struct{}

// With returns a context that carries v; the middleware calls it once a request.
func With(ctx context.Context, v *View) context.Context {
	return lang.With(context.WithValue(ctx, viewKey{}, v), v.Locale)
}

// Of is the view of ctx.
func Of(ctx context.Context) *View {
	if v, ok := ctx.Value(viewKey{}).(*View); ok {
		return v
	}
	return &View{Locale: lang.English, Zone: time.UTC, URL: &url.URL{Path: "/"}}
}

// T is a text of the catalogue in the viewer's language.
func T(ctx context.Context, key string, args ...any) string {
	return lang.T(lang.Of(ctx), key, args...)
}

// Sentences joins sentences, or remarks in brackets, those that are empty left out.
func Sentences(list ...string) string {
	all := ""
	for _, s := range list {
		all += between(all, s) + s
	}
	return all
}

// When is a sentence that is said only where something holds.
func When(holds bool, sentence string) string {
	if holds {
		return sentence
	}
	return ""
}

// Then is a sentence with the blank that stands before a link that follows it.
func Then(sentence string) string { return sentence + between(sentence, "…") }

// between is the blank between two texts: none beside a full-width mark, as in Chinese, which brings its room along.
func between(before, after string) string {
	end, _ := utf8.DecodeLastRuneInString(before)
	if before == "" || after == "" || strings.ContainsRune("。！？；：）", end) || strings.HasPrefix(after, "（") {
		return ""
	}
	return " "
}

// Say writes a message, a text of the record, or an amount in the viewer's language.
func Say(ctx context.Context, w lang.Writer) string { return w.Write(lang.Of(ctx)) }

// Money writes minor units of a currency.
func Money(ctx context.Context, minor int64, currency string) string {
	return money.Amount{Minor: minor, Currency: currency}.Write(lang.Of(ctx))
}

// Percent is a share in whole per cent.
func Percent(share float64) int { return int(math.Round(share * 100)) }

// Number writes an integer with its digits grouped.
func Number(ctx context.Context, n int64) string { return lang.Integer(lang.Of(ctx), n) }

// Instant writes an instant in the viewer's zone: "Thu 15 April 2027, 17:00".
func Instant(ctx context.Context, t time.Time) string {
	return lang.DateTime(lang.Of(ctx), local(ctx, t))
}

// InstantIn writes an instant in a zone of its own, as deadlines are.
func InstantIn(ctx context.Context, t time.Time, zone string) string {
	if loc, err := time.LoadLocation(zone); err == nil && !t.IsZero() {
		t = t.In(loc)
	}
	return lang.DateTime(lang.Of(ctx), t)
}

// Day writes the day of an instant in the viewer's zone.
func Day(ctx context.Context, t time.Time) string { return lang.ShortDate(lang.Of(ctx), local(ctx, t)) }

// PlainDay writes a plain date "2027-04-15" of the record.
func PlainDay(ctx context.Context, day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return "—"
	}
	return lang.ShortDate(lang.Of(ctx), t)
}

// DayEnd is the last minute of a plain date of the record in the viewer's zone:
// a plain date is no instant, and what is due on it may be done the whole day.
// False for what is no date.
func DayEnd(ctx context.Context, day string) (time.Time, bool) {
	zone := Of(ctx).Zone
	if zone == nil {
		zone = time.UTC
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" 23:59", zone)
	return t, err == nil
}

// Left says how long there is until t: "in 30 days".
func Left(ctx context.Context, t time.Time) string { return lang.Left(lang.Of(ctx), Of(ctx).Now, t) }

func local(ctx context.Context, t time.Time) time.Time {
	if z := Of(ctx).Zone; z != nil && !t.IsZero() {
		return t.In(z)
	}
	return t
}

// Query is the address of this page with one query parameter set, the rest kept;
// an empty value removes it. Setting anything but "page" goes back to the first page.
func Query(ctx context.Context, name, value string) string {
	u := *Of(ctx).URL
	q := u.Query()
	if name != "page" && name != "after" {
		q.Del("page")
		q.Del("after")
	}
	if value == "" {
		q.Del(name)
	} else {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

// room is one entry of the main menu.
type room struct{ key, href, label string }

// rooms is the main menu for the viewer: at most seven, those that they use.
func rooms(v *View) []room {
	a := v.Actor
	if a.Public() {
		return []room{{"calls", "/calls", "nav.calls"}, {"awards", "/awards", "nav.awards"}, {"results", "/results", "nav.results"},
			{"priorities", "/priorities", "nav.priorities"}, {"needs", "/needs", "nav.needs"}, {"figures", "/figures", "nav.figures"}, {"data", "/open-data", "nav.data"}}
	}
	list := []room{{"home", "/home", "nav.home"}}
	staff := a.HasAny(access.Officer) || a.HasAny(access.Decider)
	switch {
	case staff:
		list = append(list, room{"calls", "/calls", "nav.calls"}, room{"decisions", "/decisions", "nav.decisions"},
			room{"awards", "/awards", "nav.awards"}, room{"maps", "/maps", "nav.maps"}, room{"priorities", "/priorities", "nav.priorities"}, room{"figures", "/figures", "nav.figures"})
	case a.HasAny(access.Auditor):
		list = append(list, room{"ledger", "/ledger", "nav.ledger"}, room{"calls", "/calls", "nav.calls"}, room{"decisions", "/decisions", "nav.decisions"},
			room{"awards", "/awards", "nav.awards"}, room{"figures", "/figures", "nav.figures"})
	case a.HasAny(access.Admin):
		list = append(list, room{"roles", "/admin/roles", "nav.roles"}, room{"register", "/organisations", "nav.register"},
			room{"imports", "/imports", "nav.imports"}, room{"retention", "/retention", "nav.retention"}, room{"ledger", "/ledger", "nav.ledger"}, room{"calls", "/calls", "nav.calls"})
	case a.HasAny(access.Finance):
		list = append(list, room{"payments", "/payments", "nav.payments"}, room{"awards", "/awards", "nav.awards"}, room{"calls", "/calls", "nav.calls"},
			room{"register", "/agencies", "nav.agencies"}, room{"figures", "/figures", "nav.figures"})
	case a.HasAny(access.Adviser):
		list = append(list, room{"advice", "/advice", "nav.advice"}, room{"maps", "/maps", "nav.maps"}, room{"figures", "/figures", "nav.figures"}, room{"calls", "/calls", "nav.calls"},
			room{"awards", "/awards", "nav.awards"}, room{"results", "/results", "nav.results"}, room{"priorities", "/priorities", "nav.priorities"})
	case a.HasAny(access.Analyst):
		list = append(list, room{"maps", "/maps", "nav.maps"}, room{"figures", "/figures", "nav.figures"}, room{"calls", "/calls", "nav.calls"}, room{"awards", "/awards", "nav.awards"},
			room{"results", "/results", "nav.results"}, room{"priorities", "/priorities", "nav.priorities"})
	case a.HasAny(access.Research), a.HasAny(access.Transfer):
		list = append(list, room{"proposals", "/proposals", "nav.proposals"}, room{"awards", "/awards", "nav.awards"},
			room{"needs", "/needs", "nav.needs"}, room{"results", "/results", "nav.results"}, room{"calls", "/calls", "nav.calls"})
	default:
		list = append(list, room{"proposals", "/proposals", "nav.my.proposals"}, room{"reviews", "/reviews", "nav.my.reviews"},
			room{"myawards", "/my-awards", "nav.my.awards"}, room{"calls", "/calls", "nav.calls"}, room{"needs", "/needs", "nav.needs"}, room{"bodies", "/bodies", "nav.bodies"})
	}
	return list
}

// Same is another address with this page's filter: the download beside a list.
func Same(ctx context.Context, path string) string {
	u := *Of(ctx).URL
	q := u.Query()
	q.Del("page")
	u.Path, u.RawQuery = path, q.Encode()
	return u.RequestURI()
}

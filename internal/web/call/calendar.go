package call

import (
	"context"
	"net/http"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/ical"
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
	var events []ical.Event
	for _, v := range list {
		if v.ClosesAt.IsZero() {
			continue
		}
		touched, err := p.touched(ctx, v.Call)
		if err != nil {
			return err
		}
		events = append(events, ical.Event{UID: v.ID + "-closes", Stamp: touched, Sequence: max(0, v.Version-1), Start: v.ClosesAt, Summary: shell.T(ctx, "call.feed.closes", v.Title),
			Text: shell.T(ctx, "call.closes.at", shell.InstantIn(ctx, v.ClosesAt, v.Zone), v.Zone) + "\n" + shell.Say(ctx, v.Summary), URL: p.base(r) + "/calls/" + v.ID, Cancelled: v.State == "cancelled", Free: true})
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	_, err := w.Write([]byte(ical.Write("Calls", events)))
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

package call

import (
	"context"
	"encoding/xml"
	"net/http"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// The elements of RFC 4287 that a feed of calls needs.
type (
	atomFeed struct {
		XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang    string      `xml:"xml:lang,attr"`
		ID      string      `xml:"id"`
		Title   string      `xml:"title"`
		Updated string      `xml:"updated"`
		Links   []atomLink  `xml:"link"`
		Author  atomPerson  `xml:"author"`
		Entries []atomEntry `xml:"entry"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr"`
		Href string `xml:"href,attr"`
	}
	atomPerson struct {
		Name string `xml:"name"`
	}
	atomEntry struct {
		ID      string     `xml:"id"`
		Title   string     `xml:"title"`
		Updated string     `xml:"updated"`
		Links   []atomLink `xml:"link"`
		Summary string     `xml:"summary"`
	}
)

// Feed is GET /calls.atom: what happened to calls, the newest first. Like the calendar
// it holds what everybody may know, whoever asks.
func (p *Pages) Feed(w http.ResponseWriter, r *http.Request) error {
	return p.feed(w, r, "", "/calls.atom", "/calls", shell.T(r.Context(), "call.feed.title"))
}

// CallFeed is GET /calls/{id}/feed: what happened to one call.
func (p *Pages) CallFeed(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	c, err := p.Calls.Known(r.Context(), id)
	if err != nil {
		return err
	}
	return p.feed(w, r, id, "/calls/"+id+"/feed", "/calls/"+id, shell.T(r.Context(), "call.feed.one", c.Number, c.Title))
}

func (p *Pages) feed(w http.ResponseWriter, r *http.Request, id, self, page, title string) error {
	ctx := r.Context()
	news, err := p.Calls.News(ctx, id, feedSize)
	if err != nil {
		return err
	}
	base := p.base(r)
	f := atomFeed{Lang: shell.Of(ctx).Locale.Tag(), ID: base + self, Title: title, Updated: stamp(latest(news, time.Unix(0, 0))), Author: atomPerson{"Headwater"},
		Links: []atomLink{{"self", "application/atom+xml", base + self}, {"alternate", "text/html", base + page}}}
	for _, n := range news {
		f.Entries = append(f.Entries, entry(ctx, base, n))
	}
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	if _, err := w.Write([]byte(xml.Header)); err != nil {
		return err
	}
	return xml.NewEncoder(w).Encode(f)
}

func entry(ctx context.Context, base string, n call.News) atomEntry {
	e := atomEntry{ID: "urn:uuid:" + n.ID, Title: shell.T(ctx, "call.feed."+n.Kind, n.Call.Title), Updated: stamp(n.At), Summary: shell.Say(ctx, n.Note)}
	href := base + "/calls/" + n.Call.ID
	switch n.Kind {
	case "published":
		e.Summary = shell.Say(ctx, n.Call.Summary)
	case "amended", "cancelled":
		href += "#" + n.ID
	case "extended":
		e.Summary = shell.Sentences(shell.T(ctx, "call.closes.at", shell.InstantIn(ctx, n.Call.ClosesAt, n.Call.Zone), n.Call.Zone), e.Summary)
	}
	e.Links = []atomLink{{"alternate", "text/html", href}}
	return e
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

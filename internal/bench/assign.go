package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/demo"
	"github.com/headwater-platform/headwater/internal/platform/access"
)

// Assign assigns the reviewers of one large call from its page, as an officer does.
type Assign struct {
	DB                string // postgres://… of an empty database; "" for SQLite in a temporary folder
	Program           string
	Proposals, People int
	Times             int // how often each step but the sending is done
	Log               io.Writer
}

// AssignFigures are the seconds from a click to the page that follows it, whole.
type AssignFigures struct {
	Proposals int                  `json:"proposals"`
	People    int                  `json:"people"`
	First     float64              `json:"first_suggestion_s"` // nothing is kept from before: texts are indexed and scored
	Steps     map[string][]float64 `json:"steps_s"`            // by step, rising
	Send      float64              `json:"send_s"`             // all invitations
	Invited   int                  `json:"invited"`
	MemoryMB  float64              `json:"memory_mb"`
	Database  string               `json:"database"`
}

// Run makes the country with the call, starts the server, and goes through the page's steps.
func (b Assign) Run(ctx context.Context) (f AssignFigures, err error) {
	f = AssignFigures{Proposals: b.Proposals, People: b.People, Steps: map[string][]float64{}}
	place, err := newScratch("assign", b.DB)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, place.remove()) }()
	f.Database = place.kind
	made, secret, err := b.make(ctx, place)
	if err != nil {
		return f, err
	}
	server, err := startServer(ctx, setting{program: b.Program, db: place.db, files: place.files, name: demo.Name, log: b.Log})
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	p := person{"http://" + server.address, secret}
	if err := b.walk(ctx, p, "/calls/"+made+"/assignment", &f); err != nil {
		return f, err
	}
	f.MemoryMB, err = server.memory()
	return f, err
}

// make is the country with the large call, and an officer who is signed in.
func (b Assign) make(ctx context.Context, place scratch) (call, secret string, err error) {
	err = place.country(ctx, func(a *app.App) error {
		made, err := demo.Large(ctx, a, b.Proposals, b.People)
		if err != nil {
			return err
		}
		call = made.ID
		secret, err = hire(ctx, a, access.Officer, made.AgencyID)
		return err
	})
	return call, secret, err
}

// walk suggests, looks, asks what if, and sends.
func (b Assign) walk(ctx context.Context, p person, page string, f *AssignFigures) error {
	suggest := url.Values{"each": {"3"}, "aim": {"total"}}
	var err error
	if _, f.First, err = p.do(ctx, http.MethodPost, page, suggest); err != nil {
		return err
	}
	for range b.Times {
		for name, query := range map[string]string{"page": "", "what if, total": "?aim=total&each=3&most=6", "what if, fair": "?aim=fair&each=3", "what if, random": "?aim=random&limit=50&each=3", "by reviewer": "/people"} {
			_, took, err := p.do(ctx, http.MethodGet, page+query, nil)
			if err != nil {
				return err
			}
			f.Steps[name] = append(f.Steps[name], took)
		}
		_, took, err := p.do(ctx, http.MethodPost, page, suggest)
		if err != nil {
			return err
		}
		f.Steps["suggestion"] = append(f.Steps["suggestion"], took)
	}
	for _, list := range f.Steps {
		slices.Sort(list)
	}
	ask, _, err := p.do(ctx, http.MethodGet, page+"/apply", nil)
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(ask, `name="run" value="`)
	run, _, found := strings.Cut(rest, `"`)
	if !found {
		return errors.New("the page that asks before sending has no suggestion")
	}
	sent, took, err := p.do(ctx, http.MethodPost, page+"/apply", url.Values{"run": {run}})
	if err != nil {
		return err
	}
	f.Send = took
	undo := "/undo?run=" + run
	if !strings.Contains(sent, undo) {
		return errors.New("after sending, the page does not offer to undo")
	}
	f.Invited, err = invited(p.do(ctx, http.MethodGet, page+undo, nil))
	return err
}

// counted is how the page that asks before undoing says how many were invited.
var counted = regexp.MustCompile(`([0-9,]+) invitations? that nobody has answered`)

func invited(undo string, _ float64, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	m := counted.FindStringSubmatch(undo)
	if m == nil {
		return 0, errors.New("the page that asks before undoing does not say how many were invited")
	}
	return strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
}

// person is a browser of somebody who is signed in.
type person struct{ address, secret string }

// do sends a request, follows where it leads, and says how long that took.
func (p person) do(ctx context.Context, method, path string, form url.Values) (body string, seconds float64, err error) {
	began := time.Now()
	r, err := http.NewRequestWithContext(ctx, method, p.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Cookie", "hw="+p.secret)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s answered %d", method, path, res.StatusCode)
	}
	return string(text), time.Since(began).Seconds(), err
}

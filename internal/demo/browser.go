package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// browser is one person before the pages: cookies, the page that is open, and
// the forms on it. It runs no script.
type browser struct {
	ctx    context.Context
	client *http.Client
	base   string
	path   string // of the page that is open
	status int
	body   string
	doc    *html.Node
}

func newBrowser(ctx context.Context, base string) (*browser, error) {
	jar, err := cookiejar.New(nil)
	return &browser{ctx: ctx, client: &http.Client{Jar: jar}, base: base}, err
}

func (b *browser) do(r *http.Request) error {
	r.Header.Set("Accept-Language", "en")
	res, err := b.client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	b.path, b.status, b.body = res.Request.URL.Path, res.StatusCode, string(body)
	b.doc, err = html.Parse(bytes.NewReader(body))
	return err
}

// open goes to an address and expects a page there.
func (b *browser) open(path string) error {
	r, err := http.NewRequestWithContext(b.ctx, http.MethodGet, b.base+path, nil)
	if err != nil {
		return err
	}
	if err := b.do(r); err != nil {
		return err
	}
	return b.expect(http.StatusOK)
}

// send posts values to an address, as a form would.
func (b *browser) send(path string, values url.Values) error {
	r, err := http.NewRequestWithContext(b.ctx, http.MethodPost, b.base+path, strings.NewReader(values.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// upload posts a file.
func (b *browser) upload(path, name string, content []byte) error {
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	f, err := m.CreateFormFile("file", name)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := m.Close(); err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(b.ctx, http.MethodPost, b.base+path, &body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", m.FormDataContentType())
	return b.do(r)
}

// expect checks the answer's status and that the page holds every text.
func (b *browser) expect(status int, texts ...string) error {
	if b.status != status {
		return fmt.Errorf("%s answered %d, expected %d: %s", b.path, b.status, status, b.heading())
	}
	for _, t := range texts {
		if !strings.Contains(b.body, html.EscapeString(t)) && !strings.Contains(b.body, t) {
			return fmt.Errorf("%s (%s) does not say %q", b.path, b.heading(), t)
		}
	}
	return nil
}

func (b *browser) lacks(texts ...string) error {
	for _, t := range texts {
		if strings.Contains(b.body, t) {
			return fmt.Errorf("%s says %q, which this person must not see", b.path, t)
		}
	}
	return nil
}

// heading is the page's h1 and what was refused, for messages.
func (b *browser) heading() string {
	var out []string
	walkNodes(b.doc, func(n *html.Node) {
		if n.Data == "h1" || n.Data == "li" && n.Parent.Parent != nil && attr(n.Parent.Parent.Parent, "role") == "alert" {
			out = append(out, strings.TrimSpace(textOf(n)))
		}
	})
	return strings.Join(out, "; ")
}

// fill collects the values of the page's form whose action ends so, as a browser
// would send them, and sets the given ones.
func (b *browser) fill(action string, set map[string]string) (url.Values, error) {
	var form *html.Node
	walkNodes(b.doc, func(n *html.Node) {
		if form == nil && n.Data == "form" && strings.HasSuffix(attr(n, "action"), action) && attr(n, "method") == "post" {
			form = n
		}
	})
	if form == nil {
		return nil, fmt.Errorf("%s has no form to %q", b.path, action)
	}
	values := url.Values{}
	walkNodes(form, func(n *html.Node) { collect(n, values) })
	for k, v := range set {
		values.Set(k, v)
	}
	return values, nil
}

func collect(n *html.Node, values url.Values) {
	name := attr(n, "name")
	switch {
	case name == "":
	case n.Data == "input":
		switch kind := attr(n, "type"); {
		case kind == "file":
		case (kind == "radio" || kind == "checkbox") && !has(n, "checked"):
		default:
			values.Set(name, attr(n, "value"))
		}
	case n.Data == "textarea":
		values.Set(name, textOf(n))
	case n.Data == "select":
		walkNodes(n, func(o *html.Node) {
			if o.Data == "option" && (has(o, "selected") || values.Get(name) == "" && !values.Has(name)) {
				values.Set(name, attr(o, "value"))
			}
		})
	}
}

// option is the value of the option of a select whose label begins so.
func (b *browser) option(name, label string) string {
	value := ""
	walkNodes(b.doc, func(n *html.Node) {
		if n.Data == "option" && attr(n.Parent, "name") == name && strings.HasPrefix(strings.TrimSpace(textOf(n)), label) {
			value = attr(n, "value")
		}
	})
	return value
}

// link is the address of the first link whose text begins so.
func (b *browser) link(text string) (string, error) {
	href := ""
	walkNodes(b.doc, func(n *html.Node) {
		if href == "" && n.Data == "a" && strings.HasPrefix(strings.TrimSpace(textOf(n)), text) {
			href = attr(n, "href")
		}
	})
	if href == "" {
		return "", fmt.Errorf("%s has no link %q", b.path, text)
	}
	return href, nil
}

func walkNodes(n *html.Node, visit func(*html.Node)) {
	if n == nil {
		return
	}
	if n.Type == html.ElementNode {
		visit(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walkNodes(c, visit)
	}
}

func attr(n *html.Node, name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var s strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s.WriteString(textOf(c))
	}
	return s.String()
}

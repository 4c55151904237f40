package browser_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Sizes of a window in CSS pixels.
const (
	desktop = 1280
	phone   = 390
	height  = 900
)

// patience is how long a window waits for what it was told to wait for.
const patience = 60 * time.Second

// window is one person before the pages: a tab with cookies of its own. What a
// test asks of the page is evaluated in an isolated world: the page's own
// script does not see it, and it works where the page may run none.
type window struct {
	*site
	t      *testing.T
	ctx    context.Context
	locale lang.Locale
	script bool

	mu       sync.Mutex
	problems []string // what the console said since the last look
}

// window opens a window that reads in a language and runs the pages' script or none.
func (s *site) window(t *testing.T, locale lang.Locale, script bool) *window {
	t.Helper()
	browser, err := chromium()
	must(t, err)
	w := &window{site: s, t: t, locale: locale, script: script}
	var cancel context.CancelFunc
	w.ctx, cancel = chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(w.hear))
	t.Cleanup(cancel)
	must(t, chromedp.Do(w.ctx))
	call(w, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}) // every window acts as the one in front
	w.allow(script)
	w.resize(desktop)
	w.open("/?lang=" + string(locale)) // as one chooses it in the head of a page
	return w
}

// hear notes errors of scripts and of the console, refusals of the content
// policy among them. The status of a page itself is looked at by press and open.
func (w *window) hear(ev any) {
	said := ""
	switch ev := ev.(type) {
	case *log.EventEntryAdded:
		if ev.Entry.Level == log.EntryLevelError && !(ev.Entry.Source == log.EntrySourceNetwork && strings.Contains(ev.Entry.Text, "422")) {
			said = ev.Entry.Text + " " + ev.Entry.URL
		}
	case *runtime.EventExceptionThrown:
		said = ev.ExceptionDetails.Text
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError {
			said = "console.error"
		}
	}
	if said != "" {
		w.mu.Lock()
		w.problems = append(w.problems, said)
		w.mu.Unlock()
	}
}

// heard is what the console said since the last look.
func (w *window) heard() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	said := w.problems
	w.problems = nil
	return said
}

func (w *window) allow(script bool) {
	w.t.Helper()
	call(w, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !script})
}

func (w *window) resize(width int64) {
	w.t.Helper()
	call(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
}

// open goes to an address and expects a page there.
func (w *window) open(path string) {
	w.t.Helper()
	w.arrive(http.StatusOK, path, chromedp.Navigate(w.url+path))
}

// press clicks what the selector names and expects a page with a status.
func (w *window) press(selector string, status int64) {
	w.t.Helper()
	w.has(selector)
	w.arrive(status, selector, chromedp.Click(chromedp.CSS(selector)))
}

// has expects something on the page.
func (w *window) has(selector string) {
	w.t.Helper()
	if !eval[bool](w, "document.querySelector("+quote(selector)+") !== null") {
		w.t.Fatalf("%s has no %s", w.path(), selector)
	}
}

// lacks expects that something is not on the page.
func (w *window) lacks(selector string) {
	w.t.Helper()
	if eval[bool](w, "document.querySelector("+quote(selector)+") !== null") {
		w.t.Errorf("%s has %s", w.path(), selector)
	}
}

// tell clicks what the selector names and says with which status the next page came.
func (w *window) tell(selector string) int64 {
	w.t.Helper()
	w.has(selector)
	return w.move(selector, chromedp.Click(chromedp.CSS(selector)))
}

func (w *window) arrive(status int64, what string, act chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if got := w.move(what, act); got != status {
		w.t.Fatalf("%s led to %s, which answered %d, not %d: %s", what, w.path(), got, status, w.text("h1, [role=alert], .field.is-bad"))
	}
}

// move does what leads to another page and returns its status; 200 within the same page.
func (w *window) move(what string, act chromedp.Action[chromedp.Void]) int64 {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, act)
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
	if res == nil {
		return http.StatusOK
	}
	return res.Status
}

// unfold opens the fold around something, where it is shut.
func (w *window) unfold(selector string) {
	w.t.Helper()
	if eval[bool](w, "document.querySelector("+quote(selector)+").closest('details').open") {
		return
	}
	must(w.t, chromedp.Do(w.ctx, chromedp.Click(chromedp.CSS("details:has("+selector+") > summary"))))
	if !eval[bool](w, "document.querySelector("+quote(selector)+").closest('details').open") {
		w.t.Fatalf("%s: the fold around %s stays shut", w.path(), selector)
	}
}

// until waits until the page makes a condition true; its script must be allowed.
func (w *window) until(condition string) {
	w.t.Helper()
	eval[bool](w, "new Promise(done => { const look = () => ("+condition+") ? done(true) : setTimeout(look, 10); look(); })")
}

// path is the address of the page that is open, without its query.
func (w *window) path() string { return eval[string](w, "location.pathname") }

// text is what the elements say that the selector names.
func (w *window) text(selector string) string {
	w.t.Helper()
	return eval[string](w, "Array.from(document.querySelectorAll("+quote(selector)+"), e => e.innerText).join(' | ')")
}

// says expects texts of the catalogue, in the language of the window.
func (w *window) says(keys ...string) {
	w.t.Helper()
	for _, key := range keys {
		if !lang.Has(key) {
			w.t.Fatalf("the catalogue has no %q", key)
		}
		w.reads(lang.T(w.locale, key))
	}
}

// reads expects words on the page, whatever its language.
func (w *window) reads(words ...string) {
	w.t.Helper()
	body := w.text("body")
	for _, one := range words {
		if !strings.Contains(squeeze(body), squeeze(one)) {
			w.t.Fatalf("%s does not say %q: %s", w.path(), one, w.text("h1, [role=alert]"))
		}
	}
}

// hides expects that words stand nowhere in the page's source.
func (w *window) hides(words ...string) {
	w.t.Helper()
	source := eval[string](w, "document.documentElement.outerHTML")
	for _, one := range words {
		if strings.Contains(source, one) {
			w.t.Errorf("%s says %q, which this person must not see", w.path(), one)
		}
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// fill writes into the fields of these names as a person does: what stood there
// is replaced. Choices are made by the value of the option.
func (w *window) fill(values map[string]string) {
	w.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		selector := "main [name=" + quote(name) + "]"
		w.has(selector)
		kind := eval[string](w, "(e => { e.focus(); if (e.select) e.select(); return e.type; })(document.querySelector("+quote(selector)+"))")
		switch kind {
		case "radio", "checkbox":
			must(w.t, chromedp.Do(w.ctx, chromedp.Click(chromedp.CSS(selector+"[value="+quote(value)+"]"))))
		case "select-one", "date", "datetime-local": // their own small windows are the browser's, not the page's
			eval[bool](w, "(e => { e.value = "+quote(value)+"; e.dispatchEvent(new Event('input', {bubbles: true})); return true; })(document.querySelector("+quote(selector)+"))")
		default:
			call(w, input.InsertText, input.InsertTextParams{Text: value})
		}
		if got := eval[string](w, "(e => new FormData(e.form).getAll(e.name).join())(document.querySelector("+quote(selector)+"))"); got != value {
			w.t.Fatalf("%s: %s holds %q after %q was written", w.path(), name, got, value)
		}
	}
}

// option is the value of the choice that names begins with.
func (w *window) option(name, label string) string {
	w.t.Helper()
	return eval[string](w, "Array.from(document.querySelectorAll("+quote("[name="+quote(name)+"] option")+")).find(o => o.textContent.trim().startsWith("+quote(label)+")).value")
}

// attach chooses a file of this machine.
func (w *window) attach(selector, file string) {
	w.t.Helper()
	must(w.t, chromedp.Do(w.ctx, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{file})))
}

// key presses a key once, as a keyboard does: the letter that it writes follows
// only where the page lets it.
func (w *window) key(name string, code int64, text string) {
	w.t.Helper()
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: name, Code: name, WindowsVirtualKeyCode: code, Text: text}
	if text == "" {
		down.Type = input.DispatchKeyEventTypeRawKeyDown
	}
	call(w, input.DispatchKeyEvent, down)
	call(w, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: name, Code: name, WindowsVirtualKeyCode: code})
}

// cookies are the window's own.
func (w *window) cookies() (out []*http.Cookie) {
	w.t.Helper()
	for _, c := range call(w, network.GetCookies, network.GetCookiesParams{URLs: []string{w.url}}).Cookies {
		out = append(out, &http.Cookie{Name: c.Name, Value: c.Value})
	}
	return out
}

// take loads an address with the window's cookies, as saving a link does.
func (w *window) take(path string) string {
	w.t.Helper()
	res, err := w.taker().Get(w.url + path)
	must(w.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(w.t, err)
	if res.StatusCode != http.StatusOK {
		w.t.Fatalf("%s answered %d", path, res.StatusCode)
	}
	return string(body)
}

// eval evaluates an expression in the isolated world of the page that is open;
// a promise is awaited.
func eval[T any](w *window, expression string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	var out T
	world, err := isolated(ctx)
	must(w.t, err)
	res, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: expression, ContextID: world, ReturnByValue: new(true), AwaitPromise: new(true)})
	if err != nil {
		w.t.Fatalf("%.200s: %v", expression, err)
	}
	if res.ExceptionDetails != nil {
		w.t.Fatalf("%.200s: %s", expression, (&chromedp.ExceptionError{ExceptionDetails: res.ExceptionDetails}).Error())
	}
	if err := json.Unmarshal(res.Result.Value, &out); err != nil {
		w.t.Fatalf("%.200s gave %.200s: %v", expression, res.Result.Value, err)
	}
	return out
}

func isolated(ctx context.Context) (runtime.ExecutionContextID, error) {
	tree, err := chromedp.Call(ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		return 0, err
	}
	world, err := chromedp.Call(ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: "test"})
	return world.ExecutionContextID, err
}

func quote(s string) string { return strconv.Quote(s) }

// call gives the tab one command of the DevTools protocol.
func call[P, R any](w *window, command cdp.Command[P, R], params P) R {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	out, err := chromedp.Call(ctx, command, params)
	must(w.t, err)
	return out
}

// send sends a file. The pages' script does it itself, to show how far it is, and
// says a refusal beside the field of the page that is open, so that there is no arrival.
func (w *window) send(selector string, status int64) {
	w.t.Helper()
	if !w.script || status == http.StatusOK {
		w.press(selector, status)
		return
	}
	must(w.t, chromedp.Do(w.ctx, chromedp.Click(chromedp.CSS(selector))))
	w.until("document.querySelector('form[data-upload] [role=alert]')")
}

// choose names somebody by typing: from the list that opens, or by the name alone
// where the page runs no script.
func (w *window) choose(field, name string) {
	w.t.Helper()
	w.fill(map[string]string{field + "_text": name})
	if !w.script {
		return
	}
	w.until("document.querySelector('.picks:not([hidden]) [role=option]')")
	w.key("ArrowDown", 40, "")
	w.key("Enter", 13, "\r")
	w.until("document.querySelector(" + quote("[name="+quote(field)+"]") + ").value !== ''")
}

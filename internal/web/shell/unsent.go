package shell

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// unsent is a form that was not taken, for the page that says so to keep.
type unsent struct {
	to     string // its address
	writer string // who wrote it, see Writer; "" where nobody was signed in, or nobody knows
	fields []sent
	files  []sent // by the name of their field: no page can hold a file, so it asks for them again
	lost   bool   // it held a secret, which no page repeats, or was no form that can be read again
	back   string // the page that it stands on, "" if the browser does not say
}

// sent is one field of a form.
type sent struct{ name, value string }

// writerField says in a form who wrote it, see Writer.
const writerField = "written_as"

// Proof is what the fields begin with by which somebody shows who they are in the middle of another form. They hold for
// this once: who sends the form again is asked again.
const Proof = "confirm_"

// secrets are the names under which our forms send what no page may repeat. They are whole names: a ballot that is secret, or a
// question about source code, is no secret of this kind.
var secrets = []string{"password", "before", "code"}

// unsentOf keeps what a form sent. A form with a secret in it is not kept: who sent one has it.
func unsentOf(w http.ResponseWriter, r *http.Request) unsent {
	u := unsent{to: r.URL.RequestURI(), writer: Of(r.Context()).Writer, back: cameFrom(r)}
	f, err := Parse(w, r)
	if err != nil || slices.ContainsFunc(secrets, f.Has) {
		u.lost = true
		return u
	}
	if f.Has(writerField) {
		u.writer = f.Get(writerField)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		if name == writerField || strings.HasPrefix(name, Proof) {
			continue
		}
		for _, value := range f.Values[name] {
			u.fields = append(u.fields, sent{name, value})
		}
	}
	if r.MultipartForm != nil {
		for _, name := range slices.Sorted(maps.Keys(r.MultipartForm.File)) {
			for _, file := range r.MultipartForm.File[name] {
				u.files = append(u.files, sent{name, file.Filename})
			}
		}
	}
	return u
}

// cameFrom is the page of ours on which a form stood.
func cameFrom(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host || !strings.HasPrefix(u.Path, "/") {
		return ""
	}
	return u.RequestURI()
}

// Writer names who writes, in forms and in a cookie: the account, the person in whose name it acts, and that person's name.
// It opens nothing. "" is the public.
func Writer(a access.Actor) string {
	if a.Public() {
		return ""
	}
	return url.QueryEscape(a.Account+" "+a.Person) + "," + url.QueryEscape(a.Name)
}

// sameHand reports whether two writers are the same, whatever their name was at the time.
func sameHand(a, b string) bool {
	a, _, _ = strings.Cut(a, ",")
	b, _, _ = strings.Cut(b, ",")
	return a == b
}

// writerName is the name in what Writer gave, "" if there is none.
func writerName(writer string) string {
	_, name, _ := strings.Cut(writer, ",")
	name, _ = url.QueryUnescape(name) // "" with an error
	return name
}

// OwnHand lets a form that says who wrote it through to h only from them, so that what one person wrote is not sent in the name
// of another who signed in meanwhile: who does that on purpose says so once more. The public acts in nobody's name.
func OwnHand(h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodPost || Actor(r).Public() {
			return h(w, r)
		}
		writer, said, err := writtenBy(w, r)
		switch {
		case err != nil:
			return err
		case !said || sameHand(writer, Writer(Actor(r))):
			r.PostForm.Del(writerField) // no handler asked for it
			return h(w, r)
		case FromScript(r):
			return otherHand(writer, r)
		}
		return Render(w, r, fault.Conflict.Status(), otherHandPage(otherHand(writer, r), unsentOf(w, r)))
	}
}

// writtenBy is who wrote a form, where it says so: our script in the head of the request, a page in a field. A form
// with files is not read for it: its handler reads it as it comes.
func writtenBy(w http.ResponseWriter, r *http.Request) (writer string, said bool, err error) {
	if list, said := r.Header["Written-As"]; said {
		return list[0], true, nil
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return "", false, nil
	}
	f, err := Parse(w, r)
	if err != nil {
		return "", false, err
	}
	return f.Get(writerField), f.Has(writerField), nil
}

// otherHand says that one person wrote what another sends.
func otherHand(writer string, r *http.Request) *fault.Error {
	if name := writerName(writer); name != "" {
		return fault.New(fault.Conflict, "shell.unsent.other", name, Actor(r).Name)
	}
	return fault.New(fault.Conflict, "shell.unsent.other.unknown", Actor(r).Name)
}

func fileID(i int) string { return "file-" + strconv.Itoa(i) }

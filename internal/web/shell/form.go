package shell

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// maxForm bounds a form without files.
const maxForm = 4 << 20

// Bytes is a size, written in the unit that fits: "20 MB".
type Bytes int64

// Write writes the size; one decimal below ten units.
func (b Bytes) Write(lang.Locale) string {
	units := []string{"B", "KB", "MB", "GB"}
	v, i := float64(b), 0
	for v >= 1000 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	if i == 0 || v >= 10 {
		return strconv.FormatFloat(v, 'f', 0, 64) + " " + units[i]
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " " + units[i]
}

// Form is what a person sent. Its readers collect refusals, so that all of them
// are shown at once; a page that is drawn again shows what was typed.
type Form struct {
	url.Values
	faults []*fault.Error
}

// Parse reads a form of at most 4 MB, in either of the encodings that browsers send.
// Errors: Invalid for what is no form, or no text.
func Parse(w http.ResponseWriter, r *http.Request) (*Form, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm() // before the parts: where there are none, that one forgets what was wrong here
	if err == nil {
		err = r.ParseMultipartForm(maxForm)
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return nil, fault.New(fault.Invalid, "fault.form").Because(err)
	}
	for name, list := range r.PostForm {
		if slices.ContainsFunc(list, func(text string) bool { return !lang.IsText(text) }) {
			return nil, fault.Field(name, "fault.letters")
		}
	}
	return &Form{Values: r.PostForm}, nil
}

// Text is a field without the blanks around it.
func (f *Form) Text(name string) string { return strings.TrimSpace(f.Get(name)) }

// Required is Text that may not be empty.
func (f *Form) Required(name string) string {
	s := f.Text(name)
	if s == "" {
		f.Refuse(name, "fault.required")
	}
	return s
}

// Int is a whole number; 0 if the field is empty.
func (f *Form) Int(name string) int64 {
	s := strings.NewReplacer(",", "", " ", "", "\u00a0", "").Replace(f.Text(name))
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		f.Refuse(name, "fault.number")
	}
	return n
}

// Float is a number; 0 if the field is empty.
func (f *Form) Float(name string) float64 {
	s := strings.ReplaceAll(f.Text(name), ",", ".")
	if s == "" {
		return 0
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) { // "NaN" is read as a number, and is within any bounds
		f.Refuse(name, "fault.number")
		return 0
	}
	return n
}

// Day is a plain date "2027-04-15"; "" if the field is empty.
func (f *Form) Day(name string) string {
	s := f.Text(name)
	if s == "" {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		f.Refuse(name, "fault.date")
	}
	return s
}

// On reports whether a box is ticked.
func (f *Form) On(name string) bool { return f.Get(name) != "" }

// Refuse notes that a field cannot be accepted.
func (f *Form) Refuse(name, key string, args ...any) {
	f.faults = append(f.faults, fault.Field(name, key, args...))
}

// Err is what was refused so far, nil if nothing.
func (f *Form) Err() error { return fault.Join(f.faults...) }

// Refusal is why a form was not accepted, for its page: a summary on top and a
// line at each field.
type Refusal struct {
	list  []*fault.Error
	place func(field string) (name, href string) // nil: the fields stand on the page itself
}

// At is r for a page that does not hold the fields: place says how a field is
// called and on which page it stands; no href, no link.
func (r Refusal) At(place func(field string) (name, href string)) Refusal {
	return Refusal{r.list, place}
}

// line is a refusal as the summary says it, and where it leads.
func (r Refusal) line(ctx context.Context, e *fault.Error) (text, href string) {
	text = e.Msg.In(lang.Of(ctx))
	if e.Field == "" {
		return text, ""
	}
	if r.place == nil {
		return text, "#" + e.Field
	}
	name, href := r.place(e.Field)
	if name == "" {
		return text, href
	}
	return T(ctx, "shell.refused.at", name, text), href
}

// Refused returns what to show with a form that is drawn again, and true, where
// err is the person's to mend (invalid, conflict, too large). Other errors are not the form's.
func Refused(err error) (Refusal, bool) {
	if err == nil {
		return Refusal{}, false
	}
	f := db.Fault(err)
	switch f.Kind {
	case fault.Invalid, fault.Conflict, fault.TooLarge:
		return Refusal{list: f.Each()}, true
	}
	return Refusal{}, false
}

// Any reports whether there is anything to show.
func (r Refusal) Any() bool { return len(r.list) > 0 }

// Count is the number of refusals.
func (r Refusal) Count() int { return len(r.list) }

// Of is the message for one field, "" if it was accepted.
func (r Refusal) Of(ctx context.Context, field string) string {
	for _, e := range r.list {
		if e.Field == field {
			return e.Msg.In(lang.Of(ctx))
		}
	}
	return ""
}

// Field is one labelled control. Name is also its id.
type Field struct {
	Name     string
	ID       string // where one page has several of the name; else Name
	Label    string
	Hint     string
	Value    string
	Type     string // text, email, password, date, number, search, url, datetime-local; text if empty
	Optional bool
	Error    string
	Rows     int
	Max      int               // characters; a counter is shown
	Complete string            // autocomplete
	Class    string            // short, num
	Unit     string            // written behind a number
	Lang     string            // language of the value
	Inputs   map[string]string // further attributes (data-…)
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// describedBy lists the ids of hint, error and counter.
func (f Field) describedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.id()+"-h")
	}
	if f.Error != "" {
		ids = append(ids, f.id()+"-e")
	}
	if f.Max > 0 {
		ids = append(ids, f.id()+"-c")
	}
	return strings.Join(ids, " ")
}

// Option is one choice.
type Option struct {
	Value, Label, Note string
	Chosen             bool
}

// Typed is what was typed in a field of a form that is drawn again; "" for a nil form.
func (f *Form) Typed(name string) string {
	if f == nil {
		return ""
	}
	return f.Get(name)
}

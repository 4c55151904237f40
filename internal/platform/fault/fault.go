// Package fault is the one error type of the rooms. A fault has a kind, a
// message for the person, and where it can, the field that it is about. It is
// turned into HTTP in two places only: once in web and once in api. Any other
// error is internal: logged in full, shown as a reference number.
package fault

import (
	"errors"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Kind says what sort of refusal a fault is. The set is closed.
type Kind int

// The kinds, with the HTTP status each becomes at the border.
const (
	Internal    Kind = iota // 500: not a refusal but a failure of ours
	Invalid                 // 422: the input cannot be accepted as it is
	NotFound                // 404: it is not there, or this viewer may not know of it
	NotAllowed              // 403: the viewer may know of it but may not do this
	Conflict                // 409: somebody else changed it meanwhile, or the state forbids it now
	TooLarge                // 413: more than is accepted
	Unavailable             // 503: try again later; nothing was lost
	SignIn                  // 401: only somebody signed in may do this
)

var status = [...]int{500, 422, 404, 403, 409, 413, 503, 401}

// Status is the HTTP status of the kind.
func (k Kind) Status() int { return status[k] }

// Error is a refusal with its reason.
type Error struct {
	Kind   Kind
	Field  string   // the field's path as in the form or API body: "budget.lines[2].amount"; empty if none
	Msg    lang.Msg // what to do about it, for the person
	More   []*Error // further faults of the same input, each with its field
	Values any      // for Conflict: both versions, so that nothing typed is lost
	Err    error    // cause, for the log only
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(e.Msg.In(lang.English))
	for _, m := range e.More {
		b.WriteString("; " + m.Error())
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// New makes a fault of kind k with the catalogue message key.
func New(k Kind, key string, args ...any) *Error {
	return &Error{Kind: k, Msg: lang.M(key, args...)}
}

// Missing is the answer for what is not there and for what the viewer may not
// know of: the two are the same to the byte.
func Missing() *Error { return New(NotFound, "fault.missing") }

// At names the field that the fault is about.
func (e *Error) At(field string) *Error { e.Field = field; return e }

// Because records the cause for the log.
func (e *Error) Because(err error) *Error { e.Err = err; return e }

// Field refuses one field of the input.
func Field(field, key string, args ...any) *Error { return New(Invalid, key, args...).At(field) }

// Join makes one fault of several refusals of the same input; nil if there is none.
func Join(list ...*Error) error {
	var all []*Error
	for _, e := range list {
		if e != nil {
			all = append(all, e)
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return &Error{Kind: Invalid, Msg: lang.M("fault.several", len(all)), More: all}
}

// Each lists e's refusals: More if it joins several, else e itself.
func (e *Error) Each() []*Error {
	if len(e.More) > 0 {
		return e.More
	}
	return []*Error{e}
}

// From returns the fault in err's chain, or an Internal one around it.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Msg: lang.M("fault.internal"), Err: err}
}

// Is reports whether err is a fault of kind k.
func Is(err error, k Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}

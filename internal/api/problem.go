package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// problem is where an error of a room becomes an RFC 9457 problem.
func problem(ctx context.Context, err error) *huma.ErrorModel {
	f := db.Fault(err)
	gone := errors.Is(ctx.Err(), context.Canceled) // the client: nothing failed, and nobody reads this
	if !gone && (f.Kind == fault.Internal || f.Kind == fault.Unavailable && f.Err != nil) {
		slog.ErrorContext(ctx, "request failed", "error", err)
	}
	l := lang.Of(ctx)
	p := &huma.ErrorModel{Status: f.Kind.Status(), Title: http.StatusText(f.Kind.Status()), Detail: f.Msg.In(l)}
	for _, e := range f.Each() {
		if e.Field != "" {
			p.Errors = append(p.Errors, &huma.ErrorDetail{Location: place(e.Field), Message: e.Msg.In(l)})
		}
	}
	return p
}

// Beginnings of the field of a fault that is not of the body.
const (
	inQuery  = "query."
	inHeader = "header."
)

func place(field string) string {
	if strings.HasPrefix(field, inQuery) || strings.HasPrefix(field, inHeader) {
		return field
	}
	return "body." + field
}

// moved is err with its fields where the operation's body has them: rooms name a
// field as their pages' forms do.
func moved(err error, to func(field string) string) error {
	if err == nil {
		return nil
	}
	f := *fault.From(err)
	if f.Field != "" {
		f.Field = to(f.Field)
	}
	f.More = slices.Clone(f.More)
	for i, e := range f.More {
		one := *e
		one.Field = to(e.Field)
		f.More[i] = &one
	}
	return &f
}

// byKey is where a body has the field that a room calls by the record's name:
// "organisation" is sent as organisation_id.
func byKey(body map[string]bool) func(string) string {
	return func(field string) string {
		if !body[field] && body[field+"_id"] {
			return field + "_id"
		}
		return field
	}
}

func write(ctx context.Context, w http.ResponseWriter, err error) {
	p := problem(ctx, err)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	if err := huma.DefaultJSONFormat.Marshal(w, p); err != nil {
		slog.WarnContext(ctx, "problem not written", "error", err)
	}
}

// cut stands in huma's messages between the key of the catalogue and the argument.
const cut = "\x1f"

// inWords makes huma speak by the catalogue: its messages become keys, which are
// written in the caller's language where they become a problem. huma keeps both
// in variables of its packages, so that this is done once for the process.
var inWords = sync.OnceFunc(func() {
	for key, messages := range map[string][]*string{
		"api.valid.unexpected": {&validation.MsgUnexpectedProperty},
		"api.valid.datetime":   {&validation.MsgExpectedRFC3339DateTime, &validation.MsgExpectedRFC1123DateTime},
		"api.valid.date":       {&validation.MsgExpectedRFC3339Date, &validation.MsgExpectedRFC3339Time},
		"api.valid.format": {&validation.MsgExpectedRFC5322Email, &validation.MsgExpectedRFC5322EmailBare, &validation.MsgExpectedRFC5890Hostname, &validation.MsgExpectedRFC2673IPv4,
			&validation.MsgExpectedRFC2373IPv6, &validation.MsgExpectedRFCIPAddr, &validation.MsgExpectedRFC3986URI, &validation.MsgExpectedRFC3986AbsoluteURI, &validation.MsgExpectedRFC4122UUID,
			&validation.MsgExpectedRFC6570URITemplate, &validation.MsgExpectedRFC6901JSONPointer, &validation.MsgExpectedRFC6901RelativeJSONPointer, &validation.MsgExpectedRegexp,
			&validation.MsgExpectedDuration, &validation.MsgExpectedBase64String, &validation.MsgExpectedBePattern, &validation.MsgExpectedMatchPattern},
		"api.valid.schema": {&validation.MsgExpectedMatchAtLeastOneSchema, &validation.MsgExpectedMatchExactlyOneSchema, &validation.MsgExpectedNotMatchSchema, &validation.MsgExpectedPropertyNameInObject,
			&validation.MsgExpectedMinProperties, &validation.MsgExpectedMaxProperties, &validation.MsgExpectedDependentRequiredProperty, &validation.MsgExpectedResolvableSchemaRef},
		"api.valid.boolean":      {&validation.MsgExpectedBoolean},
		"api.valid.number":       {&validation.MsgExpectedNumber},
		"api.valid.integer":      {&validation.MsgExpectedInteger},
		"api.valid.string":       {&validation.MsgExpectedString},
		"api.valid.array":        {&validation.MsgExpectedArray},
		"api.valid.object":       {&validation.MsgExpectedObject},
		"api.valid.unique":       {&validation.MsgExpectedArrayItemsUnique},
		"api.valid.choice":       {&validation.MsgExpectedOneOf},
		"api.valid.const":        {&validation.MsgExpectedConst},
		"api.valid.least":        {&validation.MsgExpectedMinimumNumber},
		"api.valid.above":        {&validation.MsgExpectedExclusiveMinimumNumber},
		"api.valid.most":         {&validation.MsgExpectedMaximumNumber},
		"api.valid.below":        {&validation.MsgExpectedExclusiveMaximumNumber},
		"api.valid.multiple":     {&validation.MsgExpectedNumberBeMultipleOf},
		"api.valid.length.least": {&validation.MsgExpectedMinLength},
		"api.valid.length.most":  {&validation.MsgExpectedMaxLength},
		"api.valid.items.least":  {&validation.MsgExpectedMinItems},
		"api.valid.items.most":   {&validation.MsgExpectedMaxItems},
		required:                 {&validation.MsgExpectedRequiredProperty},
	} {
		for _, m := range messages {
			*m = key + cut + strings.Repeat("%v"+cut, strings.Count(*m, "%"))
		}
	}
	huma.NewErrorWithContext = func(c huma.Context, status int, _ string, errs ...error) huma.StatusError {
		p := refused(c.Context(), status, errs)
		if isCommon(c.Operation().Path) {
			return asCommon(p)
		}
		return p
	}
})

const required = "fault.required"

// refused is the problem for a request that does not fit its operation's
// description. It repeats no value: what was sent may be secret.
func refused(ctx context.Context, status int, errs []error) *huma.ErrorModel {
	l := lang.Of(ctx)
	p := &huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: lang.T(l, general(status))}
	if status >= http.StatusInternalServerError {
		slog.ErrorContext(ctx, "request failed", "errors", errs)
		return p
	}
	for _, err := range errs {
		d, ok := err.(huma.ErrorDetailer)
		if !ok {
			d = &huma.ErrorDetail{Message: "api.valid.unreadable"}
		}
		p.Errors = append(p.Errors, detail(l, d.ErrorDetail()))
	}
	return p
}

func general(status int) string {
	switch status {
	case http.StatusUnprocessableEntity:
		return "api.several"
	case http.StatusRequestEntityTooLarge:
		return "api.large"
	case http.StatusRequestTimeout:
		return "api.slow"
	case http.StatusUnsupportedMediaType:
		return "api.type"
	case http.StatusNotAcceptable:
		return "api.accept"
	}
	if status >= http.StatusInternalServerError {
		return "fault.internal"
	}
	return "api.bad"
}

func detail(l lang.Locale, d *huma.ErrorDetail) *huma.ErrorDetail {
	parts := strings.Split(strings.TrimSuffix(d.Message, cut), cut)
	key, location := parts[0], d.Location
	if !lang.Has(key) { // of huma's parsers, in English only
		key, parts = "api.valid.unreadable", parts[:1]
	}
	if key == required && len(parts) > 1 {
		location += "." + parts[1]
	}
	args := make([]any, 0, len(parts))
	for _, p := range parts[1:] {
		args = append(args, p)
	}
	return &huma.ErrorDetail{Location: location, Message: lang.T(l, key, args...)}
}

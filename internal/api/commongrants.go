package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// What the CommonGrants protocol (version 0.4.0) calls an opportunity is a
// public call here. Texts are in the caller's language.

const commonPrefix = "/common-grants/"

type commonMoney struct {
	Amount   string `json:"amount" doc:"A decimal number"`
	Currency string `json:"currency"`
}

func commonAmount(a money.Amount) *commonMoney {
	if a.Minor == 0 {
		return nil
	}
	return &commonMoney{a.Plain(), a.Currency}
}

type commonEvent struct {
	Name        string `json:"name"`
	Type        string `json:"eventType" enum:"singleDate"`
	Date        string `json:"date" format:"date"`
	Time        string `json:"time,omitempty" doc:"Local time of the call's zone, without a zone"`
	Description string `json:"description,omitempty"`
}

type commonTimeline struct {
	Post  *commonEvent           `json:"postDate,omitempty"`
	Close *commonEvent           `json:"closeDate,omitempty"`
	Other map[string]commonEvent `json:"otherDates,omitempty"`
}

type commonFunding struct {
	Total    *commonMoney `json:"totalAmountAvailable,omitempty"`
	Low      *commonMoney `json:"minAwardAmount,omitempty"`
	High     *commonMoney `json:"maxAwardAmount,omitempty"`
	Expected int          `json:"estimatedAwardCount,omitempty"`
}

type commonStatus struct {
	Value       string `json:"value" enum:"forecasted,open,closed,custom"`
	Custom      string `json:"customValue,omitempty"`
	Description string `json:"description,omitempty"`
}

type commonField struct {
	Name  string `json:"name"`
	Type  string `json:"fieldType" enum:"string,number"`
	Value any    `json:"value"`
}

type opportunity struct {
	ID          string                 `json:"id" format:"uuid"`
	Title       string                 `json:"title"`
	Status      commonStatus           `json:"status"`
	Description string                 `json:"description"`
	Funding     commonFunding          `json:"funding"`
	KeyDates    commonTimeline         `json:"keyDates"`
	Source      string                 `json:"source,omitempty" format:"uri"`
	Custom      map[string]commonField `json:"customFields"`
	Created     time.Time              `json:"createdAt"`
	Modified    time.Time              `json:"lastModifiedAt"`

	closes           time.Time
	low, high, total money.Amount
}

func (a *API) opportunityOf(ctx context.Context, v call.View) opportunity {
	l := lang.Of(ctx)
	o := opportunity{ID: v.ID, Title: v.Title.In(l), Description: v.Summary.In(l), Status: commonStatusOf(l, v.Phase(clock.Now(ctx))), Created: v.PublishedAt, Modified: v.PublishedAt,
		Funding: commonFunding{commonAmount(v.Total), commonAmount(v.Low), commonAmount(v.High), v.AwardsExpected},
		Custom: map[string]commonField{"number": {"number", "string", v.Number}, "agency": {"agency", "string", v.AgencyIn.In(l)},
			"timeZone": {"timeZone", "string", v.Zone}}, closes: v.ClosesAt, low: v.Low, high: v.High, total: v.Total}
	if v.Hours > 0 {
		o.Custom["hoursToApply"] = commonField{"hoursToApply", "number", v.Hours}
	}
	if a.Address != "" {
		o.Source = a.Address + "/calls/" + v.ID
	}
	for _, e := range v.Extended {
		if e.At.After(o.Modified) {
			o.Modified = e.At
		}
	}
	o.KeyDates = commonTimeline{Post: commonDay(l, "common.posted", v.PublishedAt, v.Zone), Close: commonDay(l, "common.closes", v.ClosesAt, v.Zone), Other: map[string]commonEvent{}}
	if e := commonDay(l, "common.opens", v.OpensAt, v.Zone); e != nil {
		o.KeyDates.Other["applicationsOpen"] = *e
	}
	if v.DecideBy != "" {
		o.KeyDates.Other["anticipatedDecision"] = commonEvent{Name: lang.T(l, "common.decides"), Type: "singleDate", Date: v.DecideBy}
	}
	return o
}

func commonStatusOf(l lang.Locale, p call.Phase) commonStatus {
	s := commonStatus{Description: lang.T(l, "common.status."+string(p))}
	switch p {
	case call.Planned:
		s.Value = "forecasted"
	case call.IsOpen:
		s.Value = "open"
	case call.Closed:
		s.Value = "closed"
	default:
		s.Value, s.Custom = "custom", string(p)
	}
	return s
}

// commonDay is an instant as the protocol has it: day and time of the call's own zone.
func commonDay(l lang.Locale, key string, t time.Time, zone string) *commonEvent {
	if t.IsZero() {
		return nil
	}
	if loc, err := time.LoadLocation(zone); err == nil {
		t = t.In(loc)
	}
	return &commonEvent{Name: lang.T(l, key), Type: "singleDate", Date: t.Format(time.DateOnly), Time: t.Format(time.TimeOnly), Description: zone}
}

// opportunities are all public calls, what was changed last first. Two queries a
// call: an installation has some hundreds of them.
func (a *API) opportunities(ctx context.Context, text string) ([]opportunity, error) {
	var all []opportunity
	for page := 1; ; page++ {
		list, total, err := a.Calls.List(ctx, access.Actor{}, call.Filter{Text: text, Page: page, Size: 200})
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			all = append(all, a.opportunityOf(ctx, v))
		}
		if len(list) == 0 || len(all) >= total {
			break
		}
	}
	slices.SortStableFunc(all, func(x, y opportunity) int { return cmp.Or(y.Modified.Compare(x.Modified), cmp.Compare(x.ID, y.ID)) })
	return all, nil
}

type commonPaging struct {
	Page  int `json:"page" minimum:"1"`
	Size  int `json:"pageSize" minimum:"1"`
	Total int `json:"totalItems"`
	Pages int `json:"totalPages"`
}

// commonMost is how many items a page has at most.
const commonMost = 1000

func commonPage(all []opportunity, page, size int) ([]opportunity, commonPaging) {
	size = min(size, commonMost)
	from := min((page-1)*size, len(all))
	return all[from:min(from+size, len(all))], commonPaging{page, size, len(all), (len(all) + size - 1) / size}
}

type commonListIn struct {
	Page int `query:"page" minimum:"1" maximum:"1000000" default:"1"`
	Size int `query:"pageSize" minimum:"1" default:"100"`
}

type commonListOut struct {
	Body struct {
		Status  int           `json:"status"`
		Message string        `json:"message"`
		Items   []opportunity `json:"items" nullable:"false"`
		Paging  commonPaging  `json:"paginationInfo"`
	}
}

func (a *API) commonList(ctx context.Context, _ access.Actor, in *commonListIn) (*commonListOut, error) {
	all, err := a.opportunities(ctx, "")
	if err != nil {
		return nil, err
	}
	out := &commonListOut{}
	out.Body.Status, out.Body.Message = http.StatusOK, commonSuccess
	out.Body.Items, out.Body.Paging = commonPage(append([]opportunity{}, all...), in.Page, in.Size)
	return out, nil
}

const commonSuccess = "Success"

type commonReadIn struct {
	ID string `path:"oppId" doc:"The key of a call"`
}

type commonReadOut struct {
	Body struct {
		Status  int         `json:"status"`
		Message string      `json:"message"`
		Data    opportunity `json:"data"`
	}
}

func (a *API) commonRead(ctx context.Context, _ access.Actor, in *commonReadIn) (*commonReadOut, error) {
	v, err := a.Calls.Get(ctx, access.Actor{}, in.ID)
	if err != nil {
		return nil, err
	}
	out := &commonReadOut{}
	out.Body.Status, out.Body.Message, out.Body.Data = http.StatusOK, commonSuccess, a.opportunityOf(ctx, v)
	return out, nil
}

// commonError is a refusal in the protocol's own form.
type commonError struct {
	Status  int                 `json:"status"`
	Message string              `json:"message"`
	Errors  []*huma.ErrorDetail `json:"errors" nullable:"false"`
}

// Error is the message.
func (e *commonError) Error() string { return e.Message }

// GetStatus is the HTTP status.
func (e *commonError) GetStatus() int { return e.Status }

// asCommon writes a problem as the protocol wants it.
func asCommon(p *huma.ErrorModel) *commonError {
	return &commonError{p.Status, p.Detail, append([]*huma.ErrorDetail{}, p.Errors...)}
}

// common documents the protocol's refusals in place of problems, and the
// protocol's own name of the operation.
func (a *API) common(name string) func(*huma.Operation) {
	return func(op *huma.Operation) {
		op.OperationID, op.Tags, op.Errors = name, []string{"common-grants"}, nil
		op.Metadata = map[string]any{"asking": true}
		schema := huma.SchemaFromType(a.huma.OpenAPI().Components.Schemas, typeOf[commonError]())
		op.Responses = map[string]*huma.Response{}
		for _, status := range []int{http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusServiceUnavailable} {
			op.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
		}
	}
}

func isCommon(path string) bool { return strings.HasPrefix(path, commonPrefix) }

// notUnderstood is what a filter or a sorting says that is not served.
func notUnderstood(ctx context.Context, what string) string {
	return fault.New(fault.Invalid, "common.not", what).Msg.In(lang.Of(ctx))
}

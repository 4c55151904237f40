package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

type commonChoice struct {
	Operator string   `json:"operator" enum:"in,notIn"`
	Value    []string `json:"value" nullable:"false"`
}

type commonDates struct {
	Operator string `json:"operator" enum:"between,outside"`
	Value    struct {
		Min string `json:"min" doc:"A day, or an instant as in RFC 3339"`
		Max string `json:"max"`
	} `json:"value"`
}

type commonAmounts struct {
	Operator string `json:"operator" enum:"between,outside"`
	Value    struct {
		Min commonMoney `json:"min"`
		Max commonMoney `json:"max"`
	} `json:"value"`
}

type commonCustom struct {
	Operator string `json:"operator"`
	Value    any    `json:"value"`
}

type commonFilters struct {
	Status *commonChoice           `json:"status,omitempty"`
	Closes *commonDates            `json:"closeDateRange,omitempty"`
	Total  *commonAmounts          `json:"totalFundingAvailableRange,omitempty" doc:"Calls in another currency are left out."`
	Low    *commonAmounts          `json:"minAwardAmountRange,omitempty"`
	High   *commonAmounts          `json:"maxAwardAmountRange,omitempty"`
	Custom map[string]commonCustom `json:"customFilters,omitempty" doc:"Not served: named among the errors of filterInfo."`
}

type commonSorting struct {
	By     string `json:"sortBy"`
	Custom string `json:"customSortBy,omitempty"`
	Order  string `json:"sortOrder,omitempty" enum:"asc,desc"`
}

type commonSearchIn struct {
	Body struct {
		Search     string        `json:"search,omitempty" maxLength:"400" doc:"Words of title, summary or number"`
		Filters    commonFilters `json:"filters,omitempty"`
		Sorting    commonSorting `json:"sorting,omitempty"`
		Pagination struct {
			Page int `json:"page,omitempty" minimum:"1" maximum:"1000000" default:"1"`
			Size int `json:"pageSize,omitempty" minimum:"1" default:"100"`
		} `json:"pagination,omitempty"`
	}
}

type commonSearchOut struct {
	Body struct {
		Status  int           `json:"status"`
		Message string        `json:"message"`
		Items   []opportunity `json:"items" nullable:"false"`
		Paging  commonPaging  `json:"paginationInfo"`
		Sort    struct {
			By     string   `json:"sortBy"`
			Order  string   `json:"sortOrder" enum:"asc,desc"`
			Errors []string `json:"errors" nullable:"false"`
		} `json:"sortInfo"`
		Filter struct {
			Filters commonFilters `json:"filters"`
			Errors  []string      `json:"errors" nullable:"false"`
		} `json:"filterInfo"`
	}
}

func (a *API) commonSearch(ctx context.Context, _ access.Actor, in *commonSearchIn) (*commonSearchOut, error) {
	all, err := a.opportunities(ctx, in.Body.Search)
	if err != nil {
		return nil, err
	}
	out := &commonSearchOut{}
	b, f := &out.Body, in.Body.Filters
	b.Status, b.Message, b.Filter.Filters, b.Filter.Errors, b.Sort.Errors = http.StatusOK, commonSuccess, f, []string{}, []string{}
	for name := range f.Custom {
		b.Filter.Errors = append(b.Filter.Errors, notUnderstood(ctx, "customFilters."+name))
	}
	slices.Sort(b.Filter.Errors)
	keep, bad := f.conditions()
	for _, name := range bad {
		b.Filter.Errors = append(b.Filter.Errors, notUnderstood(ctx, name))
	}
	list := slices.DeleteFunc(append([]opportunity{}, all...), func(o opportunity) bool {
		return slices.ContainsFunc(keep, func(ok func(opportunity) bool) bool { return !ok(o) })
	})
	b.Sort.By, b.Sort.Order = in.Body.Sorting.By, cmp.Or(in.Body.Sorting.Order, "desc")
	less, known := commonOrders[b.Sort.By]
	if !known {
		if b.Sort.By != "" {
			b.Sort.Errors = append(b.Sort.Errors, notUnderstood(ctx, "sortBy "+b.Sort.By))
		}
		b.Sort.By, less = "lastModifiedAt", commonOrders["lastModifiedAt"]
	}
	slices.SortStableFunc(list, func(x, y opportunity) int {
		if b.Sort.Order == "desc" {
			return less(y, x)
		}
		return less(x, y)
	})
	b.Items, b.Paging = commonPage(list, max(1, in.Body.Pagination.Page), cmp.Or(in.Body.Pagination.Size, 100))
	return out, nil
}

func byMoney(of func(opportunity) money.Amount) func(x, y opportunity) int {
	return func(x, y opportunity) int {
		return cmp.Or(cmp.Compare(of(x).Currency, of(y).Currency), cmp.Compare(of(x).Minor, of(y).Minor))
	}
}

// commonOrders are the sortings that are served.
var commonOrders = map[string]func(x, y opportunity) int{
	"lastModifiedAt":               func(x, y opportunity) int { return x.Modified.Compare(y.Modified) },
	"createdAt":                    func(x, y opportunity) int { return x.Created.Compare(y.Created) },
	"title":                        func(x, y opportunity) int { return strings.Compare(strings.ToLower(x.Title), strings.ToLower(y.Title)) },
	"status.value":                 func(x, y opportunity) int { return strings.Compare(x.Status.Value, y.Status.Value) },
	"keyDates.closeDate":           func(x, y opportunity) int { return x.closes.Compare(y.closes) },
	"funding.maxAwardAmount":       byMoney(func(o opportunity) money.Amount { return o.high }),
	"funding.minAwardAmount":       byMoney(func(o opportunity) money.Amount { return o.low }),
	"funding.totalAmountAvailable": byMoney(func(o opportunity) money.Amount { return o.total }),
	"funding.estimatedAwardCount":  func(x, y opportunity) int { return cmp.Compare(x.Funding.Expected, y.Funding.Expected) },
}

// conditions are the filters as functions, and the names of those that cannot be read.
func (f commonFilters) conditions() (keep []func(opportunity) bool, bad []string) {
	if c := f.Status; c != nil {
		keep = append(keep, func(o opportunity) bool { return slices.Contains(c.Value, o.Status.Value) == (c.Operator == "in") })
	}
	if c := f.Closes; c != nil {
		from, until, ok := c.instants()
		if !ok {
			bad = append(bad, "closeDateRange")
		} else {
			keep = append(keep, func(o opportunity) bool {
				return (!o.closes.Before(from) && o.closes.Before(until)) == (c.Operator == "between")
			})
		}
	}
	for _, m := range []struct {
		name string
		asks *commonAmounts
		of   func(opportunity) money.Amount
	}{{"totalFundingAvailableRange", f.Total, func(o opportunity) money.Amount { return o.total }}, {"minAwardAmountRange", f.Low, func(o opportunity) money.Amount { return o.low }},
		{"maxAwardAmountRange", f.High, func(o opportunity) money.Amount { return o.high }}} {
		if m.asks == nil {
			continue
		}
		within, ok := m.asks.condition(m.of)
		if !ok {
			bad = append(bad, m.name)
			continue
		}
		keep = append(keep, within)
	}
	return keep, bad
}

// instants are the beginning of the range and its end, the whole of its last day included.
func (c commonDates) instants() (from, until time.Time, ok bool) {
	day, err := time.Parse(time.DateOnly, c.Value.Max)
	if until = day.AddDate(0, 0, 1); err != nil {
		if until, err = time.Parse(time.RFC3339, c.Value.Max); err != nil {
			return from, until, false
		}
		until = until.Add(1) // the instant itself included
	}
	if from, err = time.Parse(time.DateOnly, c.Value.Min); err != nil {
		from, err = time.Parse(time.RFC3339, c.Value.Min)
	}
	return from, until, err == nil
}

func (c commonAmounts) condition(of func(opportunity) money.Amount) (func(opportunity) bool, bool) {
	low, err := money.Parse(c.Value.Min.Amount, c.Value.Min.Currency)
	if err != nil {
		return nil, false
	}
	high, err := money.Parse(c.Value.Max.Amount, c.Value.Max.Currency)
	if err != nil || high.Currency != low.Currency {
		return nil, false
	}
	return func(o opportunity) bool {
		a := of(o)
		return a.Minor > 0 && a.Currency == low.Currency && (a.Minor >= low.Minor && a.Minor <= high.Minor) == (c.Operator == "between")
	}, true
}

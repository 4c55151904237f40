package api

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// downwards are the keys of by, the greatest first.
func downwards(by map[int]int) []int {
	list := slices.Sorted(maps.Keys(by))
	slices.Reverse(list)
	return list
}

type countsBody struct {
	Needs     int64 `json:"needs"`
	Questions int64 `json:"questions"`
	Open      int64 `json:"open_calls"`
	Proposals int64 `json:"proposals" doc:"Of the calls below that tell how many were submitted"`
	Reviews   int64 `json:"reviews" doc:"Of the same calls"`
	Awards    int64 `json:"awards"`
	Running   int64 `json:"running_awards"`
	Results   int64 `json:"results"`
}

type callFigures struct {
	ID            string     `json:"id"`
	Number        string     `json:"number"`
	Title         lang.Text  `json:"title"`
	Agency        lang.Text  `json:"agency"`
	Closed        *time.Time `json:"closed_at,omitempty"`
	Withheld      bool       `json:"withheld" doc:"Fewer than three of its proposals got no award: what says so below is left out."`
	Submitted     *int64     `json:"submitted,omitempty" doc:"Left out where withheld"`
	Funded        int64      `json:"funded" doc:"Whose award is public"`
	Rate          *float64   `json:"success_rate,omitempty" doc:"Left out where withheld"`
	Asked         *moneyBody `json:"asked,omitempty" doc:"Left out where withheld"`
	Granted       *moneyBody `json:"granted,omitempty"`
	Days          float64    `json:"days_to_decision,omitempty" doc:"Left out where withheld"`
	HoursAsked    float64    `json:"hours_asked,omitempty" doc:"The call's own estimate, for one applicant"`
	HoursMeasured float64    `json:"hours_measured,omitempty" doc:"Measured while writing, mean of one proposal; left out where withheld or measured of fewer than three"`
}

type fieldFigures struct {
	Code      string    `json:"code" doc:"Of the OECD's fields of research and development (2015), first level; empty for those that name none"`
	Label     lang.Text `json:"label"`
	Awards    int64     `json:"awards"`
	Withheld  bool      `json:"withheld" doc:"It would tell of fewer than three proposals without an award, or what another field does: those of calls are left out."`
	Submitted *int64    `json:"submitted,omitempty" doc:"In calls that tell how many; left out where withheld"`
	Funded    *int64    `json:"funded,omitempty" doc:"Of these; left out where withheld"`
}

type balanceFigures struct {
	Orientations map[string]int64 `json:"awards_by_orientation"`
	Linked       int64            `json:"awards_with_orientation"`
	All          int64            `json:"public_awards"`
	Fields       []fieldFigures   `json:"fields"`
}

type figuresOut struct {
	Body struct {
		Balance balanceFigures `json:"balance"`
		Counts  countsBody     `json:"counts"`
		Calls   []callFigures  `json:"calls" doc:"Those of which every proposal is decided, the latest first."`
	}
}

// told is a figure, or none where it is withheld.
func told[T any](withheld bool, n T) *T {
	if withheld {
		return nil
	}
	return &n
}

func (a *API) figures(ctx context.Context, _ access.Actor, _ *none) (*figuresOut, error) {
	counts, err := a.Insight.Counts(ctx)
	if err != nil {
		return nil, err
	}
	calls, err := a.Insight.Decided(ctx)
	if err != nil {
		return nil, err
	}
	balance, err := a.Insight.Orientations(ctx)
	if err != nil {
		return nil, err
	}
	fields, err := a.Insight.Fields(ctx)
	if err != nil {
		return nil, err
	}
	out := &figuresOut{}
	out.Body.Balance = balanceFigures{Orientations: balance.Awards, Linked: balance.Linked, All: balance.All, Fields: make([]fieldFigures, 0, len(fields))}
	for _, f := range fields {
		out.Body.Balance.Fields = append(out.Body.Balance.Fields, fieldFigures{f.Code, f.Label, f.Awards, f.Withheld, told(f.Withheld, f.Submitted), told(f.Withheld, f.Funded)})
	}
	out.Body.Counts, out.Body.Calls = countsBody(counts), make([]callFigures, 0, len(calls))
	for _, c := range calls {
		out.Body.Calls = append(out.Body.Calls, callFigures{c.ID, c.Number, c.Title, c.Agency, when(c.Closed), c.Withheld, told(c.Withheld, c.Submitted), c.Funded, told(c.Withheld, c.SuccessRate()), amount(c.Asked), amount(c.Granted),
			c.Days, c.HoursAsked, c.HoursMeasured})
	}
	return out, nil
}

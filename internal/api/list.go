package api

import (
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// pageSize is how many items a list gives at once.
const pageSize = 50

// listOf is a list: its items, and the cursor of the next ones where there are more.
type listOf[T any] struct {
	Body struct {
		Items []T    `json:"items"`
		Next  string `json:"next,omitempty" doc:"Send it as after to get the items that follow."`
		Total int    `json:"total,omitempty" doc:"How many there are in all."`
	}
}

func items[T any](list []T) *listOf[T] {
	out := &listOf[T]{}
	out.Body.Items = list
	if list == nil {
		out.Body.Items = []T{}
	}
	return out
}

// textSchema describes lang.Text: a text by language.
type textSchema struct{}

// Schema is the schema of a text in several languages.
func (textSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString},
		Description: "A text by language (BCP 47); \"original\" names the language it was written in, where there are several.", Examples: []any{map[string]any{"en": "Open questions", "zh": "开放课题", "original": "en"}}}
}

// moneyBody is an amount in the currency's smallest unit.
type moneyBody struct {
	Minor    int64  `json:"minor" doc:"In the currency's smallest unit."`
	Currency string `json:"currency" doc:"ISO 4217, or the installation's own code."`
}

// amount is nothing for no amount.
func amount(a money.Amount) *moneyBody {
	if a.Minor == 0 {
		return nil
	}
	return &moneyBody{a.Minor, a.Currency}
}

// AfterIn is the cursor of a list's query.
type AfterIn struct {
	After string `query:"after" maxLength:"40" doc:"The “next” of the list before; none for the first items."`
}

// mark begins every cursor, so that a number that somebody made up is not taken for one.
const mark = "p"

// page is the place that the cursor means. Errors: Invalid for what no list gave.
func (in AfterIn) page() (int, error) {
	if in.After == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(in.After, mark))
	if err != nil || n < 2 || n > 1_000_000 || in.After != mark+strconv.Itoa(n) {
		return 0, fault.New(fault.Invalid, "api.cursor").At(inQuery + "after")
	}
	return n, nil
}

// nextAfter is the cursor of the page that follows, "" after the last.
func nextAfter(page, total int) string {
	if page*pageSize >= total {
		return ""
	}
	return mark + strconv.Itoa(page+1)
}

// paged is one page of a list of total items.
func paged[T any](list []T, page, total int) *listOf[T] {
	out := items(list)
	out.Body.Total, out.Body.Next = total, nextAfter(page, total)
	return out
}

// slice is the page of a list that its room gives whole.
func slice[T any](list []T, page int) *listOf[T] {
	from := min((page-1)*pageSize, len(list))
	return paged(list[from:min(from+pageSize, len(list))], page, len(list))
}

package api

import (
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/headwater-platform/headwater/internal/platform/money"
)

// pageSize is how many items a list gives at once.
const pageSize = 50

// listOf is a list: its items, and the cursor of the next ones where there are more.
type listOf[T any] struct {
	Body struct {
		Items []T    `json:"items"`
		Next  string `json:"next,omitempty" doc:"Send it as after to get the items that follow."`
		Total int    `json:"total,omitempty"`
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

// pageAfter reads a cursor of a list that its room gives page by page; the first page if there is none.
func pageAfter(cursor string) int {
	n, err := strconv.Atoi(cursor)
	if err != nil || n < 1 {
		return 1
	}
	return min(n, 1_000_000)
}

// nextAfter is the cursor of the page that follows, "" after the last.
func nextAfter(page, total int) string {
	if page*pageSize >= total {
		return ""
	}
	return strconv.Itoa(page + 1)
}

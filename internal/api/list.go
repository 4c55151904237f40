package api

import "strconv"

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

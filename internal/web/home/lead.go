package home

import "github.com/headwater-platform/headwater/internal/web/shell"

// lead is the sentence under the greeting.
func lead(tasks []shell.Task) string {
	switch {
	case len(tasks) == 0:
		return "home.lead.none"
	case tasks[0].Due.IsZero():
		return "home.lead.undated"
	}
	return "home.lead.dated"
}

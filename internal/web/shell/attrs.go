package shell

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

func described(f Field) templ.Attributes {
	a := templ.Attributes{}
	if d := f.describedBy(); d != "" {
		a["aria-describedby"] = d
	}
	if f.Error != "" {
		a["aria-invalid"] = "true"
	}
	return a
}

func controlAttrs(f Field) templ.Attributes {
	a := described(f)
	a["id"], a["name"] = f.id(), f.Name
	if f.Class != "" {
		a["class"] = f.Class
	}
	if f.Complete != "" {
		a["autocomplete"] = f.Complete
	}
	if f.Lang != "" {
		a["lang"] = f.Lang
	}
	if f.Max > 0 {
		a["data-max"] = strconv.Itoa(f.Max)
	}
	for k, v := range f.Inputs {
		a[k] = v
	}
	return a
}

func inputAttrs(f Field) templ.Attributes {
	a := controlAttrs(f)
	a["type"], a["value"] = f.kind(), f.Value
	if f.Type == "number" { // a number field loses what it cannot read; text with a hint to the keyboard does not
		a["type"], a["inputmode"] = "text", "decimal"
	}
	return a
}

func areaAttrs(f Field) templ.Attributes {
	a := controlAttrs(f)
	if f.Rows > 0 {
		a["rows"] = strconv.Itoa(f.Rows)
	}
	return a
}

func selectAttrs(f Field) templ.Attributes { return controlAttrs(f) }

func checkWord(state string) string {
	if state == "" {
		return "open"
	}
	return state
}

func (p Paging) last() int { return max(1, (p.Total+p.Size-1)/p.Size) }

func pageHref(ctx context.Context, page int) string { return Query(ctx, "page", strconv.Itoa(page)) }

// PageOf reads the page number of an address: 1 if there is none or nonsense.
func PageOf(value string) int {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return 1
	}
	return min(n, 1_000_000)
}

func sortAttrs(ctx context.Context, key string) templ.Attributes {
	switch Of(ctx).URL.Query().Get("sort") {
	case key:
		return templ.Attributes{"aria-sort": "ascending"}
	case "-" + key:
		return templ.Attributes{"aria-sort": "descending"}
	}
	return nil
}

func sortHref(ctx context.Context, key string) string {
	if Of(ctx).URL.Query().Get("sort") == key {
		key = "-" + key
	}
	return Query(ctx, "sort", key)
}

func taskClass(ctx context.Context, t Task) string {
	now := Of(ctx).Now
	switch {
	case t.Due.IsZero():
		return ""
	case t.Due.Before(now.Add(24 * time.Hour)):
		return "is-soon"
	case t.Due.Before(now.Add(7 * 24 * time.Hour)):
		return "is-week"
	}
	return ""
}

func taskMonth(ctx context.Context, t Task) string {
	due, now := local(ctx, t.Due), local(ctx, Of(ctx).Now)
	if due.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return T(ctx, "shell.task.today")
	}
	if due.Before(now) {
		return T(ctx, "shell.task.late")
	}
	if Of(ctx).Locale == lang.Chinese {
		return strconv.Itoa(int(due.Month())) + "月"
	}
	return due.Format("January")
}

func taskHour(ctx context.Context, t Task) string {
	due := local(ctx, t.Due)
	if h := due.Format("15:04"); h != "00:00" && h != "23:59" {
		return T(ctx, "shell.task.by", h)
	}
	if Of(ctx).Locale == lang.Chinese {
		return strings.Trim(strings.SplitN(lang.Date(lang.Chinese, due), "（", 2)[1], "）")
	}
	return due.Format("Mon")
}

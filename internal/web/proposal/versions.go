package proposal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/diff"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/proposal"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// versions is what the page of versions shows.
type versions struct {
	proposal.Comparison
	list     []proposal.Submission
	unsent   bool // the viewer also sees the text as it stands
	from, to int
}

// Versions is GET /proposals/{id}/versions?from=1&to=2: what was submitted when,
// and what is different between two of it (0 is the text as it stands).
func (p *Pages) Versions(w http.ResponseWriter, r *http.Request) error {
	a, id := shell.Actor(r), r.PathValue("id")
	list, err := p.Proposals.Submissions(r.Context(), a, id)
	if err != nil {
		return err
	}
	view, err := p.Proposals.Get(r.Context(), a, id)
	if err != nil {
		return err
	}
	v := versions{list: list, unsent: view.Form != nil && view.Set.Any(access.Lead|access.Team)}
	v.View = view
	v.from, v.to = v.usual()
	for name, n := range map[string]*int{"from": &v.from, "to": &v.to} {
		if text := r.URL.Query().Get(name); text != "" {
			if *n, err = strconv.Atoi(text); err != nil {
				return fault.Missing()
			}
		}
	}
	if v.choices() > 1 {
		if v.Comparison, err = p.Proposals.Compare(r.Context(), a, id, v.from, v.to); err != nil {
			return err
		}
	}
	return shell.Render(w, r, http.StatusOK, versionsPage(v))
}

// choices is how many versions the viewer can compare.
func (v versions) choices() int {
	n := len(v.list)
	if v.unsent {
		n++
	}
	return n
}

// usual is what is compared where nothing is chosen: for who may still change
// the text what is not submitted yet, for others the last two submissions.
func (v versions) usual() (from, to int) {
	last := proposal.Latest(v.list)
	if v.unsent && v.Open || last < 2 {
		return last, proposal.Unsent
	}
	return last - 1, last
}

func (v versions) options(ctx context.Context, chosen int) []shell.Option {
	var out []shell.Option
	for i := len(v.list) - 1; i >= 0; i-- {
		s := v.list[i]
		out = append(out, shell.Option{Value: strconv.Itoa(s.Number), Label: shell.T(ctx, "proposal.submission", s.Number, shell.Instant(ctx, s.RecordedAt)), Chosen: s.Number == chosen})
	}
	if v.unsent {
		out = append(out, shell.Option{Value: strconv.Itoa(proposal.Unsent), Label: shell.T(ctx, "proposal.version.unsent"), Chosen: chosen == proposal.Unsent})
	}
	return out
}

func (v versions) name(ctx context.Context, number int) string {
	if number == proposal.Unsent {
		return shell.T(ctx, "proposal.version.unsent")
	}
	return shell.T(ctx, "proposal.version", number)
}

// runs are the words of a difference as the page shows them. Answers that are no
// texts are compared as they are written out.
func runs(ctx context.Context, v proposal.View, d proposal.Difference) []shell.DiffPart {
	words := d.Words
	if words == nil {
		words = diff.Words(written(ctx, v, d.Field, d.Before), written(ctx, v, d.Field, d.After))
	}
	out := make([]shell.DiffPart, len(words))
	for i, r := range words {
		out[i] = shell.DiffPart{Kind: string(r.Kind), Text: r.Text}
	}
	return out
}

// written is an answer as lines of text.
func written(ctx context.Context, v proposal.View, f *scheme.Field, value json.RawMessage) string {
	if len(value) == 0 || string(value) == "null" {
		return ""
	}
	var n int64
	switch f.Widget {
	case "choice":
		return shell.Say(ctx, f.Options[plain(value)])
	case "number":
		return plain(value) + " " + shell.Say(ctx, f.Unit)
	case "money":
		if json.Unmarshal(value, &n) == nil {
			return shell.Money(ctx, n, v.Call.Low.Currency)
		}
	case "works":
		var list []string
		if json.Unmarshal(value, &list) == nil {
			return strings.Join(list, "\n")
		}
	case "budget":
		return writtenBudget(ctx, v, f, value)
	}
	return plain(value)
}

func writtenBudget(ctx context.Context, v proposal.View, f *scheme.Field, value json.RawMessage) string {
	var lines []scheme.BudgetLine
	if json.Unmarshal(value, &lines) != nil {
		return ""
	}
	var out []string
	total := int64(0)
	for _, c := range f.Categories {
		for _, l := range lines {
			if l.Category == c.ID {
				out = append(out, fmt.Sprintf("%s, %d: %s", shell.Say(ctx, c.Title), l.Year, shell.Money(ctx, l.Minor, v.Call.Low.Currency)))
				total += l.Minor
			}
		}
	}
	out = append(out, shell.T(ctx, "proposal.budget.total")+": "+shell.Say(ctx, money.Amount{Minor: total, Currency: v.Call.Low.Currency}))
	return strings.Join(out, "\n")
}

// reading is what the page to read or print shows.
type reading struct {
	proposal.View
	sub    proposal.Submission
	number int
}

// Read is GET /proposals/{id}/read?version=2: the whole text on one page, made to be printed.
func (p *Pages) Read(w http.ResponseWriter, r *http.Request) error {
	a, id := shell.Actor(r), r.PathValue("id")
	list, err := p.Proposals.Submissions(r.Context(), a, id)
	if err != nil {
		return err
	}
	number := proposal.Latest(list)
	if text := r.URL.Query().Get("version"); text != "" {
		if number, err = strconv.Atoi(text); err != nil {
			return fault.Missing()
		}
	}
	v, sub, err := p.Proposals.VersionText(r.Context(), a, id, number)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, readPage(reading{v, sub, number}))
}

// facts are the head of a printed proposal.
func (v reading) facts(ctx context.Context) []shell.Fact {
	add := func(list []shell.Fact, key, value string) []shell.Fact {
		if value == "" {
			return list
		}
		return append(list, shell.Fact{Name: shell.T(ctx, key), Value: shell.Text(value)})
	}
	list := add(nil, "proposal.asked", askedIn(ctx, v.View))
	if v.number == proposal.Unsent {
		return add(list, "proposal.version.is", shell.T(ctx, "proposal.version.draft"))
	}
	list = add(list, "proposal.version.is", shell.T(ctx, "proposal.version", v.number))
	list = add(list, "proposal.receipt.first", micro(ctx, v.sub.FirstByte))
	list = add(list, "proposal.receipt.recorded", micro(ctx, v.sub.RecordedAt))
	return add(list, "proposal.receipt.content", "sha256:"+v.sub.Hash)
}

// askedIn is the sum that a text asks for.
func askedIn(ctx context.Context, v proposal.View) string {
	values := map[string]any{}
	for name, a := range v.Answers {
		var x any
		if json.Unmarshal(a.Value, &x) == nil {
			values[name] = x
		}
	}
	minor, asked := v.Form.Money(values)
	if !asked {
		return ""
	}
	return shell.Money(ctx, minor, v.Call.Low.Currency)
}

// titleIn is the title as a version has it.
func titleIn(ctx context.Context, v proposal.View) string {
	if t := v.Text("title"); t != "" {
		return t
	}
	return titleOf(ctx, v.Proposal)
}

// fileChange says what became of a field's file.
func fileChange(v versions, d proposal.Difference) string {
	was, is := v.From.Content.Files[d.Field.Name], v.To.Content.Files[d.Field.Name]
	switch {
	case was == "":
		return "proposal.compare.file.new"
	case is == "":
		return "proposal.compare.file.gone"
	}
	return "proposal.compare.file.other"
}

// Package award is the public register of awards and results, and the pages on
// which teams report.
package award

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/spreadsheet"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

const pageSize = 50

// Pages are the awards' pages.
type Pages struct {
	Awards   *award.Service
	Register *register.Service
	Serves   func(context.Context, access.Actor, award.Award) (techmap.Served, error) // on technology maps
	Address  string                                                                   // of the installation, for links in files
}

func filter(r *http.Request) award.Filter {
	q := r.URL.Query()
	year, _ := strconv.Atoi(q.Get("year")) // nonsense counts as every year
	return award.Filter{Text: q.Get("q"), Funder: q.Get("funder"), State: q.Get("state"), Sort: q.Get("sort"), Year: year, Page: shell.PageOf(q.Get("page")), Size: pageSize}
}

// List is GET /awards.
func (p *Pages) List(w http.ResponseWriter, r *http.Request) error {
	f := filter(r)
	found, err := p.Awards.Find(r.Context(), f)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, listPage(f, found))
}

// years are the years of a register, the newest first, with the largest count.
func years(by map[int]int) (list []int, most int) {
	for year, n := range by {
		list, most = append(list, year), max(most, n)
	}
	slices.SortFunc(list, func(a, b int) int { return b - a })
	return list, most
}

// CSV is GET /awards.csv: what the filter finds, as a table, row by row.
func (p *Pages) CSV(w http.ResponseWriter, r *http.Request) error {
	shell.Attachment(w, "awards.csv", "text/csv; charset=utf-8")
	out := spreadsheet.NewWriter(w)
	if err := out.Write([]string{"number", "title", "funder", "holder", "lead", "start", "end", "year", "amount", "currency", "state", "address"}); err != nil {
		return err
	}
	err := p.Awards.Each(r.Context(), filter(r), func(a award.View) error {
		return out.Write([]string{a.Number, a.Title.In("en"), a.Agency.In("en"), a.HolderName, a.LeadName, a.StartDay, a.EndDay,
			fmt.Sprint(a.Year), a.Amount.Plain(), a.Amount.Currency, a.State, p.Address + "/awards/" + a.ID})
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// grant is an award as open data, in the words of schema.org's MonetaryGrant; who
// holds the money and when it runs belong to the research project that it funds.
func (p *Pages) grant(v award.View) map[string]any {
	project := map[string]any{"@type": "ResearchProject", "name": v.Title.In("en")}
	for key, value := range map[string]string{"foundingDate": v.StartDay, "dissolutionDate": v.EndDay} {
		if value != "" {
			project[key] = value
		}
	}
	if v.HolderName != "" {
		project["parentOrganization"] = map[string]any{"@type": "Organization", "name": v.HolderName}
	}
	if v.LeadName != "" {
		project["member"] = []any{map[string]any{"@type": "Person", "name": v.LeadName}}
	}
	return map[string]any{"@context": "https://schema.org", "@type": "MonetaryGrant", "identifier": v.Number, "name": v.Title.In("en"), "description": v.Summary.In("en"),
		"url": p.Address + "/awards/" + v.ID, "funder": map[string]any{"@type": "Organization", "name": v.Agency.In("en")}, "fundedItem": project,
		"amount": map[string]any{"@type": "MonetaryAmount", "currency": v.Amount.Currency, "value": v.Amount.Plain()}}
}

// JSON is GET /awards.json: what the filter finds, one award after the other.
func (p *Pages) JSON(w http.ResponseWriter, r *http.Request) error {
	shell.Attachment(w, "awards.json", "application/json")
	sep, encode := `{"items": [`, json.NewEncoder(w)
	err := p.Awards.Each(r.Context(), filter(r), func(v award.View) error {
		if _, err := io.WriteString(w, sep); err != nil {
			return err
		}
		sep = ","
		return encode.Encode(p.grant(v))
	})
	if err != nil {
		return err
	}
	if sep != "," {
		_, err = io.WriteString(w, sep)
	}
	_, end := io.WriteString(w, "]}\n")
	return errors.Join(err, end)
}

// One is GET /awards/{id}.
func (p *Pages) One(w http.ResponseWriter, r *http.Request) error {
	return p.one(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) one(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form) error {
	v, err := p.Awards.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	data, err := json.Marshal(p.grant(v))
	if err != nil {
		return err
	}
	serves, err := p.Serves(r.Context(), shell.Actor(r), v.Award)
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, onePage(v, serves, string(data), refusal, typed))
}

// Mine is GET /my-awards.
func (p *Pages) Mine(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Awards.Mine(r.Context(), shell.Actor(r))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, minePage(list))
}

// Report is GET /awards/{id}/report.
func (p *Pages) Report(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Awards.Get(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, reportPage(v, nil, shell.Refusal{}))
}

// SubmitReport is POST /awards/{id}/report.
func (p *Pages) SubmitReport(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	v, err := p.Awards.Get(r.Context(), shell.Actor(r), id)
	if err != nil {
		return err
	}
	answers := map[string]any{}
	if v.Form != nil {
		for name, field := range v.Form.Fields {
			switch text := f.Text(name); {
			case text == "":
			case field.Widget == "number":
				answers[name] = float64(f.Int(name))
			default:
				answers[name] = text
			}
		}
	}
	done := "award.done.reported"
	if err = f.Err(); err == nil && f.Has("draft") {
		done, err = "award.done.draft", p.Awards.SaveReport(r.Context(), shell.Actor(r), id, answers)
	} else if err == nil {
		err = p.Awards.SubmitReport(r.Context(), shell.Actor(r), id, answers)
	}
	if refusal, ok := shell.Refused(err); ok {
		return shell.Render(w, r, http.StatusUnprocessableEntity, reportPage(v, f, refusal))
	}
	if err != nil {
		return err
	}
	if f.Has("draft") {
		return shell.Go(w, r, "/awards/"+id+"/report", done)
	}
	return shell.Go(w, r, "/awards/"+id, done)
}

// AddMilestone is POST /awards/{id}/milestones.
func (p *Pages) AddMilestone(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	return p.marked(w, r, f, p.Awards.AddMilestone(r.Context(), shell.Actor(r), id, f.Text("milestone"), f.Text("due")))
}

// SetMilestone is POST /awards/{id}/milestones/{milestone}.
func (p *Pages) SetMilestone(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	return p.marked(w, r, f, p.Awards.SetMilestone(r.Context(), shell.Actor(r), r.PathValue("id"), r.PathValue("milestone"), f.Text("state"), f.Text("day"), f.Text("note")))
}

func (p *Pages) marked(w http.ResponseWriter, r *http.Request, f *shell.Form, err error) error {
	if refusal, ok := shell.Refused(err); ok {
		return p.one(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/awards/"+r.PathValue("id")+"#milestones", "award.done.milestone")
}

// AddResult is POST /awards/{id}/results.
func (p *Pages) AddResult(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	result := award.Result{Kind: f.Text("kind"), Authors: f.Text("authors"), DOI: f.Text("doi"), URL: f.Text("url"), Year: int(f.Int("year"))}
	if t := f.Text("title"); t != "" {
		result.Title = lang.In1(string(shell.Of(r.Context()).Locale), t)
	}
	if err = f.Err(); err == nil {
		err = p.Awards.AddResult(r.Context(), shell.Actor(r), id, result)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.one(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/awards/"+id, "award.done.result")
}

// Accept is POST /awards/{id}/accept.
func (p *Pages) Accept(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id, accept := r.PathValue("id"), f.Get("answer") == "accept"
	err = p.Awards.AcceptReport(r.Context(), shell.Actor(r), id, accept, f.Text("note"))
	if refusal, ok := shell.Refused(err); ok {
		return p.one(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/awards/"+id, "award.done.answered")
}

// Results is GET /results.
func (p *Pages) Results(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	page := shell.PageOf(q.Get("page"))
	list, total, err := p.Awards.Results(r.Context(), q.Get("q"), q.Get("kind"), page, pageSize)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, resultsPage(q.Get("q"), q.Get("kind"), list, shell.Paging{Page: page, Size: pageSize, Total: total}))
}

// Tasks is the reports that are due for the teams, and the payments for finance.
func (p *Pages) Tasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	out, err := p.payTasks(ctx, a)
	if err != nil {
		return nil, err
	}
	list, err := p.Awards.Mine(ctx, a)
	for _, w := range list {
		v, err := p.Awards.Get(ctx, a, w.ID)
		if err != nil {
			return nil, err
		}
		r, owed := v.Owed()
		due, dated := shell.DayEnd(ctx, r.DueDay)
		if !owed || !dated || due.After(shell.Of(ctx).Now.AddDate(0, 3, 0)) {
			continue
		}
		out = append(out, shell.Task{Due: due, Title: shell.T(ctx, "award.task.report", v.Title), Href: "/awards/" + v.ID + "/report", What: shell.T(ctx, "award.task.report.what", v.Number), Button: shell.T(ctx, "award.task.report.go")})
	}
	return out, err
}

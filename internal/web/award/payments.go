package award

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/spreadsheet"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// payView is the list of payments as it is drawn.
type payView struct {
	filter  award.PaymentFilter
	list    []award.Payment
	total   int
	waiting int // approved, and not handed over
	chosen  []string
	why     string
	mayPay  bool
	refusal shell.Refusal
}

func payFilter(r *http.Request) award.PaymentFilter {
	q := r.URL.Query()
	f := award.PaymentFilter{State: q.Get("state"), Page: shell.PageOf(q.Get("page")), Size: pageSize}
	if !slices.Contains(award.PaymentStates, f.State) {
		f.State = ""
	}
	if _, err := time.Parse(time.DateOnly, q.Get("until")); err == nil {
		f.Until = q.Get("until")
	}
	return f
}

// Payments is GET /payments, for finance officers and auditors.
func (p *Pages) Payments(w http.ResponseWriter, r *http.Request) error {
	return p.payments(w, r, http.StatusOK, payView{})
}

func (p *Pages) payments(w http.ResponseWriter, r *http.Request, status int, v payView) error {
	a := shell.Actor(r)
	v.filter, v.mayPay = payFilter(r), a.HasAny(access.Finance)
	var err error
	if v.list, v.total, err = p.Awards.Payments(r.Context(), a, v.filter); err != nil {
		return err
	}
	if v.mayPay {
		if _, v.waiting, err = p.Awards.Payments(r.Context(), a, award.PaymentFilter{State: award.Approved, Size: 1}); err != nil {
			return err
		}
	}
	return shell.Render(w, r, status, paymentsPage(v))
}

// Pay is POST /payments: the chosen payments are approved, or held back.
func (p *Pages) Pay(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	a, chosen, done := shell.Actor(r), f.Values["payment"], "award.done.approved"
	if f.Get("act") == "hold" {
		done, err = "award.done.held", p.Awards.HoldBack(r.Context(), a, chosen, f.Text("why"))
	} else {
		err = p.Awards.Approve(r.Context(), a, chosen)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.payments(w, r, http.StatusUnprocessableEntity, payView{chosen: chosen, why: f.Text("why"), refusal: refusal})
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, r.URL.RequestURI(), done)
}

// Export is POST /payments/export: approved payments go to the accounts.
func (p *Pages) Export(w http.ResponseWriter, r *http.Request) error {
	_, err := p.Awards.Export(r.Context(), shell.Actor(r))
	if refusal, ok := shell.Refused(err); ok {
		return p.payments(w, r, http.StatusConflict, payView{refusal: refusal})
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/payments?state="+award.Exported, "award.done.exported")
}

// PaymentsCSV is GET /payments.csv: what the filter finds, for the accounts.
func (p *Pages) PaymentsCSV(w http.ResponseWriter, r *http.Request) error {
	f := payFilter(r)
	f.Page, f.Size = 1, 1000
	list, total, err := p.Awards.Payments(r.Context(), shell.Actor(r), f)
	if err != nil {
		return err
	}
	shell.Attachment(w, "payments.csv", "text/csv; charset=utf-8")
	out := spreadsheet.NewWriter(w)
	rows := [][]string{{"payment", "award", "title", "holder", "holder_now", "due", "amount", "currency", "state", "note"}}
	for len(list) > 0 {
		for _, y := range list {
			rows = append(rows, []string{y.ID, y.Number, y.Title.In("en"), y.HolderName, y.HolderNow.In("en"), y.DueDay, y.Amount.Plain(), y.Amount.Currency, y.State, y.Note})
		}
		if f.Page*f.Size >= total {
			break
		}
		f.Page++
		if list, _, err = p.Awards.Payments(r.Context(), shell.Actor(r), f); err != nil {
			return err
		}
	}
	return out.WriteAll(rows)
}

// payTasks is what waits for a finance officer: payments by the day on which
// they fall due within the next month, and what is approved and not handed over.
func (p *Pages) payTasks(ctx context.Context, a access.Actor) ([]shell.Task, error) {
	if !a.HasAny(access.Finance) {
		return nil, nil
	}
	sums, err := p.Awards.Due(ctx, a, shell.Of(ctx).Now.AddDate(0, 1, 0).Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	var out []shell.Task
	for _, d := range sums {
		due, _ := shell.DayEnd(ctx, d.Day)
		out = append(out, shell.Task{Due: due, Title: shell.T(ctx, "award.task.pay", d.Amount), Href: "/payments?state=" + award.Planned + "&until=" + d.Day,
			What: shell.T(ctx, "award.task.pay.what", d.Count, shell.PlainDay(ctx, d.Day)), Button: shell.T(ctx, "award.task.pay.go")})
	}
	_, approved, err := p.Awards.Payments(ctx, a, award.PaymentFilter{State: award.Approved, Size: 1})
	if approved > 0 {
		out = append(out, shell.Task{Title: shell.T(ctx, "award.task.export"), Href: "/payments?state=" + award.Approved,
			What: shell.T(ctx, "award.task.export.what", approved), Button: shell.T(ctx, "award.task.export.go")})
	}
	return out, err
}

func payChip(state string) string {
	return map[string]string{award.Planned: "open", award.Approved: "live", award.Exported: "ok", award.Returned: "warn"}[state]
}

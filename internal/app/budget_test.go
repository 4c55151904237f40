package app_test

import (
	"net/http"
	"testing"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/schemes"
)

// TestBudgetOfCalls: calls take from the lines of their agency, together no more
// than a line holds; only who works with the money sees from which.
func TestBudgetOfCalls(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		line, err := w.Register.AddBudget(w.ctx, w.actor["officer"], register.BudgetLine{AgencyID: "arc", Name: lang.In1("en", "Competitive funding"), Year: 2027, Amount: money.Whole(1_000_000, "XCR")})
		w.must(err)
		v, err := w.Schemes.Publish(w.ctx, w.actor["officer"], schemes.Files, "open-call.yaml")
		w.must(err)
		in := func(amount, total string) call.Input {
			return call.Input{AgencyID: "arc", SchemeVersionID: v.ID, Title: lang.In1("en", "Open questions"), Summary: lang.In1("en", "Free choice."), Zone: "UTC", Opens: "2027-03-20T08:00", Closes: "2027-04-20T17:00",
				Total: total, Budget: map[string]string{line.ID: amount}}
		}
		officer := w.actor["officer"]
		for what, bad := range map[string]call.Input{"more than the line holds": in("1,000,001", ""), "less than is promised": in("500,000", "600,000"), "no amount": in("much", ""),
			"a line that is none": {AgencyID: "arc", SchemeVersionID: v.ID, Title: lang.In1("en", "A"), Summary: lang.In1("en", "B"), Zone: "UTC", Opens: "2027-03-20T08:00", Closes: "2027-04-20T17:00", Budget: map[string]string{"nobody": "1"}}} {
			_, err := w.Calls.Create(w.ctx, officer, bad)
			w.refused(err, fault.Invalid, what)
		}
		first, err := w.Calls.Create(w.ctx, officer, in("600,000", ""))
		w.must(err)
		if first.Total.Minor != 60_000_000 {
			t.Errorf("without a total the call gives %v, want what its line gives", first.Total)
		}
		_, err = w.Calls.Create(w.ctx, officer, in("400,001", ""))
		w.refused(err, fault.Invalid, "more than is left")
		second, err := w.Calls.Create(w.ctx, officer, in("400,000", ""))
		w.must(err)
		_, err = w.Calls.Update(w.ctx, officer, first.ID, first.Version, in("600,001", ""))
		w.refused(err, fault.Invalid, "writing the first anew with more than is left")
		w.must(w.Calls.Publish(w.ctx, officer, second.ID))
		w.must(w.Calls.Cancel(w.ctx, officer, second.ID, lang.In1("en", "The money is needed elsewhere.")))
		_, err = w.Calls.Update(w.ctx, officer, first.ID, first.Version, in("1,000,000", ""))
		w.must(err)

		w.must(w.Calls.Publish(w.ctx, officer, first.ID))
		for who, want := range map[string]int{"officer": 1, "decider": 1, "mira": 0} {
			got, err := w.Calls.Get(w.ctx, w.actor[who], first.ID)
			if err != nil || len(got.Budget) != want {
				t.Errorf("%s sees %d lines of the call, want %d (%v)", who, len(got.Budget), want, err)
			}
		}
		got, err := w.Calls.Get(w.ctx, access.Actor{}, first.ID)
		if err != nil || len(got.Budget) != 0 {
			t.Errorf("the public sees %d lines (%v)", len(got.Budget), err)
		}
		page := w.visitor("officer")
		page.ask("GET", "/calls/new", nil, 200, "Competitive funding, 2027", "other calls take")
		page.ask("GET", "/calls/"+first.ID, nil, 200, "Competitive funding, 2027")
		var out struct{ Budget []struct{ Year int } }
		w.caller("officer").do(http.MethodGet, "/calls/"+first.ID, nil, http.StatusOK, &out)
		if len(out.Budget) != 1 || out.Budget[0].Year != 2027 {
			t.Errorf("by the API: %+v", out)
		}
	})
}

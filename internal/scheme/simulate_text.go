package scheme

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Says is the line of the calendar in words: "3 reviewers' reviews are written".
func (e Event) Says() lang.Msg {
	return lang.M("scheme.sim."+e.Act, lang.M("scheme.sim.who."+e.Who), e.Count)
}

// WriteText writes the simulation for a terminal.
func (s Simulation) WriteText(w io.Writer, l lang.Locale) error {
	t := func(key string, args ...any) string { return lang.T(l, key, args...) }
	fmt.Fprintln(w, t("scheme.sim.head", s.Scheme, s.Proposals, s.Days))
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, e := range s.Calendar {
		fmt.Fprintf(table, "%s\t%s\t%s\n", e.Day, e.Stage, e.Says().In(l))
	}
	fmt.Fprintln(table)
	for i, h := range RoundHead {
		fmt.Fprint(table, t("scheme.sim.col."+h), map[bool]string{true: "\n", false: "\t"}[i == len(RoundHead)-1])
	}
	for _, r := range s.Rounds {
		for i, c := range r.Row(l, s.Currency) {
			fmt.Fprint(table, c, map[bool]string{true: "\n", false: "\t"}[i == len(RoundHead)-1])
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, r := range s.Rounds {
		for _, x := range r.Rules {
			fmt.Fprintln(w, t("scheme.sim.rule", r.Title.In(l), x.Count, x.Say.In(l)))
		}
		if len(r.Measures) > 0 {
			fmt.Fprintln(w, t("scheme.sim.best", r.Title.In(l), r.Measures[0].Value, r.passed(), len(r.Measures)))
		}
	}
	_, err := fmt.Fprintln(w, t("scheme.sim.sum", s.Funded, s.Spent, s.Currency, int(s.ApplicantHours+0.5), int(s.ReviewerHours+0.5)))
	return err
}

func (r Round) passed() (n int) {
	for _, m := range r.Measures {
		if m.Passed {
			n++
		}
	}
	return n
}

// RoundHead names the columns of Row; each has a text scheme.sim.col.<name>.
var RoundHead = []string{"stage", "entered", "out", "ineligible", "reviews", "invited", "funded", "reserved", "rejected", "money", "hours", "judging"}

// Row is a round as a line of a table, in the order of RoundHead. Money is in
// whole units of currency.
func (r Round) Row(l lang.Locale, currency string) []string {
	n := func(v int) string { return lang.Integer(l, int64(v)) }
	return []string{r.Title.In(l), n(r.Entered), n(r.Withdrawn), n(r.Ineligible), n(r.Reviews), n(r.Invited), n(r.Funded), n(r.Reserved), n(r.Rejected),
		lang.Integer(l, r.Paid+r.Awarded) + " " + currency, n(int(r.ApplicantHours + 0.5)), n(int(r.ReviewerHours + 0.5))}
}

package decision

import (
	"context"
	"slices"
	"strconv"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Line is one part of the money of an item: who gives it, in which year, out of
// which budget line. A decision never gives one amount.
type Line struct {
	AgencyID, BudgetLineID string
	Year                   int
	Amount                 money.Amount
	Condition              string

	Agency     lang.Text // names, for the reader
	BudgetLine lang.Text
}

// BudgetUse is a budget line of the list's agency with what is given out of it.
type BudgetUse struct {
	ID     string
	Name   lang.Text
	Year   int
	Holds  money.Amount
	Before money.Amount // given out of it by awards in force
	Here   money.Amount // by this list

	programme string
}

// Left is what remains; below zero where more is given than there is.
func (u BudgetUse) Left() money.Amount {
	return money.Amount{Minor: u.Holds.Minor - u.Before.Minor - u.Here.Minor, Currency: u.Holds.Currency}
}

// spend counts what the rows give out of each budget line.
func (v *View) spend() {
	for _, r := range v.Rows {
		for _, l := range r.Lines {
			i := slices.IndexFunc(v.Budgets, func(u BudgetUse) bool { return u.ID == l.BudgetLineID })
			if i >= 0 {
				v.Budgets[i].Here.Minor += l.Amount.Minor
			}
		}
	}
}

// share divides whole over years in proportion to what was asked for each, in
// minor units: rounded down, and what is missing then goes to the largest
// remainders, the earlier year first (Hamilton's method). The parts give the whole.
func share(whole int64, asked []int64) []int64 {
	sum := int64(0)
	for _, a := range asked {
		sum += a
	}
	out := make([]int64, len(asked))
	if sum == 0 {
		if len(out) > 0 {
			out[0] = whole
		}
		return out
	}
	order := make([]int, len(asked))
	rest := make([]float64, len(asked))
	left := whole
	for i, a := range asked {
		exact := float64(whole) * (float64(a) / float64(sum))
		out[i] = min(int64(exact), left)
		rest[i], order[i] = exact-float64(out[i]), i
		left -= out[i]
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case rest[a] > rest[b]:
			return -1
		case rest[a] < rest[b]:
			return 1
		}
		return 0
	})
	for _, i := range order {
		if left == 0 {
			break
		}
		out[i]++
		left--
	}
	if len(out) > 0 {
		out[0] += left // where rounding of large sums left more than one unit a year
	}
	return out
}

// planned are the lines of an amount that nobody divided yet: over the years as
// the proposal's budget asks, each out of the budget line of the list's agency
// for that year, of its programme where there is one.
func (s *Service) planned(ctx context.Context, d Decision, programme, proposalID string, amount money.Amount) ([]Line, error) {
	if amount.Minor == 0 {
		return nil, nil
	}
	years, asked, err := s.askedByYear(ctx, proposalID)
	if err != nil {
		return nil, err
	}
	if len(years) == 0 {
		years, asked = []int{clock.Now(ctx).Year()}, []int64{1}
	}
	uses, err := s.uses(ctx, d)
	if err != nil {
		return nil, err
	}
	budget := func(year int) string {
		id := ""
		for _, u := range uses {
			if u.Year == year && u.Holds.Currency == amount.Currency && (id == "" || programme != "" && u.programme == programme) {
				id = u.ID
			}
		}
		return id
	}
	var out []Line
	for i, part := range share(amount.Minor, asked) {
		if part > 0 {
			out = append(out, Line{AgencyID: d.AgencyID, BudgetLineID: budget(years[i]), Year: years[i], Amount: money.Amount{Minor: part, Currency: amount.Currency}})
		}
	}
	return out, nil
}

// LineInput is a funding line as somebody writes it.
type LineInput struct {
	BudgetLineID string
	AgencyID     string // where no budget line is named; "": the list's agency
	Year         int
	Amount       string
	Condition    string
}

// Item is one proposal of a list, with its lines.
func (s *Service) Item(ctx context.Context, a access.Actor, id, proposalID string) (View, Row, error) {
	v, err := s.Get(ctx, a, id)
	if err != nil {
		return v, Row{}, err
	}
	r, ok := v.Row(proposalID)
	if !ok {
		return v, r, fault.Missing()
	}
	return v, r, nil
}

// SetLines writes the funding lines of a proposal that the draft funds; their sum
// is what is given. Errors: Conflict for a list that is fixed or a proposal that
// it does not fund; Invalid with the line ("amount_2") that cannot be taken.
func (s *Service) SetLines(ctx context.Context, a access.Actor, id, proposalID string, list []LineInput) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		v, err := s.draft(ctx, a, id)
		if err != nil {
			return err
		}
		r, ok := v.Row(proposalID)
		if !ok {
			return fault.Missing()
		}
		if r.Outcome != Fund {
			return fault.New(fault.Conflict, "decision.lines.fund")
		}
		lines, err := s.readLines(ctx, v.Decision, list)
		if err != nil {
			return err
		}
		return s.putLines(ctx, r.ID, lines)
	})
}

func (s *Service) readLines(ctx context.Context, d Decision, list []LineInput) ([]Line, error) {
	var faults []*fault.Error
	var out []Line
	for i, in := range list {
		n := "_" + strconv.Itoa(i)
		amount, err := money.Parse(in.Amount, d.Budget.Currency)
		if err != nil || amount.Minor <= 0 {
			faults = append(faults, fault.Field("amount"+n, "call.amount"))
		}
		l := Line{AgencyID: in.AgencyID, BudgetLineID: in.BudgetLineID, Year: in.Year, Amount: amount, Condition: in.Condition}
		if l.AgencyID == "" {
			l.AgencyID = d.AgencyID
		}
		known, err := s.isAgency(ctx, l.AgencyID)
		if err != nil {
			return nil, err
		}
		if !known {
			faults = append(faults, fault.Field("agency"+n, "fault.choice"))
		}
		if in.BudgetLineID != "" {
			agency, year, currency, err := s.budgetLine(ctx, in.BudgetLineID)
			if fault.Is(err, fault.NotFound) || err == nil && currency != amount.Currency {
				faults = append(faults, fault.Field("budget"+n, "fault.choice"))
				continue
			}
			if err != nil {
				return nil, err
			}
			l.AgencyID, l.Year = agency, year
		}
		if now := clock.Now(ctx).Year(); l.Year < now-5 || l.Year > now+30 {
			faults = append(faults, fault.Field("year"+n, "decision.line.year", now-5, now+30))
		}
		out = append(out, l)
	}
	if len(out) == 0 && len(faults) == 0 {
		faults = append(faults, fault.Field("amount_0", "decision.lines.none"))
	}
	return out, fault.Join(faults...)
}

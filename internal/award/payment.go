package award

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// The states of a payment. Paying itself happens elsewhere: what is approved is
// handed over to the accounts and then counts as exported.
const (
	Planned  = "planned"
	Approved = "approved"
	Exported = "exported"
	Returned = "returned" // held back, with a note
)

// PaymentStates are the states in the order in which a payment passes through them.
var PaymentStates = []string{Planned, Approved, Exported, Returned}

// Payment is a part of a funding line that falls due on a day.
type Payment struct {
	ID, AwardID, ProposalID, LineID, AgencyID, DueDay, State, Note string
	Amount                                                         money.Amount

	Number, HolderName, AwardState string    // of the award
	HolderNow                      lang.Text // what the holder was merged into; empty where it stands
	Title                          lang.Text
	Version                        int64
}

// PaymentFilter narrows the list of payments.
type PaymentFilter struct {
	State  string
	Until  string // due on or before this day
	Page   int    // from 1
	Size   int
	scoped []string // agencies, unless all
	all    bool
	kept   kept // from the actor, by a conflict of interest
}

// DueSum is what falls due on one day and waits for approval.
type DueSum struct {
	Day    string
	Count  int
	Amount money.Amount
}

func (s *Service) mayPay(a access.Actor) ([]string, bool, error) {
	ids, all := a.Scopes("agency", access.Finance, access.Auditor)
	if len(ids) == 0 && !all && !a.System {
		if a.Public() {
			return nil, false, fault.New(fault.SignIn, "fault.signin")
		}
		return nil, false, fault.New(fault.NotAllowed, "fault.denied")
	}
	return ids, all || a.System, nil
}

// seen is f over the payments that a may see.
func (s *Service) seen(ctx context.Context, a access.Actor, f PaymentFilter) (PaymentFilter, error) {
	var err error
	if f.scoped, f.all, err = s.mayPay(a); err != nil {
		return f, err
	}
	f.kept, err = s.kept(ctx, a)
	return f, err
}

// Payments lists the payments of the actor's agencies, the earliest first, and
// how many fit. Finance officers and auditors, but for awards with which they have a conflict of interest.
func (s *Service) Payments(ctx context.Context, a access.Actor, f PaymentFilter) ([]Payment, int, error) {
	f, err := s.seen(ctx, a, f)
	if err != nil {
		return nil, 0, err
	}
	return s.payments(ctx, f)
}

// Due sums what waits for approval and falls due by a day, day by day.
func (s *Service) Due(ctx context.Context, a access.Actor, until string) ([]DueSum, error) {
	ids, all := a.Scopes("agency", access.Finance)
	if len(ids) == 0 && !all {
		return nil, nil
	}
	kept, err := s.kept(ctx, a)
	if err != nil {
		return nil, err
	}
	return s.dueSums(ctx, PaymentFilter{State: Planned, Until: until, scoped: ids, all: all, kept: kept})
}

// Approve approves payments that are planned or held back, all or none.
// Errors: Conflict for one that went on meanwhile, or that would pay more than
// its funding line holds; NotAllowed for who is not of the agency's finance; NotFound also for who has a conflict of interest.
func (s *Service) Approve(ctx context.Context, a access.Actor, ids []string) error {
	return s.onPayments(ctx, a, ids, "award.approve-payment", "", func(ctx context.Context, p Payment) error {
		if p.State != Planned && p.State != Returned {
			return fault.New(fault.Conflict, "award.payment.past", p.Number)
		}
		if p.AwardState == Superseded || p.AwardState == Terminated {
			return fault.New(fault.Conflict, "award.payment.closed", p.Number)
		}
		committed, line, err := s.committed(ctx, p.LineID)
		if err != nil {
			return err
		}
		if committed+p.Amount.Minor > line {
			return fault.New(fault.Conflict, "award.payment.over", p.Number)
		}
		return s.setPayment(ctx, p, Approved, "", a.Account)
	})
}

// HoldBack keeps payments from being made, with a reason that the accounts can read.
func (s *Service) HoldBack(ctx context.Context, a access.Actor, ids []string, why string) error {
	if strings.TrimSpace(why) == "" {
		return fault.Field("why", "fault.required")
	}
	return s.onPayments(ctx, a, ids, "award.hold-payment", why, func(ctx context.Context, p Payment) error {
		if p.State != Planned && p.State != Approved {
			return fault.New(fault.Conflict, "award.payment.past", p.Number)
		}
		return s.setPayment(ctx, p, Returned, why, a.Account)
	})
}

// Export hands every approved payment of the actor's agencies over to the
// accounts and says how many there were. The list of exported ones can be taken
// as a file as often as it is needed.
func (s *Service) Export(ctx context.Context, a access.Actor) (n int, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		ids, err := s.approved(ctx, a)
		if err != nil {
			return err
		}
		if n = len(ids); n == 0 {
			return fault.New(fault.Conflict, "award.payment.none")
		}
		return s.onPayments(ctx, a, ids, "award.export-payment", "", func(ctx context.Context, p Payment) error {
			return s.setPayment(ctx, p, Exported, "", "")
		})
	})
	return n, err
}

// approved are the keys of what the actor may export.
func (s *Service) approved(ctx context.Context, a access.Actor) ([]string, error) {
	f, err := s.seen(ctx, a, PaymentFilter{State: Approved, Page: 1, Size: mostExported})
	if err != nil {
		return nil, err
	}
	list, _, err := s.payments(ctx, f)
	ids := make([]string, 0, len(list))
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	return ids, err
}

// mostExported is how many payments one export hands over.
const mostExported = 5000

func (s *Service) onPayments(ctx context.Context, a access.Actor, ids []string, act access.Act, why string, do func(context.Context, Payment) error) error {
	if len(ids) == 0 {
		return fault.New(fault.Invalid, "award.payment.choose")
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		kept, err := s.kept(ctx, a)
		if err != nil {
			return err
		}
		done := make([]Payment, 0, len(ids))
		for _, id := range ids {
			p, err := s.payment(ctx, id)
			if err != nil {
				return err
			}
			set := a.Staffing(p.AgencyID, "", "")
			if kept.has(p.AwardID, p.ProposalID) {
				set &^= access.ByRole
			}
			if err := rules.Check(a, "award.pay", set, inside); err != nil {
				return err
			}
			if err := do(ctx, p); err != nil {
				return err
			}
			done = append(done, p)
			_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: string(act), Kind: "award", ID: p.AwardID, Agency: p.AgencyID, Why: why,
				Payload: map[string]any{"payment": p.ID, "amount": p.Amount, "due": p.DueDay}})
			if err != nil {
				return err
			}
		}
		switch act {
		case "award.export-payment":
			return s.tellPayments(ctx, "award.mail.paid", "", done)
		case "award.hold-payment":
			return s.tellPayments(ctx, "award.mail.held", why, done)
		}
		return nil
	})
}

// plan says when the parts of a lump sum fall due: the first at the start, the
// others a year after the one before, in equal parts; what does not divide goes with the first.
func plan(start, end time.Time, whole money.Amount) []Payment {
	var days []string
	for day := start; day.Before(end) || len(days) == 0; day = start.AddDate(len(days), 0, 0) {
		days = append(days, day.Format(time.DateOnly))
	}
	n := int64(len(days))
	part := whole.Minor / n
	out := make([]Payment, 0, n)
	for i, day := range days {
		p := Payment{DueDay: day, State: Planned, Amount: money.Amount{Minor: part, Currency: whole.Currency}}
		if i == 0 {
			p.Amount.Minor += whole.Minor - part*n
		}
		out = append(out, p)
	}
	return out
}

// planPayments plans what an award that was made here pays. One that is paid on
// passing a test has no plan: nobody knows who will pass.
func (s *Service) planPayments(ctx context.Context, a Award, v scheme.Version) error {
	if a.Amount.Minor <= 0 || v.Award.Pay == "passing" {
		return nil
	}
	start, err := time.Parse(time.DateOnly, a.StartDay)
	if err != nil {
		return fmt.Errorf("award %s: %w", a.Number, err)
	}
	end, err := time.Parse(time.DateOnly, a.EndDay)
	if err != nil {
		return fmt.Errorf("award %s: %w", a.Number, err)
	}
	whole := a.Amount
	if a.Supersedes != "" {
		paid, err := s.paid(ctx, a.Supersedes)
		if err != nil {
			return err
		}
		if whole.Minor -= paid; whole.Minor <= 0 {
			return nil
		}
	}
	lines, err := s.lineSums(ctx, a.ID)
	if err != nil {
		return err
	}
	for _, p := range over(plan(start, end, whole), lines) {
		p.ID, p.AwardID = clock.ID(ctx), a.ID
		if err := s.insertPayment(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// over lays payments over funding lines in the order of their years: each takes
// from the earliest line that still holds something, and is divided where one
// line does not hold it all. What no line holds is not planned.
func over(payments []Payment, lines []Payment) []Payment {
	var out []Payment
	k := 0
	for _, p := range payments {
		for p.Amount.Minor > 0 && k < len(lines) {
			part := p
			part.LineID = lines[k].LineID
			part.Amount.Minor = min(p.Amount.Minor, lines[k].Amount.Minor)
			if part.Amount.Minor > 0 {
				out = append(out, part)
			}
			p.Amount.Minor -= part.Amount.Minor
			if lines[k].Amount.Minor -= part.Amount.Minor; lines[k].Amount.Minor == 0 {
				k++
			}
		}
	}
	return out
}

package api

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/panel"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
)

// DecisionLine is a decision in a list.
type DecisionLine struct {
	ID          string     `json:"id"`
	Number      string     `json:"number"`
	CallID      string     `json:"call_id"`
	Stage       string     `json:"stage"`
	State       string     `json:"state" doc:"draft, proposed, signed, superseded"`
	NeedsSecond bool       `json:"needs_second" doc:"Somebody else than who proposed it signs it."`
	Proposed    *time.Time `json:"proposed_at,omitempty"`
	Signed      *time.Time `json:"signed_at,omitempty"`
	Supersedes  string     `json:"supersedes,omitempty" doc:"Key of the decision that this one corrects"`
	Correction  string     `json:"correction,omitempty" doc:"Why: appeal, error"`
	Why         string     `json:"correction_reason,omitempty"`
	Public      *time.Time `json:"public_from,omitempty" doc:"From when its awards are public; at once where not said."`
}

func decisionOf(d decision.Decision) DecisionLine {
	return DecisionLine{d.ID, d.Number, d.CallID, d.Stage, d.State, d.NeedsSecond, when(d.ProposedAt), when(d.SignedAt), d.Supersedes, d.Correction, d.CorrectionReason, when(d.PublicAt)}
}

func (a *API) decisionList(ctx context.Context, actor access.Actor, in *AfterIn) (*listOf[DecisionLine], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	list, total, err := a.Decisions.List(ctx, actor, page, pageSize)
	out := make([]DecisionLine, 0, len(list))
	for _, d := range list {
		out = append(out, decisionOf(d))
	}
	return paged(out, page, total), err
}

type rankedBody struct {
	Place        int        `json:"place"`
	ProposalID   string     `json:"proposal_id"`
	Number       string     `json:"number"`
	Title        string     `json:"title"`
	Lead         string     `json:"lead,omitempty"`
	Organisation string     `json:"organisation,omitempty"`
	Asked        *moneyBody `json:"asked,omitempty"`
	Reviews      int        `json:"reviews"`
	Open         int        `json:"reviews_open"`
	Mean         float64    `json:"mean"`
	Low          float64    `json:"low"`
	High         float64    `json:"high"`
	Above        bool       `json:"above" doc:"Within the budget when counted from the top."`
	Outcome      string     `json:"outcome" doc:"open, fund, reserve, reject, invite"`
	Reasons      string     `json:"reasons,omitempty"`
	Amount       *moneyBody `json:"amount,omitempty" doc:"Given, where it is funded."`

	Causes  []causeBody   `json:"causes" doc:"Rules that decided about it besides its rank, as its letter will name them; none once it is signed."`
	Rank    *rankBody     `json:"rank,omitempty" doc:"What the scores say, corrected for strict and mild reviewers; none without a review."`
	Changed bool          `json:"changed" doc:"A correction: it differs from what was signed."`
	Lines   []fundingLine `json:"lines"`
	Panel   *panelSaid    `json:"panel,omitempty" doc:"What the panel that treated it said."`
}

type panelSaid struct {
	Panel   string    `json:"panel"`
	Summary string    `json:"summary,omitempty"`
	Votes   TallyBody `json:"votes"`
}

// panelSaidOf is what a panel said, nothing where none did.
func panelSaidOf(o *panel.Outcome) *panelSaid {
	if o == nil {
		return nil
	}
	return &panelSaid{o.Panel, o.Summary, tallyOf(o.Final)}
}

// rankBody is what the scores say of a proposal.
type rankBody struct {
	Expected float64 `json:"expected" doc:"Expected rank among the reviewed, 1 is best."`
	Low      int     `json:"low" doc:"Of the rank, 90 %"`
	High     int     `json:"high"`
	Chance   float64 `json:"p_above" doc:"Probability of being above the line of the money."`
	Score    float64 `json:"score" doc:"Less what its reviewers are strict or mild."`
	From     float64 `json:"score_from" doc:"Of the score, 90 %"`
	To       float64 `json:"score_to"`
	Doubtful bool    `json:"doubtful" doc:"The interval reaches over the line: the scores cannot tell."`
}

func rankOf(q *decision.Rank) *rankBody {
	if q == nil {
		return nil
	}
	return &rankBody{q.Expected, q.Low, q.High, q.Chance, q.Score, q.From, q.To, q.Doubtful}
}

// causeBody is a rule that decided about a proposal besides its rank.
type causeBody struct {
	Kind string `json:"kind" enum:"bar,ceiling,pot,short,floor,held,least,most,needs"`
	Rank int    `json:"rank,omitempty" doc:"The lowest that got of it."`
	Text string `json:"text" doc:"As the letter says it, in your language."`
}

func causesOf(ctx context.Context, list []decision.Cause) []causeBody {
	out := make([]causeBody, 0, len(list))
	for _, c := range list {
		out = append(out, causeBody{c.Kind, c.Rank, c.Said().In(lang.Of(ctx))})
	}
	return out
}

// fundingLine is a part of the money of an item.
type fundingLine struct {
	AgencyID     string    `json:"agency_id"`
	BudgetLineID string    `json:"budget_line_id,omitempty"`
	Year         int       `json:"year"`
	Amount       moneyBody `json:"amount"`
	Condition    string    `json:"condition,omitempty"`
}

func fundingLines(list []decision.Line) []fundingLine {
	out := make([]fundingLine, 0, len(list))
	for _, l := range list {
		out = append(out, fundingLine{l.AgencyID, l.BudgetLineID, l.Year, moneyBody{l.Amount.Minor, l.Amount.Currency}, l.Condition})
	}
	return out
}

// budgetUse is a budget line with what is given out of it.
type budgetUse struct {
	ID     string    `json:"id"`
	Name   lang.Text `json:"name"`
	Year   int       `json:"year"`
	Holds  moneyBody `json:"holds"`
	Before moneyBody `json:"given_before"`
	Here   moneyBody `json:"by_this_list"`
}

type appealBody struct {
	ID         string     `json:"id"`
	ProposalID string     `json:"proposal_id"`
	Number     string     `json:"proposal_number"`
	Grounds    string     `json:"grounds"`
	State      string     `json:"state" enum:"lodged,upheld,dismissed"`
	Answer     string     `json:"answer,omitempty"`
	Lodged     time.Time  `json:"lodged_at"`
	Answered   *time.Time `json:"answered_at,omitempty"`
}

func appealsOf(list []decision.Appeal) []appealBody {
	out := make([]appealBody, 0, len(list))
	for _, p := range list {
		out = append(out, appealBody{p.ID, p.ProposalID, p.Number, p.Grounds, p.State, p.Answer, p.LodgedAt, when(p.AnsweredAt)})
	}
	return out
}

type decisionOut struct {
	Body struct {
		DecisionLine
		Call     lang.Text    `json:"call"`
		Days     int          `json:"public_after_days,omitempty" doc:"So many days after the signature its awards are public, as its call says; none where it says public_from or public_at_once itself."`
		AtOnce   bool         `json:"public_at_once,omitempty" doc:"Its awards are public as soon as it is signed, whatever its call says."`
		Reasons  string       `json:"reasons,omitempty"`
		Budget   *moneyBody   `json:"budget,omitempty"`
		Given    *moneyBody   `json:"given,omitempty"`
		Outcomes []string     `json:"outcomes" doc:"That the scheme allows."`
		Rows     []rankedBody `json:"rows" doc:"In order of rank."`
		MaySign  bool         `json:"may_sign"`
		Reviewed int          `json:"reviewed" doc:"Proposals with a review: ranks are among them."`
		Reach    int          `json:"reach" doc:"How many of them the money reaches."`
		Budgets  []budgetUse  `json:"budget_lines"`
		Appeals  []appealBody `json:"appeals"`
		Next     string       `json:"superseded_by,omitempty" doc:"Key of the decision that corrects this one, signed or not"`
	}
}

func (a *API) decisionGet(ctx context.Context, actor access.Actor, in *ByID) (*decisionOut, error) {
	v, err := a.Decisions.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &decisionOut{}
	b := &out.Body
	b.DecisionLine, b.Call, b.Days, b.AtOnce, b.Reasons, b.Budget, b.Given, b.MaySign = decisionOf(v.Decision), v.Call, v.Days, v.AtOnce, v.Reasons, amount(v.Budget), amount(v.Given), v.MaySign
	b.Outcomes, b.Rows = append([]string{}, v.Outcomes...), make([]rankedBody, 0, len(v.Rows))
	b.Budgets, b.Appeals, b.Next = []budgetUse{}, appealsOf(v.Appeals), v.Next.ID
	if b.Reviewed = v.Reviewed; v.Calibration != nil {
		b.Reach = v.Calibration.Funded
	}
	for _, u := range v.Budgets {
		b.Budgets = append(b.Budgets, budgetUse{u.ID, u.Name, u.Year, moneyBody{u.Holds.Minor, u.Holds.Currency}, moneyBody{u.Before.Minor, u.Before.Currency}, moneyBody{u.Here.Minor, u.Here.Currency}})
	}
	for _, r := range v.Rows {
		row := rankedBody{Place: r.Place, ProposalID: r.ProposalID, Number: r.Number, Title: r.Title, Lead: r.Lead, Organisation: r.Organisation, Asked: amount(r.Asked),
			Reviews: r.Standing.In, Open: r.Standing.Open, Mean: r.Standing.Mean, Low: r.Standing.Low, High: r.Standing.High, Above: r.Above, Outcome: r.Outcome, Reasons: r.Reasons,
			Amount: amount(r.Amount), Changed: r.Changed, Lines: fundingLines(r.Lines), Panel: panelSaidOf(r.Panel), Rank: rankOf(r.Rank), Causes: causesOf(ctx, r.Causes)}
		b.Rows = append(b.Rows, row)
	}
	return out, nil
}

type decisionNewIn struct {
	ByID
	Body struct {
		Stage string `json:"stage,omitempty" doc:"The first where not said."`
	}
}

func (a *API) decisionBegin(ctx context.Context, actor access.Actor, in *decisionNewIn) (*decisionOut, error) {
	d, err := a.Decisions.Begin(ctx, actor, in.ID, in.Body.Stage)
	if err != nil {
		return nil, err
	}
	return a.decisionGet(ctx, actor, &ByID{ID: d.ID})
}

type choiceBody struct {
	Outcome string `json:"outcome" enum:"open,fund,reserve,reject,invite"`
	Reasons string `json:"reasons,omitempty" maxLength:"8000"`
	Minor   *int64 `json:"amount_minor,omitempty" minimum:"0" doc:"Where not said: as it is, else what was asked for."`
}

type decisionIn struct {
	ByID
	Body struct {
		Reasons string                `json:"reasons,omitempty" maxLength:"8000" doc:"The ground of the whole list"`
		Choices map[string]choiceBody `json:"choices" doc:"By proposal; the others stay as they are."`
	}
}

func (a *API) decisionSave(ctx context.Context, actor access.Actor, in *decisionIn) (*decisionOut, error) {
	v, err := a.Decisions.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	choices := make([]decision.Choice, 0, len(in.Body.Choices))
	for id, c := range in.Body.Choices {
		choice := decision.Choice{ProposalID: id, Outcome: c.Outcome, Reasons: c.Reasons}
		if c.Minor != nil {
			choice.Amount = money.Amount{Minor: *c.Minor, Currency: v.Budget.Currency}.Plain()
		}
		choices = append(choices, choice)
	}
	if err := a.Decisions.Save(ctx, actor, in.ID, in.Body.Reasons, choices); err != nil {
		return nil, moved(err, ofChoice)
	}
	return a.decisionGet(ctx, actor, &in.ByID)
}

// ofChoice is where the body has what the room calls outcome_<proposal>.
func ofChoice(field string) string {
	name, proposal, ok := strings.Cut(field, "_")
	if !ok {
		return field
	}
	return "choices." + proposal + "." + name
}

func (a *API) decisionPropose(ctx context.Context, actor access.Actor, in *ByID) (*decisionOut, error) {
	if err := a.Decisions.Propose(ctx, actor, in.ID); err != nil {
		return nil, moved(err, ofChoice)
	}
	return a.decisionGet(ctx, actor, in)
}

func (a *API) decisionSign(ctx context.Context, actor access.Actor, in *ByID) (*decisionOut, error) {
	if err := a.Decisions.Sign(ctx, actor, in.ID); err != nil {
		return nil, err
	}
	return a.decisionGet(ctx, actor, in)
}

type returnIn struct {
	ByID
	Body struct {
		Why string `json:"why" maxLength:"2000"`
	}
}

func (a *API) decisionReturn(ctx context.Context, actor access.Actor, in *returnIn) (*decisionOut, error) {
	if err := a.Decisions.Return(ctx, actor, in.ID, in.Body.Why); err != nil {
		return nil, err
	}
	return a.decisionGet(ctx, actor, &in.ByID)
}

type publicIn struct {
	ByID
	Body struct {
		From string `json:"from,omitempty" doc:"2027-05-03T12:00, in the time zone of the call; at once, whatever the call says, as the words: at once; where not said at once, or of a draft as its call has it."`
		Why  string `json:"why,omitempty" maxLength:"2000" doc:"Needed once the list is signed."`
	}
}

func (a *API) decisionPublic(ctx context.Context, actor access.Actor, in *publicIn) (*decisionOut, error) {
	if err := a.Decisions.SetPublicFrom(ctx, actor, in.ID, in.Body.From, in.Body.Why); err != nil {
		return nil, moved(err, func(field string) string { return strings.TrimPrefix(field, "public_") })
	}
	return a.decisionGet(ctx, actor, &in.ByID)
}

type letterPartBody struct {
	Title lang.Text `json:"title"`
	Score float64   `json:"score"`
	High  int       `json:"high"`
	Text  string    `json:"text"`
}

type letterReviewBody struct {
	Alias   string           `json:"alias"`
	Overall float64          `json:"overall"`
	Parts   []letterPartBody `json:"parts"`
}

// LetterBody is what an applicant gets.
type LetterBody struct {
	ID         string             `json:"id"`
	Sent       time.Time          `json:"sent_at"`
	Number     string             `json:"proposal_number"`
	Title      string             `json:"title"`
	Call       lang.Text          `json:"call"`
	Agency     lang.Text          `json:"agency"`
	Decision   string             `json:"decision_number"`
	Outcome    string             `json:"outcome"`
	Reasons    string             `json:"reasons,omitempty"`
	Causes     []causeBody        `json:"causes" doc:"Rules that decided besides the rank"`
	Amount     *moneyBody         `json:"amount,omitempty"`
	Lines      []fundingLine      `json:"lines"`
	Place      int                `json:"place"`
	Of         int                `json:"of"`
	Panel      string             `json:"panel_summary,omitempty" doc:"What the panel that treated it said"`
	Reviews    []letterReviewBody `json:"reviews"`
	AppealDays int                `json:"appeal_days"`
	Until      time.Time          `json:"appeal_until"`
	Corrects   string             `json:"corrects,omitempty" doc:"Number of the decision that was corrected"`
	Correction string             `json:"correction,omitempty" doc:"Why: appeal, error"`
	Why        string             `json:"correction_reason,omitempty"`
	Supersedes string             `json:"supersedes,omitempty" doc:"Key of the letter before it"`
	Public     *time.Time         `json:"public_from,omitempty" doc:"From when what was decided is public, as it is now; at once where not said"`
}

type letterOut struct{ Body LetterBody }

func letterOf(ctx context.Context, l decision.Letter) LetterBody {
	body := l.Body
	b := LetterBody{ID: l.ID, Sent: l.SentAt, Number: body.Number, Title: body.Title, Call: body.Call, Agency: body.Agency, Decision: body.Decision, Outcome: body.Outcome,
		Reasons: body.Reasons, Causes: causesOf(ctx, body.Causes), Amount: amount(body.Amount), Lines: fundingLines(body.Lines), Place: body.Place, Of: body.Of, Panel: body.Panel, AppealDays: body.AppealDays, Until: l.Until(),
		Corrects: body.Supersedes, Correction: body.Correction, Why: body.CorrectionReason, Supersedes: l.Supersedes, Public: when(l.PublicAt), Reviews: []letterReviewBody{}}
	for _, r := range body.Reviews {
		one := letterReviewBody{r.Alias, r.Overall, []letterPartBody{}}
		for _, p := range r.Parts {
			one.Parts = append(one.Parts, letterPartBody(p))
		}
		b.Reviews = append(b.Reviews, one)
	}
	return b
}

func (a *API) letterGet(ctx context.Context, actor access.Actor, in *ByID) (*letterOut, error) {
	l, err := a.Decisions.Letter(ctx, actor, in.ID)
	return &letterOut{letterOf(ctx, l)}, err
}

func (a *API) letterList(ctx context.Context, actor access.Actor, in *ByID) (*listOf[LetterBody], error) {
	list, err := a.Decisions.Letters(ctx, actor, in.ID)
	out := make([]LetterBody, 0, len(list))
	for _, l := range list {
		out = append(out, letterOf(ctx, l))
	}
	return items(out), err
}

type linesIn struct {
	ByID
	Proposal string `path:"proposal"`
	Body     struct {
		Lines []struct {
			BudgetLineID string `json:"budget_line_id,omitempty" doc:"It says agency and year."`
			AgencyID     string `json:"agency_id,omitempty" doc:"Where no budget line is named; the list's agency where not said."`
			Year         int    `json:"year,omitempty"`
			Minor        int64  `json:"amount_minor" minimum:"1"`
			Condition    string `json:"condition,omitempty" maxLength:"2000"`
		} `json:"lines" minItems:"1" maxItems:"100"`
	}
}

func (a *API) decisionLines(ctx context.Context, actor access.Actor, in *linesIn) (*decisionOut, error) {
	v, err := a.Decisions.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	list := make([]decision.LineInput, 0, len(in.Body.Lines))
	for _, l := range in.Body.Lines {
		list = append(list, decision.LineInput{BudgetLineID: l.BudgetLineID, AgencyID: l.AgencyID, Year: l.Year, Amount: money.Amount{Minor: l.Minor, Currency: v.Budget.Currency}.Plain(), Condition: l.Condition})
	}
	if err := a.Decisions.SetLines(ctx, actor, in.ID, in.Proposal, list); err != nil {
		return nil, moved(err, func(field string) string {
			name, n, _ := strings.Cut(field, "_")
			return "lines[" + n + "]." + map[string]string{"amount": "amount_minor", "budget": "budget_line_id", "agency": "agency_id", "year": "year"}[name]
		})
	}
	return a.decisionGet(ctx, actor, &in.ByID)
}

type correctIn struct {
	ByID
	Body struct {
		Kind string `json:"kind" enum:"appeal,error"`
		Why  string `json:"why" maxLength:"4000" doc:"It stands in the new letters."`
	}
}

func (a *API) decisionCorrect(ctx context.Context, actor access.Actor, in *correctIn) (*decisionOut, error) {
	d, err := a.Decisions.Correct(ctx, actor, in.ID, in.Body.Kind, in.Body.Why)
	if err != nil {
		return nil, err
	}
	return a.decisionGet(ctx, actor, &ByID{ID: d.ID})
}

type appealIn struct {
	ByID
	Body struct {
		Grounds string `json:"grounds" maxLength:"8000"`
	}
}

func (a *API) appealNew(ctx context.Context, actor access.Actor, in *appealIn) (*none, error) {
	return nil, a.Decisions.Lodge(ctx, actor, in.ID, in.Body.Grounds)
}

type appealAnswerIn struct {
	ByID
	Body struct {
		Uphold bool   `json:"uphold" doc:"Then a correction of the decision begins."`
		Answer string `json:"answer" maxLength:"8000"`
	}
}

type appealAnswerOut struct {
	Body struct {
		Correction string `json:"correction_id,omitempty" doc:"Key of the decision that corrects, where the appeal is upheld"`
	}
}

func (a *API) appealAnswer(ctx context.Context, actor access.Actor, in *appealAnswerIn) (*appealAnswerOut, error) {
	d, err := a.Decisions.AnswerAppeal(ctx, actor, in.ID, in.Body.Uphold, in.Body.Answer)
	out := &appealAnswerOut{}
	out.Body.Correction = d.ID
	return out, err
}

type modelBody struct {
	Name   string  `json:"model" enum:"least-squares,plackett-luce"`
	Fitted bool    `json:"fitted" doc:"Not where the scores are too few for it, or too many for a page."`
	Above  int     `json:"above" doc:"How many the money reaches by its order."`
	Agrees float64 `json:"spearman,omitempty" doc:"Rank correlation with the order of the list."`
}

type placedBody struct {
	Proposal string         `json:"proposal_id"`
	Own      int            `json:"place" doc:"By the model that the list goes by, among the reviewed."`
	Places   map[string]int `json:"places" doc:"By model; none by one that is not fitted."`
	Differs  bool           `json:"differs" doc:"The money reaches it by one model and not by another."`
}

type modelsOut struct {
	Body struct {
		Models []modelBody  `json:"models"`
		Rows   []placedBody `json:"rows"`
	}
}

func (a *API) decisionModels(ctx context.Context, actor access.Actor, in *ByID) (*modelsOut, error) {
	v, err := a.Decisions.Compare(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &modelsOut{}
	out.Body.Models, out.Body.Rows = []modelBody{}, []placedBody{}
	for _, m := range v.Models {
		b := modelBody{Name: m.Name, Fitted: !m.Unfit, Above: m.Above}
		if !math.IsNaN(m.Agrees) {
			b.Agrees = m.Agrees
		}
		out.Body.Models = append(out.Body.Models, b)
	}
	for _, r := range v.List {
		b := placedBody{r.ProposalID, r.Own, map[string]int{}, r.Differs}
		for i, m := range v.Models {
			if !m.Unfit {
				b.Places[m.Name] = r.Places[i]
			}
		}
		out.Body.Rows = append(out.Body.Rows, b)
	}
	return out, nil
}

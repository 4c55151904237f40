package api

import (
	"context"
	"strconv"
	"time"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// AwardLine is an award in a list.
type AwardLine struct {
	ID     string     `json:"id"`
	Number string     `json:"number"`
	Title  lang.Text  `json:"title"`
	Funder lang.Text  `json:"funder"`
	Holder string     `json:"holder,omitempty" doc:"Organisation, as at signing"`
	Lead   string     `json:"lead,omitempty" doc:"As at signing"`
	State  string     `json:"state"`
	Kind   string     `json:"kind,omitempty"`
	Start  string     `json:"start,omitempty"`
	End    string     `json:"end,omitempty"`
	Year   int        `json:"year,omitempty"`
	Amount *moneyBody `json:"amount,omitempty"`
	Public *time.Time `json:"public_from,omitempty" doc:"Until then only who has to do with the award sees it."`
}

func awardOf(w award.Award, funder lang.Text) AwardLine {
	return AwardLine{w.ID, w.Number, w.Title, funder, w.HolderName, w.LeadName, w.State, w.Kind, w.StartDay, w.EndDay, w.Year, amount(w.Amount), when(w.PublicAt)}
}

type awardsIn struct {
	AfterIn
	Text   string `query:"q" doc:"Words, in any of the languages"`
	Funder string `query:"funder_id" doc:"A value of the facet “funders”"`
	State  string `query:"state"`
	Year   int    `query:"year"`
	Sort   string `query:"sort" enum:"title,-title,money,-money,number,-number" doc:"The best and newest first where not said; - downwards"`
}

type awardsOut struct {
	Body struct {
		Items   []AwardLine `json:"items"`
		Next    string      `json:"next,omitempty"`
		Total   int         `json:"total"`
		Years   []facetBody `json:"years"`
		Funders []facetBody `json:"funders"`
		States  []facetBody `json:"states"`
	}
}

func (a *API) awardList(ctx context.Context, _ access.Actor, in *awardsIn) (*awardsOut, error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	found, err := a.Awards.Find(ctx, award.Filter{Text: in.Text, Funder: in.Funder, State: in.State, Year: in.Year, Sort: in.Sort, Page: page, Size: pageSize})
	if err != nil {
		return nil, err
	}
	out := &awardsOut{}
	b := &out.Body
	b.Items, b.Total, b.Next, b.Years, b.Funders, b.States = []AwardLine{}, found.Total, nextAfter(page, found.Total), []facetBody{}, awardFacet(found.Funders), awardFacet(found.States)
	for _, v := range found.List {
		b.Items = append(b.Items, awardOf(v.Award, v.Agency))
	}
	for _, year := range downwards(found.Years) {
		value := strconv.Itoa(year)
		if year == 0 {
			value = ""
		}
		b.Years = append(b.Years, facetBody{Value: value, Count: found.Years[year]})
	}
	return out, nil
}

func awardFacet(list []award.Facet) []facetBody {
	out := make([]facetBody, 0, len(list))
	for _, f := range list {
		out = append(out, facetBody{f.ID, f.Name, f.N})
	}
	return out
}

type lineBody struct {
	Agency    string    `json:"agency"`
	Year      int       `json:"year,omitempty"`
	Amount    moneyBody `json:"amount"`
	Condition string    `json:"condition,omitempty"`
}

type milestoneBody struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Due     string `json:"due"`
	State   string `json:"state" enum:"planned,reached,missed,dropped"`
	Reached string `json:"reached,omitempty"`
	Note    string `json:"note,omitempty" doc:"For who has to do with the award."`
}

type milestoneIn struct {
	ByID
	Body struct {
		Title string `json:"title" maxLength:"500"`
		Due   string `json:"due" doc:"2027-04-15; while the award runs"`
	}
}

func (a *API) milestoneNew(ctx context.Context, actor access.Actor, in *milestoneIn) (*awardOut, error) {
	if err := a.Awards.AddMilestone(ctx, actor, in.ID, in.Body.Title, in.Body.Due); err != nil {
		return nil, moved(err, func(field string) string {
			if field == "milestone" {
				return "title"
			}
			return field
		})
	}
	return a.awardGet(ctx, actor, &in.ByID)
}

type milestoneSetIn struct {
	ByID
	Milestone string `path:"milestone"`
	Body      struct {
		State string `json:"state" enum:"planned,reached,missed,dropped"`
		Day   string `json:"day,omitempty" doc:"On which it was reached; today where not said."`
		Note  string `json:"note,omitempty" maxLength:"2000" doc:"Needed where it was missed or dropped."`
	}
}

func (a *API) milestoneSet(ctx context.Context, actor access.Actor, in *milestoneSetIn) (*awardOut, error) {
	if err := a.Awards.SetMilestone(ctx, actor, in.ID, in.Milestone, in.Body.State, in.Body.Day, in.Body.Note); err != nil {
		return nil, err
	}
	return a.awardGet(ctx, actor, &in.ByID)
}

type partyBody struct {
	PersonID     string `json:"person_id,omitempty" doc:"For who has to do with the award."`
	Organisation string `json:"organisation,omitempty"`
	Name         string `json:"name"`
	Role         string `json:"role"`
}

type reportBody struct {
	ID        string         `json:"id"`
	Kind      string         `json:"kind"`
	Due       string         `json:"due,omitempty"`
	State     string         `json:"state" doc:"due, submitted, accepted, returned"`
	Submitted *time.Time     `json:"submitted_at,omitempty"`
	Answers   map[string]any `json:"answers,omitempty"`
}

type resultBody struct {
	ID          string    `json:"id"`
	AwardID     string    `json:"award_id"`
	AwardNumber string    `json:"award_number,omitempty"`
	AwardTitle  lang.Text `json:"award_title,omitempty"`
	Kind        string    `json:"kind"`
	Title       lang.Text `json:"title"`
	Authors     string    `json:"authors,omitempty"`
	DOI         string    `json:"doi,omitempty"`
	URL         string    `json:"url,omitempty"`
	Year        int       `json:"year,omitempty"`
	State       string    `json:"state,omitempty"`
}

func resultsOf(list []award.Result) []resultBody {
	out := make([]resultBody, 0, len(list))
	for _, r := range list {
		out = append(out, resultBody{r.ID, r.AwardID, r.AwardNumber, r.AwardTitle, r.Kind, r.Title, r.Authors, r.DOI, r.URL, r.Year, r.State})
	}
	return out
}

type awardOut struct {
	Body struct {
		AwardLine
		Summary      lang.Text       `json:"summary"`
		Call         lang.Text       `json:"call"`
		CallID       string          `json:"call_id,omitempty"`
		Now          lang.Text       `json:"holder_now,omitzero" doc:"What the holder was merged into"`
		ProposalID   string          `json:"proposal_id,omitempty" doc:"For who has to do with the award."`
		Lines        []lineBody      `json:"lines"`
		Milestones   []milestoneBody `json:"milestones"`
		Supersedes   string          `json:"supersedes,omitempty" doc:"Key of the award whose place it took"`
		SupersededBy string          `json:"superseded_by,omitempty"`
		Parties      []partyBody     `json:"parties"`
		Reports      []reportBody    `json:"reports" doc:"For who has to do with the award."`
		Results      []resultBody    `json:"results"`
		Form         []string        `json:"report_fields,omitempty" doc:"Fields of the report's form."`
	}
}

// closeTo is who has to do with an award.
const closeTo = access.Lead | access.Team | access.Office | access.Staff | access.Money | access.Audit

func (a *API) awardGet(ctx context.Context, actor access.Actor, in *ByID) (*awardOut, error) {
	v, err := a.Awards.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &awardOut{}
	b := &out.Body
	b.AwardLine, b.Summary, b.Call, b.CallID, b.Results = awardOf(v.Award, v.Agency), v.Summary, v.Call, v.CallID, resultsOf(v.Results)
	b.Lines, b.Parties, b.Reports, b.Milestones = []lineBody{}, []partyBody{}, []reportBody{}, []milestoneBody{}
	b.Supersedes, b.SupersededBy, b.Now = v.Before.ID, v.After.ID, v.Now
	for _, m := range v.Marks {
		b.Milestones = append(b.Milestones, milestoneBody{m.ID, m.Title, m.DueDay, m.State, m.ReachedDay, m.Note})
	}
	if v.Set.Any(closeTo) {
		b.ProposalID = v.ProposalID
	}
	for _, l := range v.Lines {
		b.Lines = append(b.Lines, lineBody{l.Agency, l.Year, moneyBody(l.Amount), l.Condition})
	}
	for _, p := range v.Parties {
		b.Parties = append(b.Parties, partyBody(p))
	}
	for _, r := range v.Reports {
		b.Reports = append(b.Reports, reportBody{r.ID, r.Kind, r.DueDay, r.State, when(r.SubmittedAt), r.Answers})
	}
	if v.Form != nil {
		for _, f := range v.Form.Ordered() {
			b.Form = append(b.Form, f.Name)
		}
	}
	return out, nil
}

func (a *API) awardsMine(ctx context.Context, actor access.Actor, in *AfterIn) (*listOf[AwardLine], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	list, err := a.Awards.Mine(ctx, actor)
	out := make([]AwardLine, 0, len(list))
	for _, w := range list {
		out = append(out, awardOf(w, lang.Text{}))
	}
	return slice(out, page), err
}

type reportIn struct {
	ByID
	Body struct {
		Answers map[string]any `json:"answers"`
	}
}

func (a *API) awardReport(ctx context.Context, actor access.Actor, in *reportIn) (*awardOut, error) {
	if err := a.Awards.SubmitReport(ctx, actor, in.ID, in.Body.Answers); err != nil {
		return nil, moved(err, inAnswers)
	}
	return a.awardGet(ctx, actor, &in.ByID)
}

type reportAnswerIn struct {
	ByID
	Body struct {
		Accept bool   `json:"accept"`
		Note   string `json:"note,omitempty" maxLength:"4000" doc:"Needed where it goes back."`
	}
}

func (a *API) awardAccept(ctx context.Context, actor access.Actor, in *reportAnswerIn) (*awardOut, error) {
	if err := a.Awards.AcceptReport(ctx, actor, in.ID, in.Body.Accept, in.Body.Note); err != nil {
		return nil, err
	}
	return a.awardGet(ctx, actor, &in.ByID)
}

type resultIn struct {
	ByID
	Body struct {
		Kind    string    `json:"kind" enum:"publication,data,software,patent,standard,product,training,other"`
		Title   lang.Text `json:"title"`
		Authors string    `json:"authors,omitempty" maxLength:"4000"`
		DOI     string    `json:"doi,omitempty" maxLength:"300"`
		URL     string    `json:"url,omitempty" maxLength:"2000"`
		Year    int       `json:"year"`
	}
}

func (a *API) resultNew(ctx context.Context, actor access.Actor, in *resultIn) (*awardOut, error) {
	b := in.Body
	if err := a.Awards.AddResult(ctx, actor, in.ID, award.Result{Kind: b.Kind, Title: b.Title, Authors: b.Authors, DOI: b.DOI, URL: b.URL, Year: b.Year}); err != nil {
		return nil, err
	}
	return a.awardGet(ctx, actor, &in.ByID)
}

type resultsIn struct {
	AfterIn
	Text string `query:"q"`
	Kind string `query:"kind" enum:"publication,data,software,patent,standard,product,training,other"`
}

func (a *API) resultList(ctx context.Context, _ access.Actor, in *resultsIn) (*listOf[resultBody], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	list, total, err := a.Awards.Results(ctx, in.Text, in.Kind, page, pageSize)
	return paged(resultsOf(list), page, total), err
}

package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/arrival"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/proposal"
)

// ProposalLine is a proposal in a list.
type ProposalLine struct {
	ID        string     `json:"id"`
	Number    string     `json:"number"`
	CallID    string     `json:"call_id"`
	Stage     string     `json:"stage,omitempty"`
	State     string     `json:"state" doc:"draft, submitted, withdrawn, in-review, decided"`
	Outcome   string     `json:"outcome,omitempty"`
	Title     string     `json:"title"`
	Lead      string     `json:"lead,omitempty"`
	Minor     int64      `json:"requested_minor" doc:"What is asked for, in the currency's smallest unit."`
	Currency  string     `json:"currency"`
	Months    int        `json:"months,omitempty"`
	Submitted *time.Time `json:"submitted_at,omitempty"`
}

func lineOf(p proposal.Proposal) ProposalLine {
	return ProposalLine{ID: p.ID, Number: p.Number, CallID: p.CallID, Stage: p.Stage, State: p.State, Outcome: p.Outcome, Title: p.Title,
		Minor: p.Requested.Minor, Currency: p.Requested.Currency, Months: p.Months, Submitted: when(p.SubmittedAt)}
}

type proposalsIn struct {
	AfterIn
	Call  string `query:"call_id"`
	State string `query:"state"`
	Text  string `query:"q" doc:"Part of the title, the number or the lead's family name."`
	Mine  bool   `query:"mine"`
	Sort  string `query:"sort" enum:"title,-title,lead,-lead,money,-money,state,-state,number,-number" doc:"- for the other way round"`
}

func (a *API) proposalList(ctx context.Context, actor access.Actor, in *proposalsIn) (*listOf[ProposalLine], error) {
	page, err := in.page()
	if err != nil {
		return nil, err
	}
	rows, total, err := a.Proposals.List(ctx, actor, proposal.Filter{CallID: in.Call, State: in.State, Text: in.Text, Mine: in.Mine, Sort: in.Sort, Page: page, Size: pageSize})
	if err != nil {
		return nil, err
	}
	list := make([]ProposalLine, 0, len(rows))
	for _, r := range rows {
		line := lineOf(r.Proposal)
		line.Lead = r.Lead
		list = append(list, line)
	}
	return paged(list, page, total), nil
}

type answerBody struct {
	Value   json.RawMessage `json:"value"`
	Version int64           `json:"version,omitempty" doc:"Send it back with the next change of the field."`
}

type memberBody struct {
	ID           string  `json:"id"`
	PersonID     string  `json:"person_id,omitempty"`
	Name         string  `json:"name"`
	Role         string  `json:"role" enum:"lead,co-lead,member"`
	Organisation string  `json:"organisation_id,omitempty"`
	Share        float64 `json:"share_percent,omitempty"`
	MayEdit      bool    `json:"may_edit"`
	State        string  `json:"state" enum:"invited,confirmed,declined,left"`
}

func memberOf(m proposal.Member) memberBody {
	return memberBody{m.ID, m.PersonID, m.Name, m.Role, m.OrganisationID, m.Share, m.MayEdit, m.State}
}

type proposalOut struct {
	Body struct {
		ProposalLine
		Closes  *time.Time            `json:"closes_at,omitempty"`
		Open    bool                  `json:"open" doc:"It can still be changed and submitted."`
		MayEdit bool                  `json:"may_edit"`
		Form    string                `json:"form,omitempty"`
		Answers map[string]answerBody `json:"answers"`
		Team    []memberBody          `json:"team"`

		Competitors []competitorBody `json:"competitors,omitempty" doc:"Who should not review it; for the team and for staff."`
	}
}

func (a *API) proposalGet(ctx context.Context, actor access.Actor, in *ByID) (*proposalOut, error) {
	v, err := a.Proposals.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &proposalOut{}
	b := &out.Body
	b.ProposalLine, b.Closes, b.Open, b.MayEdit, b.Form = lineOf(v.Proposal), when(v.Closes), v.Open, v.MayWrite(), v.StageIn.Form
	b.Answers, b.Team = map[string]answerBody{}, make([]memberBody, 0, len(v.Team))
	for name, answer := range v.Answers {
		b.Answers[name] = answerBody{answer.Value, answer.Version}
	}
	for _, m := range v.Team {
		b.Team = append(b.Team, memberOf(m))
	}
	for _, c := range v.Competitors {
		b.Competitors = append(b.Competitors, competitorBody{c.ID, c.Person, c.Organisation, c.Name, c.Reason})
	}
	return out, nil
}

func (a *API) proposalBegin(ctx context.Context, actor access.Actor, in *ByID) (*proposalOut, error) {
	p, err := a.Proposals.Begin(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return a.proposalGet(ctx, actor, &ByID{ID: p.ID})
}

type answersIn struct {
	ID   string `path:"id"`
	Body struct {
		Answers map[string]answerBody `json:"answers" doc:"Only the fields that changed, each with the version that it was read at (none for a field without an answer)."`
	}
}

type keptBody struct {
	Field   string          `json:"field"`
	Yours   json.RawMessage `json:"yours"`
	There   json.RawMessage `json:"there"`
	Version int64           `json:"version"`
}

// inAnswers is where the API has a field of a form.
func inAnswers(field string) string { return "answers." + field }

type answersOut struct {
	Body struct {
		At       time.Time        `json:"at"`
		Versions map[string]int64 `json:"versions"`
		Kept     []keptBody       `json:"kept,omitempty" doc:"Fields that somebody else changed meanwhile. Theirs stands; send yours with this version to put it in its place."`
	}
}

func (a *API) proposalSave(ctx context.Context, actor access.Actor, in *answersIn) (*answersOut, error) {
	changes := make([]proposal.Change, 0, len(in.Body.Answers))
	for field, answer := range in.Body.Answers {
		changes = append(changes, proposal.Change{Field: field, Value: answer.Value, Version: answer.Version})
	}
	saved, err := a.Proposals.Save(ctx, actor, in.ID, changes)
	if err != nil {
		return nil, moved(err, inAnswers)
	}
	out := &answersOut{}
	out.Body.At, out.Body.Versions = saved.At, saved.Versions
	for _, k := range saved.Kept {
		out.Body.Kept = append(out.Body.Kept, keptBody{k.Field, k.Yours, k.There, k.Version})
	}
	return out, nil
}

type checkOut struct {
	Body struct {
		Ready    bool          `json:"ready"`
		Missing  []missingBody `json:"missing"`
		Eligible []ruleBody    `json:"eligible"`
		Waiting  []string      `json:"waiting_for" doc:"Members who have not confirmed."`
		Agreeing []string      `json:"waiting_for_offices" doc:"Organisations whose research office has not agreed. They keep a proposal from being ready only where the scheme asks for it before."`
	}
}

type missingBody struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

type ruleBody struct {
	OK   bool   `json:"ok"`
	Rule string `json:"rule"`
}

func (a *API) proposalCheck(ctx context.Context, actor access.Actor, in *ByID) (*checkOut, error) {
	v, err := a.Proposals.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := &checkOut{}
	b := &out.Body
	b.Missing, b.Eligible, b.Waiting = []missingBody{}, []ruleBody{}, []string{}
	b.Agreeing = []string{}
	if v.Form == nil { // imported
		return out, nil
	}
	c := a.Proposals.Check(v)
	b.Ready = c.Ready()
	for _, f := range c.Faults {
		b.Missing = append(b.Missing, missingBody{f.Field, f.Msg.In(lang.Of(ctx))})
	}
	for _, r := range c.Verdicts {
		b.Eligible = append(b.Eligible, ruleBody{r.OK, r.Say.In(lang.Of(ctx))})
	}
	for _, m := range c.Waiting {
		b.Waiting = append(b.Waiting, m.Name)
	}
	for _, o := range c.Agreeing {
		b.Agreeing = append(b.Agreeing, o.Organisation)
	}
	return out, nil
}

type memberIn struct {
	ID   string `path:"id"`
	Body struct {
		PersonID string  `json:"person_id,omitempty" doc:"Of the register; else name and email of who is not in it."`
		Name     string  `json:"name,omitempty" maxLength:"200"`
		Email    string  `json:"email,omitempty" maxLength:"200" doc:"Gets a link to the invitation."`
		Role     string  `json:"role" enum:"co-lead,member"`
		Share    float64 `json:"share_percent,omitempty" minimum:"0" maximum:"100"`
	}
}

func (a *API) proposalInvite(ctx context.Context, actor access.Actor, in *memberIn) (*proposalOut, error) {
	var err error
	if b := in.Body; b.PersonID == "" {
		_, err = a.Proposals.InviteByMail(ctx, actor, in.ID, b.Name, b.Email, b.Role, b.Share)
	} else {
		_, err = a.Proposals.Invite(ctx, actor, in.ID, b.PersonID, b.Role, b.Share)
	}
	if err != nil {
		return nil, err
	}
	return a.proposalGet(ctx, actor, &ByID{ID: in.ID})
}

type partIn struct {
	ID     string `path:"id"`
	Member string `path:"member"`
	Body   struct {
		Role    string  `json:"role,omitempty" enum:"lead,co-lead,member" doc:"The lead's role stays."`
		Share   float64 `json:"share_percent" minimum:"0" maximum:"100"`
		MayEdit bool    `json:"may_edit"`
	}
}

func (a *API) proposalArrange(ctx context.Context, actor access.Actor, in *partIn) (*proposalOut, error) {
	if err := a.Proposals.Arrange(ctx, actor, in.ID, []proposal.Part{{MemberID: in.Member, Role: in.Body.Role, Share: in.Body.Share, MayEdit: in.Body.MayEdit}}); err != nil {
		return nil, err
	}
	return a.proposalGet(ctx, actor, &ByID{ID: in.ID})
}

type memberByID struct {
	ID     string `path:"id"`
	Member string `path:"member"`
}

func (a *API) proposalRemove(ctx context.Context, actor access.Actor, in *memberByID) (*none, error) {
	return nil, a.Proposals.Remove(ctx, actor, in.ID, in.Member)
}

type acceptIn struct {
	ID   string `path:"id"`
	Body struct {
		Accept bool `json:"accept"`
	}
}

func (a *API) proposalAnswer(ctx context.Context, actor access.Actor, in *acceptIn) (*none, error) {
	return nil, a.Proposals.Answer(ctx, actor, in.ID, in.Body.Accept)
}

type fileIn struct {
	ID          string `path:"id"`
	Field       string `path:"field"`
	Disposition string `header:"Content-Disposition" doc:"The file's name, as RFC 8187 writes it: attachment; filename*=UTF-8''plan.pdf. It decides where a name is sent in the query too."`
	Name        string `query:"name" maxLength:"200" deprecated:"true" doc:"For earlier clients: the file's name, where the header is not sent. Addresses come to stand in logs; send the header."`
}

type fileOut struct {
	Deprecation string `header:"Deprecation" doc:"Since when the way in which the name was sent is deprecated, as RFC 9745 writes it."`
	Body        struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Hash string `json:"sha256"`
	}
}

// nameInAddress is since when a file's name is not to stand in an address.
const nameInAddress = "@1795996800" // 30 November 2026

func (a *API) proposalAttach(ctx context.Context, actor access.Actor, in *fileIn) (*fileOut, error) {
	name, out := in.Name, &fileOut{}
	if in.Disposition == "" && name != "" {
		out.Deprecation = nameInAddress
	} else {
		var err error
		if name, err = file.NameIn(in.Disposition); err != nil {
			return nil, fault.From(err).At(inHeader + "Content-Disposition")
		}
	}
	ref, err := a.Proposals.Attach(ctx, actor, in.ID, in.Field, name, Request(ctx).Body)
	if err != nil {
		return nil, err
	}
	out.Body.ID, out.Body.Name, out.Body.Hash = ref.ID, ref.Name, ref.Hash
	return out, nil
}

type fieldByID struct {
	ID    string `path:"id"`
	Field string `path:"field"`
}

func (a *API) proposalFile(ctx context.Context, actor access.Actor, in *fieldByID) (*huma.StreamResponse, error) {
	v, err := a.Proposals.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return stream(a.Proposals.File(ctx, actor, in.ID, v.Text(in.Field)))
}

func (a *API) proposalDetach(ctx context.Context, actor access.Actor, in *fieldByID) (*none, error) {
	return nil, a.Proposals.Detach(ctx, actor, in.ID, in.Field)
}

type receiptOut struct {
	Body struct {
		EntryID   string    `json:"entry_id"`
		Content   string    `json:"content_sha256"`
		FirstByte time.Time `json:"first_byte_at"`
		Recorded  time.Time `json:"recorded_at"`
		Sealed    bool      `json:"sealed" doc:"The place in the ledger and its proof are in the receipt."`
		Receipt   string    `json:"receipt" doc:"The signed text; keep it as a file to check it offline."`
	}
}

func receiptOf(r ledger.Receipt, err error) (*receiptOut, error) {
	if err != nil {
		return nil, err
	}
	out := &receiptOut{}
	b := &out.Body
	b.EntryID, b.Content, b.FirstByte, b.Recorded, b.Sealed, b.Receipt = r.EntryID, r.Content, r.FirstByte, r.Recorded, r.Sealed, r.Note
	return out, nil
}

func (a *API) proposalSubmit(ctx context.Context, actor access.Actor, in *ByID) (*receiptOut, error) {
	r, err := a.Proposals.Submit(ctx, actor, in.ID, arrival.At(ctx))
	return receiptOf(r, moved(err, inAnswers))
}

func (a *API) proposalReceipt(ctx context.Context, actor access.Actor, in *ByID) (*receiptOut, error) {
	return receiptOf(a.Proposals.Receipt(ctx, actor, in.ID))
}

type whyIn struct {
	ID   string `path:"id"`
	Body struct {
		Why string `json:"why,omitempty" maxLength:"2000"`
	}
}

func (a *API) proposalWithdraw(ctx context.Context, actor access.Actor, in *whyIn) (*none, error) {
	return nil, a.Proposals.Withdraw(ctx, actor, in.ID, in.Body.Why)
}

type submissionBody struct {
	Number    int             `json:"number"`
	Hash      string          `json:"content_sha256"`
	FirstByte time.Time       `json:"first_byte_at"`
	Recorded  time.Time       `json:"recorded_at"`
	Withdrawn *time.Time      `json:"withdrawn_at,omitempty"`
	Content   json.RawMessage `json:"content" doc:"What was submitted; its canonical JSON has the hash."`
}

func (a *API) proposalSubmissions(ctx context.Context, actor access.Actor, in *ByID) (*listOf[submissionBody], error) {
	submitted, err := a.Proposals.Submissions(ctx, actor, in.ID)
	list := make([]submissionBody, 0, len(submitted))
	for _, s := range submitted {
		content, err := json.Marshal(s.Content)
		if err != nil {
			return nil, err
		}
		list = append(list, submissionBody{s.Number, s.Hash, s.FirstByte, s.RecordedAt, when(s.Withdrawn), content})
	}
	return items(list), err
}

type reuseIn struct {
	ID   string `path:"id"`
	From string `path:"from" doc:"A proposal of your own."`
}

type offeredBody struct {
	Field    string          `json:"field"`
	Value    json.RawMessage `json:"value"`
	File     string          `json:"file,omitempty" doc:"The name of the file, where the answer is one."`
	Answered bool            `json:"answered" doc:"It has an answer already, which stays."`
	Long     bool            `json:"too_long" doc:"It has to be shortened for this form."`
}

type offerOut struct {
	Body struct {
		From      string        `json:"from" doc:"The number of the earlier proposal."`
		MayRevise bool          `json:"may_revise" doc:"This one may call itself a new version of it."`
		Fields    []offeredBody `json:"fields"`
	}
}

func (a *API) proposalOffer(ctx context.Context, actor access.Actor, in *reuseIn) (*offerOut, error) {
	o, err := a.Proposals.Offer(ctx, actor, in.ID, in.From)
	if err != nil {
		return nil, err
	}
	out := &offerOut{}
	out.Body.From, out.Body.MayRevise, out.Body.Fields = o.From.Number, o.MayRevise(), []offeredBody{}
	for _, f := range o.Fields {
		out.Body.Fields = append(out.Body.Fields, offeredBody{f.Field.Name, f.Answer.Value, f.File, f.Answered, f.Long})
	}
	return out, nil
}

type takeOverIn struct {
	ID   string `path:"id"`
	From string `path:"from" doc:"A proposal of your own."`
	Body struct {
		Fields  []string `json:"fields"`
		Revised bool     `json:"revised,omitempty" doc:"This proposal is a new version of the earlier one."`
	}
}

type takenOverOut struct {
	Body struct {
		Filled []string `json:"filled" doc:"The fields that were filled: what has an answer keeps it."`
	}
}

func (a *API) proposalReuse(ctx context.Context, actor access.Actor, in *takeOverIn) (*takenOverOut, error) {
	filled, err := a.Proposals.Reuse(ctx, actor, in.ID, in.From, in.Body.Fields, in.Body.Revised)
	if err != nil {
		return nil, moved(err, func(string) string { return "fields" })
	}
	out := &takenOverOut{}
	out.Body.Filled = filled
	return out, nil
}

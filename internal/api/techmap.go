package api

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/strategy"
	"github.com/headwater-platform/headwater/internal/techmap"
)

// MapBody is a technology map as the API writes it.
type MapBody struct {
	ID        string    `json:"id"`
	Number    string    `json:"number"`
	AgencyID  string    `json:"agency_id" doc:"Who keeps it."`
	Title     lang.Text `json:"title"`
	Summary   lang.Text `json:"summary"`
	Home      string    `json:"home" doc:"Country from whose side it is read, ISO 3166 alpha-2."`
	Goal      string    `json:"goal,omitempty" doc:"Key of the node that is asked about."`
	Threshold float64   `json:"threshold" doc:"Share of supply, from 0 to 1, below which an input fails unless its node says otherwise."`
	State     string    `json:"state" enum:"draft,internal,public"`
	Version   int64     `json:"version,omitempty" doc:"For who keeps the map."`
}

func mapOf(m techmap.Map) MapBody {
	return MapBody{m.ID, m.Number, m.AgencyID, m.Title, m.Summary, m.Home, m.Goal, m.Threshold, m.State, m.Version}
}

func (a *API) mapList(ctx context.Context, actor access.Actor, _ *none) (*listOf[MapBody], error) {
	all, err := a.Maps.Maps(ctx, actor)
	var out []MapBody
	for _, v := range all {
		out = append(out, mapOf(v.Map))
	}
	return items(out), err
}

// MapIn names a map, as known on a day.
type MapIn struct {
	ByID
	As string `query:"as" format:"date" doc:"The map as known at the end of this day, UTC; now where not said."`
}

func (in MapIn) at() (time.Time, error) {
	if in.As == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, in.As)
	if err != nil {
		return day, fault.Field("as", "fault.date")
	}
	return day.AddDate(0, 0, 1).Add(-time.Microsecond), nil
}

// NodeBody, GateBody, ProviderBody, MapShareBody, MapScenarioBody and MapOptionBody are items with the version that a change names.
type (
	// NodeBody is a node.
	NodeBody struct {
		techmap.Node
		Version int64 `json:"version,omitempty"`
	}
	// GateBody is a gate.
	GateBody struct {
		techmap.Gate
		Version int64 `json:"version,omitempty"`
	}
	// ProviderBody is a provider.
	ProviderBody struct {
		techmap.Provider
		Version int64 `json:"version,omitempty"`
	}
	// MapScenarioBody is a scenario.
	MapScenarioBody struct {
		techmap.Scenario
		Version int64 `json:"version,omitempty"`
	}
	// MapOptionBody is an option.
	MapOptionBody struct {
		techmap.Option
		Version int64 `json:"version,omitempty"`
	}
	// MapTrackBody is where a country stands at a node.
	MapTrackBody struct {
		techmap.Track
		Version int64 `json:"version,omitempty"`
	}
	// MapShareBody is a share.
	MapShareBody struct {
		techmap.Share
		Version int64 `json:"version,omitempty"`
	}
)

type mapOut struct {
	Body struct {
		MapBody
		Nodes     []NodeBody        `json:"nodes"`
		Gates     []GateBody        `json:"gates"`
		Providers []ProviderBody    `json:"providers"`
		Shares    []MapShareBody    `json:"shares"`
		Scenarios []MapScenarioBody `json:"scenarios" doc:"For who may see what could be funded."`
		Options   []MapOptionBody   `json:"options"`
		Tracks    []MapTrackBody    `json:"tracks" doc:"Where countries stand at nodes, year by year."`
		MayWrite  bool              `json:"may_write"`
	}
}

func (a *API) mapGet(ctx context.Context, actor access.Actor, in *MapIn) (*mapOut, error) {
	at, err := in.at()
	if err != nil {
		return nil, err
	}
	v, err := a.Maps.Map(ctx, actor, in.ID, at)
	if err != nil {
		return nil, err
	}
	out := &mapOut{}
	b, g := &out.Body, v.Graph
	b.MapBody, b.MayWrite = mapOf(v.Map), v.MayWrite
	b.Nodes = bodies(g.Nodes, func(n techmap.Node) NodeBody { return NodeBody{n, n.Version} })
	b.Gates = bodies(g.Gates, func(x techmap.Gate) GateBody { return GateBody{x, x.Version} })
	b.Providers = bodies(g.Providers, func(p techmap.Provider) ProviderBody { return ProviderBody{p, p.Version} })
	b.Shares = bodies(g.Shares, func(s techmap.Share) MapShareBody { return MapShareBody{s, s.Version} })
	b.Scenarios = bodies(g.Scenarios, func(s techmap.Scenario) MapScenarioBody { return MapScenarioBody{s, s.Version} })
	b.Options = bodies(g.Options, func(o techmap.Option) MapOptionBody { return MapOptionBody{o, o.Version} })
	b.Tracks = bodies(g.Tracks, func(k techmap.Track) MapTrackBody { return MapTrackBody{k, k.Version} })
	return out, nil
}

// bodies writes each item of a list; a list of nothing is written as one.
func bodies[T, B any](list []T, body func(T) B) []B {
	out := make([]B, len(list))
	for i, x := range list {
		out[i] = body(x)
	}
	return out
}

// MapFields is what is sent of a map.
type MapFields struct {
	Title     lang.Text `json:"title"`
	Summary   lang.Text `json:"summary,omitempty"`
	Home      string    `json:"home" minLength:"2" maxLength:"2"`
	Threshold float64   `json:"threshold" exclusiveMinimum:"0" maximum:"1"`
	State     string    `json:"state,omitempty" enum:"draft,internal,public"`
}

type mapNewIn struct {
	Body struct {
		MapFields
		Agency string `json:"agency_id"`
	}
}

func (a *API) mapNew(ctx context.Context, actor access.Actor, in *mapNewIn) (*mapOut, error) {
	b := in.Body
	m, err := a.Maps.Create(ctx, actor, techmap.MapInput{AgencyID: b.Agency, Title: b.Title, Summary: b.Summary, Home: b.Home, Threshold: b.Threshold, State: b.State})
	if err != nil {
		return nil, err
	}
	return a.mapGet(ctx, actor, &MapIn{ByID: ByID{ID: m.ID}})
}

type mapEditIn struct {
	ByID
	Body struct {
		MapFields
		Goal    string `json:"goal,omitempty"`
		Version int64  `json:"version"`
	}
}

func (a *API) mapEdit(ctx context.Context, actor access.Actor, in *mapEditIn) (*mapOut, error) {
	b := in.Body
	if _, err := a.Maps.Update(ctx, actor, in.ID, b.Version, techmap.MapInput{Title: b.Title, Summary: b.Summary, Home: b.Home, Goal: b.Goal, Threshold: b.Threshold, State: b.State}); err != nil {
		return nil, err
	}
	return a.mapGet(ctx, actor, &MapIn{ByID: in.ByID})
}

type mapChangeIn struct {
	ByID
	Body struct {
		Changes []techmap.Change `json:"changes" minItems:"1" maxItems:"5000" doc:"In their order; each sets one of node, gate, provider, share, scenario, option, track and remove. The version is that of the item, none for a new one."`
	}
}

func (a *API) mapChange(ctx context.Context, actor access.Actor, in *mapChangeIn) (*mapOut, error) {
	if err := a.Maps.Change(ctx, actor, in.ID, in.Body.Changes...); err != nil {
		return nil, err
	}
	return a.mapGet(ctx, actor, &MapIn{ByID: in.ByID})
}

type mapImportIn struct {
	ByID
	Body struct {
		Files   map[string]string `json:"files,omitempty" doc:"The text of each table by its name. What they name is added or written anew, what they leave out stays."`
		Layout  string            `json:"layout,omitempty" doc:"Layout of the tables by its name: chips or eu-crm-2023. Where neither it nor mapping is sent: nodes.csv, providers.csv, links.csv, shares.csv, tracks.csv, or map.json alone."`
		Mapping string            `json:"mapping,omitempty" doc:"The text of a mapping file, for tables of another layout."`
		Choices map[string]string `json:"choices,omitempty" doc:"Assumptions of the layout, such as {\"variants\": \"all\"}."`
		Model   string            `json:"model,omitempty" doc:"A fault tree in Open-PSA, instead of tables."`
		Top     string            `json:"top,omitempty" doc:"Gate of the fault tree that is asked about, where more than one is no input of another."`
	}
}

func (a *API) mapImport(ctx context.Context, actor access.Actor, in *mapImportIn) (*mapOut, error) {
	b := in.Body
	files := map[string]io.Reader{}
	for name, text := range b.Files {
		files[name] = strings.NewReader(text)
	}
	layout, err := layoutOf(b.Layout, b.Mapping)
	switch {
	case err != nil:
		return nil, err
	case b.Model != "":
		_, err = a.Maps.ImportModel(ctx, actor, in.ID, strings.NewReader(b.Model), b.Top)
	case layout != nil:
		_, err = a.Maps.ImportBy(ctx, actor, in.ID, layout, b.Choices, files)
	default:
		_, err = a.Maps.Import(ctx, actor, in.ID, files)
	}
	if err != nil {
		return nil, err
	}
	return a.mapGet(ctx, actor, &MapIn{ByID: in.ByID})
}

// layoutOf is a layout that ships or that was sent, none where neither is asked for.
func layoutOf(name, mapping string) (l *techmap.Layout, err error) {
	switch {
	case mapping != "":
		l, err = techmap.ReadLayout("mapping", []byte(mapping))
	case name != "":
		l, err = techmap.ShippedLayout(name)
	}
	if err != nil {
		return nil, fault.Field("layout", "techmap.import.choice", err.Error())
	}
	return l, nil
}

type findingsIn struct {
	MapIn
	Reading
}

// Reading is what is assumed of a map.
type Reading struct {
	Layer     string   `query:"layer" enum:"provider,site,owner,country" doc:"By provider where not said."`
	Home      string   `query:"home" maxLength:"2" doc:"The map's where not said."`
	Threshold float64  `query:"threshold" minimum:"0" maximum:"1" doc:"For every node; 0 for the map's and its nodes' own."`
	HomeLost  bool     `query:"home_lost" doc:"What home supplies can be lost too, at the layer of countries."`
	Needed    []string `query:"needed" doc:"Gates of alternatives that are read as needing every input."`
	GrowNode  string   `query:"grow_node" doc:"A node of which home is assumed to supply grow_share."`
	GrowShare float64  `query:"grow_share" minimum:"0" maximum:"1"`
}

func (in Reading) assumptions() techmap.Assumptions {
	q := techmap.Assumptions{Layer: in.Layer, Home: in.Home, Threshold: in.Threshold, HomeLost: in.HomeLost, Needed: in.Needed}
	if in.GrowNode != "" {
		q.Grown = []techmap.Grown{{NodeID: in.GrowNode, Share: in.GrowShare}}
	}
	return q
}

// MapEventBody is what is lost in a finding.
type MapEventBody struct {
	Key     string `json:"key"`
	Unknown string `json:"unknown,omitempty" enum:"supply,place" doc:"supply: who else supplies the node key; place: where the provider key belongs at this layer."`
}

// MapFindingBody is a minimal set that stops the goal.
type MapFindingBody struct {
	Events  []MapEventBody `json:"events"`
	Doubts  []MapEventBody `json:"doubts" doc:"What is not known and would have to be lost too; none where the finding is certain."`
	Certain bool           `json:"certain"`
	Broken  []string       `json:"broken" doc:"Nodes whose supply it breaks."`
	Oldest  int            `json:"oldest_source,omitempty"`
}

type findingsOut struct {
	Body struct {
		Layer     string           `json:"layer"`
		Home      string           `json:"home"`
		Sets      string           `json:"minimal_sets" doc:"How many there are, exactly, as a decimal number."`
		Most      int              `json:"up_to,omitempty" doc:"There are too many sets to be held: only those of up to so many events are counted and listed. Left out where all are."`
		ByOrder   []string         `json:"by_order" doc:"How many have each number of events, doubts included, from 0 on."`
		Findings  []MapFindingBody `json:"findings" doc:"The smallest first."`
		Structure []string         `json:"structure" doc:"Nodes that nothing replaces, whoever supplies them."`
		Unknown   []string         `json:"unknown" doc:"Nodes of which nobody is known to supply enough."`
		Loops     [][]string       `json:"loops"`
		Over      bool             `json:"over" doc:"The goal is not reached even with nothing lost."`
	}
}

func (a *API) mapFindings(ctx context.Context, actor access.Actor, in *findingsIn) (*findingsOut, error) {
	at, err := in.at()
	if err != nil {
		return nil, err
	}
	v, err := a.Maps.Map(ctx, actor, in.ID, at)
	if err != nil {
		return nil, err
	}
	x, err := v.Ask(ctx, in.assumptions())
	if err != nil {
		return nil, err
	}
	out := &findingsOut{}
	b := &out.Body
	b.Layer, b.Home, b.Sets, b.Over = x.Layer, x.Home, x.Count.String(), x.Over
	b.Most = x.Most
	b.Structure, b.Unknown, b.Loops = append([]string{}, x.Structure...), append([]string{}, x.Unknown...), append([][]string{}, x.Loops...)
	b.ByOrder, b.Findings = []string{}, []MapFindingBody{}
	for _, n := range x.ByOrder {
		b.ByOrder = append(b.ByOrder, n.String())
	}
	for _, f := range x.Findings {
		b.Findings = append(b.Findings, MapFindingBody{events(f.Events), events(f.Doubts), f.Certain(), append([]string{}, f.Broken...), f.Oldest})
	}
	return out, nil
}

func events(list []techmap.Event) []MapEventBody {
	out := []MapEventBody{}
	for _, e := range list {
		out = append(out, MapEventBody(e))
	}
	return out
}

type rankingIn struct {
	MapIn
	Reading
	Spread float64 `query:"spread" minimum:"0" maximum:"1" default:"0.2" doc:"How far the figures are doubted: standard deviation of their logarithms."`
	Seed   uint64  `query:"seed" default:"1" doc:"Equal seeds give equal rankings."`
}

// MapRankBody is an option in its place.
type MapRankBody struct {
	Option   string          `json:"option"`
	Averted  float64         `json:"averted_a_year" doc:"Expected loss averted in a year, in minor units."`
	PerMoney float64         `json:"averted_per_money" doc:"Of each unit of money spent."`
	Low      int             `json:"place_low" doc:"Place in the middle nine tenths of the draws."`
	High     int             `json:"place_high"`
	First    float64         `json:"first_in" doc:"Part of the draws in which it comes first."`
	Turned   bool            `json:"turned" doc:"Some assumption, taken alone, changes its place."`
	Reasons  []MapReasonBody `json:"reasons"`
}

// MapReasonBody is what an option averts in a scenario.
type MapReasonBody struct {
	Scenario string  `json:"scenario"`
	Share    float64 `json:"weight" doc:"Part of the weight of all scenarios."`
	Before   float64 `json:"goal_stops" doc:"Chance in a year as things are."`
	After    float64 `json:"goal_stops_if_it_succeeds"`
	Averted  float64 `json:"averted_a_year" doc:"Success counted, in minor units."`
}

// MapTurnBody is an assumption that changes the order when it alone is turned.
type MapTurnBody struct {
	Kind   string  `json:"kind" enum:"needed,threshold,home,scenario"`
	Key    string  `json:"key,omitempty" doc:"Gate or scenario."`
	Value  float64 `json:"value,omitempty" doc:"Threshold."`
	Places []int   `json:"places" doc:"Of each option, in the order of the ranking."`
}

type rankingOut struct {
	Body struct {
		Currency string        `json:"currency"`
		Expected float64       `json:"expected_loss_a_year" doc:"As things are, in minor units."`
		Tau      float64       `json:"kendall_tau" doc:"Mean agreement of the draws with this order."`
		Ranking  []MapRankBody `json:"ranking" doc:"The best first."`
		Turns    []MapTurnBody `json:"turns"`
	}
}

func (a *API) mapRanking(ctx context.Context, actor access.Actor, in *rankingIn) (*rankingOut, error) {
	at, err := in.at()
	if err != nil {
		return nil, err
	}
	v, err := a.Maps.Map(ctx, actor, in.ID, at)
	if err == nil && !v.Plans {
		err = fault.Missing()
	}
	if err != nil {
		return nil, err
	}
	r, err := v.Rank(ctx, in.assumptions(), techmap.Noise{Spread: in.Spread, Seed: in.Seed})
	if err != nil {
		return nil, err
	}
	out := &rankingOut{}
	b := &out.Body
	b.Currency, b.Expected, b.Tau, b.Ranking, b.Turns = r.Currency, r.Expected, r.Tau, []MapRankBody{}, []MapTurnBody{}
	for _, x := range r.Ranks {
		body := MapRankBody{Option: x.ID, Averted: x.Averted, PerMoney: x.PerMoney, Low: x.Low, High: x.High, First: x.First, Turned: x.Turned, Reasons: []MapReasonBody{}}
		for _, why := range x.Reasons {
			body.Reasons = append(body.Reasons, MapReasonBody{why.ID, why.Share, why.Before, why.After, why.Averted})
		}
		b.Ranking = append(b.Ranking, body)
	}
	for _, t := range r.Turns {
		b.Turns = append(b.Turns, MapTurnBody(t))
	}
	return out, nil
}

// TraceBody is a question, a call, an award or a result, with what became of it.
type TraceBody struct {
	Kind    string      `json:"kind" enum:"question,call,award,result"`
	ID      string      `json:"id"`
	Number  string      `json:"number"`
	Title   lang.Text   `json:"title"`
	State   string      `json:"state"`
	Amount  *moneyBody  `json:"amount,omitempty"`
	Active  bool        `json:"active" doc:"An award that is running."`
	Results int         `json:"results,omitempty" doc:"Public results of an award."`
	Below   []TraceBody `json:"below" doc:"Calls that ask the question, awards of the call."`
}

func traces(list []techmap.Trace) []TraceBody {
	out := []TraceBody{}
	for _, t := range list {
		out = append(out, TraceBody{t.Kind, t.ID, t.Number, t.Title, t.State, amount(t.Amount), t.Active, t.Results, traces(t.Below)})
	}
	return out
}

// NodeWork is what is under way at a node.
type NodeWork struct {
	Node   string      `json:"node"`
	Traces []TraceBody `json:"traces"`
}

func (a *API) mapUnderway(ctx context.Context, actor access.Actor, in *ByID) (*listOf[NodeWork], error) {
	v, err := a.Maps.Map(ctx, actor, in.ID, time.Time{})
	if err != nil {
		return nil, err
	}
	all, err := a.Maps.Underway(ctx, actor, v)
	var out []NodeWork
	for _, n := range v.Graph.Nodes {
		if list := all[n.ID]; len(list) > 0 {
			out = append(out, NodeWork{n.ID, traces(list)})
		}
	}
	return items(out), err
}

// MapOutcomeBody is what an award or a result changed on a map.
type MapOutcomeBody struct {
	From    TraceBody        `json:"from"`
	AwardID string           `json:"award_id,omitempty" doc:"Of the result that it came from."`
	Changes []techmap.Change `json:"changes"`
	At      time.Time        `json:"at" doc:"When who keeps the map accepted it."`
}

func (a *API) mapOutcomes(ctx context.Context, actor access.Actor, in *ByID) (*listOf[MapOutcomeBody], error) {
	v, err := a.Maps.Map(ctx, actor, in.ID, time.Time{})
	if err != nil {
		return nil, err
	}
	all, err := a.Maps.Outcomes(ctx, actor, v)
	var out []MapOutcomeBody
	for _, o := range all {
		b := MapOutcomeBody{From: traces([]techmap.Trace{o.From})[0], AwardID: o.From.AwardID, At: o.At}
		for _, c := range o.Changes {
			b.Changes = append(b.Changes, c.Change) // without what stood before: its writer may have seen more than this viewer
		}
		out = append(out, b)
	}
	return items(out), err
}

type mapQuestionIn struct {
	ByID
	Reading
	Body struct {
		Set      []string  `json:"set" minItems:"1" doc:"The finding's events by key; a doubt as unknown:key."`
		Title    lang.Text `json:"title"`
		Body     lang.Text `json:"body"`
		Priority string    `json:"priority_id,omitempty"`
	}
}

func (a *API) mapQuestion(ctx context.Context, actor access.Actor, in *mapQuestionIn) (*questionOut, error) {
	b := in.Body
	q, err := a.Maps.Question(ctx, actor, in.ID, in.assumptions(), b.Set, strategy.QuestionInput{Title: b.Title, Body: b.Body, Orientation: "need", PriorityID: b.Priority})
	if err != nil {
		return nil, err
	}
	return a.questionGet(ctx, actor, &ByID{ID: q.ID})
}

type nodeLinkIn struct {
	ByID
	Node    string `path:"node"`
	Kind    string `path:"kind" enum:"question,call,award"`
	Subject string `path:"subject"`
}

func (a *API) mapLink(ctx context.Context, actor access.Actor, in *nodeLinkIn) (*none, error) {
	return nil, a.Maps.Link(ctx, actor, in.ID, in.Node, in.Kind, in.Subject)
}

func (a *API) mapUnlink(ctx context.Context, actor access.Actor, in *nodeLinkIn) (*none, error) {
	return nil, a.Maps.Unlink(ctx, actor, in.ID, in.Node, in.Kind, in.Subject)
}

// MapSuggestionBody is what somebody suggests to change on a map.
type MapSuggestionBody struct {
	ID         string              `json:"id"`
	Changes    []techmap.Suggested `json:"changes" doc:"Each with the item as its writer saw it."`
	Reason     string              `json:"reason"`
	From       *techmap.Ref        `json:"from,omitempty" doc:"The award or result that it comes from."`
	PersonID   string              `json:"person_id,omitempty"`
	At         time.Time           `json:"at"`
	State      string              `json:"state" enum:"open,accepted,declined,withdrawn"`
	Answer     string              `json:"answer,omitempty"`
	AnsweredAt *time.Time          `json:"answered_at,omitempty"`
}

func mapSuggestionOf(x techmap.Suggestion) MapSuggestionBody {
	b := MapSuggestionBody{ID: x.ID, Changes: x.Changes, Reason: x.Reason, PersonID: x.Person, At: x.At, State: x.State, Answer: x.Answer}
	if x.From.Kind != "" {
		b.From = &x.From
	}
	if !x.AnsweredAt.IsZero() {
		b.AnsweredAt = &x.AnsweredAt
	}
	return b
}

func (a *API) mapSuggestions(ctx context.Context, actor access.Actor, in *ByID) (*listOf[MapSuggestionBody], error) {
	all, err := a.Maps.Suggestions(ctx, actor, in.ID)
	var out []MapSuggestionBody
	for _, x := range all {
		out = append(out, mapSuggestionOf(x))
	}
	return items(out), err
}

type mapSuggestIn struct {
	ByID
	Body struct {
		Changes []techmap.Change `json:"changes" minItems:"1" maxItems:"100" doc:"As of POST changes, without versions."`
		Reason  string           `json:"reason" maxLength:"4000"`
		From    *techmap.Ref     `json:"from,omitempty" doc:"The award or result that it comes from."`
	}
}

type mapSuggestionOut struct{ Body MapSuggestionBody }

func (a *API) mapSuggest(ctx context.Context, actor access.Actor, in *mapSuggestIn) (*mapSuggestionOut, error) {
	input := techmap.SuggestionInput{Changes: in.Body.Changes, Reason: in.Body.Reason}
	if in.Body.From != nil {
		input.From = *in.Body.From
	}
	x, err := a.Maps.Suggest(ctx, actor, in.ID, input)
	if err != nil {
		return nil, err
	}
	return &mapSuggestionOut{mapSuggestionOf(x)}, nil
}

type mapAnswerIn struct {
	ByID
	Suggestion string `path:"suggestion"`
	Body       struct {
		Do     string `json:"do" enum:"accept,decline,withdraw"`
		Answer string `json:"answer,omitempty" maxLength:"4000" doc:"Needed to decline."`
	}
}

func (a *API) mapAnswer(ctx context.Context, actor access.Actor, in *mapAnswerIn) (*none, error) {
	switch b := in.Body; b.Do {
	case "accept":
		return nil, a.Maps.Accept(ctx, actor, in.ID, in.Suggestion, b.Answer)
	case "decline":
		return nil, a.Maps.Decline(ctx, actor, in.ID, in.Suggestion, b.Answer)
	}
	return nil, a.Maps.Withdraw(ctx, actor, in.ID, in.Suggestion)
}

// MapReaderBody is who is let in by name.
type MapReaderBody struct {
	PersonID string `json:"person_id"`
	Node     string `json:"node,omitempty" doc:"A sealed node; none for the map without its sealed nodes."`
}

func (a *API) mapReaders(ctx context.Context, actor access.Actor, in *ByID) (*listOf[MapReaderBody], error) {
	all, err := a.Maps.Readers(ctx, actor, in.ID)
	var out []MapReaderBody
	for _, r := range all {
		out = append(out, MapReaderBody{r.Person, r.NodeID})
	}
	return items(out), err
}

type mapReaderIn struct {
	ByID
	Person string `path:"person"`
	Node   string `query:"node" doc:"A sealed node; none for the map without its sealed nodes."`
}

func (in mapReaderIn) reader() techmap.Reader {
	return techmap.Reader{Person: in.Person, NodeID: in.Node}
}

func (a *API) mapAdmit(ctx context.Context, actor access.Actor, in *mapReaderIn) (*none, error) {
	return nil, a.Maps.Admit(ctx, actor, in.ID, in.reader())
}

func (a *API) mapDismiss(ctx context.Context, actor access.Actor, in *mapReaderIn) (*none, error) {
	return nil, a.Maps.Dismiss(ctx, actor, in.ID, in.reader())
}

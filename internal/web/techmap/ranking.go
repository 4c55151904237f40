package techmap

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// rankFile is the ranking of a map as a table.
const rankFile = "ranking.csv"

// rankSheet is what the page of a ranking shows.
type rankSheet struct {
	techmap.View
	wish    wish
	noise   techmap.Noise
	spread  string // per cent, as typed
	ranking *techmap.Ranking
	refusal shell.Refusal
}

// noiseOf is how far the query doubts the figures.
func noiseOf(r *http.Request) (noise techmap.Noise, typed string) {
	noise, typed = techmap.DefaultNoise, r.URL.Query().Get("noise")
	if typed != "" {
		noise.Spread = percentOf(typed)
	}
	return noise, typed
}

// Ranking is GET /maps/{id}/ranking: what to fund first, as the query assumes.
func (p *Pages) Ranking(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	if !v.Plans {
		return fault.Missing()
	}
	s := rankSheet{View: v, wish: wishOf(r.URL.Query())}
	s.noise, s.spread = noiseOf(r)
	ranking, err := v.Rank(r.Context(), s.wish.Assumptions, s.noise)
	refusal, refused := shell.Refused(err)
	switch {
	case refused:
		s.refusal = refusal
	case err != nil:
		return err
	default:
		s.ranking = &ranking
	}
	return shell.Render(w, r, http.StatusOK, rankPage(s))
}

// rankTable is a ranking as rows, heads first; amounts are in whole units of the currency.
func rankTable(v techmap.View, r techmap.Ranking) [][]string {
	out := [][]string{{"place", "place_low", "place_high", "first_in", "option", "name_en", "nodes", "currency", "cost", "success", "averted_a_year", "averted_per_money", "turned_by"}}
	for i, x := range r.Ranks {
		var turned []string
		for _, t := range r.Turns {
			if t.Places[i] != i+1 {
				turned = append(turned, strings.TrimSpace(t.Kind+" "+t.Key))
			}
		}
		averted := money.Amount{Minor: int64(x.Averted), Currency: r.Currency}
		out = append(out, []string{strconv.Itoa(i + 1), strconv.Itoa(x.Low), strconv.Itoa(x.High), decimal(x.First), x.ID, x.Title.In(lang.English), strings.Join(x.Nodes, "; "), r.Currency,
			x.Cost.Plain(), decimal(x.Success), averted.Plain(), decimal(x.PerMoney), strings.Join(slices.Compact(turned), "; ")})
	}
	return out
}

// turnWords says an assumption that was turned.
func turnWords(ctx context.Context, v techmap.View, t techmap.Turn) string {
	switch t.Kind {
	case techmap.TurnNeeded:
		x, _ := v.Graph.Gate(t.Key)
		return shell.T(ctx, "techmap.turn.needed", nodeName(ctx, v.Graph, x.NodeID), gateWords(ctx, v.Graph, x))
	case techmap.TurnThreshold:
		return shell.T(ctx, "techmap.turn.threshold", span(ctx, t.Value, t.Value))
	case techmap.TurnScenario:
		s, _ := v.Graph.Scenario(t.Key)
		return shell.T(ctx, "techmap.turn.scenario", s.Title)
	}
	return shell.T(ctx, "techmap.turn.home")
}

// movedWords says which options an assumption moves, and to which places.
func movedWords(ctx context.Context, r techmap.Ranking, t techmap.Turn) string {
	var list []string
	for i, x := range r.Ranks {
		if t.Places[i] != i+1 {
			list = append(list, shell.T(ctx, "techmap.turn.moved", x.Title, i+1, t.Places[i]))
		}
	}
	return strings.Join(list, shell.T(ctx, "techmap.comma"))
}

// placeWords is the interval of an option's places.
func placeWords(ctx context.Context, x techmap.Rank) string {
	if x.Low == x.High {
		return number(x.Low)
	}
	return shell.T(ctx, "techmap.between", number(x.Low), number(x.High))
}

// yearly writes an expected amount, in whole units.
func yearly(ctx context.Context, minor float64, currency string) string {
	unit := math.Pow10(money.Exponent(currency))
	return shell.Money(ctx, int64(math.Round(minor/unit)*unit), currency)
}

// rate writes how much each unit of money averts.
func rate(v float64) string { return fmt.Sprintf("%.2f", v) }

// scenarioForm is what the form of a scenario holds.
type scenarioForm struct {
	view     techmap.View
	scenario techmap.Scenario
	isNew    bool
	typed    typedScenario
	refusal  shell.Refusal
}

// typedScenario is a scenario as its form writes it.
type typedScenario struct{ weight, chance, chances, loss string }

// Scenario is GET /maps/{id}/scenarios/{scenario}; "new" is a new one.
func (p *Pages) Scenario(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	s, found := v.Graph.Scenario(r.PathValue("scenario"))
	f := scenarioForm{view: v, scenario: s, isNew: r.PathValue("scenario") == fresh}
	switch {
	case f.isNew:
		f.scenario.Layer, f.typed.weight = techmap.ByCountry, "1"
	case !found:
		return fault.Missing()
	default:
		f.typed = typedScenario{decimal(s.Weight), typedPercent(s.Chance), chanceLines(s), s.Loss.Plain()}
	}
	return shell.Render(w, r, http.StatusOK, scenarioFormPage(f))
}

// chanceLines are the chances of a scenario, one a line: "XB 20".
func chanceLines(s techmap.Scenario) string {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(s.Chances)) {
		lines = append(lines, key+" "+decimal(s.Chances[key]*100))
	}
	return strings.Join(lines, "\n")
}

// chancesOf reads chances, the number last on each line.
func chancesOf(f *shell.Form, text string) map[string]float64 {
	list := map[string]float64{}
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		cut := strings.LastIndexAny(line, " \t")
		if cut < 0 {
			f.Refuse("chances", "techmap.scenario.line", line)
			continue
		}
		list[strings.TrimSpace(line[:cut])] = percentOf(line[cut:])
	}
	return list
}

// SaveScenario is POST /maps/{id}/scenarios/{scenario}.
func (p *Pages) SaveScenario(w http.ResponseWriter, r *http.Request) error {
	v, f, err := p.sent(w, r)
	if err != nil {
		return err
	}
	d := scenarioForm{view: v, isNew: r.PathValue("scenario") == fresh, typed: typedScenario{f.Text("weight"), f.Text("chance"), f.Text("chances"), f.Text("loss")}}
	d.scenario = techmap.Scenario{ID: r.PathValue("scenario"), Title: f.Texts("title"), Weight: percentOf(d.typed.weight) * 100, Layer: f.Text("layer"), Chance: percentOf(d.typed.chance),
		Chances: chancesOf(f, d.typed.chances), Loss: amountOf(f, "loss", v), Source: f.Text("source"), Stamp: techmap.Stamp{Version: f.Int("version")}}
	if d.isNew {
		d.scenario.ID = techmap.Key(d.scenario.Title, "scenario", func(id string) bool { _, ok := v.Graph.Scenario(id); return ok || id == fresh })
	}
	return p.change(w, r, v, f, "/ranking", func(refusal shell.Refusal) error {
		d.refusal = refusal
		return shell.Render(w, r, http.StatusUnprocessableEntity, scenarioFormPage(d))
	}, techmap.Change{Scenario: &d.scenario, Version: d.scenario.Version})
}

// amountOf reads an amount in the currency of the map's agency.
func amountOf(f *shell.Form, name string, v techmap.View) money.Amount {
	a, err := money.Parse(f.Text(name), v.Currency)
	if err != nil {
		f.Refuse(name, "techmap.amount")
	}
	return a
}

// optionForm is what the form of an option holds.
type optionForm struct {
	view          techmap.View
	option        techmap.Option
	isNew         bool
	cost, success string // as typed
	refusal       shell.Refusal
}

// Option is GET /maps/{id}/options/{option}?for=…; "new" is a new one, about a node.
func (p *Pages) Option(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	o, found := v.Graph.Option(r.PathValue("option"))
	f := optionForm{view: v, option: o, isNew: r.PathValue("option") == fresh}
	switch {
	case f.isNew:
		if id := r.URL.Query().Get("for"); id != "" {
			f.option.Nodes = []string{id}
		}
	case !found:
		return fault.Missing()
	default:
		f.cost, f.success = o.Cost.Plain(), typedPercent(o.Success)
	}
	return shell.Render(w, r, http.StatusOK, optionFormPage(f))
}

// SaveOption is POST /maps/{id}/options/{option}.
func (p *Pages) SaveOption(w http.ResponseWriter, r *http.Request) error {
	v, f, err := p.sent(w, r)
	if err != nil {
		return err
	}
	d := optionForm{view: v, isNew: r.PathValue("option") == fresh, cost: f.Text("cost"), success: f.Text("success")}
	d.option = techmap.Option{ID: r.PathValue("option"), Title: f.Texts("title"), Cost: amountOf(f, "cost", v), Success: percentOf(d.success), Source: f.Text("source"),
		Stamp: techmap.Stamp{Version: f.Int("version")}}
	for _, id := range f.Values["node"] {
		if id != "" && !f.On("drop_"+id) {
			d.option.Nodes = append(d.option.Nodes, id)
		}
	}
	if d.isNew {
		d.option.ID = techmap.Key(d.option.Title, "option", func(id string) bool { _, ok := v.Graph.Option(id); return ok || id == fresh })
	}
	return p.change(w, r, v, f, "/ranking", func(refusal shell.Refusal) error {
		d.refusal = refusal
		return shell.Render(w, r, http.StatusUnprocessableEntity, optionFormPage(d))
	}, techmap.Change{Option: &d.option, Version: d.option.Version})
}

// scenarioWords says what a scenario reckons with.
func scenarioWords(ctx context.Context, v techmap.View, s techmap.Scenario) string {
	var named []string
	for _, key := range slices.Sorted(maps.Keys(s.Chances)) {
		named = append(named, shell.T(ctx, "techmap.with.share", eventName(ctx, v.Graph, s.Layer, techmap.Event{Key: key}), fine(ctx, s.Chances[key])))
	}
	others := ""
	if len(named) > 0 {
		others = shell.T(ctx, "techmap.scenario.named", strings.Join(named, shell.T(ctx, "techmap.comma")))
	}
	return shell.Sentences(shell.T(ctx, "techmap.scenario.words", word(ctx, "by", s.Layer), fine(ctx, s.Chance), s.Loss, decimal(s.Weight)), others)
}

// fine writes a chance with enough digits to tell small ones apart.
func fine(ctx context.Context, p float64) string {
	return shell.T(ctx, "techmap.percent", strconv.FormatFloat(p*100, 'g', 3, 64))
}

// refusalWords is what a ranking is refused for.
func refusalWords(ctx context.Context, r shell.Refusal) string {
	for _, field := range []string{"goal", "scenarios", "options", "threshold", "noise", ""} {
		if s := r.Of(ctx, field); s != "" {
			return s
		}
	}
	return shell.T(ctx, "techmap.toolarge")
}

package decision

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/web/shell"
	"github.com/headwater-platform/headwater/internal/web/techmap"
)

// Bottlenecks is GET /decisions/{id}/bottlenecks: which proposals cover which nodes of technology maps.
func (p *Pages) Bottlenecks(w http.ResponseWriter, r *http.Request) error {
	return p.bottlenecks(w, r, http.StatusOK, shell.Refusal{}, nil)
}

func (p *Pages) bottlenecks(w http.ResponseWriter, r *http.Request, status int, refusal shell.Refusal, typed *shell.Form) error {
	m, err := p.Decisions.Meet(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, bottlenecksPage(m, refusal, typed))
}

// Cover is POST /decisions/{id}/bottlenecks.
func (p *Pages) Cover(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = p.Decisions.Cover(r.Context(), shell.Actor(r), id, f.Text("bottleneck"), f.Text("of"), f.Text("reason"))
	if refusal, ok := shell.Refused(err); ok {
		return p.bottlenecks(w, r, http.StatusUnprocessableEntity, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/decisions/"+id+"/bottlenecks", "decision.done.covers")
}

// by says how a bottleneck came to the list, and who covers it by that.
func by(ctx context.Context, m decision.Meeting, b decision.Bottleneck) string {
	switch {
	case b.All && b.Question.ID != "":
		return shell.T(ctx, "decision.bottleneck.question", b.Question.Number, b.Question.Title)
	case b.All:
		return shell.T(ctx, "decision.bottleneck.call")
	case b.Question.ID != "":
		return shell.T(ctx, "decision.bottleneck.questions", b.Question.Number, b.Question.Title)
	}
	return shell.T(ctx, "decision.bottleneck.said")
}

// coveredBy are the numbers of the proposals that cover a bottleneck, in the order of the list.
func coveredBy(m decision.Meeting, b decision.Bottleneck) string {
	var out []string
	for _, r := range m.View.Rows {
		if slices.Contains(b.Covered, r.ProposalID) {
			out = append(out, r.Number)
		}
	}
	return strings.Join(out, " ")
}

// mapHref is where the map tells of a bottleneck: the finding that its question was written from, else the node.
func mapHref(b decision.Bottleneck) string { return techmap.OriginHref(b.Origin) }

// tryHref is the meeting with its rules and one more: that somebody who covers a bottleneck is funded.
func tryHref(m decision.Meeting, b decision.Bottleneck) string {
	in := m.Write(m.Rules)
	in.Limits = append(in.Limits, decision.LimitInput{What: decision.Covering + ":" + b.Key(), By: decision.ByNumber, Min: "1"})
	return "/decisions/" + m.ID + "/meeting?" + asked(m.Pots(), in).Encode()
}

// mapWord names what mapHref leads to.
func mapWord(b decision.Bottleneck) string {
	if b.Source.Layer == "" {
		return "decision.bottleneck.node"
	}
	return "decision.bottleneck.finding"
}

// ofBottleneck is a refusal where it is about a bottleneck: each has a form of its own.
func ofBottleneck(refusal shell.Refusal, typed *shell.Form, b decision.Bottleneck) shell.Refusal {
	if typed.Typed("bottleneck") == b.Key() {
		return refusal
	}
	return shell.Refusal{}
}

// typedOr is what was typed into a form that was refused, else what stands.
func typedOr(refusal shell.Refusal, typed *shell.Form, field, stands string) string {
	if refusal.Any() {
		return typed.Typed(field)
	}
	return stands
}

// fieldID is the id of a field of one of several forms; in the one that was refused it is the field's name,
// where the summary of what is wrong leads.
func fieldID(refusal shell.Refusal, id string) string {
	if refusal.Any() {
		return ""
	}
	return id
}

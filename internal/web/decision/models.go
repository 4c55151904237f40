package decision

import (
	"context"
	"math"
	"net/http"
	"strconv"

	"github.com/headwater-platform/headwater/internal/decision"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Models is GET /decisions/{id}/models: the list as other models of the same scores rank it. With
// only=differs, what the money reaches by one of them and not by another.
func (p *Pages) Models(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Decisions.Compare(r.Context(), shell.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	only := r.URL.Query().Get("only")
	var list []decision.Placed
	for _, x := range v.List {
		if only != "differs" || x.Differs {
			list = append(list, x)
		}
	}
	paging := shell.Paging{Page: shell.PageOf(r.URL.Query().Get("page")), Size: pageSize, Total: len(list)}
	from := min((paging.Page-1)*pageSize, len(list))
	return shell.Render(w, r, http.StatusOK, modelsPage(v, list[from:min(from+pageSize, len(list))], paging, only))
}

// differing is how many the money reaches by one model and not by another.
func differing(v decision.Compared) (n int) {
	for _, x := range v.List {
		if x.Differs {
			n++
		}
	}
	return n
}

// placed is a place by a model, and on which side of the line it is.
func placed(ctx context.Context, place, above int) string {
	if place <= above {
		return shell.T(ctx, "decision.models.above", place)
	}
	return strconv.Itoa(place)
}

// agrees is a rank correlation, where there is one.
func agrees(ctx context.Context, m decision.Model) string {
	switch {
	case m.Unfit:
		return shell.T(ctx, "decision.models.unfit")
	case math.IsNaN(m.Agrees):
		return ""
	}
	return shell.T(ctx, "decision.models.agrees", points(m.Agrees))
}

package review

import (
	"context"
	"math"
	"net/http"

	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Doubted is GET /calls/{id}/review-quality: reviews that give reason to look again.
func (p *Pages) Doubted(w http.ResponseWriter, r *http.Request) error {
	d, list, all, err := p.Reviews.Doubted(r.Context(), shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"))
	if err != nil {
		return err
	}
	paging := shell.Paging{Page: shell.PageOf(r.URL.Query().Get("page")), Size: pageSize, Total: len(list)}
	from := min((paging.Page-1)*pageSize, len(list))
	return shell.Render(w, r, http.StatusOK, doubtedPage(d, list[from:min(from+pageSize, len(list))], all, paging))
}

// doubt says what may be wrong with a review.
func doubt(ctx context.Context, d review.Desk, x review.Doubt) string {
	switch x.Kind {
	case review.TooShort:
		return shell.T(ctx, "review.doubt.short", x.Words)
	case review.TooLate:
		return shell.T(ctx, "review.doubt.late", int(math.Ceil(x.Late.Hours()/24)))
	case review.Copied:
		return shell.T(ctx, "review.doubt.copied", x.Other, x.Passage)
	}
	return shell.T(ctx, "review.doubt."+x.Kind, criterion(ctx, d.Criteria, x.Criterion))
}

// criterion is the title of a criterion; its key where the scheme has it no more.
func criterion(ctx context.Context, list []scheme.Criterion, id string) string {
	for _, c := range list {
		if c.ID == id {
			return shell.Say(ctx, c.Title)
		}
	}
	return id
}

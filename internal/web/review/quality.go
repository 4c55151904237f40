package review

import (
	"context"
	"math"
	"net/http"

	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Quality is GET /calls/{id}/review-quality: reviews that give reason to look again.
func (p *Pages) Quality(w http.ResponseWriter, r *http.Request) error {
	q, err := p.Reviews.Quality(r.Context(), shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"))
	if err != nil {
		return err
	}
	paging := shell.Paging{Page: shell.PageOf(r.URL.Query().Get("page")), Size: pageSize, Total: len(q.List)}
	from := min((paging.Page-1)*pageSize, len(q.List))
	q.List = q.List[from:min(from+pageSize, len(q.List))]
	return shell.Render(w, r, http.StatusOK, qualityPage(q, paging))
}

// doubt says what may be wrong with a review.
func doubt(ctx context.Context, criteria []scheme.Criterion, x review.Doubt) string {
	switch x.Kind {
	case review.TooShort:
		return shell.T(ctx, "review.doubt.short", x.Words)
	case review.TooLate:
		return shell.T(ctx, "review.doubt.late", int(math.Ceil(x.Late.Hours()/24)))
	case review.Copied:
		return shell.T(ctx, "review.doubt.copied", x.Other, x.Passage)
	}
	return shell.T(ctx, "review.doubt."+x.Kind, criterion(ctx, criteria, x.Criterion))
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

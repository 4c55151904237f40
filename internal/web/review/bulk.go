package review

import (
	"context"
	"net/http"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Bulk is GET /calls/{id}/assignment/changes: many changes by a table.
func (p *Pages) Bulk(w http.ResponseWriter, r *http.Request) error {
	return p.bulk(w, r, http.StatusOK, "", nil, shell.Refusal{})
}

func (p *Pages) bulk(w http.ResponseWriter, r *http.Request, status int, text string, dry *review.Bulk, refusal shell.Refusal) error {
	d, list, err := p.Reviews.BulkChanges(r.Context(), shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"))
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, bulkPage(d, list, text, dry, refusal))
}

// ChangeBulk is POST /calls/{id}/assignment/changes: a dry run, with "apply" the changes, with "undo" one of them taken back.
func (p *Pages) ChangeBulk(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	ctx, a, call, stage, text := r.Context(), shell.Actor(r), r.PathValue("id"), r.URL.Query().Get("stage"), f.Get("csv")
	done := "review.bulk.done"
	switch {
	case f.Has("undo"):
		done = "review.bulk.undone"
		err = p.Reviews.UndoBulk(ctx, a, call, f.Text("undo"))
	case f.Has("apply"):
		_, err = p.Reviews.ApplyBulk(ctx, a, call, stage, text)
	default:
		var dry review.Bulk
		if dry, err = p.Reviews.TryBulk(ctx, a, call, stage, text); err == nil {
			return p.bulk(w, r, http.StatusOK, text, &dry, shell.Refusal{})
		}
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.bulk(w, r, http.StatusUnprocessableEntity, text, nil, refusal)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, r.URL.RequestURI(), done)
}

// wrong is what is wrong with a line, in the language of the page.
func wrong(ctx context.Context, err error) string { return fault.From(err).Msg.In(lang.Of(ctx)) }

// does is what a line would do.
func does(ctx context.Context, l review.BulkLine) string {
	if l.Load != nil {
		return shell.T(ctx, "review.bulk.do."+l.Do, l.Load.Least, l.Load.Most)
	}
	return shell.T(ctx, "review.bulk.do."+l.Do)
}

// linesShown are the lines of a dry run that are listed: all with problems first.
func linesShown(b review.Bulk) []review.BulkLine {
	const most = 200
	var out, fine []review.BulkLine
	for _, l := range b.Lines {
		if l.Problem != nil {
			out = append(out, l)
		} else {
			fine = append(fine, l)
		}
	}
	out = append(out, fine...)
	return out[:min(len(out), most)]
}

package review

import (
	"context"
	"net/http"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// Repair is GET /calls/{id}/assignment/{proposal}/repair: what it costs that somebody turned it down.
func (p *Pages) Repair(w http.ResponseWriter, r *http.Request) error {
	f := &shell.Form{Values: r.URL.Query()}
	most := review.UsualRepair
	if f.Has("most") {
		most = int(f.Int("most"))
	}
	return p.repair(w, r, http.StatusOK, most, shell.Refusal{}, nil)
}

func (p *Pages) repair(w http.ResponseWriter, r *http.Request, status, most int, refusal shell.Refusal, typed *shell.Form) error {
	show := func(most int) (review.Repair, error) {
		return p.Reviews.RepairOf(r.Context(), shell.Actor(r), r.PathValue("id"), r.PathValue("proposal"), most)
	}
	v, err := show(most)
	if fault.Is(err, fault.Invalid) {
		refusal, _ = shell.Refused(err)
		status = http.StatusUnprocessableEntity
		v, err = show(review.UsualRepair)
	}
	if err != nil {
		return err
	}
	return shell.Render(w, r, status, repairPage(v, refusal, typed))
}

// Mend is POST /calls/{id}/assignment/{proposal}/repair: one of the ways is carried out.
func (p *Pages) Mend(w http.ResponseWriter, r *http.Request) error {
	f, err := shell.Parse(w, r)
	if err != nil {
		return err
	}
	way := review.Way{Name: f.Get("way"), Most: int(f.Int("most")), Seen: f.Text("seen"), Why: f.Text("why")}
	if err = f.Err(); err == nil {
		_, err = p.Reviews.Mend(r.Context(), shell.Actor(r), r.PathValue("id"), r.PathValue("proposal"), way)
	}
	if refusal, ok := shell.Refused(err); ok {
		return p.repair(w, r, http.StatusUnprocessableEntity, way.Most, refusal, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, assignAt(r.PathValue("id"), ""), "review.repair.done")
}

// ways are the repairs that ask somebody; the gentle one first.
func ways(ctx context.Context, v review.Repair) (out []shell.Option) {
	if len(v.Gentle.Asked) > 0 {
		out = append(out, shell.Option{Value: review.Gentle, Label: shell.T(ctx, "review.repair.gentle", v.Most)})
	}
	if len(v.Best.Asked) > 0 {
		out = append(out, shell.Option{Value: review.Best, Label: shell.T(ctx, "review.repair.best")})
	}
	return out
}

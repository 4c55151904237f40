package decision

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/headwater-platform/headwater/engine/calibrate"
	"github.com/headwater-platform/headwater/internal/platform/access"
)

// Compared is a list as other models of the same scores rank it, beside the one that it goes by.
type Compared struct {
	View
	Models []Model
	List   []Placed // the reviewed, in the order of the list
}

// Model is another way in which scores may be taken to come about. It is unfit where it cannot be
// fitted to the scores of the list, or not within the time of a page.
type Model struct {
	Name   string // "least-squares" or "plackett-luce", as headwater calibrate knows them
	Unfit  bool
	Above  int     // how many the money reaches by its order
	Agrees float64 // Spearman's rank correlation with the order of the list
}

// Placed is a proposal with its place by each model; 0 by one that is unfit.
type Placed struct {
	Row
	Own     int // among the reviewed, from 1
	Places  []int
	Differs bool // the money reaches it by one model and not by another
}

// otherModels are those that a list is compared by.
var otherModels = []struct {
	name string
	of   calibrate.Model
}{{"least-squares", calibrate.LeastSquares}, {"plackett-luce", calibrate.PlackettLuce}}

// comparing is how long one model may take.
const comparing = 4 * time.Second

// Compare ranks a list by other models of the same scores. No reviewer is left out in turn for
// that, which would fit each model as often as there are reviewers.
func (s *Service) Compare(ctx context.Context, a access.Actor, id string) (Compared, error) {
	v, err := s.Get(ctx, a, id)
	if err != nil || v.Calibration == nil {
		return Compared{View: v}, err
	}
	out := Compared{View: v, Models: make([]Model, len(otherModels))}
	own := v.Calibration.places()
	places := make([]map[string]int, len(otherModels))
	for i, m := range otherModels {
		out.Models[i].Name = m.name
		c, err := s.fitted(ctx, v, m.of)
		if err != nil {
			return out, err
		}
		if out.Models[i].Unfit = c.Result == nil; out.Models[i].Unfit {
			continue
		}
		places[i] = c.places()
		out.Models[i].Above, out.Models[i].Agrees = c.Funded, agreement(own, places[i])
	}
	for _, r := range v.Rows {
		if r.Rank == nil {
			continue
		}
		p := Placed{Row: r, Own: own[r.ProposalID]}
		above := p.Own <= v.Calibration.Funded
		for i, m := range out.Models {
			p.Places = append(p.Places, places[i][r.ProposalID])
			p.Differs = p.Differs || !m.Unfit && (p.Places[i] <= m.Above) != above
		}
		out.List = append(out.List, p)
	}
	return out, nil
}

// places are those of the proposals by expected rank, from 1.
func (c *Calibration) places() map[string]int {
	out := make(map[string]int, len(c.proposals))
	for n, i := range calibrate.Order(c.Proposals) {
		out[c.proposals[i]] = n + 1
	}
	return out
}

// agreement is Spearman's rank correlation of two orders of the same proposals.
func agreement(a, b map[string]int) float64 {
	x, y := make([]float64, 0, len(a)), make([]float64, 0, len(a))
	for id, n := range a {
		x, y = append(x, float64(n)), append(y, float64(b[id]))
	}
	return stat.Correlation(x, y, nil)
}

// fitted is what a model says of the scores of a list; without result where it cannot be fitted to them, or not in time.
func (s *Service) fitted(ctx context.Context, v View, model calibrate.Model) (*Calibration, error) {
	scores, err := s.Reviews.Scores(ctx, v.CallID, v.Stage)
	if err != nil {
		return nil, err
	}
	p, c, asked := panel(v.Rows, scores)
	b, err := json.Marshal([]any{p, asked, v.Budget.Minor, model})
	if err != nil {
		return nil, err
	}
	key := sha256.Sum256(b)
	if known := s.fits.get(key); known != nil {
		return known, nil
	}
	limited, done := context.WithTimeout(ctx, comparing)
	defer done()
	c.Result, err = calibrate.Calibrate(limited, p, v.reckoning(asked, model)) // fails on too few scores for it, too many, or not enough time
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		s.fits.put(key, c)
	}
	return c, nil
}

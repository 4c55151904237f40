package review

import (
	"context"
	"errors"
	"testing"

	"github.com/headwater-platform/headwater/internal/register"
)

// space is an embedding service that knows one thing: that 电池 and battery are the same.
type space struct{ away bool }

func (s space) Embed(_ context.Context, texts []string) ([][]float32, error) {
	if s.away {
		return nil, errors.New("the service answered 503")
	}
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = map[bool][]float32{true: {1, 0.1}, false: {0.1, 1}}[t == "电池\n" || t == "Battery\n"]
	}
	return out, nil
}

// TestBlendedMeasure: with an embedding service a text in another language finds its people; where it fails, the scores
// are those of the words, and say so.
func TestBlendedMeasure(t *testing.T) {
	t.Parallel()
	proposals := []candidate{{ID: "p", Title: "电池"}, {ID: "q", Title: "Moss on roofs"}}
	people := []string{"ada", "eve", "new"}
	writings := map[string][]register.Writing{"ada": {{ID: "1", Title: "Battery"}}, "eve": {{ID: "2", Title: "Moss"}}}
	scores := map[string][]float64{}
	for want, with := range map[string]blend{WordsAlone: {}, Blended: {space{}, 0.5}, Unblended: {space{away: true}, 0.5}} {
		m, err := newMeasure(t.Context(), proposals, people, writings, with)
		if err != nil {
			t.Fatal(err)
		}
		if m.blend != want {
			t.Errorf("%q, want %q", m.blend, want)
		}
		scores[want] = m.scores(0)
	}
	alone, blended, failed := scores[WordsAlone], scores[Blended], scores[Unblended]
	if blended[0] <= blended[1] || blended[0]-blended[1] <= alone[0]-alone[1] || blended[2] != 0 {
		t.Errorf("words alone %v, blended %v", alone, blended)
	}
	for j := range people {
		if failed[j] != alone[j] {
			t.Errorf("the service failed, and %v became %v", alone, failed)
		}
	}
}

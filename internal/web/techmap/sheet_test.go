package techmap

import (
	"net/url"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/techmap/sector"
)

// TestLargeMapsAreDrawnFromTheGoal: of more nodes than one reads at once the neighbourhood of the goal
// is drawn until somebody asks for more.
func TestLargeMapsAreDrawnFromTheGoal(t *testing.T) {
	t.Parallel()
	v := sector.Map(mostAtOnce+30, 200)
	for _, c := range []struct {
		query string
		view  techmap.View
		want  int // nodes; 0 for fewer than all
	}{{"", v, 0}, {"focus=" + wholeMap, v, len(v.Graph.Nodes)}, {"focus=n080&steps=1", v, 0}, {"", sector.Map(40, 60), 40}} {
		q, err := url.ParseQuery("layer=country&" + c.query)
		if err != nil {
			t.Fatal(err)
		}
		s, err := newSheet(t.Context(), c.view, wishOf(q), nil)
		if err != nil {
			t.Fatal(err)
		}
		drawn := strings.Count(s.drawing, `class="node`)
		if drawn < 2 || c.want > 0 && drawn != c.want || c.want == 0 && drawn >= len(c.view.Graph.Nodes)/2 {
			t.Errorf("%q draws %d nodes of %d", c.query, drawn, len(c.view.Graph.Nodes))
		}
	}
}

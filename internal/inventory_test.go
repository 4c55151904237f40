package internal_test

import (
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/retention"
)

// TestInventoryKnowsEveryColumn keeps the inventory of what is held of people complete.
func TestInventoryKnowsEveryColumn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		list, err := retention.Forgotten(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		for _, column := range list {
			t.Errorf("internal/retention/inventory.yaml says nothing of %s: may it hold something of a person, and what becomes of it when they are erased?", column)
		}
	})
}

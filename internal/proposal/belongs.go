package proposal

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// Belongs is the key of the proposal of a call that text names by its number or its key;
// NotFound for none. For the call room, which has decided that its officer may ask.
func (s *Service) Belongs(ctx context.Context, callID, text string) (id string, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id FROM proposal WHERE call_id = $1 AND (id = $2 OR number = $2)`, callID, text).Scan(&id)
	if db.IsNone(err) {
		return "", fault.Missing()
	}
	return id, err
}

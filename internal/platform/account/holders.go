package account

import (
	"context"
	"database/sql"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Holder is somebody who holds a role now.
type Holder struct {
	Account, Person, Name string
	Role                  access.Role
}

// Holders lists who holds one of the roles in exactly that scope now, by role and
// name. For rooms, which have decided who may know.
func (s *Service) Holders(ctx context.Context, scope access.Scope, roles ...access.Role) ([]Holder, error) {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	in, args := db.In(4, names)
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (h Holder, err error) {
		return h, r.Scan(&h.Account, &h.Person, &h.Name, &h.Role)
	}, `SELECT DISTINCT a.id, COALESCE(a.person_id, ''), COALESCE(p.name, ''), g.role FROM role_grant g JOIN account a ON a.id = g.account_id LEFT JOIN person p ON p.id = a.person_id
		WHERE g.scope_kind = $1 AND g.scope_id = $2 AND g.from_at <= $3 AND (g.until_at IS NULL OR g.until_at > $3) AND a.disabled_at IS NULL AND g.role IN `+in+`
		ORDER BY 4, 3, 1`, append([]any{scope.Kind, scope.ID, db.At(clock.Now(ctx))}, args...)...)
}

package register

import (
	"context"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// ByORCID is the person with an ORCID iD, "" if there is none.
func (s *Service) ByORCID(ctx context.Context, orcid string) (id string, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT id FROM person WHERE orcid = $1 AND redirect_to IS NULL`, orcid).Scan(&id)
	if db.IsNone(err) {
		return "", nil
	}
	return id, err
}

// ProveORCID records an ORCID iD that a person has shown to be theirs by signing in
// at orcid.org; it replaces one that was only written down. Inside a unit of work.
// Errors: Invalid for a wrong check digit; Conflict where another person has it.
func (s *Service) ProveORCID(ctx context.Context, person, orcid string) error {
	if !ValidORCID(orcid) {
		return fault.Field("orcid", "register.orcid", orcid)
	}
	holder, err := s.ByORCID(ctx, orcid)
	if err != nil || holder == person {
		return err
	}
	if holder != "" { // asked first: a violated key would end a PostgreSQL transaction
		return fault.New(fault.Conflict, "register.orcid.taken", orcid).At("orcid")
	}
	return s.exec(ctx, `UPDATE person SET orcid = $2, changed_at = $3, version = version + 1 WHERE id = $1`, person, orcid, db.At(clock.Now(ctx)))
}

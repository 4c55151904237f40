package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/headwater-platform/headwater/internal/platform/db/pgserver"
)

// victim is what dies and comes back.
type victim interface {
	url() string // of the database that the server is started with
	kill() error
	back(ctx context.Context) error // what a supervisor does
	remove() error                  // what was made for it, at the end
}

func (g *gale) newVictim() (victim, error) {
	if g.Fault == KillServer {
		return serverVictim{g}, nil
	}
	bin := pgserver.Programs()
	if bin == "" {
		return nil, fmt.Errorf("the fault %q takes PostgreSQL's programs (initdb, postgres): none were found", g.Fault)
	}
	first, err := pgserver.New(bin, "")
	if err != nil {
		return nil, err
	}
	d := &databaseVictim{first}
	if err := d.begin(); err != nil {
		return nil, errors.Join(err, first.Remove())
	}
	if g.Fault == KillDatabase {
		return d, nil
	}
	second, err := pgserver.New(bin, "")
	if err != nil {
		return nil, errors.Join(err, d.remove())
	}
	p := &primaryVictim{primary: first, standby: second, address: first.URL("storm", second)}
	if err := p.follow(context.Background()); err != nil {
		return nil, errors.Join(err, d.remove(), second.Remove())
	}
	return p, nil
}

// serverVictim is headwater itself; it is started again on the same address.
type serverVictim struct{ *gale }

func (v serverVictim) url() string                    { return v.DB }
func (v serverVictim) kill() error                    { return v.server.kill() }
func (v serverVictim) back(ctx context.Context) error { return v.startServer(ctx, v.server.address) }
func (v serverVictim) remove() error                  { return nil }

// databaseVictim is the only PostgreSQL server.
type databaseVictim struct{ *pgserver.Server }

func (v *databaseVictim) begin() error {
	if err := v.Init(); err != nil {
		return err
	}
	if err := v.Start(); err != nil {
		return err
	}
	return v.Exec(context.Background(), "CREATE DATABASE storm")
}

func (v *databaseVictim) url() string                { return v.URL("storm") }
func (v *databaseVictim) kill() error                { return v.Kill() }
func (v *databaseVictim) back(context.Context) error { return v.Start() }
func (v *databaseVictim) remove() error              { return errors.Join(v.Stop(), v.Remove()) }

// primaryVictim is a PostgreSQL server that acknowledges a commit once its copy has
// it on the disk. When it dies the copy takes over, and gets a copy of its own in the dead one's place.
type primaryVictim struct {
	primary, standby *pgserver.Server
	address          string
}

func (v *primaryVictim) url() string { return v.address }
func (v *primaryVictim) kill() error { return v.primary.Kill() }

func (v *primaryVictim) back(ctx context.Context) error {
	if err := v.standby.Promote(ctx); err != nil {
		return err
	}
	v.primary, v.standby = v.standby, v.primary
	return v.follow(ctx)
}

// follow makes the standby a copy of the primary that commits wait for.
func (v *primaryVictim) follow(ctx context.Context) error {
	if err := v.standby.Follow(v.primary); err != nil {
		return err
	}
	if err := v.standby.Start(); err != nil {
		return err
	}
	for _, statement := range []string{"ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()", waitSynchronous} {
		if err := v.primary.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// waitSynchronous returns when commits wait for a standby.
const waitSynchronous = `DO $$ BEGIN
	WHILE NOT EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync') LOOP
		PERFORM pg_sleep(0.02), pg_stat_clear_snapshot();
	END LOOP;
END $$`

func (v *primaryVictim) remove() error {
	return errors.Join(v.standby.Stop(), v.primary.Stop(), v.standby.Remove(), v.primary.Remove())
}
